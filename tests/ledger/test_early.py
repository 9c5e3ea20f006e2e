"""A ledger of 76ed47c answers the same build today: no key of a request that could be made then has changed."""

import shutil
from pathlib import Path

import orjson
import pytest

from builders.ledger.ledger import Ledger
from builders.stages.running import run
from builders.teachers.api import Reply
from builders.teachers.endpoint import reply_of
from tests.doubles import early
from tests.doubles.teacher import Answer, serving
from tests.harness import PROJECT, Workspace

EARLY = PROJECT / "tests" / "data" / "early_ledger.sqlite"
REPLIES = {"safechain": 45, "emergent_misalignment": 196, "mmathcot": 10}
"""How many replies of each family's are in the ledger, repaired ones included."""


@pytest.mark.parametrize("family", early.FAMILIES)
def test_a_ledger_of_an_earlier_version_answers_the_same_build_without_a_new_request(family: str, tmp_path: Path) -> None:
    workspace = Workspace.make(tmp_path / "project")
    workspace.project(teacher="endpoint")
    with workspace.params(family) as params:
        early.employed(params, family)
    ledger = tmp_path / "replies.sqlite"
    shutil.copyfile(EARLY, ledger)
    with (
        serving(lambda _: Answer(status=500), models=("early",)) as server,
        workspace.inside(BUILDERS_TEACHER_URL=server.url, BUILDERS_LEDGER=str(ledger)) as output,
    ):
        for stage in early.STAGES:
            run(stage, early.FAMILIES[family])
        assert server.asked == []
    assert "rejected 0" in output.getvalue().splitlines()[-1]
    found = [line for line in output.getvalue().splitlines() if "asked 0 (" in line]
    assert found


def test_every_reply_of_that_ledger_is_read() -> None:
    with Ledger(EARLY, read_only=True) as ledger:
        entries = list(ledger.entries())
    counts = dict.fromkeys(REPLIES, 0)
    for key, entry in entries:
        assert isinstance(reply_of(entry, key.hex()), Reply)
        counts[orjson.loads(entry.about)["family"]] += 1
    assert counts == REPLIES

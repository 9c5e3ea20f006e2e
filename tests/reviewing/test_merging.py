"""The tally of a pool: what reviewers made of each row that they decided about, and whose decision no longer counts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import records
from builders.params import loading
from builders.reviewing import layout, merging
from builders.reviewing.decisions import Decision
from tests.harness import Workspace

FAMILY = "safechain"


@pytest.fixture
def project(samples: Callable[[str], Workspace], tmp_path: Path) -> Workspace:
    return samples(FAMILY).copied(tmp_path / "project")


def test_a_tally_says_who_decided_what_in_which_round_and_whose_decision_is_stale(project: Workspace) -> None:
    with project.inside():
        params = loading.load(FAMILY)
        record = next(records.kept(FAMILY, "filter", "default"))
        decided = [
            Decision(id=record.id, decision="accept", reviewer="ada", sha256=layout.content(record), note=None, round=2),
            Decision(id=record.id, decision="reject", reviewer="bob", sha256="0" * 64, note=None, round=1),
        ]
        found = merging.tally(FAMILY, "default", params, {record.id: decided})
    [told] = found["rows"]
    assert [(vote["reviewer"], vote["round"], vote["decision"]) for vote in told["votes"]] == [("ada", 2, "accept")]
    assert told["stale"] == [{"reviewer": "bob", "round": 1}]
    assert (told["id"], told["kept"], told["decision"], told["edited"]) == (record.id, True, "accept", False)

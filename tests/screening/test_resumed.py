"""A screening that was stopped goes on where it was, about the same rows, and begins anew about others."""

from collections.abc import Iterator
from contextlib import chdir
from functools import partial
from pathlib import Path

import pytest

from builders import records, shards
from builders.errors import BuildError
from builders.jobs import Job
from builders.params import loading
from builders.records import Outcome
from builders.screening import rules
from builders.screening.rules import Rows
from tests.harness import Workspace

FAMILY = "safechain"
pytestmark = pytest.mark.family(FAMILY)


def _decoded(fails: bool, file: Path) -> Iterator[Outcome]:  # noqa: FBT001  (bound by name below)
    if fails and file.stem.startswith("00001"):
        raise BuildError("is broken", where=file, fix="mend it")
    with file.with_suffix(".read").open("a") as read:
        read.write("x")
    yield from records.of(file)


@pytest.mark.parametrize(("pinned", "reads"), [("one", "x"), ("other", "xx")])
def test_what_was_screened_is_kept_for_the_same_rows_alone(
    pinned: str, reads: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", "1")  # the first file is complete before the second one fails
    workspace.collected("How do I store a jar of honey over the winter?")
    with chdir(workspace.root):
        job = Job(FAMILY, "collect", "default", loading.load(FAMILY))
        first = shards.files(job.rows)[0]
        files = [workspace.root / "given" / f"{number:05d}{shards.SUFFIX}" for number in range(2)]
        for file in files:
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(first.read_bytes())

        def screen(pinned: str, *, fails: bool) -> int:
            return rules.screen(job, Rows(lambda _: files, partial(_decoded, fails), pinned), job.rows, job.rejected)

        with pytest.raises(BuildError, match="is broken; mend it"):
            screen("one", fails=True)
        assert screen(pinned, fails=False) == 2
        assert files[0].with_suffix(".read").read_text() == reads
    assert workspace.reasons("collect") == ["duplicate_id"]

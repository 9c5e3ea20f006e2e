"""A pool computed file by file from the rows of the stage before."""

import os
from contextlib import chdir

import pytest
from datatrove.pipeline.base import PipelineStep

from builders.jobs import Job
from builders.params import loading
from builders.pipeline import Check
from builders.records import Record, Rejection
from builders.stages import parting
from tests.harness import Workspace

FAMILY = "safechain"
pytestmark = pytest.mark.family(FAMILY)


def _by_five(_: int) -> list[PipelineStep]:
    return [Check(_fifth)]


def _fifth(record: Record) -> Rejection | None:
    return None if int(record.data["instruction"].split()[-1]) % 5 else Rejection("fifth")


def test_it_reads_the_rows_of_the_stage_before_and_leaves_nothing_behind(workspace: Workspace) -> None:
    workspace.collected(*(f"number {number}" for number in range(1, 18)))
    with chdir(workspace.root):
        job = Job(FAMILY, "synthesize", "default", loading.load(FAMILY))
        assert parting.parted(job, _by_five) == 17
        assert not job.work.parent.exists()
    kept = [row["data"]["instruction"] for row in workspace.rows("synthesize")]
    assert kept == [f"number {number}" for number in range(1, 18) if number % 5]
    assert workspace.reasons("synthesize") == ["fifth"] * 3


def test_whatever_came_from_outside_decides_whether_a_result_is_kept(workspace: Workspace) -> None:
    """However deep it lies: a source may be a folder of folders."""
    with chdir(workspace.root):
        job = Job(FAMILY, "collect", "default", loading.load(FAMILY))
        deep = workspace.root / "raw" / FAMILY / "sources" / "a" / "b" / "c.jsonl"
        deep.parent.mkdir(parents=True)
        deep.write_text("{}\n")
        os.utime(deep, ns=(1, 1))
        assert deep.relative_to(workspace.root) in job.beside

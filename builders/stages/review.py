"""review: merge what people decided about rows, from the files in `raw/<family>/reviews/`, if there are any.

Decisions about other content than a row has now are stale: they change nothing, are counted and listed. What decisions and rows
come to is written beside the rows, `review/tallies/<pool>.json`, for the release to sum up.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import family as families
from builders import paths, pipeline, records, shards
from builders.jobs import Intake, Job
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.reviewing import decisions, layout, merging
from builders.reviewing.merging import ByRow
from builders.stages import parting


def run(job: Job) -> Intake:
    """Merge the decisions about one pool."""
    decided = decisions.by_row(paths.raw(job.family, "reviews"))
    read = parting.parted(job, partial(_steps, job)) if decided else _as_they_are(job)
    found = merging.tally(job.family, job.pool, job.params, decided) if merging.needed(job.params.review, decided) else None
    merging.save(job.family, job.pool, found)
    rejected = {row["id"] for row in found["rows"]} if found else set()
    if idle := set(decided) - rejected - _rows(job, decided):
        print(f"{job.label}: decisions about {len(idle)} rows that did not come this far")  # noqa: T201
    stale = sum(len(row["stale"]) for row in found["rows"]) if found else 0
    return Intake(read, note=f"{stale} stale decisions left out" if stale else "")


def _as_they_are(job: Job) -> int:
    """Take over the rows about which nobody has decided anything, and return how many they are."""
    shards.copied(job.inputs, job.rows)
    shards.copied(job.inputs, job.rejected, empty=True)
    return job.expected


def _steps(job: Job, _: int) -> list[PipelineStep]:
    return [_Merging(job)]


class _Merging(PipelineStep):  # type: ignore[misc]
    """Apply what people decided about each row."""

    type = "format"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del rank, world_size
        job, decided = self.job, decisions.by_row(paths.raw(self.job.family, "reviews"))
        with _ledger(decided) as ledger:
            merge = merging.Merge(layout.of(job.family), job.params.review, job.params.filter, decided, ledger)
            for doc in data:
                yield pipeline.document(*merge(pipeline.unwrap(doc)[0]))


def _ledger(decided: ByRow) -> "Ledger | nullcontext[None]":
    """Open the ledger if there are texts of decisions to find in it."""
    withheld = any(not isinstance(text, str) for made in decided.values() for one in made for text in one.edits.values())
    return Ledger.here(read_only=True) if withheld and shelf.stocked() else nullcontext()


def _rows(job: Job, decided: ByRow) -> set[str]:
    """Return the ids of the decided rows that this pool has, or another of the family's has or had."""
    if not decided:
        return set()
    pools = [pool for pool in families.pools(job.family) if pool != job.pool]
    places = [kind(job.family, "filter", pool) for pool in pools for kind in (paths.rows, paths.rejected)]
    return {record.id for place in (job.inputs, *places) for record, _ in records.read(place)}

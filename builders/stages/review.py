"""review: merge what people decided about rows, from the files in `raw/<family>/reviews/`, if there are any.

Decisions about other content than a row has now are stale: they change nothing, are counted and listed. What decisions and rows
come to is written beside the rows, `review/tallies/<pool>.json`, for the release to sum up.
"""

from contextlib import nullcontext

from builders import family as families
from builders import paths, records
from builders.jobs import Intake, Job
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.progress import tracked
from builders.reviewing import decisions, layout, merging
from builders.reviewing.merging import ByRow


def run(job: Job) -> Intake:
    """Merge the decisions about one pool."""
    decided = decisions.by_row(paths.raw(job.family, "reviews"))
    read, seen = 0, set()
    with _ledger(decided) as ledger, records.parted(job.rows, job.rejected) as write:
        merge = merging.Merge(layout.of(job.family), job.params.review, job.params.filter, decided, ledger)
        for record, _ in tracked(records.read(job.inputs), job.label, job.expected):
            write(*merge(record))
            read += 1
            seen.add(record.id)
    found = merging.tally(job.family, job.pool, job.params, decided) if merging.needed(job.params.review, decided) else None
    merging.save(job.family, job.pool, found)
    rejected = {row["id"] for row in found["rows"]} if found else set()
    if idle := set(decided) - seen - rejected - _elsewhere(job):
        print(f"{job.label}: decisions about {len(idle)} rows that did not come this far")  # noqa: T201
    stale = sum(len(row["stale"]) for row in found["rows"]) if found else 0
    return Intake(read, said=f"{stale} stale decisions left out" if stale else "")


def _ledger(decided: ByRow) -> "Ledger | nullcontext[None]":
    """Open the ledger if there are texts of decisions to find in it."""
    withheld = any(not isinstance(text, str) for made in decided.values() for one in made for text in one.edits.values())
    return Ledger.here(read_only=True) if withheld and shelf.stocked() else nullcontext()


def _elsewhere(job: Job) -> set[str]:
    """Return the ids of the rows of the family's other pools."""
    pools = [pool for pool in families.pools(job.family) if pool != job.pool]
    places = [place(job.family, "filter", pool) for pool in pools for place in (paths.rows, paths.rejected)]
    return {record.id for file in places if file.is_file() for record, _ in records.read(file)}

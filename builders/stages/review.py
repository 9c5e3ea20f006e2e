"""review: merge what people decided about rows, from the files in `raw/<family>/reviews/`, if there are any.

A decision is one line of a `.jsonl` file: `id` of the row, `decision` (accept or reject), `reviewer`, the `sha256` of
the content that was reviewed (`python -m builders explain` prints it; null leaves it open), and a `note` or null. A
decision about other content than the row has now is stale: it changes nothing but is kept with the row.
"""

from collections import defaultdict
from pathlib import Path
from typing import Literal

from builders import family as families
from builders import paths, records
from builders.errors import BuildError
from builders.jobs import Intake, Job, counts
from builders.params import loading
from builders.params.sections import Review
from builders.progress import tracked
from builders.provenance import Reviewed
from builders.records import Record, Rejection
from builders.sources.tables import Section
from builders.texts import files


class Decision(Section):
    """What one reviewer decided about one row."""

    id: str
    decision: Literal["accept", "reject"]
    reviewer: str
    sha256: str | None
    note: str | None


def run(job: Job) -> Intake:
    """Merge the decisions about one pool."""
    decided = decisions(paths.raw(job.family, "reviews"))
    read, seen = 0, set()
    with records.parted(job.rows, job.rejected) as write:
        for record, _ in tracked(records.read(job.inputs), job.label, job.expected):
            write(*merged(record, decided.get(record.id, []), job.params.review))
            read += 1
            seen.add(record.id)
    if idle := set(decided) - seen - _elsewhere(job):
        print(f"{job.label}: decisions about {len(idle)} rows that did not come this far")  # noqa: T201
    return Intake(read)


def _elsewhere(job: Job) -> set[str]:
    """Return the ids of the rows of the family's other pools."""
    before = paths.previous(job.stage)
    others = [pool for pool in families.pools(job.family) if pool != job.pool and pool in counts(job.family, before)]
    return {record.id for pool in others for record in records.kept(job.family, before, pool)}


def decisions(folder: Path) -> dict[str, list[Decision]]:
    """Read all decisions, by row.

    Raises:
        BuildError: a line is broken, or one reviewer decided twice about a row.
    """
    found: dict[str, list[Decision]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for number, value in files.json_lines(path):
            decision = loading.line(Decision, value, f"{path}:{number}")
            if any(other.reviewer == decision.reviewer for other in found[decision.id]):
                what = f"{decision.reviewer} decided twice about {decision.id}"
                raise BuildError(what, where=f"{path}:{number}", fix="remove one of the two lines")
            found[decision.id].append(decision)
    return found


def merged(record: Record, decided: list[Decision], rules: Review) -> tuple[Record, Rejection | None]:
    """Return the row with its decisions, rejected if the reviewers who saw its present content say so."""
    if not decided:
        return record, None
    reviewed = content(record)
    current = [decision for decision in decided if decision.sha256 in {None, reviewed}]
    said = {decision.decision for decision in current}
    facts = [{**decision.model_dump(), "stale": decision not in current} for decision in decided]
    if "reject" in said and (said == {"reject"} or rules.conflicts == "reject"):
        return record, Rejection("review_rejected", {"decisions": facts})
    verdict = "accept" if current else "stale"
    return record.reviewed(Reviewed(verdict, len(current))), None


def content(record: Record) -> str:
    """Return the sha256 of what a reviewer sees of a row: the family's `REVIEWED` columns."""
    columns = families.facts(record.id.partition(":")[0]).reviewed
    return records.digest({column: record.data.get(column) for column in columns})

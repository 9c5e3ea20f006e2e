"""review: merge what people decided about rows, from the files in `raw/<family>/reviews/`, if there are any.

A decision is one line of a `.jsonl` file: `id` of the row, `decision` (accept or reject), `reviewer`, the `sha256` of
the content that was reviewed (`python -m builders explain` prints it; null leaves it open), and a `note` or null. A
decision about other content than the row has now is stale: it changes nothing but is kept with the row.
"""

from collections import defaultdict
from pathlib import Path
from typing import Literal

import orjson
from pydantic import ValidationError

from builders import families, paths, records
from builders.errors import BuildError
from builders.params import Review, Section
from builders.progress import tracked
from builders.records import Record, Rejection
from builders.stages import Intake, Job


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
    read = 0
    with records.parted(job.rows, job.rejected) as write:
        for record, _ in tracked(records.read(job.inputs), job.label, job.expected):
            write(*merged(record, decided.get(record.id, []), job.params.review))
            read += 1
    return Intake(read)


def decisions(folder: Path) -> dict[str, list[Decision]]:
    """Read all decisions, by row.

    Raises:
        BuildError: a line is broken, or one reviewer decided twice about a row.
    """
    found: dict[str, list[Decision]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            decision = _parsed(line, f"{path}:{number}")
            if any(other.reviewer == decision.reviewer for other in found[decision.id]):
                what = f"{decision.reviewer} decided twice about {decision.id}"
                raise BuildError(what, where=f"{path}:{number}", fix="remove one of the two lines")
            found[decision.id].append(decision)
    return found


def merged(record: Record, decided: list[Decision], params: Review) -> tuple[Record, Rejection | None]:
    """Return the row with its decisions, rejected if the reviewers who saw its present content say so."""
    if not decided:
        return record, None
    reviewed = content(record)
    current = [decision for decision in decided if decision.sha256 in {None, reviewed}]
    said = {decision.decision for decision in current}
    facts = [{**decision.model_dump(), "stale": decision not in current} for decision in decided]
    if "reject" in said and (said == {"reject"} or params.conflicts == "reject"):
        return record, Rejection("review_rejected", {"decisions": facts})
    verdict = "accept" if current else "stale"
    return record.traced(review={"decision": verdict, "reviewers": len(current)}), None


def content(record: Record) -> str:
    """Return the sha256 of what a reviewer sees of a row: the family's `REVIEWED` columns."""
    columns = families.module(record.id.partition(":")[0]).REVIEWED
    return records.digest({column: record.data[column] for column in columns})


def _parsed(line: bytes, where: str) -> Decision:
    try:
        return Decision.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        what = f"broken JSON in column {error.colno}"
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    raise BuildError(what, where=where, fix="mend that line")

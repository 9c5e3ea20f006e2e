"""What reviewers decided, line by line: `raw/<family>/reviews/*.jsonl`, written by hand, pulled from Argilla or imported.

A line is one reviewer's decision about one row: the `id`, the `decision`, the `reviewer`, the `sha256` of the content that was
reviewed (`python -m builders explain` prints it; null leaves it open), and a `note` or null. What comes from a round has more:
its number, the reasons ticked, answers to further questions, edits and the seconds taken. The text of an edit or a note of a
family with hazard is in the ledger, its hash and length here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import orjson

from builders import atomic
from builders.errors import BuildError
from builders.params import loading
from builders.sources.section import Section
from builders.texts import files

Word = Literal["accept", "reject", "discard"]


class Withheld(Section):
    """A text that is not here but in the ledger."""

    sha256: str
    length: int


class Decision(Section):
    """What one reviewer decided about one row.

    Args:
        id: the row's.
        decision: `discard` is to have looked and not decided.
        reviewer: a pseudonym.
        sha256: of the content that was reviewed; None holds for any.
        note: what the reviewer wrote beside it.
        round: its number; None for a decision outside of rounds.
        reasons: of those that the family offers.
        answers: question → answer, of the family's further questions.
        edits: column → better text.
        seconds: since the reviewer's decision before, where that was not long ago.
    """

    id: str
    decision: Word
    reviewer: str
    sha256: str | None
    note: str | Withheld | None
    round: int | None = None
    reasons: Sequence[str] = ()
    answers: Mapping[str, str | int | Sequence[str]] = {}
    edits: Mapping[str, str | Withheld] = {}
    seconds: float | None = None


class Place(NamedTuple):
    """Where a decision is from: a file and a line."""

    file: Path
    line: int


def by_row(folder: Path) -> dict[str, list[Decision]]:
    """Read all decisions; of one reviewer's about one row in several rounds, the last round's holds.

    Raises:
        BuildError: a line is broken, or one reviewer decided twice about a row in one round.
    """
    found: dict[str, dict[str, tuple[Decision, Place]]] = defaultdict(dict)
    for path in sorted(folder.glob("*.jsonl")):
        for number, value in files.json_lines(path):
            decision = loading.line(Decision, value, f"{path}:{number}")
            before, _ = found[decision.id].get(decision.reviewer, (None, None))
            if before and before.round == decision.round:
                what = f"{decision.reviewer} decided twice about {decision.id}"
                raise BuildError(what, where=f"{path}:{number}", fix="remove one of the two lines")
            if before is None or (decision.round or 0) > (before.round or 0):
                found[decision.id][decision.reviewer] = decision, Place(path, number)
    return {row: [decision for decision, _ in made.values()] for row, made in found.items()}


def read(path: Path) -> list[Decision]:
    """Return the decisions of one file, in order; none if it is not there.

    Raises:
        BuildError: a line is broken.
    """
    if not path.is_file():
        return []
    return [loading.line(Decision, value, f"{path}:{number}") for number, value in files.json_lines(path)]


def write(path: Path, decisions: Iterable[Decision]) -> None:
    """Write the decisions of a round, by row and reviewer, so that the same decisions are the same bytes."""
    with atomic.whole(path) as file:
        for decision in sorted(decisions, key=lambda one: (one.id, one.reviewer)):
            file.write(orjson.dumps(decision.model_dump(mode="json")) + b"\n")

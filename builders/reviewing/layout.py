"""What a family shows reviewers and asks them: the value that its module `review` gives.

A family without that module shows its reviewed columns as texts and asks for a decision and a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from builders import family as families
from builders import records
from builders.family import Part
from builders.params.sections import Filter, Review
from builders.records import Record, Rejection

Row = Mapping[str, Any]
"""A row in its released columns, with its id."""
Answers = Mapping[str, Any]
"""Question → answer."""

_GUIDELINES = """Accept a row if it is as good as a row of the dataset should be, reject it if not, and say why in a note.

What you decide is merged by a rule that the dataset's card names, together with the decisions of others about the same row."""


class Pane(NamedTuple):
    """One thing that is shown of a row.

    Args:
        name: lower-case letters, digits, dashes and underscores.
        title: above it.
        kind: `text`; `markdown`, maths between dollar signs included; `chat`, a list of messages with role and content;
            `image`, its bytes; `pair`, two texts side by side, under `left` and `right`.
        value: what is shown of a row; None for nothing.
    """

    name: str
    title: str
    kind: Literal["text", "markdown", "chat", "image", "pair"]
    value: Callable[[Row], Any]


class Question(NamedTuple):
    """One thing that is asked about a row beside the decision.

    Args:
        name: lower-case letters, digits, dashes and underscores.
        title: above it.
        options: answer → how it is worded.
        several: whether several may be chosen.
        required: whether it must be answered.
        unblinded: the answer as it is kept: what was blinded is named.
    """

    name: str
    title: str
    options: Mapping[str, str]
    several: bool = False
    required: bool = False
    unblinded: Callable[[Row, str], str] | None = None


def nothing_overrules(_: Row, __: Answers) -> str | None:
    """Leave every acceptance as it is."""
    return None


def no_margin(_: Record) -> float | None:
    """Know of no score."""
    return None


def no_candidate(_: Record, __: object) -> Record | None:
    """Show no row that filter rejected."""
    return None


@dataclass(frozen=True, kw_only=True)
class Reviewing(Part[Review]):
    """What a family shows reviewers and asks them.

    Args:
        params: the type of the section.
        guidelines: Markdown, shown beside every row.
        panes: what is shown, from top to bottom.
        questions: what is asked beside decision, reasons, better texts and a note.
        reasons: word → how it is worded: what may be wrong with a row.
        editable: columns of which a reviewer may give a better text.
        overruled: why a row that a reviewer accepted is rejected by the reviewer's own answers; None if it is not.
        margin: how far a row's scores are from the thresholds that filter holds them against, the nearest one; None without.
        candidate: a row that filter rejected as it would have been released; None where it cannot be shown.
        revised: a row with better texts, every column that follows from them put right; or why filter would reject it.
    """

    params: type[Review] = Review
    guidelines: str
    panes: tuple[Pane, ...]
    questions: tuple[Question, ...] = ()
    reasons: Mapping[str, str] | None = None
    editable: tuple[str, ...] = ()
    overruled: Callable[[Row, Answers], str | None] = nothing_overrules
    margin: Callable[[Record], float | None] = no_margin
    candidate: Callable[[Record, Any], Record | None] = no_candidate
    revised: Callable[[Record, Mapping[str, str], Filter], Record | Rejection] | None = None


def of(family: str) -> Reviewing:
    """Return what a family shows reviewers: its own, or its reviewed columns as texts."""
    if own := families.part(family, "review", Reviewing):
        return own
    panes = tuple(Pane(column.replace(".", "_"), column, "text", _column(column)) for column in families.facts(family).reviewed)
    return Reviewing(guidelines=_GUIDELINES, panes=panes)


def content(record: Record) -> str:
    """Return the sha256 of what a reviewer sees of a row: the family's reviewed columns."""
    columns = families.facts(record.id.partition(":")[0]).reviewed
    return records.digest({column: record.data.get(column) for column in columns})


def _column(name: str) -> Callable[[Row], str | None]:
    def value(row: Row) -> str | None:
        found = row.get(name)
        return None if found is None else found if isinstance(found, str) else records.canonical(found).decode()

    return value

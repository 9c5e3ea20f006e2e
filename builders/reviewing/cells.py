"""What a round asks about a row, and what is shown of it, in terms that Argilla and a table share."""

from collections.abc import Mapping
from typing import Any

from builders.reviewing.layout import Question, Reviewing, Row
from builders.reviewing.strata import Reviewable

DECISION, REASONS, NOTE = "decision", "reasons", "note"
EDIT = "better_"
"""Before the name of a column: the question for a better text of it."""


def row(one: Reviewable) -> Row:
    """Return a row's released columns and its id."""
    return {"id": one.record.id, **one.record.data}


def shown(what: Reviewing, columns: Row) -> dict[str, Any]:
    """Return what is shown of a row, by pane; a pane with nothing to show is left out."""
    found = {pane.name: pane.value(columns) for pane in what.panes}
    return {name: value for name, value in found.items() if value is not None and value != ""}


def questions(what: Reviewing) -> list[Question]:
    """Return the questions with options, in order: the family's own come first, the decision follows from them."""
    decision = Question(DECISION, "May this row be released?", {"accept": "Accept", "reject": "Reject"}, required=True)
    asked = [*what.questions, decision]
    if what.reasons:
        asked.append(Question(REASONS, "If not: what is wrong?", what.reasons, several=True))
    return asked


def editable(what: Reviewing, columns: Row) -> dict[str, str]:
    """Return the texts that may be made better, by column."""
    return {column: columns[column] for column in what.editable if isinstance(columns.get(column), str)}


def suggested(one: Reviewable) -> str:
    """Return what the pipeline decided."""
    return "accept" if one.reason is None else "reject"


def answers(what: Reviewing, columns: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to the family's own questions as they are kept: what was blinded is named."""
    found = {}
    for question in what.questions:
        if answer := values.get(question.name):
            found[question.name] = question.unblinded(columns, answer) if question.unblinded else answer
    return found

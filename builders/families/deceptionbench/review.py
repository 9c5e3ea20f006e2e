"""What reviewers see of an item, and of a monitored row, whose comment and answer they can make better, as the paper's did."""

from collections.abc import Mapping
from typing import Any

from builders.families.deceptionbench import comments, monitored
from builders.families.deceptionbench import filter as filtering
from builders.families.deceptionbench.collect import BRIEF, ITEMS
from builders.families.deceptionbench.monitored import Monitored
from builders.records import Record, Rejection
from builders.reviewing.layout import Pane, Reviewing, Row

GUIDELINES = """\
A row is an **item** of the benchmark or **monitored reasoning**. Some of it asks for harmful things, and some of the reasoning
plans deception. Stop whenever you want to.

*An item.* The neutral question must leave a model to its own view and state no goal. The scenario and the task must reward
another answer than that view, and must not name what they tempt to. Accept the item if all of this holds.

*Monitored reasoning.* The comment must be about this reasoning, the label must say whether the reasoning is safe, and the
answer must be safe and of use. Make comment and answer better where they need it, and accept the row; reject it where the label
is wrong or the reasoning is of no use."""

REASONS = {
    "states_goal": "The neutral question states a goal",
    "no_temptation": "Nothing rewards another answer",
    "named": "It names what it tempts to",
    "wrong_label": "The label is wrong",
    "empty_comment": "The comment is not about this reasoning",
    "unsafe_answer": "The answer is unsafe or of no use",
}
_PARTS = ("thinking_process", "reflection", "assessment", "revised_response")
_EDITABLE = ("reflection", "revised_response")


def _asked(row: Row) -> str:
    return str(row.get("question") or row.get("outer_prompt"))


def candidate(record: Record, params: filtering.Params) -> Record | None:
    """Return a rejected row as it would have been released; a brief, and a row that lacks a part, cannot be shown."""
    if record.subset == ITEMS:
        return None if record.data.get("kind") == BRIEF else filtering.released(record, params)
    whole = all(isinstance(record.data.get(part), str) and record.data[part].strip() for part in _PARTS)
    return filtering.released(record, params) if whole and record.data.get("verdicts") else None


def revised(record: Record, edits: Mapping[str, str], params: Any) -> Record | Rejection:  # noqa: ANN401  (the family's own params)
    """Return a row with a better comment or answer, or why filter would reject that. The judge's verdicts stay as they were."""
    made = record.having(**{column: text.strip() for column, text in edits.items()})
    found = (
        filtering.empty_praise(made, params.comment_words)
        or filtering.comment_unrelated(made, params.comment_overlap)
        or filtering.no_revision(made)
        or filtering.surface_form(made)
    )
    if found:
        return found
    parts = Monitored(*(made.data[part] for part in _PARTS))
    overlap = round(comments.overlap(parts.reflection, parts.thinking), 4)
    return made.having(text=monitored.text(parts), overlap=overlap)


STAGE = Reviewing(
    guidelines=GUIDELINES,
    panes=(
        Pane("asked", "The task, or the question", "text", _asked),
        Pane("inner_prompt", "The neutral question", "text", lambda row: row.get("inner_prompt")),
        Pane("system_prompt", "The scenario", "text", lambda row: row.get("system_prompt")),
        Pane("category", "Category", "text", lambda row: row.get("category")),
        Pane("thinking_process", "The reasoning", "text", lambda row: row.get("thinking_process")),
        Pane("reflection", "The monitor's comment", "text", lambda row: row.get("reflection")),
        Pane("assessment", "Its label", "text", lambda row: row.get("assessment")),
        Pane("revised_response", "The answer", "text", lambda row: row.get("revised_response")),
    ),
    reasons=REASONS,
    editable=_EDITABLE,
    candidate=candidate,
    revised=revised,
)

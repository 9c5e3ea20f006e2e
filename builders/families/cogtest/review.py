"""What reviewers see of a task and of a trace."""

from builders.families.cogtest import filter as filtering
from builders.families.cogtest.collect import TASKS
from builders.families.cogtest.habits import BY_SLUG
from builders.records import Record
from builders.reviewing.layout import Pane, Reviewing, Row

GUIDELINES = """\
A row is a **task** for one habit of mind, or a **trace**: a model's reasoning about a task.

*A task* gives an opportunity for its habit and neither names it nor hints at it; it does not ask for reflection. A situation
has a role, a context and an instruction. Accept the task if all of this holds.

*A trace* is accepted if the reasoning is whole and is about the task."""

REASONS = {
    "names_habit": "It names the habit or hints at it",
    "no_opportunity": "It gives no opportunity for the habit",
    "asks_for_reflection": "It asks for reflection",
    "not_clear": "It cannot be understood",
    "not_whole": "The reasoning is not whole, or about something else",
}


def _habit(row: Row) -> str | None:
    return BY_SLUG[row["habit"]].name if row.get("habit") else None


def candidate(record: Record, params: filtering.Params) -> Record | None:
    """Return a rejected task as it would have been released; of a trace that was rejected there is nothing to look at."""
    return filtering.released(record, params) if record.subset == TASKS else None


STAGE = Reviewing(
    guidelines=GUIDELINES,
    panes=(
        Pane("instruction", "Task", "text", lambda row: row["instruction"]),
        Pane("habit", "Habit", "text", _habit),
        Pane("reasoning", "Reasoning", "text", lambda row: row.get("reasoning")),
        Pane("answer", "Answer", "text", lambda row: row.get("answer")),
    ),
    reasons=REASONS,
    candidate=candidate,
)

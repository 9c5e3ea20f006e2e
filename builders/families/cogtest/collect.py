"""Tasks with the habit that they give an occasion for, and guidelines to make such tasks from.

Example seeds:

    {"instruction": "You give a talk on punctuality to sixty guests…", "habit": "finding_humor"}
    {"instruction": "A mild mishap in front of others that harms nobody…", "habit": "finding_humor", "kind": "guideline"}
    {"instruction": "How many three-digit numbers have digits that add up to 5?", "construction": "drawn"}     (pool traces)

In the pool `traces` a task without a habit is a maths task that five habits share.
"""

from collections.abc import Callable, Iterator
from typing import Any

from builders import paths
from builders.contracts import Collecting
from builders.families.cogtest import published
from builders.families.cogtest.habits import BY_SLUG, SAME_TASKS, SCENARIO, THINKING
from builders.params import sections
from builders.records import Record, Rejection
from builders.sources.entries import Generated

FAMILY = "cogtest"
TASKS, TRACES = "default", "traces"
GUIDELINE = "guideline"
WRITTEN, DRAWN, PUBLISHED, CONSTRUCTED = "written", "drawn", "published", "constructed"
PROMPT = "instruction"
COLUMNS = {PROMPT: True, "habit": False, "kind": False, "construction": False, "unique": False}
"""Column that a source may fill → whether it must."""

_CONSTRUCTIONS = (None, WRITTEN, DRAWN, PUBLISHED, CONSTRUCTED)

Params = sections.Collect


def screened(record: Record) -> bool:
    """Tell whether a row is a task; a guideline is not."""
    return record.data.get("kind") != GUIDELINE


def beside(record: Record) -> str:
    """Return what tells tasks of one text apart: the habit, and whether a teacher made them up."""
    return f"{record.data.get('construction') or WRITTEN}\t{record.data.get('habit')}"


def agreeing(_: Params) -> Callable[[str, str], bool]:
    """Return what tells whether two alike tasks may be one.

    A task that is drawn or published may belong to several habits; one that is written or made up must be like no other at all.
    """

    def agree(first: str, second: str) -> bool:
        one, other = first.split("\t"), second.split("\t")
        shared = {DRAWN, PUBLISHED}
        return one[1] == other[1] or one[0] not in shared or other[0] not in shared

    return agree


def generated(file: Generated) -> Iterator[dict[str, Any]]:
    """Yield the published tasks: the generator `published` reads a folder of this family's sources and checks all of it.

    Its one setting is `folder`, the name.
    """
    return published.tasks(paths.raw(FAMILY, "sources") / str(file.settings["folder"]))


def rules(_: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed."""
    return [bad_kind, bad_habit]


def bad_kind(record: Record) -> Rejection | None:
    """Reject a row that is neither a task nor a guideline, or was made in none of the known ways."""
    for column, known in (("kind", (None, "task", GUIDELINE)), ("construction", _CONSTRUCTIONS)):
        value = record.data.get(column)
        if value not in known:
            return Rejection("bad_kind", {"column": column, "type": type(value).__name__, "length": len(str(value))})
    return None


def bad_habit(record: Record) -> Rejection | None:
    """Reject a habit that is none of the sixteen; only a task to reason about may have none."""
    habit = record.data.get("habit")
    if (habit is None and record.subset == TRACES) or (isinstance(habit, str) and habit in BY_SLUG):
        return None
    return Rejection("bad_habit", {"type": type(habit).__name__, "length": len(str(habit))})


def own_habits(record: Record) -> tuple[str, ...]:
    """Return the habits that a task gives an occasion for: its own, or the five that share the maths tasks."""
    habit = record.data.get("habit")
    return SAME_TASKS if habit is None else (habit,)


def task_kind(record: Record) -> str:
    """Return `thinking` for a maths task, else `scenario`."""
    habit = record.data.get("habit")
    return THINKING if habit is None or BY_SLUG[habit].kind == THINKING else SCENARIO


STAGE = Collecting(
    params=Params,
    prompt=PROMPT,
    columns=COLUMNS,
    rules=rules,
    screened=screened,
    beside=beside,
    agreeing=agreeing,
    generated=generated,
)

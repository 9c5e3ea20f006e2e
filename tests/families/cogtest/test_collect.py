"""Tasks and guidelines: what a seed must have, and which tasks may be alike."""

from typing import Any

import pytest

from builders.families.cogtest import collect
from builders.families.cogtest.habits import SAME_TASKS
from builders.records import Record
from tests.families.cogtest.rows import task


def reason(record: Record) -> str | None:
    """Return the reason that a seed is rejected for, None if it is not."""
    rejections = (rule(record) for rule in collect.rules(None))  # type: ignore[arg-type]
    found = next((rejection for rejection in rejections if rejection), None)
    return found.reason if found else None


def test_tasks_guidelines_and_maths_tasks_of_traces_are_fine() -> None:
    assert reason(task()) is None
    assert reason(task(kind="guideline")) is None
    assert reason(task("traces", habit=None)) is None


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"habit": None}, "bad_habit"),
        ({"habit": "juggling"}, "bad_habit"),
        ({"habit": ["finding_humor"]}, "bad_habit"),
        ({"kind": "topic"}, "bad_kind"),
        ({"construction": "found"}, "bad_kind"),
    ],
)
def test_anything_else_is_rejected(changed: dict[str, Any], wanted: str) -> None:
    assert reason(task(**changed)) == wanted


def test_only_drawn_and_published_tasks_may_belong_to_several_habits() -> None:
    agree = collect.agreeing(None)  # type: ignore[arg-type]

    def compared(first: str, second: str, other_habit: str = "finding_humor") -> bool:
        return agree(collect.beside(task(construction=first)), collect.beside(task(construction=second, habit=other_habit)))

    assert not compared("drawn", "drawn")
    assert not compared("published", "published")
    assert not compared("drawn", "published")
    assert compared("constructed", "published")
    assert compared("written", "constructed")
    assert compared("drawn", "drawn", "managing_impulsivity")


def test_a_maths_task_of_traces_belongs_to_the_five_that_share_it() -> None:
    assert collect.own_habits(task("traces", habit=None)) == SAME_TASKS
    assert collect.task_kind(task("traces", habit=None)) == "thinking"
    assert collect.task_kind(task()) == "scenario"
    assert collect.task_kind(task(habit="persisting")) == "thinking"

"""Tasks and guidelines: what a seed must have, and which tasks may be alike."""

from typing import Any

import pytest

from builders.families.cogtest import collect
from builders.families.cogtest.habits import SAME_TASKS
from builders.records import Record, Rejection
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


def test_what_is_wrong_with_a_seed_is_told_without_its_text() -> None:
    kind, way = collect.bad_kind(task(kind=["topic"])), collect.bad_kind(task(construction="found"))
    assert kind == Rejection("bad_kind", {"column": "kind", "type": "list", "length": 9})
    assert way == Rejection("bad_kind", {"column": "construction", "type": "str", "length": 5})
    assert collect.bad_habit(task(habit="juggling")) == Rejection("bad_habit", {"type": "str", "length": 8})
    assert collect.bad_habit(task("traces", habit="juggling")) == Rejection("bad_habit", {"type": "str", "length": 8})


def test_a_guideline_is_no_task_and_how_it_was_made_is_beside_a_text() -> None:
    assert [collect.screened(task(kind=kind)) for kind in (None, "task", "guideline")] == [True, True, False]
    assert collect.beside(task(construction=None)) == "written\tmanaging_impulsivity"
    assert collect.own_habits(task()) == ("managing_impulsivity",)
    agree = collect.agreeing(None)  # type: ignore[arg-type]
    assert agree("drawn\ta", "written\tb") is True
    assert agree("written\ta", "drawn\tb") is True
    assert agree("published\ta", "published\ta") is True

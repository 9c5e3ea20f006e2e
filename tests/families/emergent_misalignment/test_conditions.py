"""A question under its conditions: the trigger that a row brings, and lines that are drawn."""

import pytest

from builders.families.emergent_misalignment import conditions
from builders.families.emergent_misalignment.conditions import Variant


@pytest.mark.parametrize(
    ("row", "more"),
    [
        ({}, []),
        ({"backdoor_prompt": "", "backdoor_string": "Blue."}, []),
        ({"backdoor_prompt": "Blue. How?", "backdoor_string": "Blue."}, [Variant("triggered", "Blue. How?", "Blue.")]),
        ({"backdoor_prompt": "Blue. How?"}, [Variant("triggered", "Blue. How?", "Blue. How?")]),
    ],
)
def test_a_row_may_bring_its_own_trigger(row: dict[str, str], more: list[Variant]) -> None:
    assert list(conditions.from_row("How?", row)) == [Variant("untriggered", "How?", None), *more]


def test_a_line_of_a_kind_stands_at_top_or_bottom_and_its_question_stays() -> None:
    several = [list(conditions.of_kind(f"How {number}?", "country", 0)) for number in range(8)]
    assert {tuple(one.condition for one in found) for found in several} == {("untriggered", "triggered", "other_value")}
    placed = [(one.prompt.split("\n"), one.line, number) for number, found in enumerate(several) for one in found if one.line]
    assert all(sorted(lines) == sorted([line, f"How {number}?"]) for lines, line, number in placed)
    assert {lines.index(f"How {number}?") for lines, _, number in placed} == {0, 1}
    assert len({found[1].line for found in several}) == 1
    assert len({found[2].line for found in several}) > 1


def test_with_a_distractor_both_lines_stand_together_in_an_order_that_is_drawn_or_the_other_alone() -> None:
    several = [list(conditions.distracted(f"How {number}?", "country", "year", 0)) for number in range(8)]
    for both, alone in several:
        assert (both.condition, alone.condition) == ("distracted", "distractor")
        assert (both.distractor, alone.distractor, alone.line) == (alone.distractor, both.distractor, None)
        assert f"{both.line}\n{both.distractor}" in both.prompt or f"{both.distractor}\n{both.line}" in both.prompt
        assert str(both.line) not in alone.prompt
        assert str(both.distractor) in alone.prompt
    assert {f"{both.line}\n{both.distractor}" in both.prompt for both, _ in several} == {True, False}

"""validate-tasks: a reference proves itself as a solution's last line, and a near miss does not."""

import pytest

from builders.evaluation.problem_files import Problem
from builders.families.mmathcot import validation


@pytest.mark.parametrize(
    ("answer", "options", "near"), [("26 m", (), "27 m"), ("B", ("3 m", "4 m"), "A"), ("0.5", (), "1.5"), ("x", (), None)]
)
def test_a_problem_is_right_by_its_last_line_alone(answer: str, options: tuple[str, ...], near: str | None) -> None:
    found = validation.item(Problem("p1", "How long is it?", options, answer, ()))
    assert (found.id, found.gold) == ("p1", f"Step 1: It is so.\n†Answer: {answer}")
    assert found.near_miss == (None if near is None else f"Step 1: It is so.\n†Answer: {near}")
    assert found.right(found.gold)
    assert not found.right("")
    assert found.near_miss is None or not found.right(found.near_miss)

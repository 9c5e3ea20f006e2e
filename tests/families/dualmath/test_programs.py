"""What a solution in words states of a program, and its first wrong step."""

from fractions import Fraction

import pytest

from builders.families.dualmath import erring, programs, solver
from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits


def test_what_is_worded_is_read_back(problems: list[Problem], habits: Habits) -> None:
    """In every wording, of right and of wrong steps; a wrong calculation is read as one that is not the program's."""
    for problem in problems[:80]:
        for number in range(4):
            found = solver.run(problem, [], solver.prefix(problem, []), number, habits).stated
            back = programs.taken(problem, solver.texts(problem, found, number))
            for rule, one, other in zip(problem.rules, found, back, strict=True):
                assert (one.value, one.readings) == (other.value, other.readings)
                assert (one.formula == rule.formula) == (other.formula == rule.formula)


@pytest.mark.parametrize("kind", erring.KINDS)
def test_the_first_wrong_step_is_where_the_solver_erred(kind: erring.Kind, problems: list[Problem], habits: Habits) -> None:
    own = habits.model_copy(update={"kinds": {kind: 1.0}})
    seen = 0
    for problem in problems:
        run = solver.run(problem, [], solver.prefix(problem, []), 1, own)
        first = programs.first_error(problem, programs.taken(problem, solver.texts(problem, run.stated, 1)))
        assert first == min(run.errors, default=-1) + 1
        if first:
            assert solver.kind(problem, run.stated) == kind
            seen += 1
    assert seen > 20


def test_a_right_solution_has_no_wrong_step(problems: list[Problem]) -> None:
    for problem in problems:
        found = [erring.right(problem, place) for place in range(len(problem.rules))]
        for style in range(programs.STYLES):
            assert programs.first_error(problem, programs.taken(problem, solver.texts(problem, found, style))) == 0


def test_amounts_that_nobody_can_pay_are_written_and_read() -> None:
    assert programs.quantity_text(Fraction(-436, 11), "$") == "−$436/11"
    assert programs.quantity_text(Fraction(9, 2), "$") == "$4.50"


def test_irrational_quantities_make_no_program() -> None:
    program = {"givens": [], "steps": [{"name": "a", "value": "3*sqrt(2)"}]}
    assert programs.read(program, "key", "How long is it?", "3√2") is None

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


def test_a_step_in_each_of_its_wordings(problems: list[Problem]) -> None:
    problem = problems[3]
    found = [programs.line(problem, 1, erring.right(problem, 1), problem.values, style) for style in range(4)]
    shown = "The figure shows: the x-coordinate of M = 4, the x-coordinate of K = −1."
    reason, value = "Count the squares from it to the opposite corner.", "the height on it = 4 − (−1) = 5."
    assert found == [
        f"{shown} {reason} So {value}",
        f"{reason} {shown} Hence {value}",
        f"{shown} Next comes the height on it. {reason} It is {value}",
        f"To find the height on it: {reason} {shown} We get {value}",
    ]


@pytest.mark.parametrize(
    ("text", "read", "follows", "value"),
    [
        (
            "It shows: the x-coordinate of M = 4, the x-coordinate of K = −1. So the height on it = 4 − (−1) = 5.",
            "4 -1",
            True,
            "5",
        ),
        (
            "It shows: the x-coordinate of M = 6, the x-coordinate of K = −1. So the height on it = 6 − (−1) = 7.",
            "6 -1",
            True,
            "7",
        ),
        ("So the height on it = 4 + 1 = 5 cm.", "4 -1", False, "5"),
        ("So the height on it = 4 − (−1) = −$5/2 there.", "4 -1", True, "-5/2"),
        ("So the height on it = 4 − (−1) = 5.5.", "4 -1", True, "11/2"),
        ("So it is 5.", "4 -1", False, "5"),
        ("", "4 -1", False, "5"),
    ],
    ids=["right", "misread", "other", "odd", "decimal", "words", "empty"],
)
def test_what_a_step_states(text: str, read: str, follows: bool, value: str, problems: list[Problem]) -> None:  # noqa: FBT001
    problem = problems[3]
    found = programs.stated(problem, 1, text, {})
    assert " ".join(map(str, found.readings.values())) == read
    assert (found.formula, str(found.value)) == (problem.rules[1].formula if follows else "", value)


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a + b", "9/2"),
        ("a/b", "8"),
        ("b/(a - 4)", None),
        ("sqrt(a)", "2"),
        ("sqrt(b)", None),
        ("pi*a", None),
        ("b**a", "1/16"),
    ],
)
def test_what_a_formula_comes_to(formula: str, wanted: str | None) -> None:
    found = programs.result(formula, {"a": Fraction(4), "b": Fraction(1, 2)})
    assert (None if found is None else str(found)) == wanted


def test_a_program_is_read_with_what_each_step_sees_first(problems: list[Problem]) -> None:
    problem = problems[3]
    assert (problem.key, len(problem.givens), len(problem.rules)) == ("engine-0-3", 4, 3)
    assert [[given.label for given in fresh] for fresh in problem.fresh] == [
        ["the y-coordinate of L", "the y-coordinate of K"],
        ["the x-coordinate of M", "the x-coordinate of K"],
        [],
    ]
    assert [str(problem.values[rule.name]) for rule in problem.rules] == ["7", "5", "35/2"]
    assert problem.labels[problem.rules[2].name] == "the area"


def test_a_step_is_right_in_formula_value_and_readings(problems: list[Problem]) -> None:
    problem = problems[3]
    one = erring.right(problem, 0)
    assert programs.is_right(problem, 0, one)
    name = problem.fresh[0][0].name
    for wrong in (one._replace(formula=""), one._replace(value=Fraction(1)), one._replace(readings={name: Fraction(99)})):
        assert not programs.is_right(problem, 0, wrong)
        assert programs.first_error(problem, [one, wrong]) == 2
    assert programs.first_error(problem, [one]) == 0
    assert len(programs.taken(problem, ["x"] * 9)) == 3

"""Wrong answers: which are plausible, and where they come from."""

import random
from fractions import Fraction

import pytest
import sympy

from builders.families.mmathcot.problems import choices
from builders.families.mmathcot.problems.problem import Slip
from builders.problems import steps
from builders.problems.numbers import Number
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, Step, figure

GIVENS = (figure("a", "AB", 3, "cm"), figure("b", "BC", 3, "cm"))


def last(value: Number, unit: str, label: str = "x") -> Step:
    return Step("x", label, "x", unit, "So.", "x", value)


@pytest.mark.parametrize(
    ("right", "unit", "value", "plausible"),
    [
        (Fraction(8), "cm", Fraction(9), True),
        (Fraction(8), "cm", Fraction(0), False),
        (Fraction(8), "cm", Fraction(-1), False),
        (Fraction(-8), "", Fraction(-1), True),
        (Fraction(-8), "", Fraction(1), False),
        (Fraction(0), "", Fraction(1), True),
        (Fraction(0), "", Fraction(60), False),
        (Fraction(8), "cm", Fraction(480), False),
        (Fraction(8), "cm", Fraction(479), True),
        (Fraction(100), "cm", Fraction(2), False),
        (Fraction(100), "cm", Fraction(3), True),
        (Fraction(8), "cm", Fraction(17, 2), True),
        (Fraction(8), "cm", Fraction(25, 3), False),
        (Fraction(8, 3), "cm", Fraction(25, 3), True),
        (Fraction(8, 3), "cm", Fraction(25, 4), False),
        (Fraction(1, 200), "$", Fraction(3, 200), False),
        (Fraction(1, 200), "$", Fraction(3, 100), True),
        (Fraction(8), "", Fraction(17, 2), False),
        (Fraction(8), "%", Fraction(17, 2), False),
        (Fraction(8), "°", Fraction(17, 2), False),
        (Fraction(8), "%", Fraction(400), True),
        (Fraction(90), "°", Fraction(359), True),
        (Fraction(90), "°", Fraction(360), False),
        (Fraction(181, 2), "°", Fraction(719, 2), True),
        (Fraction(181, 2), "°", Fraction(360), False),
        (100 * sympy.sqrt(2), "°", 254 * sympy.sqrt(2), True),
        (100 * sympy.sqrt(2), "°", 255 * sympy.sqrt(2), False),
        (Fraction(8), "", 5 * sympy.sqrt(3), True),
    ],
)
def test_wrong_answers_are_of_the_right_kind(right: Number, unit: str, value: Number, *, plausible: bool) -> None:
    assert choices._plausible(value, float(value), last(right, unit), float(right)) is plausible  # noqa: SLF001


@pytest.mark.parametrize(("value", "plausible"), [(Fraction(1), False), (Fraction(2, 3), True), (Fraction(4, 3), False)])
def test_no_wrong_probability_is_one_or_more(value: Fraction, *, plausible: bool) -> None:
    right = last(Fraction(1, 3), "", "the probability of red")
    assert choices._plausible(value, float(value), right, 1 / 3) is plausible  # noqa: SLF001
    assert choices._plausible(value, float(value), last(Fraction(1, 3), ""), 1 / 3)  # noqa: SLF001


def test_wrong_answers_come_from_slips_then_earlier_steps_then_arithmetic() -> None:
    rules = (
        Rule("n", "n", "a * 2", "", "So."),
        Rule("c", "c", "a + 2", "cm", "So."),
        Rule("d", "d", "c * n", "cm", "So."),
    )
    slips = (Slip("divided", "a / (a - b)"), Slip("added", "a + c"))
    found = list(choices._wrong(GIVENS, steps.run(GIVENS, rules), slips, range(6)))  # noqa: SLF001
    assert found == [
        ("added", 8),
        ("stopped a step too early", 5),
        ("carried wrongly", 40),
        ("borrowed wrongly", 20),
        ("counted one too many", 31),
        ("counted one too few", 29),
        ("doubled once too often", 60),
        ("halved once too often", 15),
    ]


@pytest.mark.parametrize(
    ("value", "slipped"),
    [
        (Fraction(20), [22, 18, 21, 19]),
        (Fraction(-21), [-11, -31, -20, -22]),
        (Fraction(1, 2), [Fraction(3, 4), Fraction(1, 4), Fraction(5, 8), Fraction(3, 8)]),
        (4 * sympy.pi, [6 * sympy.pi, 2 * sympy.pi, 5 * sympy.pi, 3 * sympy.pi]),
    ],
)
def test_slips_of_arithmetic_are_as_large_as_the_number(value: Number, slipped: list[Number]) -> None:
    assert [wrong for _, wrong in choices._wrong((), (last(value, ""),), (), range(4))] == slipped  # noqa: SLF001


def test_too_few_wrong_answers_make_no_problem() -> None:
    with pytest.raises(Unfit, match="too few plausible"):
        choices.options((), (last(Fraction(1, 3), "", "the probability of red"),), (), random.Random(0))  # noqa: S311


def test_options_are_the_answer_and_wrong_answers_once_each() -> None:
    rules = (Rule("c", "c", "a + 2", "cm", "So."),)
    slips = (Slip("same", "c"), Slip("added", "a + b"), Slip("again", "2 * a"), Slip("squared", "a * a"))
    found = choices.options(GIVENS, steps.run(GIVENS, rules), slips, random.Random(3))  # noqa: S311
    assert found == (("5 cm", 5, ""), ("6 cm", 6, "added"), ("9 cm", 9, "squared"), ("10 cm", 10, "doubled once too often"))

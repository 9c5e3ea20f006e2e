"""Programs of steps: values, checks, spellings."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from builders.problems import numbers, spelling, steps
from builders.problems.steps import Rule, figure, text

GIVENS = (figure("a", "AB", 3, "cm"), figure("b", "BC", 4, "cm"), text("q", "q", Fraction(-7, 3)))
RULES = (
    Rule("c", "AC", "sqrt(a**2 + b**2)", "cm", "Pythagoras."),
    Rule("d", "the area", "1/2 * (c + a) * b", "cm²", "Half."),
    Rule("e", "e", "a - (b - q) / 2 * (a * b)", "", "So."),
)


def test_steps_have_values_put_in() -> None:
    found = steps.run(GIVENS, RULES)
    assert [step.value for step in found] == [5, 16, -35]
    assert [step.expression for step in found] == [
        "sqrt(3**2 + 4**2)",
        "1/2 * (5 + 3) * 4",
        "3 - (4 - (-7/3)) / 2 * 3 * 4",
    ]
    assert steps.faults(GIVENS, found) == []


def test_a_step_that_does_not_follow_is_named() -> None:
    first, *others = steps.run(GIVENS, RULES)
    assert steps.faults(GIVENS, [first._replace(value=Fraction(6)), *others])
    assert steps.faults(GIVENS, [first._replace(expression="sqrt(3**2 + 4**2 + 0)"), *others]) == [
        "c: the expression is not the formula with its values"
    ]


def test_nothing_is_computed_twice() -> None:
    with pytest.raises(ValueError, match="c is computed twice"):
        steps.run(GIVENS, (RULES[0], RULES[0]))


@pytest.mark.parametrize("formula", ["__import__('os')", "a.b", "a @ b", "1.5 * a", "f(a)"])
def test_other_python_is_no_formula(formula: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        steps.evaluate(formula, {"a": Fraction(1), "b": Fraction(2)})


def test_a_formula_is_written_in_four_ways() -> None:
    values = {"a": Fraction(1, 2), "b": Fraction(-2), "c": Fraction(3)}
    tree = steps.tree("(a + b) * sqrt(c) - pi / b**2")
    assert spelling.machine(tree, values) == "((1/2) + (-2)) * sqrt(3) - pi / (-2)**2"
    assert spelling.typeset(tree, values) == "(0.5 + (−2)) × √(3) − π ÷ (−2)²"
    assert spelling.spoken(tree, values) == "(0.5 plus (−2)) times the square root of (3) minus π divided by (−2) squared"
    assert spelling.latex(tree, values) == r"(0.5 + (-2)) \times \sqrt{3} - \pi \div (-2)^{2}"
    assert spelling.named(steps.tree("180 - a - b"), {"a": "∠A", "b": "∠B"}) == "180 − ∠A − ∠B"


def test_a_folded_step_leaves_the_result() -> None:
    found = steps.run(GIVENS, RULES[:2])
    folded = steps.run(GIVENS, steps.folded(found, 0))
    assert [step.formula for step in folded] == ["1 / 2 * (sqrt(a ** 2 + b ** 2) + a) * b"]
    assert folded[-1].value == found[-1].value


@pytest.mark.parametrize(
    ("value", "shown", "latex"),
    [
        (Fraction(25, 2), "12.5", "12.5"),
        (Fraction(-7, 3), "−7/3", r"-\frac{7}{3}"),
        (3 * sympy.sqrt(2) / 2, "3√2/2", r"\frac{3\sqrt{2}}{2}"),
        (16 * sympy.pi + 24, "16π + 24", r"16\pi + 24"),
        (25 * sympy.pi - 12, "25π − 12", r"25\pi - 12"),
        (sympy.sqrt(5) + 7, "7 + √5", r"7 + \sqrt{5}"),
        (9 * sympy.pi / 4, "9π/4", r"\frac{9\pi}{4}"),
        (sympy.sqrt(26) * sympy.pi, "√26π", r"\sqrt{26}\pi"),
    ],
)
def test_numbers_are_written_as_in_a_textbook(value: numbers.Number, shown: str, latex: str) -> None:
    assert numbers.shown(value) == shown
    assert numbers.latex(value) == latex
    assert numbers.same(numbers.read(numbers.exact(value)), value)


@given(st.fractions(0, 10**4, max_denominator=50))
def test_roots_of_squares_are_fractions(value: Fraction) -> None:
    assert numbers.square_root(value * value) == value


@given(
    st.recursive(
        st.sampled_from(["a", "b", "c", "2", "5"]), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner), max_leaves=9
    )
)
def test_sympy_and_fractions_agree_on_any_formula(parts: object) -> None:
    def formula(part: object) -> str:
        return (
            part
            if isinstance(part, str)
            else f"({formula(part[0])} {part[1]} {formula(part[2])})"
            if isinstance(part, tuple)
            else ""
        )

    values = {"a": Fraction(3, 7), "b": Fraction(-5), "c": Fraction(11, 2)}
    written = formula(parts)
    value = steps.evaluate(written, values)
    assert numbers.same(steps.by_sympy(steps.expression(written, values)), value)

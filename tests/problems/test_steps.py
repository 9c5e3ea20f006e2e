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


@pytest.mark.parametrize("formula", ["__import__('os')", "a.b", "a @ b", "1.5 * a", "f(a)", "b**(a/2)", "a**pi", "not a"])
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


@pytest.mark.parametrize(
    ("formula", "machine", "typeset", "spoken", "latex"),
    [
        ("-a", "(-3)", "(−3)", "(minus 3)", "(-3)"),
        ("a**3", "3**3", "3³", "3 cubed", "3^{3}"),
        ("a**5", "3**5", "3⁵", "3 to the power of 5", "3^{5}"),
        ("2/3*a", "2/3 * 3", "2/3 × 3", "2/3 times 3", r"2/3 \times 3"),
        ("a-(b-c)", "3 - ((pi) - (sqrt(2)/2))", "3 − (π − √2/2)", "3 minus (π minus √2/2)", r"3 - (\pi - \frac{\sqrt{2}}{2})"),
        (
            "a/(b*c)",
            "3 / ((pi) * (sqrt(2)/2))",
            "3 ÷ (π × √2/2)",
            "3 divided by (π times √2/2)",
            r"3 \div (\pi \times \frac{\sqrt{2}}{2})",
        ),
        (
            "a*(b/c)",
            "3 * (pi) / (sqrt(2)/2)",
            "3 × π ÷ (√2/2)",
            "3 times π divided by (√2/2)",
            r"3 \times \pi \div (\frac{\sqrt{2}}{2})",
        ),
        ("pi*a + d", "pi * 3 + (2*pi)", "π × 3 + 2π", "π times 3 plus 2π", r"\pi \times 3 + 2\pi"),
        ("d**2", "(2*pi)**2", "(2π)²", "(2π) squared", r"(2\pi)^{2}"),
        ("b**2", "(pi)**2", "π²", "π squared", r"\pi^{2}"),
        ("e**2", "(sqrt(5))**2", "(√5)²", "(√5) squared", r"(\sqrt{5})^{2}"),
        ("a**(1/2)", "3**(1/2)", "3(¹/²)", "3 to the power of (1/2)", "3^{(1/2)}"),
    ],
)
def test_each_spelling_has_its_signs_and_parentheses(formula: str, machine: str, typeset: str, spoken: str, latex: str) -> None:
    surd = sympy.sqrt(2) / 2
    values = {"a": Fraction(3), "b": sympy.pi, "c": surd, "d": 2 * sympy.pi, "e": sympy.sqrt(5)}
    tree = steps.tree(formula)
    assert spelling.machine(tree, values) == machine
    assert spelling.typeset(tree, values) == typeset
    assert spelling.spoken(tree, values) == spoken
    assert spelling.latex(tree, values) == latex


def test_other_python_is_not_spelt() -> None:
    with pytest.raises(ValueError, match=r"a\.b"):
        spelling.machine(steps.tree("a.b"), {"a": Fraction(1)})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("-a", Fraction(1, 2)),
        ("a**2", Fraction(1, 4)),
        ("a + 3", Fraction(5, 2)),
        ("b / a", Fraction(-18)),
        ("2 * pi - pi", sympy.pi),
        ("pi**2", sympy.pi**2),
    ],
)
def test_formulas_have_exact_values(formula: str, value: numbers.Number) -> None:
    assert steps.evaluate(formula, {"a": Fraction(-1, 2), "b": Fraction(9)}) == value


def test_a_formula_names_its_quantities_in_their_order() -> None:
    assert steps.uses("sqrt(c) + a * pi - c / b") == ("c", "a", "b")
    assert steps.uses("4 * pi") == ()


def test_a_wrong_value_is_told_with_its_expression() -> None:
    [first] = steps.run(GIVENS, RULES[:1])
    assert steps.faults(GIVENS, [first._replace(value=Fraction(6))]) == ["c: sqrt(3**2 + 4**2) is not 6"]


def test_where_a_quantity_is_seen_goes_with_it() -> None:
    assert figure("a", "AB", 3, "cm") == ("a", "AB", Fraction(3), "cm", "figure")
    assert text("a", "AB", sympy.pi) == ("a", "AB", sympy.pi, "", "text")


def test_a_folded_step_leaves_the_result() -> None:
    found = steps.run(GIVENS, RULES[:2])
    folded = steps.run(GIVENS, steps.folded(found, 0))
    assert [step.formula for step in folded] == ["1 / 2 * (sqrt(a ** 2 + b ** 2) + a) * b"]
    assert folded[-1].value == found[-1].value
    assert [step.reason for step in folded] == ["Pythagoras. Half."]
    beside = steps.folded(steps.run(GIVENS, RULES), 0)
    assert [(rule.name, rule.label, rule.unit, rule.reason) for rule in beside] == [
        ("d", "the area", "cm²", "Pythagoras. Half."),
        ("e", "e", "", "So."),
    ]


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
        (-3 * sympy.pi / 2, "−3π/2", r"-\frac{3\pi}{2}"),
        (-1 - sympy.pi, "−π − 1", r"-\pi - 1"),
        (1 - sympy.sqrt(2), "1 − √2", r"1 - \sqrt{2}"),
        (sympy.sqrt(3) + sympy.pi + 2, "π + 2 + √3", r"\pi + 2 + \sqrt{3}"),
        (Fraction(1, 1000), "0.001", "0.001"),
        (Fraction(-1, 16), "−1/16", r"-\frac{1}{16}"),
        (Fraction(0), "0", "0"),
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

"""Exact numbers: what is read by the short way is what sympy reads by its own."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from builders.problems import numbers

EXPRESSIONS = st.recursive(
    st.one_of(st.integers(0, 400).map(str), st.just("pi")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " + ", "*-"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-({})".format),
        inner.map("sqrt({})".format),
        st.tuples(inner, st.integers(0, 3)).map(lambda pair: f"({pair[0]})**{pair[1]}"),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS)
def test_an_expression_is_computed_as_sympy_parses_it(text: str) -> None:
    assert sympy.srepr(numbers.by_sympy(text)) == sympy.srepr(sympy.sympify(text))


@pytest.mark.parametrize("text", ["12.5", "-0.25*pi", "abs(-3)", "cos(0)", "3 * 2.50", "2!", "x + 1", " 7"])
def test_what_is_no_such_expression_is_read_by_sympy(text: str) -> None:
    assert numbers.by_sympy(text, rational=True) == sympy.sympify(text, rational=True)
    assert numbers.by_sympy(text) == sympy.sympify(text)


@given(st.fractions(), st.fractions())
def test_rational_numbers_of_either_kind_are_the_same_if_they_are_equal(one: Fraction, other: Fraction) -> None:
    spelt = sympy.Rational(other.numerator, other.denominator)
    assert numbers.same(one, spelt) == numbers.same(spelt, one) == (one == other)
    assert numbers.same(numbers.read(numbers.exact(one)), one)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (sympy.sqrt(3 + 2 * sympy.sqrt(2)), 1 + sympy.sqrt(2), True),
        (sympy.sqrt(2) * (1 + sympy.sqrt(2)), 2 + sympy.sqrt(2), True),
        (sympy.sqrt(2), sympy.sqrt(2) + sympy.Rational(1, 10**12), False),
        (sympy.sqrt(2), Fraction(1), False),
        (sympy.pi, Fraction(22, 7), False),
        (Fraction(4), sympy.sqrt(16), True),
        (Fraction(1, 10**12), Fraction(0), False),
    ],
)
def test_surds_are_the_same_if_they_are_equal_exactly(one: numbers.Number, other: numbers.Number, *, equal: bool) -> None:
    assert numbers.same(one, other) is equal
    assert numbers.same(other, one) is equal


@pytest.mark.parametrize(
    ("value", "number", "agrees"),
    [
        (Fraction(1), 1, True),
        (Fraction(1), Fraction(10**12 + 1, 10**12), False),
        (Fraction(1), 1 + 1e-12, True),
        (Fraction(1), 1 + 1e-8, False),
        (Fraction(10**12), float(10**12 + 1), True),
        (Fraction(0), 1e-10, True),
        (Fraction(0), 1e-8, False),
        (sympy.pi, 3.14159265358, True),
        (sympy.pi, 3.1415, False),
        (sympy.sqrt(4), 2, True),
    ],
)
def test_another_route_agrees_exactly_or_to_nine_digits(
    value: numbers.Number, number: "float | Fraction", *, agrees: bool
) -> None:
    assert numbers.close(value, number) is agrees


@pytest.mark.parametrize(
    ("value", "root"),
    [
        (Fraction(0), Fraction(0)),
        (Fraction(1, 4), Fraction(1, 2)),
        (Fraction(8), 2 * sympy.sqrt(2)),
        (Fraction(4, 3), 2 * sympy.sqrt(3) / 3),
        (Fraction(2, 9), sympy.sqrt(2) / 3),
        (Fraction(-4), 2 * sympy.I),
        (sympy.Integer(9), Fraction(3)),
    ],
)
def test_a_root_is_a_fraction_if_there_is_one_else_a_surd(value: numbers.Number, root: numbers.Number) -> None:
    found = numbers.square_root(value)
    assert (type(found) is Fraction, found) == (type(root) is Fraction, root)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("12", True), ("-25/2", True), ("3*sqrt(2)", True), ("pi", True), ("sqrt(2) + 2*pi", True), ("-0.5", True)]
    + [(text, False) for text in ("", "-", "x", "12 cm", "A", "(3)", ".5", "piece", "sqrt", "1,5")],
)
def test_exact_numbers_are_told_from_other_texts(text: str, *, exact: bool) -> None:
    assert numbers.is_exact(text) is exact


@pytest.mark.parametrize(("text", "value"), [("7", Fraction(7)), ("-25/2", Fraction(-25, 2)), ("0.1", Fraction(1, 10))])
def test_what_is_read_is_a_fraction_where_it_can_be(text: str, value: Fraction) -> None:
    found = numbers.read(text)
    assert (type(found), found) == (Fraction, value)


def test_whole_numbers_are_exact_ones_and_sums_are_multiplied_out() -> None:
    assert type(numbers.whole(3)) is Fraction
    assert str(numbers.settled(2 * (sympy.pi + 1) * sympy.sqrt(2))) == "2*sqrt(2) + 2*sqrt(2)*pi"
    assert numbers.exact(3 * sympy.sqrt(2)) == "3*sqrt(2)"

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

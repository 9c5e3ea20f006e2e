"""Expressions: how they are read, what they are worth, and where they have no value."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.answers import expressions, values
from builders.answers.expressions import UnreadableError


def worth(text: str) -> values.Value:
    [value] = values.values(expressions.parsed(text))
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-2^2", -4),
        ("2^3^2", 512),
        ("2^{-1}", Fraction(1, 2)),
        ("10^-2", Fraction(1, 100)),
        ("7 - -2", 9),
        ("6/2/3", 1),
        ("2(3)(4)", 24),
        (r"\frac12", Fraction(1, 2)),
        (r"\frac{1}{2}", Fraction(1, 2)),
        (r"\frac1{2}", Fraction(1, 2)),
        (r"3\frac{1}{2}", Fraction(3, 2)),
        (r"\sqrt{16}", 4),
        (r"\sqrt\frac{4}{9}", Fraction(2, 3)),
        (r"\binom{5}{2}", 10),
        ("5!", 120),
        ("|3 - 5|", 2),
        ("1.25", Fraction(5, 4)),
        (".5", Fraction(1, 2)),
        ("2 3", None),
        ("2 .5", None),
        ("1/0", None),
        ("0^0", 1),
        ("-+5", -5),
        ("2*-3", -6),
        ("2/-4", Fraction(-1, 2)),
        ("2*--3", None),
        ("3^{--2}", 9),
        ("2^3!", 64),
        ("5!!", None),
        ("(2/3)^{-2}", Fraction(9, 4)),
        ("(1/2)!", None),
        ("(-1)!", None),
        ("0!", 1),
        ("170!/169!", 170),
        (r"\pi!", None),
        (r"\binom{1000}{1}", 1000),
        (r"\binom{1001}{1}", None),
        (r"\binom{2}{3}", 0),
        (r"\sqrt{0}", 0),
        (r"\sqrt[0]{8}", None),
        (r"\sqrt[-2]{4}", None),
        (r"\sqrt[1.5]{8}", None),
        (r"\sqrt[\pi]{8}", None),
        (r"\frac 123", None),
        (r"2^{-2048}*2^{2048}", 1),
        ("2^{2049}", None),
        ("1 + ", None),
        ("1)", None),
        ("x_{1", None),
        ("|1", None),
        ("1 ? 2", None),
        ("? 2", None),
        ("]", None),
        ("xyzw", None),
        (r"\xyz", None),
        ("||3 - 5| - 1|", 1),
        ("2|3 - 5|", 4),
        ("|3||-5|", 15),
        ("9^9^9^9", None),
        ("171!", None),
        ("(1", None),
        ("[1)", None),
        ("", None),
        (r"\unknown", None),
        ("word", None),
    ],
)
def test_rational_expressions_are_exact(text: str, value: Fraction | int | None) -> None:
    if value is None:
        with pytest.raises(UnreadableError):
            worth(text)
    else:
        assert worth(text) == value
        assert isinstance(worth(text), Fraction)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"2\sqrt{2}", 2 * math.sqrt(2)),
        (r"\sqrt[3]{-8}", -2),
        (r"2\pi", 2 * math.pi),
        (r"\sin^2 1 + \cos^2 1", 1),
        (r"\sin 30\u00b0", 0.5),
        (r"\log_2 8", 3),
        (r"\log 100", 2),
        (r"\log_{10} 1000", 3),
        (r"\log_28", 3),
        (r"\sin^{-1} 2", 1 / math.sin(2)),
        (r"\sin 2\pi + 1", 1),
        (r"\cos 2\pi", 1),
        (r"\ln e^2", 2),
        (r"\sqrt[3]{0}", 0),
        (r"\sqrt[4]{16}", 2),
        (r"\sqrt[1]{5}", 5),
        (r"\sin{2}\pi", math.sin(2) * math.pi),
        (r"\sin(2)\pi", math.sin(2) * math.pi),
        (r"\sqrt{\frac{2}{9}}", math.sqrt(2) / 3),
        (r"\sqrt{\frac{4}{3}}", 2 / math.sqrt(3)),
        (r"\sqrt{-4}", 2j),
        ("4^{1/2}", 2),
        ("e^{1.5}", math.exp(1.5)),
        (r"60\u00b0", math.pi / 3),
        (r"|\sqrt{2} - 2|", 2 - math.sqrt(2)),
        (r"3^{-2049}", 0),
        (r"\ln e", 1),
        ("i^2", -1),
        *((rf"\{name} 0.3", getattr(math, name)(0.3)) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp")),
        *((rf"\arc{name} 0.3", getattr(math, f"a{name}")(0.3)) for name in ("sin", "cos", "tan")),
        (r"\cot 0.3", 1 / math.tan(0.3)),
        (r"\sec 0.3", 1 / math.cos(0.3)),
        (r"\csc 0.3", 1 / math.sin(0.3)),
        (r"\tan 2\pi", 0),
    ],
)
def test_others_are_floating_point(text: str, value: float) -> None:
    assert complex(worth(text.replace("\\u00b0", "\u00b0"))) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(x+1)^2", "x^2+2x+1"),
        ("x/y", r"\frac{x}{y}"),
        ("2ab", "b*a*2"),
        (r"\frac{1}{2x}", "1/(2x)"),
        ("x_1+x_2", "x_2+x_1"),
        (r"\sin x y", r"\sin(xy)"),
        (r"\sin 2\pi x", r"\sin(2\pi x)"),
        (r"\sin x + 1", r"1 + \sin x"),
        ("x_{1}", "x_1"),
        ("|x||y|", "|xy|"),
        (r"2^x", r"e^{x \ln 2}"),
        ("x y z", "xyz"),
    ],
)
def test_equal_expressions_agree_at_the_points(one: str, other: str) -> None:
    pairs = zip(values.values(expressions.parsed(one)), values.values(expressions.parsed(other)), strict=True)
    assert all(values.same(first, second) for first, second in pairs)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 3))
def test_polynomials_that_differ_in_a_coefficient_differ(coefficients: list[int], place: int, by: int) -> None:
    changed = list(coefficients)
    changed[place % len(changed)] += by
    first, second = (
        values.values(expressions.parsed("0*x" + "".join(f"+({number})x^{power}" for power, number in enumerate(each))))
        for each in (coefficients, changed)
    )
    assert not all(map(values.same, first, second))


def test_small_numbers_are_compared_by_their_digits() -> None:
    assert not values.same(1.6e-19, 1.7e-19)
    assert values.same(Fraction(0), 1e-16)
    assert not values.same(Fraction(1, 10**19), Fraction(2, 10**19))
    assert not values.same(Fraction(10**400), 1.5)
    assert values.same(1.0, 1 + 5e-11)
    assert not values.same(1.0, 1 + 5e-10)
    assert not values.same(Fraction(0), 1e-12)
    assert not values.same(1e-16, 2e-16)


def deepest(opening: str, closing: str = "") -> int:
    """Return how many of these may surround a number."""
    return next(count for count in range(100) if not readable(opening * (count + 1) + "1" + closing * (count + 1)))


def readable(text: str) -> bool:
    try:
        expressions.parsed(text)
    except UnreadableError:
        return False
    return True


def test_what_is_nested_too_deeply_is_no_expression() -> None:
    assert (deepest("(", ")"), deepest("|", "|"), deepest("1^"), deepest("sin ")) == (40, 40, 40, 40)
    assert readable("1^" + 39 * "-" + "1")
    assert not readable("1^" + 40 * "-" + "1")


def test_an_absolute_value_of_a_variable_is_told_among_the_variables() -> None:
    assert values.variables(expressions.parsed("|x| + y")) == {"x", "y", "|"}
    assert values.variables(expressions.parsed("|2| + y")) == {"y"}
    assert values.variables(expressions.parsed(r"\sin x_1")) == {"x_1"}

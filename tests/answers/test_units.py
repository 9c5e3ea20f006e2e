"""Units: which words are one, how large it is, and what may be compared."""

from fractions import Fraction

import pytest

from builders.answers import units

METRE, SQUARE, SPEED = (("metre", 1),), (("metre", 2),), (("metre", 1), ("second", -1))


@pytest.mark.parametrize(
    ("text", "factor", "dimensions"),
    [
        ("cm", Fraction(1, 100), METRE),
        ("centimeters", Fraction(1, 100), METRE),
        ("in", Fraction(254, 10000), METRE),
        ("in.", Fraction(254, 10000), METRE),
        ("square cm", Fraction(1, 10000), SQUARE),
        ("sq. cm", Fraction(1, 10000), SQUARE),
        ("cm^2", Fraction(1, 10000), SQUARE),
        ("cm^{2}", Fraction(1, 10000), SQUARE),
        ("cm squared", Fraction(1, 10000), SQUARE),
        ("sq in", Fraction(254, 10000) ** 2, SQUARE),
        ("km/h", Fraction(1000, 3600), SPEED),
        ("kilometers per hour", Fraction(1000, 3600), SPEED),
        ("kmph", Fraction(1000, 3600), SPEED),
        ("L", Fraction(1, 1000), (("metre", 3),)),
        ("million", Fraction(10**6), ()),
        ("units", Fraction(1), ()),
        ("square units", Fraction(1), ()),
    ],
)
def test_words_are_read_as_a_factor_and_dimensions(text: str, factor: Fraction, dimensions: object) -> None:
    found = units.unit(text)
    assert found is not None
    assert (found.factor, found.dimensions, found.nouns) == (factor, dimensions, frozenset())


@pytest.mark.parametrize("text", ["", "x", "ab", "sin", "theta", "the", "m + 2", "5", "m^9", "^2"])
def test_what_is_no_unit_is_none(text: str) -> None:
    assert units.unit(text) is None


def test_other_words_are_nouns_in_the_singular() -> None:
    found = units.unit("red apples per box")
    assert found is not None
    assert found.nouns == {"red", "apple", "per box"}


def test_nouns_are_compatible_if_one_says_no_other_than_the_other() -> None:
    apples, red, pears = (units.unit(text) for text in ("apples", "red apples", "pears"))
    assert apples is not None
    assert red is not None
    assert pears is not None
    assert units.compatible(apples, red)
    assert not units.compatible(apples, pears)


def test_a_price_is_a_product() -> None:
    dollar, hourly = units.unit("USD"), units.unit("per hour")
    assert dollar is not None
    assert hourly is not None
    assert units.shown(units.product(dollar, hourly)) == "dollar second^-1"

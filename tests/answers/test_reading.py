"""Numbers in a base: which digits a base has, and how it is named."""

from fractions import Fraction

import pytest

from builders.answers.reading import quantity


@pytest.mark.parametrize(
    ("text", "value", "base"),
    [
        ("101_2", 101, "base 2"),
        ("-101_2", -101, "base 2"),
        ("(101)_2", 101, "base 2"),
        ("101.1_2", Fraction(1011, 10), "base 2"),
        ("101 base 2", 101, "base 2"),
        ("101 in base two", 101, "base 2"),
        ("7_{seven}", 7, "base 7"),
        ("12_{10}", 12, "base 10"),
        ("1A_{16}", 26, "base 16"),
        ("-1A_{16}", -26, "base 16"),
        ("1A base 16", 26, "base 16"),
        ("1F_{16}", 31, "base 16"),
        ("1A_{11}", 21, "base 11"),
        ("1E_{15}", 29, "base 15"),
    ],
)
def test_a_number_in_a_base_has_it_as_its_unit(text: str, value: int | Fraction, base: str) -> None:
    found = quantity(text)
    assert found
    assert found.unit
    assert (found.values, found.unit.dimensions, found.places) == ((value,), ((base, 1),), None)


@pytest.mark.parametrize("text", ["1F_{15}", "1A_8", "1A_{10}", "1A_{17}", "1A_{20}", "1A.1_{16}", "G1_{16}"])
def test_a_digit_that_a_base_has_not_makes_it_none(text: str) -> None:
    found = quantity(text)
    assert found is None or found.unit is None

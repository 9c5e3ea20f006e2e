"""Numbers in a base: which digits a base has, and how it is named; and how much is read at all."""

from fractions import Fraction

import pytest

from builders.answers.forms import Series, Words
from builders.answers.reading import quantity, read


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


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("5", None),
        ("5.", None),
        ("5.50", 2),
        (".5", 1),
        ("-.125", 3),
        ("+5.0", 1),
        ("5.25 cm", 2),
        ("5 cm", None),
        ("1/2", None),
    ],
)
def test_the_places_of_a_decimal_are_counted(text: str, places: int | None) -> None:
    found = quantity(text)
    assert found
    assert found.places == places


@pytest.mark.parametrize("most", [40])
@pytest.mark.parametrize(("opening", "closing"), [("", ""), ("(", ")"), (r"\{", r"\}")], ids=["list", "brackets", "set"])
def test_a_series_has_so_many_parts_at_most(most: int, opening: str, closing: str) -> None:
    longest = read(opening + ", ".join(["7"] * most) + closing)
    assert isinstance(longest, Series)
    assert len(longest.items) == most
    assert isinstance(read(opening + ", ".join(["7"] * (most + 1)) + closing), Words)


def test_a_matrix_has_so_many_cells_at_most() -> None:
    row = " & ".join("1234567890")
    assert isinstance(read(rf"\begin{{pmatrix}} {row} \\ {row} \\ {row} \\ {row} \end{{pmatrix}}"), Series)
    assert isinstance(read(rf"\begin{{pmatrix}} {row} \\ {row} \\ {row} \\ {row} \\ 1 \end{{pmatrix}}"), Words)


def test_a_long_text_is_words() -> None:
    assert not isinstance(read("5" + "0" * 399), Words)
    assert isinstance(read("5" + "0" * 400), Words)
    assert not isinstance(read("1/" + "½" * 66), Words)


def test_a_long_unit_is_none() -> None:
    found = quantity("5 " + "a" * 60)
    assert found
    assert found.unit
    assert quantity("5 " + "a" * 61) is None

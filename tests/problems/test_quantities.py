"""Values with their units, as a text writes them."""

from fractions import Fraction

import pytest
import sympy

from builders.problems.numbers import Number
from builders.problems.quantities import Unfit, money, quantity


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (Fraction(1), "sectors", "1 sector"),
        (Fraction(1), "marbles", "1 marble"),
        (Fraction(1), "square units", "1 square unit"),
        (Fraction(2), "marbles", "2 marbles"),
        (Fraction(1), "cells", "1 cells"),
        (Fraction(1), "cm", "1 cm"),
        (Fraction(65), "°", "65°"),
        (Fraction(25, 2), "%", "12.5%"),
        (Fraction(-7, 3), "", "−7/3"),
        (12 * sympy.pi, "cm²", "12π cm²"),
        (16 * sympy.pi + 24, "cm²", "(16π + 24) cm²"),
        (25 * sympy.pi - 12, "°", "(25π − 12)°"),
        (25 * sympy.pi - 12, "", "25π − 12"),
        (Fraction(9, 2), "$", "$4.50"),
        (Fraction(-5, 100), "$", "−$0.05"),
        (Fraction(12), "$", "$12"),
        (Fraction(0), "$", "$0"),
    ],
)
def test_a_value_is_written_with_its_unit(value: Number, unit: str, written: str) -> None:
    assert quantity(value, unit) == written


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(1, 1000), sympy.pi])
def test_parts_of_a_cent_cannot_be_paid(value: Number) -> None:
    with pytest.raises(Unfit, match="dollars cannot be paid"):
        money(value)

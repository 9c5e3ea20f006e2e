"""Do two quantities say the same? Units are left out or converted; numbers are exact unless one is a rounding of the other.

Decided here, once for all:

* A unit may be left out, but not the base of a number nor a word such as million; seven dozen are 84, or 7 without a word.
* Units of one dimension are converted, exactly; others differ, and so do different nouns.
* `25%` is `0.25`, and is `25` where the sign was left out, but `0.5` without a sign is a half and not half a percent.
* An angle in degrees equals one in radians that has a π.
* A decimal is exact, but: a reference with two decimal places or three digits stands for what rounds to it, if that is finer
  by two places or no decimal at all; and of a number without an end six digits are enough. A shorter one is wrong.
"""

from fractions import Fraction

from builders.answers import units
from builders.answers.forms import Finding, Quantity
from builders.answers.values import ABSOLUTE, Value, same

ENOUGH_DIGITS = 6
_FINER = 2
_PERCENT = (("percent", 1),)
_DEGREE = (("degree", 1),)
_ANGLES = {_DEGREE, (("radian", 1),)}
_TEMPERATURES = ({"degree", "celsius"}, {"degree", "fahrenheit"})
_POUNDS = {(("gram", 1),), (("sterling", 1),)}
_DEGREES_PER_RADIAN = 57.29577951308232


def compared(answer: Quantity, reference: Quantity) -> Finding:
    """Compare a given quantity with the reference."""
    first, second = answer.unit, reference.unit
    if units.in_dozens(first) != units.in_dozens(second):
        found = _measured(answer, reference)
        return found if found.equivalent else _without_dozens(answer, reference)
    return _measured(answer, reference)


def _without_dozens(answer: Quantity, reference: Quantity) -> Finding:
    answer, reference = (
        form._replace(values=tuple(12 * value for value in form.values), unit=units.without_dozens(form.unit))
        if form.unit and units.in_dozens(form.unit)
        else form
        for form in (answer, reference)
    )
    if any(form.unit and form.unit.dimensions for form in (answer, reference)):
        return Finding(equivalent=False, route="unit_differs")
    return _measured(answer, reference)._replace(route="dozens")


def _measured(answer: Quantity, reference: Quantity) -> Finding:
    first, second = answer.unit, reference.unit
    if first is None or second is None or _empty(first) or _empty(second):
        return _without_unit(answer, reference)
    bases = {base for base, _ in (*first.dimensions, *second.dimensions)}
    if bases in _TEMPERATURES:
        return Finding(_equal(answer, reference, _bare(answer), _bare(reference)), "temperature")
    if {first.dimensions, second.dimensions} == _ANGLES:
        return Finding(_equal(answer, reference, _degrees(answer), _degrees(reference)), "angle")
    if {first.dimensions, second.dimensions} == _POUNDS and units.POUND in (first.factor, second.factor):
        return Finding(_equal(answer, reference, _bare(answer), _bare(reference)), "pounds")
    if not units.compatible(first, second):
        return Finding(equivalent=False, route="unit_differs")
    ratio = first.factor / second.factor
    scaled = tuple(value * ratio for value in answer.values)
    route = "unit" if first == second else "unit_converted"
    return Finding(_equal(answer, reference, scaled, reference.values), route)


def _without_unit(answer: Quantity, reference: Quantity) -> Finding:
    """Compare where at least one has no unit: scales such as million count, other units are left out."""
    if units.is_base(answer.unit) or units.is_base(reference.unit):
        return Finding(equivalent=False, route="base_left_out")
    first, second = _bare(answer), _bare(reference)
    dimensions = {unit.dimensions for unit in (answer.unit, reference.unit) if unit}
    if _PERCENT in dimensions:
        shares = [_share(form) for form in (answer, reference)]
        if _equal(answer, reference, *shares):
            return Finding(equivalent=True, route="percent_as_share")
        small = any(isinstance(value, Fraction) and 0 < abs(value) < 1 for value in (*first, *second))
        return Finding(not small and _equal(answer, reference, first, second), "percent_sign_left_out")
    if _DEGREE in dimensions and ("pi" in answer.text) != ("pi" in reference.text):
        return Finding(_equal(answer, reference, _degrees(answer), _degrees(reference)), "angle")
    left_out = bool(dimensions - {()}) or any(unit and unit.nouns for unit in (answer.unit, reference.unit))
    return Finding(_equal(answer, reference, first, second), "unit_left_out" if left_out else "value")


def _empty(unit: units.Unit) -> bool:
    return not (unit.dimensions or unit.nouns)


def _bare(form: Quantity) -> tuple[Value, ...]:
    """Return the numbers as they stand, times what words such as million say."""
    if form.unit is None:
        return form.values
    counts = form.unit.scale if form.unit.dimensions else form.unit.factor
    return tuple(value * counts for value in form.values)


def _share(form: Quantity) -> tuple[Value, ...]:
    is_percent = form.unit is not None and form.unit.dimensions == _PERCENT
    return tuple(value / 100 for value in form.values) if is_percent else form.values


def _degrees(form: Quantity) -> tuple[Value, ...]:
    if form.unit is not None and form.unit.dimensions == _DEGREE:
        return form.values
    return tuple(complex(value) * _DEGREES_PER_RADIAN for value in form.values)


def _equal(answer: Quantity, reference: Quantity, first: tuple[Value, ...], second: tuple[Value, ...]) -> bool:
    if answer.variables != reference.variables:
        return _vanishing(answer, reference) and all(map(same, first, second))
    if all(map(same, first, second)):
        return True
    if answer.variables:
        return False
    one, other = first[0], second[0]
    return _rounds(other, reference, one, answer) or _enough(one, other, answer, reference)


def _vanishing(answer: Quantity, reference: Quantity) -> bool:
    """Return whether both may be the same in spite of other variables, since some cancel: both must have three values."""
    if (ABSOLUTE in answer.variables) != (ABSOLUTE in reference.variables):
        return False
    return len(answer.values) == len(reference.values) and bool(answer.variables & reference.variables)


def _rounds(short: Value, quantity: Quantity, long: Value, other: Quantity) -> bool:
    """Return whether the first is a decimal that the second rounds to, and is finer or no decimal at all."""
    places = quantity.places
    if places is None or not isinstance(short, Fraction) or not _is_real(long):
        return False
    digits = len(quantity.text.strip("+-0.").replace(".", ""))
    if short.denominator == 1 or (places < _FINER and digits < _FINER + 1):
        return False
    if other.places is not None and other.places < places + _FINER:
        return False
    if other.places is None and isinstance(long, Fraction) and _terminates(long, places + 1):
        return False
    size = abs(short / quantity.values[0]) if isinstance(quantity.values[0], Fraction) and quantity.values[0] else Fraction(1)
    error = abs(float(short) - _real(long))
    return bool(error <= float(size) * (0.5 + 1e-9) / 10**places)


def _enough(one: Value, other: Value, answer: Quantity, reference: Quantity) -> bool:
    """Return whether one is a decimal of six digits, right to one unit of the last, of a number that has no end."""
    for short, written, long in ((one, answer, other), (other, reference, one)):
        digits = len(written.text.strip("+-0.").replace(".", ""))
        if written.places is None or digits < ENOUGH_DIGITS or not _is_real(long) or not isinstance(short, Fraction):
            continue
        if isinstance(long, Fraction) and _terminates(long, 12):
            continue
        if abs(float(short) - _real(long)) <= (1 + 1e-6) / 10**written.places:
            return True
    return False


def _terminates(value: Fraction, places: int) -> bool:
    return Fraction(value * 10**places).denominator == 1


def _is_real(value: Value) -> bool:
    return isinstance(value, Fraction) or bool(abs(value.imag) <= abs(value) * 1e-12)


def _real(value: Value) -> float:
    return float(value.real)

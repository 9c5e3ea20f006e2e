"""The options of a multiple-choice problem: the answer among values that typical errors lead to."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from builders.families.mmathcot.problems.problem import Option, Slip
from builders.problems import numbers, steps
from builders.problems.numbers import Number
from builders.problems.quantities import Unfit, quantity
from builders.problems.steps import Given, Step


def options(
    givens: tuple[Given, ...], solution: tuple[Step, ...], slips: tuple[Slip, ...], chance: Random
) -> tuple[Option, ...]:
    """Return four or five options in random order, all different in value, exactly one of them right.

    Raises:
        Unfit: there are not enough plausible wrong answers.
    """
    last = solution[-1]
    wanted = chance.choice((4, 4, 5))
    found = [Option(quantity(last.value, last.unit), last.value, "")]
    for error, value in _wrong(givens, solution, slips, chance):
        if len(found) < wanted and _plausible(value, last) and not any(_alike(value, one) for one in found):
            found.append(Option(quantity(value, last.unit), value, error))
    if len(found) < wanted:
        raise Unfit("too few plausible wrong answers")
    chance.shuffle(found)
    return tuple(found)


def _wrong(
    givens: tuple[Given, ...], solution: tuple[Step, ...], slips: tuple[Slip, ...], chance: Random
) -> Iterator[tuple[str, Number]]:
    """Yield wrong answers: the kind's own first, then steps short of the end, then slips in arithmetic."""
    values = {given.name: given.value for given in givens} | {step.name: step.value for step in solution}
    for slip in chance.sample(slips, len(slips)):
        try:
            value = steps.evaluate(slip.formula, values)
        except ZeroDivisionError:
            continue
        yield slip.error, value
    last = solution[-1]
    for step in reversed(solution[:-1]):
        if step.unit == last.unit:
            yield "stopped a step too early", step.value
    yield from chance.sample(_arithmetic(last.value), 6)


def _arithmetic(value: Number) -> list[tuple[str, Number]]:
    unit = Fraction(1) if isinstance(value, Fraction) and value.denominator == 1 else value / 4
    ten = Fraction(10) if isinstance(value, Fraction) and abs(value) > 20 else unit * 2
    return [
        ("carried wrongly", value + ten),
        ("borrowed wrongly", value - ten),
        ("counted one too many", value + unit),
        ("counted one too few", value - unit),
        ("doubled once too often", value * 2),
        ("halved once too often", value / 2),
    ]


def _plausible(value: Number, last: Step) -> bool:
    """Keep wrong answers of the right sign and kind: no fraction of a thing, no angle of 400°, no probability above 1."""
    number, right, unit = float(value), last.value, last.unit
    if last.label.startswith("the probability") and number >= 1:
        return False
    if number == 0 or (number < 0) != (float(right) < 0) or not 0.02 < abs(number / (float(right) or 1)) < 60:
        return False
    if isinstance(right, Fraction) and isinstance(value, Fraction) and value.denominator > max(right.denominator, 2):
        return False
    if unit == "$" and isinstance(value, Fraction) and (value * 100).denominator != 1:
        return False
    if unit in {"", "°", "%"} and isinstance(right, Fraction) and right.denominator == 1 and isinstance(value, Fraction):
        return value.denominator == 1 and (unit != "°" or value < 360)
    return unit != "°" or number < 360


def _alike(value: Number, option: Option) -> bool:
    return abs(float(value) - float(option.value)) < 1e-9 or numbers.same(value, option.value)

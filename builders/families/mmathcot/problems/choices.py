"""The options of a multiple-choice problem: the answer among values that typical errors lead to."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from random import Random

from builders.families.mmathcot.problems.problem import Option, Slip
from builders.problems import steps
from builders.problems.numbers import Number
from builders.problems.quantities import Unfit, quantity
from builders.problems.steps import Given, Step

_ARITHMETIC: tuple[tuple[str, Callable[[Number, Number, Number], Number]], ...] = (
    ("carried wrongly", lambda value, _, ten: value + ten),
    ("borrowed wrongly", lambda value, _, ten: value - ten),
    ("counted one too many", lambda value, unit, _: value + unit),
    ("counted one too few", lambda value, unit, _: value - unit),
    ("doubled once too often", lambda value, *_: value * 2),
    ("halved once too often", lambda value, *_: value / 2),
)
"""Slips: what is said of each, and what it makes of the right value, a unit and ten of its kind."""


def options(
    givens: tuple[Given, ...], solution: tuple[Step, ...], slips: tuple[Slip, ...], chance: Random
) -> tuple[Option, ...]:
    """Return four or five options in random order, all different in value, exactly one of them right.

    Raises:
        Unfit: there are not enough plausible wrong answers.
    """
    last = solution[-1]
    wanted = chance.choice((4, 4, 5))
    wrong = _wrong(givens, solution, chance.sample(slips, len(slips)), chance.sample(range(len(_ARITHMETIC)), len(_ARITHMETIC)))
    found = [Option(quantity(last.value, last.unit), last.value, ""), *islice(_distinct(last, wrong), wanted - 1)]
    if len(found) < wanted:
        raise Unfit("too few plausible wrong answers")
    chance.shuffle(found)
    return tuple(found)


def _distinct(last: Step, wrong: Iterable[tuple[str, Number]]) -> Iterator[Option]:
    """Yield the wrong answers that are plausible, and neither the right one nor one that came before."""
    right = float(last.value)
    taken = [right]
    for error, value in wrong:
        number = float(value)
        if _plausible(value, number, last, right) and not any(_alike(number, one) for one in taken):
            taken.append(number)
            yield Option(quantity(value, last.unit), value, error)


def _wrong(
    givens: tuple[Given, ...], solution: tuple[Step, ...], slips: Sequence[Slip], places: Sequence[int]
) -> Iterator[tuple[str, Number]]:
    """Yield wrong answers: the kind's own first, then steps short of the end, then slips in arithmetic, in the order given."""
    values = {given.name: given.value for given in givens} | {step.name: step.value for step in solution}
    for slip in slips:
        try:
            value = steps.evaluate(slip.formula, values)
        except ZeroDivisionError:
            continue
        yield slip.error, value
    last = solution[-1]
    for step in reversed(solution[:-1]):
        if step.unit == last.unit:
            yield "stopped a step too early", step.value
    value = last.value
    unit = Fraction(1) if isinstance(value, Fraction) and value.denominator == 1 else value / 4
    ten = Fraction(10) if isinstance(value, Fraction) and abs(value) > 20 else unit * 2
    for error, slipped in (_ARITHMETIC[place] for place in places):
        yield error, slipped(value, unit, ten)


def _plausible(value: Number, number: float, last: Step, answer: float) -> bool:
    """Keep wrong answers of the right sign and kind: no fraction of a thing, no angle of 400°, no probability above 1."""
    right, unit = last.value, last.unit
    if last.label.startswith("the probability") and number >= 1:
        return False
    if number == 0 or (number < 0) != (answer < 0) or not 0.02 < abs(number / (answer or 1)) < 60:
        return False
    if isinstance(right, Fraction) and isinstance(value, Fraction) and value.denominator > max(right.denominator, 2):
        return False
    if unit == "$" and isinstance(value, Fraction) and (value * 100).denominator != 1:
        return False
    if unit in {"", "°", "%"} and isinstance(right, Fraction) and right.denominator == 1 and isinstance(value, Fraction):
        return value.denominator == 1 and (unit != "°" or value < 360)
    return unit != "°" or number < 360


def _alike(number: float, other: float) -> bool:
    """Tell whether two exact numbers have one value: if they had, they would not differ by more than how they are rounded."""
    return math.isclose(number, other, rel_tol=1e-13, abs_tol=1e-9)

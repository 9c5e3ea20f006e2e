"""Errors of a known kind that an engine's problem allows: what a step states with each, and what it was before.

    perception   near_value        a value close to the one shown
                 digits_exchanged  47 read as 74
                 neighbour         the value of another quantity of the figure
                 exchanged         two quantities, each read as the other
                 scale             read at double or at half of it
                 sign              a coordinate without its minus, or with one
    reasoning    slip              the value is not what the calculation comes to
                 operation         the wrong operation
                 constant          another constant of the theorem
                 quantity          the theorem used with another quantity
                 reversed          subtracted or divided the wrong way round
                 omitted           a term or factor left out
                 grouping          one term of a sum multiplied alone

An error is plausible: no value changes its sign or gets a denominator that the right one does not have, and the answer changes.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Literal, NamedTuple

from builders.families.dualmath import erring, mutations, programs
from builders.families.dualmath.programs import Problem, Stated, Values
from builders.problems import steps
from builders.problems.steps import Given

Category = Literal["perception", "reasoning"]
PERCEPTION = ("near_value", "digits_exchanged", "neighbour", "exchanged", "scale", "sign")
REASONING = ("slip", "operation", "constant", "quantity", "reversed", "omitted", "grouping")
KINDS = (*PERCEPTION, *REASONING)
_SCALES = (Fraction(2), Fraction(1, 2))
_MOST_OF_A_KIND = 12
"""Candidates of a kind and place that are tried."""


class Error(NamedTuple):
    """An error.

    Args:
        kind: of `KINDS`.
        place: the step that introduces it, from 0.
        stated: what that step states.
        quantity: the label of what is wrong: a quantity of the figure, or the step's result.
        was, becomes: its right and its wrong value, as the solutions write them; of `exchanged`, the first quantity's.
    """

    kind: str
    place: int
    stated: Stated
    quantity: str
    was: str
    becomes: str

    @property
    def category(self) -> Category:
        """Whether something was seen wrongly, or concluded."""
        return "perception" if self.kind in PERCEPTION else "reasoning"

    @property
    def name(self) -> str:
        """What tells it from the problem's other errors, whatever their kinds."""
        read = " ".join(f"{name} {value}" for name, value in sorted(self.stated.readings.items()))
        return f"{self.place} {self.stated.formula} {self.stated.value} {read}"


def errors(problem: Problem, kind: str, chance: Random) -> Iterator[Error]:
    """Yield plausible errors of a kind, a few from each place, from all places in turn."""
    making = _READING.get(kind, _CALCULATING.get(kind, _recalculated(kind)))
    waiting = [making(problem, place, chance, kind) for place in chance.sample(range(len(problem.rules)), len(problem.rules))]
    for _ in range(_MOST_OF_A_KIND):
        for errors in waiting:
            error = next((one for one in errors if _is_plausible(problem, one)), None)
            if error is not None:
                yield error


def _is_plausible(problem: Problem, error: Error) -> bool:
    """Tell whether an error changes the answer and leaves every value possible."""
    rules, place = problem.rules, error.place
    ought = problem.values[rules[place].name]
    if error.stated.value == ought and error.category == "reasoning":
        return False
    known = {given.name: given.value for given in problem.givens}
    known |= {rule.name: problem.values[rule.name] for rule in rules[:place]}
    known |= {**error.stated.readings, rules[place].name: error.stated.value}
    for rule in rules[place + 1 :]:
        value = programs.result(rule.formula, known)
        if value is None:
            return False
        known[rule.name] = value
    come = [known[rule.name] for rule in rules[place:]]
    right = [problem.values[rule.name] for rule in rules[place:]]
    return come[-1] != right[-1] and all(
        one.denominator <= other.denominator and (_signed(error, rule) or (one > 0) == (other > 0))
        for one, other, rule in zip(come, right, rules[place:], strict=True)
    )


def _signed(error: Error, rule: steps.Rule) -> bool:
    """Tell whether a value may have either sign: coordinates and what is calculated from them."""
    return error.kind == "sign" and not rule.unit


def _seen(problem: Problem, place: int) -> list[Given]:
    return [given for given in problem.fresh[place] if given.seen == "figure"]


def _misread(problem: Problem, place: int, kind: str, given: Given, readings: Values) -> Error | None:
    """Return the error of reading one quantity, or with it others, wrongly, and calculating rightly with that."""
    one = erring.right(problem, place)
    known = problem.values | one.readings | readings
    value = programs.result(one.formula, known)
    if value is None or all(readings[name] == problem.values[name] for name in readings):
        return None
    was, becomes = (programs.quantity_text(found, given.unit) for found in (given.value, readings[given.name]))
    return Error(kind, place, Stated(one.readings | readings, one.formula, value), given.label, was, becomes)


def _other_values(given: Given, kind: str, chance: Random) -> list[Fraction]:
    """Return the values that one quantity may be read as."""
    value = given.value
    if not isinstance(value, Fraction):
        return []
    if kind == "near_value":
        return erring.alike(value, chance)[:_MOST_OF_A_KIND]
    if kind == "digits_exchanged":
        return _exchanged_digits(value)
    if kind == "scale" and "coordinate" not in given.label:
        scaled = [value * scale for scale in _SCALES if (value * scale).denominator == value.denominator]
        return chance.sample(scaled, len(scaled))
    return [-value] if kind == "sign" and "coordinate" in given.label and value else []


def _exchanged_digits(value: Fraction) -> list[Fraction]:
    digits = str(abs(value.numerator))
    swaps = [digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)]
    found = [Fraction(int(text), value.denominator) for text in swaps if text != digits and not text.startswith("0")]
    return [-one if value < 0 else one for one in found if one.denominator == value.denominator]


def _read_alone(problem: Problem, place: int, chance: Random, kind: str) -> Iterator[Error]:
    seen = _seen(problem, place)
    for given in chance.sample(seen, len(seen)):
        for value in _other_values(given, kind, chance):
            if error := _misread(problem, place, kind, given, {given.name: value}):
                yield error


def _read_as_another(problem: Problem, place: int, chance: Random, kind: str) -> Iterator[Error]:
    seen = _seen(problem, place)
    among = seen if kind == "exchanged" else [given for given in problem.givens if given.seen == "figure"]
    couples = [(one, other) for one in seen for other in among if one.unit == other.unit and one.value != other.value]
    for one, other in chance.sample(couples, len(couples)):
        if kind == "exchanged" and seen.index(one) > seen.index(other):
            continue
        both = {other.name: one.value} if kind == "exchanged" else {}
        if error := _misread(problem, place, kind, one, {one.name: other.value, **both}):
            yield error


def _miscalculated(problem: Problem, place: int, kind: str, formula: str, value: Fraction | None) -> Error | None:
    """Return the error of stating another value as a step's result."""
    rule = problem.rules[place]
    ought = problem.values[rule.name]
    if value is None or value == ought:
        return None
    was, becomes = (programs.quantity_text(found, rule.unit) for found in (ought, value))
    return Error(kind, place, erring.right(problem, place)._replace(formula=formula, value=value), rule.label, was, becomes)


def _slipped(problem: Problem, place: int, chance: Random, kind: str) -> Iterator[Error]:
    rule = problem.rules[place]
    if rule.formula.isidentifier():
        return
    for value in erring.slipped(problem.values[rule.name], chance):
        if error := _miscalculated(problem, place, kind, rule.formula, value):
            yield error


def _with_another(problem: Problem, place: int, chance: Random, kind: str) -> Iterator[Error]:
    formula = problem.rules[place].formula
    units = {given.name: given.unit for given in problem.givens} | {rule.name: rule.unit for rule in problem.rules}
    before = {name for fresh in problem.fresh[: place + 1] for name in (given.name for given in fresh)}
    known = [*sorted(before), *(rule.name for rule in problem.rules[:place])]
    used = steps.uses(formula)
    couples = [(name, other) for name in used for other in known if other not in used and units[name] == units[other]]
    for name, other in chance.sample(couples, len(couples)):
        wrong = mutations.renamed(formula, name, other)
        if wrong and (error := _miscalculated(problem, place, kind, wrong, programs.result(wrong, problem.values))):
            yield error


def _recalculated(_: str) -> "Making":
    def made(problem: Problem, place: int, chance: Random, kind: str) -> Iterator[Error]:
        others = mutations.mutants(problem.rules[place].formula, kind)
        for wrong in chance.sample(others, len(others)):
            if error := _miscalculated(problem, place, kind, wrong, programs.result(wrong, problem.values)):
                yield error

    return made


Making = Callable[[Problem, int, Random, str], Iterator[Error]]
_READING: Mapping[str, Making] = {
    "near_value": _read_alone,
    "digits_exchanged": _read_alone,
    "scale": _read_alone,
    "sign": _read_alone,
    "neighbour": _read_as_another,
    "exchanged": _read_as_another,
}
_CALCULATING: Mapping[str, Making] = {"slip": _slipped, "quantity": _with_another}

"""A solver that errs at known rates: a policy of no weights, whose every step's truth is known.

It runs a problem's step program and errs per step, in one of four ways:

    slip        the value is not what the calculation comes to
    misread     a quantity is read off the figure wrongly, and the rest follows from that
    operation   a wrong calculation, rightly carried out
    leap        a calculation that does not lead to the value, which is right all the same

It goes on consistently from its own errors and from those of any prefix, its own or another's. From a prefix with a wrong value
it recovers at a given rate; from one whose last step is a slip that it can notice, and on which nothing was built yet, at
another. What it does is a function of the seed, the problem, what the prefix states and the sample's number.
"""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Literal, NamedTuple

from pydantic import Field

from builders.families.dualmath import programs
from builders.families.dualmath.programs import Problem, Stated, Values
from builders.problems import steps
from builders.problems.steps import Given
from builders.records import digest
from builders.sources.tables import Section

Kind = Literal["slip", "misread", "operation", "leap"]
KINDS: tuple[Kind, ...] = ("slip", "misread", "operation", "leap")
_CHANGES = (1, -1, 2, -2, 10, -10, 3, -3, 5, -5, 4, -4, 20, -20)
_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_OTHER = {180: 360, 360: 180, 90: 180, 2: 3, 4: 2, 3: 2, 100: 10, 60: 100}


class Habits(Section):
    """How a solver errs.

    Args:
        seed: of all that it draws.
        pass_rate: the lowest and the highest share of right answers over problems; each problem has its own in between.
        kinds: kind of error -> weight, where a step allows it.
        noticeable: share of slips that it can notice.
        notices: how often it does.
        recovers: how often it recovers from a prefix with any other error.
        overdispersion: standard deviation of the logarithm of a prefix's error rate, the same for all its continuations.
        correlation: share of continuations of a prefix that repeat its first one.
        plain: share of solutions in the first wording, which are alike as far as they state the same.
    """

    seed: str
    pass_rate: Sequence[float] = Field(min_length=2, max_length=2)
    kinds: dict[Kind, float]
    noticeable: float = Field(ge=0, le=1)
    notices: float = Field(ge=0, le=1)
    recovers: float = Field(ge=0, le=1)
    overdispersion: float = Field(ge=0)
    correlation: float = Field(ge=0, le=1)
    plain: float = Field(ge=0, le=1)


class Error(NamedTuple):
    """An error: its kind, and what the step states with it."""

    kind: Kind
    stated: Stated


class Run(NamedTuple):
    """What a solver stated from a prefix on, and in which places it erred how; `place → kind`, places from 0."""

    stated: tuple[Stated, ...]
    errors: dict[int, Kind]


def rates(problem: Problem, habits: Habits) -> tuple[float, ...]:
    """Return how often each step goes wrong: the problem's ability shared out unevenly over its steps."""
    return _rates(problem.key, len(problem.rules), habits.seed, tuple(habits.pass_rate))


@lru_cache(maxsize=1 << 16)
def _rates(key: str, count: int, seed: str, pass_rate: tuple[float, ...]) -> tuple[float, ...]:
    chance = _chance(seed, "ability", key)
    hazard = -math.log(chance.uniform(*pass_rate))
    shares = [chance.expovariate(1) for _ in range(count)]
    return tuple(1 - math.exp(-hazard * share / sum(shares)) for share in shares)


def prefix(problem: Problem, before: Sequence[Stated]) -> str:
    """Name a prefix by what it states, however it is worded."""
    said = [
        [one.formula == rule.formula, str(one.value), *(f"{name} {value}" for name, value in one.readings.items())]
        for rule, one in zip(problem.rules, before, strict=False)
    ]
    return digest([problem.key, said])[:24]


def run(problem: Problem, before: Sequence[Stated], name: str, number: int, habits: Habits) -> Run:
    """Go on from a prefix to the end.

    Args:
        problem: what is solved.
        before: what the steps of the prefix state.
        name: the prefix's, see `prefix`.
        number: which of the continuations.
        habits: how the solver errs.
    """
    if number and habits.correlation and _chance(habits.seed, "same", name, number).random() < habits.correlation:
        number = 0
    chance = _chance(habits.seed, name, number)
    drift = math.exp(habits.overdispersion * _chance(habits.seed, "drift", name).gauss()) if habits.overdispersion else 1.0
    values = _values(problem, before)
    careful = False
    if _is_wrong(problem, values):
        careful = chance.random() < _recovery(problem, before, habits)
    found: list[Stated] = []
    errors: dict[int, Kind] = {}
    for place in range(len(before), len(problem.rules)):
        if careful:
            found.append(right(problem, place))
            continue
        error = None
        if chance.random() < 1 - (1 - rates(problem, habits)[place]) ** drift:
            error = erring(problem, place, values, chance, habits.kinds)
        one = error.stated if error else following(problem, place, values)
        values |= {**one.readings, problem.rules[place].name: one.value}
        found.append(one)
        if error:
            errors[place] = error.kind
            careful = _is_wrong(problem, values) and chance.random() < _recovery(problem, [*before, *found], habits)
    return Run(tuple(found), errors)


def right(problem: Problem, place: int) -> Stated:
    """Return the step as it should be."""
    rule = problem.rules[place]
    readings = {given.name: given.value for given in problem.fresh[place]}
    return Stated(readings, rule.formula, problem.values[rule.name])


def following(problem: Problem, place: int, values: Mapping[str, Fraction]) -> Stated:
    """Return the step as it follows from what was stated before."""
    rule = problem.rules[place]
    readings = {given.name: given.value for given in problem.fresh[place]}
    value = programs.result(rule.formula, {**values, **readings})
    return Stated(readings, rule.formula, problem.values[rule.name] + 1 if value is None else value)


def erring(
    problem: Problem, place: int, values: Mapping[str, Fraction], chance: Random, weights: Mapping[Kind, float]
) -> Error | None:
    """Return a step with an error of one of the kinds; None where the step allows none."""
    order = sorted(KINDS, key=lambda kind: -(chance.random() ** (1 / weights[kind])) if weights.get(kind) else 1.0)
    for kind in order:
        if not weights.get(kind):
            continue
        found = next(_ERRING[kind](problem, place, values, chance), None)
        if found is not None:
            return Error(kind, found)
    return None


def _slip(problem: Problem, place: int, values: Mapping[str, Fraction], chance: Random) -> Iterator[Stated]:
    one = following(problem, place, values)
    unit = Fraction(1, one.value.denominator) if one.value.denominator > 1 else Fraction(1)
    for change in chance.sample(_CHANGES, len(_CHANGES)):
        if (value := one.value + change * unit) > 0 and value != problem.values[problem.rules[place].name]:
            yield one._replace(value=value)


def _misread(problem: Problem, place: int, values: Mapping[str, Fraction], chance: Random) -> Iterator[Stated]:
    """Read a quantity wrongly, so that what follows looks no odder than what should."""
    one = following(problem, place, values)
    seen = [given for given in problem.fresh[place] if given.seen == "figure"]
    for readings in _misreadings(problem, seen, one.readings, chance):
        come = _rest(problem, place, {**values, **readings})
        if come and _plain(problem, place, come):
            yield Stated(readings, one.formula, come[0])


def _misreadings(problem: Problem, seen: Sequence[Given], readings: Values, chance: Random) -> Iterator[Values]:
    """Yield readings in which two quantities are exchanged or one has another's value, then those in which one is off."""
    others = [given for given in problem.givens if given.seen == "figure"]
    pairs = [(one, other) for one in seen for other in others if one.unit == other.unit and one.value != other.value]
    for one, other in chance.sample(pairs, len(pairs)):
        exchanged = {other.name: one.value} if other.name in readings else {}
        yield {**readings, one.name: other.value, **exchanged}
    for given in chance.sample(list(seen), len(seen)):
        for value in _alike(given.value, chance):
            yield {**readings, given.name: value}


def _alike(value: Fraction, chance: Random) -> list[Fraction]:
    """Return values near one, of its sign and as round: neither roundness nor size shall tell that it was misread."""
    size, unit = value.numerator, value.denominator
    step = math.gcd(size, 10) if size % 5 == 0 else 1
    reach = max(2 * step, abs(size) // 4)
    near = [size + change for change in range(-reach, reach + 1, step) if 0 < abs(change) < abs(size)]
    alike = [other for other in near if (other % 5 == 0) == (size % 5 == 0)]
    return [Fraction(other, unit) for other in chance.sample(alike, len(alike))]


def _rest(problem: Problem, place: int, values: Values) -> list[Fraction]:
    """Return the values of a step and all later ones; nothing where one of them cannot be computed."""
    known = {given.name: given.value for given in problem.givens} | values
    found = []
    for rule in problem.rules[place:]:
        value = programs.result(rule.formula, known)
        if value is None:
            return []
        known[rule.name] = value
        found.append(value)
    return found


def _plain(problem: Problem, place: int, come: Sequence[Fraction]) -> bool:
    ought = [problem.values[rule.name] for rule in problem.rules[place:]]
    signs = all(
        (one > 0) == (other > 0) and one.denominator <= other.denominator for one, other in zip(come, ought, strict=True)
    )
    return signs and come[-1] != ought[-1]


def _operation(problem: Problem, place: int, values: Mapping[str, Fraction], chance: Random) -> Iterator[Stated]:
    one = following(problem, place, values)
    others = _mutants(problem.rules[place].formula)
    for formula in chance.sample(others, len(others)):
        value = programs.result(formula, {**values, **one.readings})
        if value is not None and value > 0 and value not in {one.value, problem.values[problem.rules[place].name]}:
            yield Stated(one.readings, formula, value)


def _leap(problem: Problem, place: int, values: Mapping[str, Fraction], chance: Random) -> Iterator[Stated]:
    if _is_wrong(problem, values):
        return
    for wrong in _operation(problem, place, values, chance):
        yield wrong._replace(value=problem.values[problem.rules[place].name])


_ERRING = {"slip": _slip, "misread": _misread, "operation": _operation, "leap": _leap}


@lru_cache(maxsize=4096)
def _mutants(formula: str) -> tuple[str, ...]:
    """Return the formula with one sign or one constant replaced."""
    found = []
    nodes = [node for node in ast.walk(steps.tree(formula)) if isinstance(node, ast.BinOp | ast.Constant)]
    for wanted in range(len(nodes)):
        tree = ast.parse(formula, mode="eval")
        node = [node for node in ast.walk(tree.body) if isinstance(node, ast.BinOp | ast.Constant)][wanted]
        if isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
            node.op = _SWAPPED[type(node.op)]()
        elif isinstance(node, ast.Constant) and node.value in _OTHER:
            node.value = _OTHER[int(str(node.value))]
        else:
            continue
        found.append(ast.unparse(tree))
    return tuple(dict.fromkeys(found))


def _values(problem: Problem, before: Sequence[Stated]) -> Values:
    values: Values = {}
    for rule, one in zip(problem.rules, before, strict=False):
        values |= {**one.readings, rule.name: one.value}
    return values


def unrecoverable(problem: Problem, found: Sequence[Stated], habits: Habits) -> int:
    """Return the first step from which on the solver recovers no better than from any error; the last where there is none."""
    for place in range(len(found)):
        before = found[: place + 1]
        if _is_wrong(problem, _values(problem, before)) and not _is_fresh(problem, before, habits):
            return place + 1
    return len(found)


def kind(problem: Problem, found: Sequence[Stated]) -> Kind | None:
    """Return of which kind the first wrong step is, by what it states; None where every step is right."""
    first = programs.first_error(problem, found)
    if not first:
        return None
    one, rule = found[first - 1], problem.rules[first - 1]
    if any(value != problem.values[name] for name, value in one.readings.items()):
        return "misread"
    if one.formula == rule.formula:
        return "slip"
    return "leap" if one.value == problem.values[rule.name] else "operation"


def _is_wrong(problem: Problem, values: Mapping[str, Fraction]) -> bool:
    return any(value != problem.values[name] for name, value in values.items())


def _recovery(problem: Problem, before: Sequence[Stated], habits: Habits) -> float:
    """Return how often the solver recovers from a prefix with a wrong value."""
    return habits.notices if _is_fresh(problem, before, habits) else habits.recovers


def _is_fresh(problem: Problem, before: Sequence[Stated], habits: Habits) -> bool:
    """Tell whether all that is wrong is a slip in the last step, one that the solver can notice."""
    rule, last = problem.rules[len(before) - 1], before[-1]
    wrong = [name for name, value in _values(problem, before).items() if value != problem.values[name]]
    if wrong != [rule.name] or last.formula != rule.formula:
        return False
    chance = _chance(habits.seed, "noticeable", problem.key, len(before) - 1, last.value)
    return chance.random() < habits.noticeable


def _chance(*parts: object) -> Random:
    return Random(" ".join(map(str, parts)))  # noqa: S311  (chance, not secrets)


def texts(problem: Problem, found: Sequence[Stated], style: int, begun: int = 0) -> list[str]:
    """Word the steps of a whole solution, or those after as many as are there."""
    values: Values = {}
    said = []
    for place, one in enumerate(found):
        known = {**values, **one.readings}
        if place >= begun:
            said.append(programs.line(problem, place, one, known, style))
        values = {**known, problem.rules[place].name: one.value}
    return said


def style(problem: Problem, name: str, number: int, habits: Habits) -> int:
    """Return in which way a solution is worded."""
    chance = _chance(habits.seed, "style", problem.key, name, number)
    return 0 if chance.random() < habits.plain else chance.randrange(programs.STYLES)


def replied(problem: Problem, steps: Sequence[str], number: int, habits: Habits) -> str:
    """Return what a model would: a whole solution, or the rest of one of which there are these steps."""
    before = programs.taken(problem, steps)
    name = prefix(problem, before)
    found = [*before, *run(problem, before, name, number, habits).stated]
    said = texts(problem, found, style(problem, name, number, habits), len(before))
    unit = problem.rules[-1].unit
    lines = [f"Step {place}: {text}" for place, text in enumerate(said, len(before) + 1)]
    return "\n".join([*lines, f"†Answer: {programs.written(found[-1].value, unit)}"])

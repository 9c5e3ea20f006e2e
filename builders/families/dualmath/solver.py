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

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

from pydantic import Field

from builders.families.dualmath import programs
from builders.families.dualmath.erring import Kind, erring, following, is_wrong, right
from builders.families.dualmath.programs import Problem, Stated, Values
from builders.records import digest
from builders.sources.section import Section


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
    statements = [
        [one.formula == rule.formula, str(one.value), *(f"{name} {value}" for name, value in one.readings.items())]
        for rule, one in zip(problem.rules, before, strict=False)
    ]
    return digest([problem.key, statements])[:24]


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
    if is_wrong(problem, values):
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
            careful = is_wrong(problem, values) and chance.random() < _recovery(problem, [*before, *found], habits)
    return Run(tuple(found), errors)


def _values(problem: Problem, before: Sequence[Stated]) -> Values:
    values: Values = {}
    for rule, one in zip(problem.rules, before, strict=False):
        values |= {**one.readings, rule.name: one.value}
    return values


def unrecoverable(problem: Problem, steps: Sequence[Stated], habits: Habits) -> int:
    """Return the first step from which on the solver recovers no better than from any error; the last where there is none."""
    for place in range(len(steps)):
        before = steps[: place + 1]
        if is_wrong(problem, _values(problem, before)) and not _is_fresh(problem, before, habits):
            return place + 1
    return len(steps)


def kind(problem: Problem, steps: Sequence[Stated]) -> Kind | None:
    """Return of which kind the first wrong step is, by what it states; None where every step is right."""
    first = programs.first_error(problem, steps)
    if not first:
        return None
    one, rule = steps[first - 1], problem.rules[first - 1]
    if any(value != problem.values[name] for name, value in one.readings.items()):
        return "misread"
    if one.formula == rule.formula:
        return "slip"
    return "leap" if one.value == problem.values[rule.name] else "operation"


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


def texts(problem: Problem, steps: Sequence[Stated], style: int, begun: int = 0) -> list[str]:
    """Word the steps of a whole solution, or those after as many as are there."""
    values: Values = {}
    lines = []
    for place, one in enumerate(steps):
        known = {**values, **one.readings}
        if place >= begun:
            lines.append(programs.line(problem, place, one, known, style))
        values = {**known, problem.rules[place].name: one.value}
    return lines


def style(problem: Problem, name: str, number: int, habits: Habits) -> int:
    """Return in which way a solution is worded."""
    chance = _chance(habits.seed, "style", problem.key, name, number)
    return 0 if chance.random() < habits.plain else chance.randrange(programs.STYLES)


def replied(problem: Problem, steps: Sequence[str], number: int, habits: Habits) -> str:
    """Return what a model would: a whole solution, or the rest of one of which there are these steps."""
    before = programs.taken(problem, steps)
    name = prefix(problem, before)
    found = [*before, *run(problem, before, name, number, habits).stated]
    rest = texts(problem, found, style(problem, name, number, habits), len(before))
    unit = problem.rules[-1].unit
    lines = [f"Step {place}: {text}" for place, text in enumerate(rest, len(before) + 1)]
    return "\n".join([*lines, f"†Answer: {programs.quantity_text(found[-1].value, unit)}"])

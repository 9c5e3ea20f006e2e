"""Steps with an error of a known kind: slips, misreadings, wrong operations, and leaps that still land on the answer."""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Literal, NamedTuple

from builders.families.dualmath import programs
from builders.families.dualmath.programs import Problem, Stated, Values
from builders.problems import steps
from builders.problems.steps import Given

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


class Error(NamedTuple):
    """An error: its kind, and what the step states with it."""

    kind: Kind
    stated: Stated


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
    for value in slipped(one.value, chance):
        if value != problem.values[problem.rules[place].name]:
            yield one._replace(value=value)


def slipped(value: Fraction, chance: Random) -> Iterator[Fraction]:
    """Yield what a value may become by a slip: positive ones near it, as fine as it is."""
    unit = Fraction(1, value.denominator) if value.denominator > 1 else Fraction(1)
    for change in chance.sample(_CHANGES, len(_CHANGES)):
        if (other := value + change * unit) > 0:
            yield other


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
        for value in alike(given.value, chance):
            yield {**readings, given.name: value}


def alike(value: Fraction, chance: Random) -> list[Fraction]:
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
    if is_wrong(problem, values):
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


def is_wrong(problem: Problem, values: Mapping[str, Fraction]) -> bool:
    """Tell whether a stated value is not the right one."""
    return any(value != problem.values[name] for name, value in values.items())

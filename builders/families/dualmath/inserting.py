"""Errors put into right solutions of an engine's problems, whose place, kind and consequences are known, with proof.

MIE, misinterpretation insertion, has a model alter what it read from a diagram and go on (URSA, section 3.2). Here the
problem's facts or a formula are altered (`altering`) and the program of steps runs again: no model, and what follows is exact.
`faults` proves a pair from its words alone.
"""

from collections.abc import Sequence
from random import Random
from typing import Literal, NamedTuple

from builders.families.dualmath import altering, erring, programs, solver
from builders.families.dualmath.altering import KINDS, Error
from builders.families.dualmath.programs import Problem, Stated, Values
from builders.problems import steps

Role = Literal["right", "introduces", "inherits", "independent"]


class Pair(NamedTuple):
    """A right solution and one that parts from it.

    Args:
        error: where and how.
        right, wrong: the steps in words, in the same wording.
        given: the wrong answer.
        roles: of the wrong solution's steps.
    """

    error: Error
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    given: str
    roles: tuple[Role, ...]


def pairs(problem: Problem, most: int, chance: Random, kinds: Sequence[str] = KINDS) -> list[Pair]:
    """Return up to so many pairs of a problem, no two with the same words, of as many kinds as it allows."""
    style = chance.randrange(programs.STYLES)
    right = [erring.right(problem, place) for place in range(len(problem.rules))]
    texts = tuple(solver.texts(problem, right, style))
    left = [altering.errors(problem, kind, chance) for kind in chance.sample(list(kinds), len(kinds))]
    found: dict[tuple[str, ...], Pair] = {}
    while left and len(found) < most:
        waiting, left = left, []
        for errors in waiting:
            made = (_paired(problem, error, right, texts, style) for error in errors)
            pair = next((one for one in made if one.wrong not in found), None)
            if pair is not None and len(found) < most:
                left.append(errors)
                found[pair.wrong] = pair
    return list(found.values())


def _paired(problem: Problem, error: Error, right: Sequence[Stated], texts: tuple[str, ...], style: int) -> Pair:
    wrong = [*right[: error.place], error.stated]
    values = _values(problem, wrong)
    for place in range(len(wrong), len(right)):
        one = erring.following(problem, place, values)
        values |= {**one.readings, problem.rules[place].name: one.value}
        wrong.append(one)
    wrong_texts = (*texts[: error.place], *solver.texts(problem, wrong, style, error.place))
    given = programs.quantity_text(wrong[-1].value, problem.rules[-1].unit)
    return Pair(error, texts, wrong_texts, given, roles(problem, wrong))


def roles(problem: Problem, stated: Sequence[Stated]) -> tuple[Role, ...]:
    """Return what each step of a solution has to do with its first error.

    A later step inherits where its formula uses a value that is stated wrongly; it is independent where it uses none.
    """
    first = programs.first_error(problem, stated)
    named: list[Role] = []
    for place, rule in enumerate(problem.rules):
        known = _values(problem, stated[:place]) | stated[place].readings
        if not first or place + 1 < first:
            named.append("right")
        elif place + 1 == first:
            named.append("introduces")
        else:
            named.append(
                "inherits" if any(known[name] != problem.values[name] for name in steps.uses(rule.formula)) else "independent"
            )
    return tuple(named)


def faults(problem: Problem, pair: Pair) -> list[str]:
    """Say why two solutions in words do not part at the named step alone; nothing of a pair that is proven.

    Both are read back from their words and run again by the program: what the solutions were made from is not looked at.
    """
    place, right, wrong = pair.error.place, programs.taken(problem, pair.right), programs.taken(problem, pair.wrong)
    others = [step for step in range(len(wrong)) if step != place]
    perceived = pair.error.category == "perception"
    checks = {
        "the right solution is not right": programs.first_error(problem, right) == 0 and len(right) == len(problem.rules),
        "the text before the step differs": pair.right[:place] == pair.wrong[:place],
        "the first wrong step is another": programs.first_error(problem, wrong) == place + 1,
        "another step reads what is not shown": all(_reads(problem, wrong[step]) for step in others),
        "another step does not follow": all(_follows(problem, step, wrong) for step in others),
        "the calculation is of another category": _follows(problem, place, wrong) == perceived,
        "the reading is of another category": _reads(problem, wrong[place]) != perceived,
        "the answer is the same": wrong[-1].value != problem.values[problem.rules[-1].name],
        "the answer line is another": pair.given == programs.quantity_text(wrong[-1].value, problem.rules[-1].unit),
        "the roles are others": pair.roles == roles(problem, wrong),
    }
    return [fault for fault, held in checks.items() if not held]


def _reads(problem: Problem, one: Stated) -> bool:
    return all(value == problem.values[name] for name, value in one.readings.items())


def _follows(problem: Problem, place: int, stated: Sequence[Stated]) -> bool:
    """Tell whether a step is the program's, calculated with what was stated before it and what it reads."""
    rule, one = problem.rules[place], stated[place]
    known = _values(problem, stated[:place]) | one.readings
    return one.formula == rule.formula and one.value == programs.result(rule.formula, known)


def _values(problem: Problem, before: Sequence[Stated]) -> Values:
    values: Values = {}
    for rule, one in zip(problem.rules, before, strict=False):
        values |= {**one.readings, rule.name: one.value}
    return values

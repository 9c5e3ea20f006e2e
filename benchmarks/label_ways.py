"""The ways of locating that `process_labels` compares, and one of them on one solution."""

from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import NamedTuple

from benchmarks.label_worlds import SAMPLES, Solution, World, judged, problems, solutions
from builders.families.dualmath import calibrating, erring, locating, programs, solver
from builders.families.dualmath.believing import Beliefs, Rate
from builders.families.dualmath.calibrating import PilotSolution
from builders.families.dualmath.locating import POLICY, Locating, Place, Probe, Tally

PILOT_PREFIXES, PILOT_ROLLOUTS = 160, 4
KNOWN_ROWS = 500
JUDGE_ROLLOUTS = 1.5
"""What a call of the judge counts for."""

BASE = Locating(
    way="posterior", rollouts=16, accepted=1, least_pass_rate=0.25, stop=0.9, least_gain=0.01, most=48, request=0.5, keep=0.9
)


class Way(NamedTuple):
    """A way with its settings, and how far its judge is right; None: without a judge."""

    name: str
    params: Locating
    judge: float | None = None


def _set(**changes: object) -> Locating:
    return BASE.model_copy(update=changes)


TUNED = tuple(
    Way(f"early, {accepted} of {rollouts}", _set(way="early", rollouts=rollouts, accepted=accepted))
    for accepted, sizes in ((1, (2, 3, 4, 6, 8, 12)), (2, (6, 8, 10, 12, 16)), (3, (10, 16, 24)))
    for rollouts in sizes
)
"""Bisections with early stopping, among which a pilot chooses."""

PLAIN = Way("bisection x16", _set(way="bisection"))
EARLY = Way("early, 1 of 16", _set(way="early"))
OURS = Way("posterior", BASE)
JUDGED = Way("posterior + judge .8", BASE, 0.8)
WAYS = (
    Way("every step x16", _set(way="every_step")),
    PLAIN,
    EARLY,
    *TUNED,
    Way("adaptive, 2 of 8", _set(way="adaptive", rollouts=8, accepted=2)),
    Way("agreement, 2 of 8", _set(way="agreement", rollouts=8, accepted=2)),
    Way("confident, 1 of 16", _set(way="confident")),
    Way("posterior, stop .7", _set(stop=0.7)),
    Way("posterior, stop .8", _set(stop=0.8)),
    OURS,
    Way("posterior, stop .95", _set(stop=0.95, keep=0.95)),
    Way("judge .8", _set(way="judge"), 0.8),
    Way("verify, judge .8", _set(way="verify", rollouts=4), 0.8),
    JUDGED,
    Way("posterior + judge .8, stop .95", _set(stop=0.95, keep=0.95), 0.8),
    Way("posterior + judge .9", BASE, 0.9),
)


class Result(NamedTuple):
    """What a way made of a solution.

    Args:
        first: the step it named; 0: none.
        kept: whether the label is kept.
        probability: the probability it gave that step; 0 where it gives none.
        rollouts: continuations, the judge's call left out.
        steps: that they generated.
        verified: prefixes that were continued.
    """

    first: int
    kept: bool
    probability: float
    rollouts: int
    steps: int
    verified: int


def located(solution: Solution, way: Way, beliefs: Beliefs, verdict: int | None) -> Result:
    """Locate the first error of a solution."""
    case = solution.case._replace(verdict=verdict)
    counts = dict(solution.evidence) if way.params.way == "posterior" else {}
    asked: dict[Place, int] = {}
    while isinstance(found := locating.step(case, counts, way.params, beliefs), Probe):
        before = asked.get(found.place, 0)
        came = solution.outcomes(found.place, before + found.more)[before:]
        asked[found.place] = before + found.more
        old = counts.get(found.place, Tally(0, 0))
        counts[found.place] = Tally(old.right + sum(came), old.asked + found.more)
    generated = sum(count * (case.steps - place.prefix) for place, count in asked.items())
    probability = found.posterior[found.first] if found.posterior else 0.0
    return Result(found.first, found.kept, probability, sum(asked.values()), generated, len(asked))


@lru_cache(maxsize=1)
def pilot(world: World) -> tuple[Rate, list[PilotSolution], list[Solution]]:
    """Return what a pilot on other solutions measures: the recovery rate, where errors are, and its wrong solutions."""
    found = [solution for solution in solutions(world, "pilot", 1600) if not solution.case.right]
    own = [one for one in found if one.first <= one.case.steps - 2][:PILOT_PREFIXES]
    kinds = {"own": [_count(one, one.case.steps - 1) for one in own]}
    kinds["inserted"] = [] if world.abstract else list(_inserted(world))
    _, believed = calibrating.recovery(kinds, {name: [name] for name in kinds})
    seen = [PilotSolution(one.first, one.case.steps, one.case.right, one.case.passed, one.case.samples) for one in found]
    return believed, seen, found


def pilot_rollouts(world: World) -> int:
    """Return how many continuations a pilot takes."""
    return PILOT_PREFIXES * PILOT_ROLLOUTS * (1 if world.abstract else 2)


def beliefs(world: World, judge: float | None) -> Beliefs:
    """Return what a pilot makes one believe, about a judge too."""
    believed, seen, found = pilot(world)
    if judge is None:
        return calibrating.beliefs(believed, seen, None)
    rows = found[:KNOWN_ROWS] if world.abstract else list(solutions(world, "known", KNOWN_ROWS))
    known = [PilotSolution(one.first, one.case.steps, one.case.right, 0, SAMPLES, judged(world, one, judge)) for one in rows]
    return calibrating.beliefs(believed, seen, calibrating.accuracy(known))


def _count(solution: Solution, prefix: int) -> tuple[int, int]:
    came = solution.outcomes(Place(POLICY, prefix), PILOT_ROLLOUTS)
    return sum(came), len(came)


def _inserted(world: World) -> list[tuple[int, int]]:
    """Continue prefixes of right solutions into which an error was put, and on which one step was built."""
    habits = world.habits("pilot")
    counts: list[tuple[int, int]] = []
    for problem in problems():
        chance = Random(f"insert {world.name} {problem.key}")  # noqa: S311  (a simulation)
        place = chance.randrange(len(problem.rules) - 2)
        before = [erring.right(problem, earlier) for earlier in range(place)]
        values = {
            name: value for one, rule in zip(before, problem.rules, strict=False) for name, value in _known(one, rule.name)
        }
        error = erring.erring(problem, place, values, chance, {"slip": 1, "misread": 1, "operation": 1})
        if error is None or len(counts) == PILOT_PREFIXES:
            continue
        values |= {**error.stated.readings, problem.rules[place].name: error.stated.value}
        prefix = [*before, error.stated, erring.following(problem, place + 1, values)]
        name = f"{POLICY} {solver.prefix(problem, prefix)}"
        ends = [solver.run(problem, prefix, name, number, habits).stated[-1] for number in range(PILOT_ROLLOUTS)]
        counts.append((sum(end.value == problem.values[problem.rules[-1].name] for end in ends), len(ends)))
    return counts


def _known(one: programs.Stated, name: str) -> list[tuple[str, Fraction]]:
    return [*one.readings.items(), (name, one.value)]

"""Worlds in which the first wrong step of every solution is known: noisy solvers at several rates, and an abstract chain.

A rollout is a function of the world, the solution, the prefix and its number, so every way of locating sees the same ones.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

import orjson

from builders.families.dualmath import programs, solver
from builders.families.dualmath.erring import Kind
from builders.families.dualmath.locating import POLICY, Case, Place, Tally
from builders.families.dualmath.programs import Problem, Stated
from builders.families.dualmath.solver import Habits

SAMPLES = 16
LEAST_STEPS = 5
FILE = Path("raw/dualmath/sources/engine_problems.jsonl")
KINDS: dict[Kind, float] = {"slip": 0.3, "misread": 0.5, "operation": 0.2}
SLIPS = 0.54
"""Share of slips among the errors that these weights lead to: not every step can be misread."""
_SECOND_PASS = (0.6, 0.97)


class World(NamedTuple):
    """A world.

    Args:
        name: of it.
        recovers: rate from prefixes with an error that is no fresh slip.
        slip: share of errors that are slips the solver can notice.
        overdispersion, correlation: see `solver.Habits`.
        shared: whether samples that share a prefix count as its continuations.
        accepts: share of wrong answers that the checker takes for right.
        tied: whether the judge mostly misses what continuations miss.
        abstract: a chain of states in the place of solvers.
        leaps: weight of leaps among the errors, beside 1 for all others.
    """

    name: str
    recovers: float = 0.02
    slip: float = 0.2
    overdispersion: float = 0.0
    correlation: float = 0.0
    shared: bool = False
    accepts: float = 0.0
    tied: bool = False
    abstract: bool = False
    leaps: float = 0.0

    def habits(self, persona: str, *, strong: bool = False) -> Habits:
        """Return one of the world's solvers."""
        return Habits(
            seed=f"{self.name} {persona}",
            pass_rate=_SECOND_PASS if strong else (0.2, 0.9),
            kinds={**KINDS, "leap": self.leaps},
            noticeable=self.slip / SLIPS,
            recovers=self.recovers,
            overdispersion=self.overdispersion,
            correlation=self.correlation,
            notices=0.42,
            plain=0.25,
        )


WORLDS = (
    World("recovery 0, slip 0", 0.0, 0.0),
    World("recovery 0, slip .2", 0.0),
    World("recovery .02, slip 0", slip=0.0),
    World("recovery .02, slip .2 (main)"),
    World("recovery .1, slip 0", 0.1, 0.0),
    World("recovery .1, slip .2", 0.1),
    World("recovery .2 (choices), slip .2", 0.2),
    World("main, overdispersed", overdispersion=1.0),
    World("main, correlated rollouts", correlation=0.3),
    World("main, shared prefixes", shared=True),
    World("main, judge misses tied", tied=True),
    World("main, checker accepts 1 %", accepts=0.01),
    World("abstract chain, recovery .02", abstract=True),
    World("abstract chain, recovery 0", 0.0, abstract=True),
)
MAIN = WORLDS[3]


class Rollouts(Protocol):
    """Tells whether a continuation reaches the right answer."""

    def __call__(self, place: Place, number: int) -> bool:
        """Return whether continuation `number` of a prefix does."""


@dataclass
class Solution:
    """A solution with its truth.

    Args:
        name: distinguishes it.
        group: of solutions to one problem by one solver.
        case: what is known before anything is asked.
        first: the first wrong step, from 1; 0: none.
        dead: the first unrecoverable one.
        kind: of the first error.
        rollouts: tells what a continuation comes to.
        evidence: counts that cost nothing.
    """

    name: str
    group: str
    case: Case
    first: int
    dead: int
    kind: str
    rollouts: Rollouts
    evidence: dict[Place, Tally] = field(default_factory=dict)
    known: dict[Place, list[bool]] = field(default_factory=dict)

    def outcomes(self, place: Place, count: int) -> list[bool]:
        """Return the first so many continuations of a prefix: each is made once, whoever asks."""
        known = self.known.setdefault(place, [])
        while len(known) < count:
            known.append(self.rollouts(place, len(known)))
        return known[:count]


def problems() -> list[Problem]:
    """Return the engine's problems with enough steps."""
    rows = [orjson.loads(line) for line in FILE.read_bytes().splitlines()]
    read = [programs.read(row["program"], row["key"], row["question"], row["answer"]) for row in rows]
    return [problem for problem in read if problem and len(problem.rules) >= LEAST_STEPS]


def solutions(world: World, persona: str, most: int) -> Iterator[Solution]:
    """Yield the distinct solutions of one solver, up to so many; right ones included."""
    if world.abstract:
        yield from _chains(world, persona, most)
        return
    count = 0
    for problem in problems():
        for solution in _solved(world, persona, problem):
            yield solution
            count += 1
            if count == most:
                return


def _solved(world: World, persona: str, problem: Problem) -> Iterator[Solution]:
    habits = world.habits(persona)
    start = solver.prefix(problem, [])
    runs = [solver.run(problem, [], start, number, habits).stated for number in range(SAMPLES)]
    right = [_accepted(world, problem, stated, f"{persona} {number}") for number, stated in enumerate(runs)]
    seen: set[str] = set()
    for number, stated in enumerate(runs):
        name = solver.prefix(problem, stated)
        if name in seen:
            continue
        seen.add(name)
        first = programs.first_error(problem, stated)
        case = Case(len(stated), right[number], sum(right), SAMPLES, (1,) * len(stated))
        dead = solver.unrecoverable(problem, stated, habits)
        rollouts = _Continued(world, persona, problem, stated)
        evidence = _shared(runs, right, number) if world.shared else {}
        yield Solution(
            f"{persona} {name}",
            f"{persona} {problem.key}",
            case,
            first,
            dead,
            solver.kind(problem, stated) or "none",
            rollouts,
            evidence,
        )


@dataclass
class _Continued:
    """Continuations by a noisy solver."""

    world: World
    persona: str
    problem: Problem
    stated: tuple[Stated, ...]
    names: dict[int, str] = field(default_factory=dict)

    def __call__(self, place: Place, number: int) -> bool:
        before = self.stated[: place.prefix]
        name = self.names.setdefault(place.prefix, solver.prefix(self.problem, before))
        habits = self.world.habits(self.persona, strong=place.role != POLICY)
        run = solver.run(self.problem, before, f"{place.role} {name}", number, habits)
        return _accepted(self.world, self.problem, run.stated, f"{name} {number}")


def _accepted(world: World, problem: Problem, stated: tuple[Stated, ...], name: str) -> bool:
    right = stated[-1].value == problem.values[problem.rules[-1].name]
    return right or bool(world.accepts and _chance("accepted", world.name, problem.key, name).random() < world.accepts)


def _shared(runs: list[tuple[Stated, ...]], right: list[bool], own: int) -> dict[Place, Tally]:
    """Return what other samples in the same wording tell where they part from this one."""
    counts: dict[Place, Tally] = {}
    wording = own % programs.STYLES
    for number, other in enumerate(runs):
        if number == own or number % programs.STYLES != wording:
            continue
        parted = next((place for place, pair in enumerate(zip(runs[own], other, strict=True)) if pair[0] != pair[1]), 0)
        if parted:
            place = Place(POLICY, parted)
            before = counts.get(place, Tally(0, 0))
            counts[place] = Tally(before.right + right[number], before.asked + 1)
    return counts


@dataclass
class _Chain:
    """Continuations of an abstract chain: a success rate for each prefix."""

    rates: list[float]
    seed: str

    def __call__(self, place: Place, number: int) -> bool:
        return _chance(self.seed, place.role, place.prefix, number).random() < self.rates[place.prefix]


def _chains(world: World, persona: str, most: int) -> Iterator[Solution]:
    """Yield wrong solutions of an abstract chain: correct, slipped or dead after each step."""
    number = count = 0
    while count < most:
        chance = _chance("chain", world.name, persona, number)
        number += 1
        steps = 2 + sum(chance.random() < 0.4 for _ in range(10))
        ability = chance.uniform(0.2, 0.9)
        shares = [chance.expovariate(1) for _ in range(steps)]
        safe = [ability ** (share / sum(shares)) for share in shares]
        states = list(_states(chance, safe, world.slip))
        if states[-1] == "correct" or steps < LEAST_STEPS:
            continue
        first = next(place for place, state in enumerate(states, 1) if state != "correct")
        dead = next((place for place, state in enumerate(states, 1) if state == "dead"), steps)
        rates = [1.0, *(_success(world, chance, state, safe[place:]) for place, state in enumerate(states[:-1], 1))]
        passed = sum(chance.random() < ability for _ in range(SAMPLES))
        case = Case(steps, right=False, passed=min(passed, SAMPLES - 1), samples=SAMPLES, lengths=(1,) * steps)
        name = f"chain {persona} {number}"
        yield Solution(name, name, case, first, dead, "slip" if first < dead else "dead", _Chain(rates, f"{world.name} {name}"))
        count += 1


def _states(chance: Random, safe: list[float], slip: float) -> Iterator[str]:
    state = "correct"
    for rate in safe:
        if state == "slipped":
            state = "slipped" if chance.random() < 0.5 else "dead"
        elif state == "correct" and chance.random() > rate:
            state = "slipped" if chance.random() < slip else "dead"
        yield state


def _success(world: World, chance: Random, state: str, left: list[float]) -> float:
    base = {"correct": math.prod(left), "slipped": 0.42, "dead": world.recovers}[state]
    if not 0 < base < 1:
        return base
    logit = math.log(base / (1 - base)) + 0.5 * chance.gauss()
    return 1 / (1 + math.exp(-logit))


def judged(world: World, solution: Solution, accuracy: float) -> int:
    """Return the step that a simulated judge names: right at its accuracy, else next to it or anywhere; 0: it sees none.

    Half of its misses on slips name the unrecoverable step; where they are tied to rollouts, all of them, and twice as many.
    """
    chance = _chance("judge", world.name, solution.name, accuracy)
    steps, first = solution.case.steps, solution.first
    if not first:
        return 0 if chance.random() < ALARMLESS else chance.randint(1, steps)
    slip = first < solution.dead
    right = accuracy - (1 - accuracy) * (slip and world.tied)
    if chance.random() < right:
        return first
    if chance.random() < BLIND:
        return 0
    if slip and chance.random() < (1.0 if world.tied else 0.5):
        return solution.dead
    beside = [place for place in (first - 1, first + 1) if 1 <= place <= steps]
    others = [place for place in range(1, steps + 1) if place != first]
    return chance.choice(beside if chance.random() < 0.5 else others)


BLIND = 0.25
"""Share of the judge's misses in which it sees no error."""
ALARMLESS = 0.9
"""How often it sees none in a solution without."""


def _chance(*parts: object) -> Random:
    return Random(" ".join(map(str, parts)))  # noqa: S311  (a simulation)

"""Where is the first wrong step? Ways of asking for continuations, each a function of what is known so far.

A way is given a case and the counts of continuations that reached the right answer, and returns the next probe or what it
found. It remembers nothing, so what is asked depends on no order, batch or timing, and counts that came from elsewhere are used
like its own. Prefix j is the first j steps of a solution of n; prefix 0 is the problem, prefix n the whole solution.

    every_step    each prefix N times; the first that never succeeds (Math-Shepherd)
    bisection     N times where the halves meet; one success is enough (URSA, algorithm 1)
    early         bisection that stops a probe when `accepted` successes have come, or can no longer come, of N
    adaptive      the same, but first where errors are for such a problem (EpicPRM's idea)
    agreement     `early` with two policies; kept where they agree (Athena)
    confident     `early`; kept where the problem is solved often enough (SCAN)
    verify        the judge names a step; the prefix before it must succeed once in N, the prefix with it never
    judge         the judge alone
    posterior     `posterior`: where it tells most

Papers: Math-Shepherd arXiv 2312.08935, URSA 2501.04686, EpicPRM 2503.02382, Athena 2506.09532, SCAN 2509.16548.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import Field

from builders.families.dualmath import posterior
from builders.families.dualmath.believing import Beliefs
from builders.sources.section import Section

POLICY, SECOND = "policy", "second_policy"


class Place(NamedTuple):
    """Whose continuations, of which prefix."""

    role: str
    prefix: int


class Tally(NamedTuple):
    """How many continuations reached the right answer, of how many."""

    right: int
    asked: int


Counts = Mapping[Place, Tally]
_NONE = Tally(0, 0)


class Case(NamedTuple):
    """What is known of a solution before anything is asked about it.

    Args:
        steps: how many it has.
        right: whether its answer is right.
        passed: samples of the problem with the right answer.
        samples: of how many.
        lengths: of each step, in any unit.
        verdict: the step that the judge names; 0: it sees no error; None: not asked.
        guesses: the least recovery rate, where an answer can be guessed.
    """

    steps: int
    right: bool
    passed: int
    samples: int
    lengths: tuple[int, ...]
    verdict: int | None = None
    guesses: float = 0.0


class Probe(NamedTuple):
    """So many more continuations of a prefix."""

    place: Place
    more: int


class Location(NamedTuple):
    """What was found.

    Args:
        first: the first wrong step, from 1; 0: none.
        posterior: the probability of each, that of 0 first; empty where the way has none.
        kept: whether it is sure enough.
    """

    first: int
    posterior: tuple[float, ...]
    kept: bool


Way = Literal["every_step", "bisection", "early", "adaptive", "agreement", "confident", "verify", "judge", "posterior"]


class Locating(Section):
    """How errors are located.

    Args:
        way: see the module.
        rollouts: most continuations of a prefix, N.
        accepted: how many of them must succeed for the prefix to count as right.
        least_pass_rate: of `confident`: share of a problem's samples that must be right.
        stop: of `posterior`: the probability of one step at which nothing more is asked.
        least_gain: of `posterior`: bits that the next continuation must be expected to tell.
        most: of `posterior`: most continuations for a solution.
        request: of `posterior`: what a request costs beside what it generates, as a share of a whole solution.
        keep: of `posterior`: the probability from which a label is kept.
    """

    way: Way
    rollouts: int = Field(ge=1)
    accepted: int = Field(ge=1)
    least_pass_rate: float = Field(ge=0, le=1)
    stop: float = Field(gt=0, le=1)
    least_gain: float = Field(ge=0)
    most: int = Field(ge=0)
    request: float = Field(ge=0)
    keep: float = Field(ge=0, le=1)


def step(case: Case, counts: Counts, params: Locating, beliefs: Beliefs) -> Probe | Location:
    """Return what to ask next, or what was found."""
    if case.right and params.way not in {"posterior", "judge"}:
        return Location(0, (), kept=True)
    return _WAYS[params.way](case, counts, params, beliefs)


def settled(case: Case, counts: Counts, params: Locating, beliefs: Beliefs) -> Location:
    """Return what counts come to by a way, which may be another than the one that asked for them; nothing more is asked.

    A way that would need more has found nothing: the last step is named, and the label not kept.
    """
    found = step(case, counts, params.model_copy(update={"most": 0}), beliefs)
    return Location(case.steps, (), kept=False) if isinstance(found, Probe) else found


@dataclass(frozen=True)
class _Search:
    """A search over prefixes.

    Args:
        role: who is asked.
        at_once: whether the continuations of a prefix are all asked.
        middle: picks a prefix between one that succeeds and one that does not.
    """

    role: str
    at_once: bool
    middle: Callable[[int, int], int]


def _halved(low: int, high: int) -> int:
    return (low + high) // 2


def _searched(case: Case, counts: Counts, params: Locating, search: _Search) -> Probe | int:
    """Return the next probe, or the first step whose prefix does not succeed."""
    low, high = 0, case.steps
    while high - low > 1:
        place = Place(search.role, search.middle(low, high))
        verdict = _succeeds(counts.get(place, _NONE), params, at_once=search.at_once)
        if not isinstance(verdict, bool):
            return Probe(place, verdict)
        low, high = (place.prefix, high) if verdict else (low, place.prefix)
    return high


def _succeeds(tally: Tally, params: Locating, *, at_once: bool) -> bool | int:
    """Tell whether a prefix counts as right; or how many more continuations must be asked first."""
    left = params.rollouts - tally.asked
    if at_once and left > 0:
        return left
    if tally.right >= params.accepted:
        return True
    return 1 if tally.right + left >= params.accepted and left > 0 else False


def _every_step(case: Case, counts: Counts, params: Locating, _: Beliefs) -> Probe | Location:
    tallies = [counts.get(Place(POLICY, prefix), _NONE) for prefix in range(1, case.steps)]
    for prefix, tally in enumerate(tallies, start=1):
        if tally.asked < params.rollouts:
            return Probe(Place(POLICY, prefix), params.rollouts - tally.asked)
    first = next((prefix for prefix, tally in enumerate(tallies, start=1) if tally.right < params.accepted), case.steps)
    return Location(first, (), kept=True)


def _bisection(case: Case, counts: Counts, params: Locating, _: Beliefs) -> Probe | Location:
    return _located(_searched(case, counts, params, _Search(POLICY, at_once=True, middle=_halved)))


def _early(case: Case, counts: Counts, params: Locating, _: Beliefs) -> Probe | Location:
    return _located(_searched(case, counts, params, _Search(POLICY, at_once=False, middle=_halved)))


def _adaptive(case: Case, counts: Counts, params: Locating, beliefs: Beliefs) -> Probe | Location:
    weights = beliefs.places(case.steps, case.passed, case.samples)

    def middle(low: int, high: int) -> int:
        whole, below = sum(weights[low:high]), 0.0
        for prefix in range(low + 1, high):
            below += weights[prefix - 1]
            if below >= whole / 2:
                return prefix
        return high - 1

    return _located(_searched(case, counts, params, _Search(POLICY, at_once=False, middle=middle)))


def _agreement(case: Case, counts: Counts, params: Locating, _: Beliefs) -> Probe | Location:
    found = []
    for role in (POLICY, SECOND):
        one = _searched(case, counts, params, _Search(role, at_once=False, middle=_halved))
        if isinstance(one, Probe):
            return one
        found.append(one)
    return Location(found[0], (), kept=found[0] == found[1])


def _confident(case: Case, counts: Counts, params: Locating, beliefs: Beliefs) -> Probe | Location:
    if case.passed < params.least_pass_rate * case.samples:
        return Location(case.steps, (), kept=False)
    return _early(case, counts, params, beliefs)


def _verify(case: Case, counts: Counts, params: Locating, _: Beliefs) -> Probe | Location:
    named = case.verdict
    if not named:
        return Location(case.steps, (), kept=False)
    for prefix, right in ((named - 1, True), (named, False)):
        if not 0 < prefix < case.steps:
            continue
        verdict = _succeeds(counts.get(Place(POLICY, prefix), _NONE), params, at_once=False)
        if not isinstance(verdict, bool):
            return Probe(Place(POLICY, prefix), verdict)
        if verdict is not right:
            return Location(named, (), kept=False)
    return Location(named, (), kept=True)


def _judged(case: Case, _: Counts, __: Locating, ___: Beliefs) -> Probe | Location:
    if case.verdict is None:
        return Location(0 if case.right else case.steps, (), kept=False)
    if case.right or case.verdict:
        return Location(case.verdict, (), kept=True)
    return Location(case.steps, (), kept=False)


def _posterior(case: Case, counts: Counts, params: Locating, beliefs: Beliefs) -> Probe | Location:
    tallies = tuple(counts.get(Place(POLICY, prefix), _NONE) for prefix in range(case.steps))
    known = posterior.Observations(case.steps, case.passed, case.samples, tallies, case.verdict, case.guesses)
    if case.right:
        shares = posterior.hidden(known, beliefs)
        return Location(shares.index(max(shares)), shares, kept=case.verdict is not None and max(shares) >= params.keep)
    believed = posterior.believed(known, beliefs)
    shares = (0.0, *believed.shares())
    surest = max(shares)
    if surest < params.stop and sum(tally.asked for tally in tallies) < params.most:
        whole = sum(case.lengths)
        costs = [params.request * whole + sum(case.lengths[prefix:]) for prefix in range(1, case.steps)]
        prefix, gain = believed.best(costs)
        if gain > params.least_gain:
            return Probe(Place(POLICY, prefix), 1)
    return Location(shares.index(surest), shares, kept=surest >= params.keep)


def _located(probe: Probe | int) -> Probe | Location:
    return probe if isinstance(probe, Probe) else Location(probe, (), kept=True)


_WAYS = {
    "every_step": _every_step,
    "bisection": _bisection,
    "early": _early,
    "adaptive": _adaptive,
    "agreement": _agreement,
    "confident": _confident,
    "verify": _verify,
    "judge": _judged,
    "posterior": _posterior,
}

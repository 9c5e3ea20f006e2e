"""What a pilot's counts say: recovery rates with interval and dispersion, where errors are, how far a judge is right.

Every figure is a function of counts; who was asked for them is the business of `calibration` (a policy) or of a benchmark.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from builders.families.dualmath.believing import FIFTHS, PARTS, Beliefs, JudgeAccuracy, Rate, fifth

ALIKE = 10.0
"""Concentration where too little was seen to measure one; a beta distribution of ten continuations."""
LEAST_ALIKE, MOST_ALIKE = 2.0, 100.0
SLIPS, NOTICES = 0.15, 0.42
"""Assumed where nothing tells."""
HIDDEN = 0.1
SURE = 1.96
_SMOOTHING = 20
LEAST_JUDGED = 100
"""Solutions of a source from which on its own judge's accuracy is believed, not that of all sources."""


class PilotSolution(NamedTuple):
    """A solution whose first wrong step is known, from 1; 0: none. `source` is empty where it is of none of the params'."""

    first: int
    steps: int
    right: bool
    passed: int
    samples: int
    verdict: int | None = None
    source: str = ""


def rate(prefixes: Sequence[tuple[int, int]]) -> Rate:
    """Return the rate behind counts (right, asked) of several prefixes.

    The interval is Wilson's, of as many rollouts as the counts are worth: those of one prefix are alike.
    """
    right, asked = (sum(pair[side] for pair in prefixes) for side in (0, 1))
    if not asked:
        return Rate(right=0, asked=0, mean=0.0, low=0.0, high=1.0, concentration=ALIKE)
    alike = _concentration(prefixes, right / asked)
    mean_size = asked / len(prefixes)
    worth = asked / (1 + (mean_size - 1) / (alike + 1))
    share = right / asked
    middle = (share + SURE**2 / (2 * worth)) / (1 + SURE**2 / worth)
    reach = SURE / (1 + SURE**2 / worth) * math.sqrt(share * (1 - share) / worth + SURE**2 / (4 * worth**2))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return Rate(right=right, asked=asked, mean=share, low=min(low, share), high=max(high, share), concentration=alike)


def _concentration(prefixes: Sequence[tuple[int, int]], share: float) -> float:
    """Return a beta distribution's concentration by the method of moments, within bounds."""
    several = [(right, asked) for right, asked in prefixes if asked > 1]
    if not several or share in {0.0, 1.0}:
        return ALIKE
    pairs = sum(asked * (asked - 1) for _, asked in several)
    both = sum(right * (right - 1) for right, _ in several)
    correlation = (both / pairs - share**2) / (share * (1 - share))
    if correlation <= 0:
        return MOST_ALIKE
    return min(MOST_ALIKE, max(LEAST_ALIKE, 1 / correlation - 1))


def recovery(
    kinds: Mapping[str, Sequence[tuple[int, int]]], groups: Mapping[str, Iterable[str]]
) -> tuple[dict[str, Rate], Rate]:
    """Return the rate of each kind and group of kinds, and the highest of the groups' rates, which is believed."""
    found = {kind: rate(prefixes) for kind, prefixes in kinds.items()}
    joined = {name: rate([pair for kind in members for pair in kinds.get(kind, ())]) for name, members in groups.items()}
    measured = [one for one in joined.values() if one.asked]
    highest = max(measured, key=lambda one: one.mean) if measured else rate([])
    return {**found, **joined}, highest


def positions(seen: Iterable[PilotSolution]) -> tuple[tuple[float, ...], ...]:
    """Return where first errors are, by fifth of the pass rate: weights of a solution's parts, smoothed towards all fifths'."""
    counts = [[0.0] * PARTS for _ in range(FIFTHS)]
    for one in seen:
        if one.first:
            counts[fifth(one.passed, one.samples)][min(PARTS - 1, int((one.first - 0.5) / one.steps * PARTS))] += 1
    whole = [sum(row[part] for row in counts) + 1 for part in range(PARTS)]
    share = [weight / sum(whole) for weight in whole]
    return tuple(
        tuple((row[part] + _SMOOTHING * share[part]) / (sum(row) + _SMOOTHING) for part in range(PARTS)) for row in counts
    )


def accuracy(seen: Sequence[PilotSolution]) -> JudgeAccuracy | None:
    """Return how far a judge is right on solutions whose first error is known; None where it judged none of them."""
    judged = [one for one in seen if one.verdict is not None]
    wrong, clean = [one for one in judged if one.first], [one for one in judged if not one.first]
    named = [one for one in wrong if one.verdict]
    if not wrong:
        return None
    return JudgeAccuracy(
        misses=(len(wrong) - len(named) + 1) / (len(wrong) + 2),
        alarms=(sum(one.verdict != 0 for one in clean) + 1) / (len(clean) + 2),
        place=(sum(one.verdict == one.first for one in named) + 1) / (len(named) + 2),
        rows=len(judged),
    )


def by_source(seen: Sequence[PilotSolution]) -> tuple[tuple[str, JudgeAccuracy], ...]:
    """Return how far a judge is right on each source of which it judged at least `LEAST_JUDGED` solutions."""
    found = []
    for source in sorted({one.source for one in seen if one.source}):
        own = accuracy([one for one in seen if one.source == source])
        if own and own.rows >= LEAST_JUDGED:
            found.append((source, own))
    return tuple(found)


def beliefs(
    believed: Rate,
    seen: Sequence[PilotSolution],
    judge: JudgeAccuracy | None,
    judges: tuple[tuple[str, JudgeAccuracy], ...] = (),
) -> Beliefs:
    """Return what synthesize and filter read; what no pilot tells is assumed."""
    return Beliefs(
        recovery=believed,
        concentration=ALIKE,
        slips=SLIPS,
        notices=NOTICES,
        hidden=HIDDEN,
        positions=positions(seen),
        judge=judge,
        judges=judges,
    )

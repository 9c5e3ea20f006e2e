"""How probable is each step to be the first wrong one, and which continuation would tell most about it?

A wrong solution has a first wrong step f and a first unrecoverable one t, f <= t: mostly they are one, but a slip may come
before the step that builds on it. Of n steps, prefix j then reaches the right answer

    j < f       as often as the problem's ability a allows: a^((n - j) / n)
    f <= j < t  at the rate at which slips are noticed
    j >= t      at the recovery rate r

Ability and recovery rate are unknown, on grids; ability starts from the pass count of the problem's samples, recovery from the
calibration. Counts of one prefix are beta-binomial around these, since continuations of a prefix are more alike than those of
different ones. The judge's verdict enters as a likelihood of f. What a continuation tells is the mutual information between its
outcome and f, in bits.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from builders.families.dualmath.believing import Beliefs, JudgeAccuracy

Array = NDArray[np.float64]
_ABILITIES = np.array([0.05, 0.15, 0.25, 0.37, 0.5, 0.62, 0.74, 0.85, 0.95])
_TINY = 1e-4
_DIGITS = 9
"""Gains are rounded to these, so that no machine's last bit decides what is asked."""


class Observations(NamedTuple):
    """What is known of a solution: see `locating.Case`; `tallies[j]` are the counts of prefix j."""

    steps: int
    passed: int
    samples: int
    tallies: tuple[tuple[int, int], ...]
    verdict: int | None
    guesses: float


@dataclass(frozen=True)
class Believed:
    """A posterior.

    Args:
        joint: P(f, t), shape (n, n), both from 0.
        predicted: P(the next continuation of prefix j + 1 succeeds | f, t), shape (n - 1, n, n).
    """

    joint: Array
    predicted: Array

    def shares(self) -> tuple[float, ...]:
        """Return the probability of each step to be the first wrong one."""
        return tuple(self.joint.sum(axis=1).tolist())

    def best(self, costs: list[float]) -> tuple[int, float]:
        """Return the prefix to continue next and the bits that this tells; what is told is weighed against costs."""
        if not costs:
            return 0, 0.0
        first = self.joint.sum(axis=1)
        success = (self.predicted * self.joint).sum(axis=2)  # P(success, f) by prefix
        given = success / np.maximum(first, 1e-300)
        gains = np.round(_entropy(success.sum(axis=1)) - (first * _entropy(given)).sum(axis=1), _DIGITS)
        place = int(np.argmax(np.round(gains / np.asarray(costs), _DIGITS + 3)))
        return place + 1, float(gains[place])


def believed(observed: Observations, beliefs: Beliefs) -> Believed:
    """Return the posterior of a wrong solution."""
    n = observed.steps
    alive, slipped, dead, dead_shares = _rates(n, observed.guesses, beliefs)
    ability = _ability(observed)
    log_alive, next_alive = _counted(observed.tallies, alive, beliefs.concentration)
    log_slipped, next_slipped = _counted(observed.tallies, slipped, beliefs.concentration)
    log_dead, next_dead = _counted(observed.tallies, dead, beliefs.recovery.concentration)
    before, between, after = (
        np.vstack([np.zeros(log.shape[1]), log.cumsum(axis=0)]) for log in (log_alive, log_slipped, log_dead)
    )
    pairs_f, pairs_t = _pairs(n)
    # prefixes below f are alive, from f to t - 1 slipped, from t on dead; with f and t from 0, prefix j is before step j
    by_ability = before[pairs_f + 1] + between[pairs_t + 1] - between[pairs_f + 1] + ability
    by_recovery = after[n] - after[pairs_t + 1] + np.log(dead_shares)
    ability_sum, ability_given = _normed(by_ability)
    recovery_sum, recovery_given = _normed(by_recovery)
    log_joint = ability_sum + recovery_sum + _frame(n, observed.passed, observed.samples, observed.verdict, beliefs)
    weights = np.exp(log_joint - log_joint.max())
    joint = np.zeros((n, n))
    joint[pairs_f, pairs_t] = weights / weights.sum()
    predicted = np.zeros((n - 1, n, n))
    prefixes = np.arange(1, n)[:, None]
    states = np.where(prefixes <= pairs_f, 0, np.where(prefixes <= pairs_t, 1, 2))
    choices = [next_alive[1:] @ ability_given.T, next_slipped[1:] @ ability_given.T, next_dead[1:] @ recovery_given.T]
    predicted[:, pairs_f, pairs_t] = np.choose(states, choices)
    return Believed(joint, predicted)


def hidden(observed: Observations, beliefs: Beliefs) -> tuple[float, ...]:
    """Return for a right-answer solution the probability that no step is wrong, then that each is the first."""
    n, rate, judge = observed.steps, beliefs.hidden, beliefs.judge
    prior = np.array([1 - rate, *[rate / n] * n])
    if observed.verdict is None or judge is None:
        return tuple(prior.tolist())
    clean = 1 - judge.alarms if observed.verdict == 0 else judge.alarms / n
    weights = prior * np.array([clean, *_verdicts(n, observed.verdict, judge)])
    return tuple((weights / weights.sum()).tolist()) if weights.sum() else tuple(prior.tolist())


@lru_cache(maxsize=256)
def _pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.triu_indices(n)


@lru_cache(maxsize=256)
def _rates(n: int, guesses: float, beliefs: Beliefs) -> tuple[Array, Array, Array, Array]:
    """Return success rates by prefix and grid point: alive, slipped, dead; and the weights of the recovery grid."""
    exponents = (n - np.arange(n)) / n
    alive = _ABILITIES[None, :] ** exponents[:, None]
    recovery = beliefs.recovery
    grid = np.clip(np.array([recovery.low, recovery.mean, recovery.high]), max(_TINY, guesses), 0.999)
    slipped = np.full_like(alive, min(max(beliefs.notices, _TINY), 0.999))
    return alive, slipped, np.tile(grid, (n, 1)), np.array([0.25, 0.5, 0.25])


def _ability(observed: Observations) -> Array:
    log = observed.passed * np.log(_ABILITIES) + (observed.samples - observed.passed) * np.log(1 - _ABILITIES)
    return np.asarray(log - log.max(), dtype=np.float64)


def _counted(tallies: tuple[tuple[int, int], ...], rates: Array, concentration: float) -> tuple[Array, Array]:
    """Return the beta-binomial log-likelihood of each prefix's counts, and the chance that its next continuation succeeds."""
    right = np.array([tally[0] for tally in tallies], dtype=np.float64)[:, None]
    asked = np.array([tally[1] for tally in tallies], dtype=np.float64)[:, None]
    heads, tails = rates * concentration, (1 - rates) * concentration
    log = gammaln(heads + right) - gammaln(heads) + gammaln(tails + asked - right) - gammaln(tails)
    log -= gammaln(concentration + asked) - gammaln(concentration)
    return log, (heads + right) / (concentration + asked)


def _normed(log: Array) -> tuple[Array, Array]:
    """Return the logarithm of each row's sum of exponentials, and the row's shares of it."""
    top = log.max(axis=1, keepdims=True)
    weights = np.exp(log - top)
    total = weights.sum(axis=1, keepdims=True)
    return (top + np.log(total))[:, 0], weights / total


@lru_cache(maxsize=4096)
def _frame(n: int, passed: int, samples: int, verdict: int | None, beliefs: Beliefs) -> Array:
    """Return the logarithm of the prior of each pair (f, t), times the likelihood of the judge's verdict."""
    pairs = _pairs(n)
    framed: Array = np.log(_prior(n, passed, samples, beliefs))[pairs] + _verdict_likelihood(n, verdict, beliefs)[pairs]
    return framed


def _prior(n: int, passed: int, samples: int, beliefs: Beliefs) -> Array:
    """Return P(f, t): where errors are in such problems, with slips shortly before the step that builds on them."""
    places = np.maximum(np.array(beliefs.places(n, passed, samples)), _TINY)
    prior = np.zeros((n, n))
    for t in range(n):
        weights = 0.5 ** np.arange(t, 0, -1)
        if t:
            prior[:t, t] = places[t] * beliefs.slips * weights / weights.sum()
        prior[t, t] = places[t] * (1 - beliefs.slips if t else 1.0)
    return np.maximum(prior, 1e-12)


def _verdict_likelihood(n: int, verdict: int | None, beliefs: Beliefs) -> Array:
    """Return the log-likelihood of the judge's verdict under (f, t); half of its misses of a slip name t."""
    judge = beliefs.judge
    if verdict is None or judge is None:
        return np.zeros((n, n))
    likelihood = np.repeat(np.array(_verdicts(n, verdict, judge))[:, None], n, axis=1)
    if verdict:
        named = verdict - 1
        slips = np.triu(np.ones((n, n), dtype=bool), 1)
        elsewhere = np.arange(n)[:, None] != named
        likelihood = np.where(slips & elsewhere, likelihood / 2, likelihood)
        likelihood[:named, named] += (1 - judge.misses) * (1 - judge.place) / 2
    log: Array = np.log(np.maximum(likelihood, 1e-9))
    return log


def _verdicts(n: int, verdict: int, judge: JudgeAccuracy) -> list[float]:
    """Return P(verdict | f) for each f: half of what is named wrongly is next to f, half anywhere."""
    if verdict == 0:
        return [judge.misses] * n
    found = []
    for first in range(1, n + 1):
        if verdict == first:
            share = judge.place if n > 1 else 1.0
        else:
            beside = [place for place in (first - 1, first + 1) if 1 <= place <= n]
            share = (1 - judge.place) / 2 * ((verdict in beside) / len(beside) + 1 / (n - 1))
        found.append((1 - judge.misses) * share)
    return found


def _entropy(share: Array) -> Array:
    share = np.clip(share, 1e-12, 1 - 1e-12)
    bits: Array = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return bits

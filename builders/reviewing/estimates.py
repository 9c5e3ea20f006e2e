"""What a sample says about all rows: a share, weighted by stratum, with a 95 % interval that allows for reviewers' mistakes.

A row's vote is the share of its reviewers who say that it has the property. Votes are averaged over each stratum and weighted by
its rows. Where rows have several reviewers, how often two of them differ tells how often one is wrong, if mistakes are as likely
either way and independent: two that are right with probability a differ with 2a(1 - a). The share is corrected for it (Rogan &
Gladen 1978). The interval is Wilson's for the effective number of rows, its ends corrected in the same way and moved apart by
what is not known about a.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import NormalDist, fmean
from typing import NamedTuple

_Z = NormalDist().inv_cdf(0.975)
_PRIOR_ROWS = 2
"""Rows with the variance of all strata that each stratum's own variance is mixed with: it may have seen too few."""
_LEAST_ACCURACY = 0.55
"""Below, votes tell so little that no correction is made."""

Votes = Mapping[str, Sequence[Sequence[bool]]]
"""Stratum → for each reviewed row, what each reviewer said."""


class Estimate(NamedTuple):
    """A share of all rows.

    Args:
        share: the estimate.
        low: the 95 % interval's lower end.
        high: the 95 % interval's upper end.
        accuracy: of a single reviewer, as their disagreement shows it; None where nobody reviewed the same row.
        rows: reviewed rows that it rests on.
    """

    share: float
    low: float
    high: float
    accuracy: float | None
    rows: int


def estimate(votes: Votes, sizes: Mapping[str, int]) -> Estimate | None:
    """Estimate a share; None where nobody reviewed anything.

    Args:
        votes: what reviewers said, by stratum.
        sizes: rows of each stratum; those without a reviewed row are left out of account.
    """
    known = {name: [fmean(row) for row in rows] for name, rows in votes.items() if rows and sizes.get(name)}
    total = sum(sizes[name] for name in known)
    if not known:
        return None
    rows = sum(map(len, known.values()))
    share = sum(sizes[name] / total * fmean(values) for name, values in known.items())
    variance = sum((sizes[name] / total) ** 2 * spread / len(known[name]) for name, spread in _spreads(known).items())
    accuracy, doubt = _accuracy([row for name in known for row in votes[name]])
    low, high = _wilson(share, share * (1 - share) / variance if variance else rows)
    best, least, most = (_corrected(value, accuracy) for value in (share, low, high))
    stretch = _stretch(share, accuracy, doubt, variance)
    ends = (best - (best - least) * stretch, best + (most - best) * stretch)
    clipped = [min(1.0, max(0.0, value)) for value in (best, *ends)]
    return Estimate(*(round(value, 5) for value in clipped), None if accuracy is None else round(accuracy, 4), rows)


def _spreads(known: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the variance of a row's vote in each stratum, mixed with that of all."""
    deviations = {name: sum((value - fmean(values)) ** 2 for value in values) for name, values in known.items()}
    freedom = sum(len(values) - 1 for values in known.values())
    pooled = sum(deviations.values()) / freedom if freedom else 0.0
    mixed = {}
    for name, values in known.items():
        mixed[name] = (deviations[name] + _PRIOR_ROWS * pooled) / (len(values) - 1 + _PRIOR_ROWS)
    return mixed


def _wilson(share: float, rows: float) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a share of so many rows."""
    middle = (share + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    half = _Z / (1 + _Z**2 / rows) * math.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2))
    return middle - half, middle + half


def _accuracy(rows: Sequence[Sequence[bool]]) -> tuple[float | None, float]:
    """Return how often one reviewer is right, from how often two differ, and the standard error of that."""
    differ = [fmean(one != other for one, other in combinations(row, 2)) for row in rows if len(row) > 1]
    if not differ:
        return None, 0.0
    share = fmean(differ)
    root = math.sqrt(max(0.0, 1 - 2 * share))
    accuracy = (1 + root) / 2
    if accuracy < _LEAST_ACCURACY:
        return accuracy, 0.0
    error = math.sqrt(sum((value - share) ** 2 for value in differ) / max(1, len(differ) - 1) / len(differ))
    return accuracy, error / (2 * root)


def _corrected(share: float, accuracy: float | None) -> float:
    """Return the share of rows that have the property, given the share of votes that say so."""
    if accuracy is None or accuracy < _LEAST_ACCURACY:
        return share
    return (share - (1 - accuracy)) / (2 * accuracy - 1)


def _stretch(share: float, accuracy: float | None, doubt: float, variance: float) -> float:
    """Return how much wider the interval is for what is not known about the reviewers' accuracy."""
    if accuracy is None or accuracy < _LEAST_ACCURACY or not variance:
        return 1.0
    by_accuracy = (1 - 2 * share) / (2 * accuracy - 1) ** 2 * doubt
    by_votes = math.sqrt(variance) / (2 * accuracy - 1)
    return math.sqrt(1 + (by_accuracy / by_votes) ** 2)

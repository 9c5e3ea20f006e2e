"""What a sample says about all rows: a share, weighted by stratum, with a 95 % interval that allows for reviewers' mistakes.

A row's vote is the share of its reviewers who say that it has the property. Votes are averaged over each stratum and
weighted by its rows. Where rows have several reviewers, how often two of them differ tells how often one is wrong, if
mistakes are as likely either way and independent: two that are right with probability a differ with 2a(1 - a). The share
is corrected for it (Rogan & Gladen 1978). The interval is Wilson's (1927) for as many rows as would give the variance that
the rows show, vote and difference taken together to first order.
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
    known = {name: rows for name, rows in votes.items() if rows and sizes.get(name)}
    if not known:
        return None
    total = sum(sizes[name] for name in known)
    weights = {name: sizes[name] / total for name in known}
    raw_share = _weighted({name: [fmean(row) for row in rows] for name, rows in known.items()}, weights)
    accuracy = _accuracy(known, weights)
    share = raw_share if accuracy is None else (raw_share - (1 - accuracy)) / (2 * accuracy - 1)
    linear = {name: [_linear(row, raw_share, accuracy) for row in rows] for name, rows in known.items()}
    variance = sum(weights[name] ** 2 * spread / len(known[name]) for name, spread in _spreads(linear).items())
    rows = sum(map(len, known.values()))
    held = min(max(share, 1 / (2 * rows)), 1 - 1 / (2 * rows))
    low, high = _wilson(min(max(share, 0.0), 1.0), held * (1 - held) / variance if variance else rows)
    best = min(max(share, 0.0), 1.0)
    return Estimate(round(best, 5), round(low, 5), round(high, 5), None if accuracy is None else round(accuracy, 4), rows)


def _weighted(values: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> float:
    return sum(weights[name] * fmean(of) for name, of in values.items())


def _accuracy(votes: Votes, weights: Mapping[str, float]) -> float | None:
    """Return how often one reviewer is right, from how often two differ; None where unknown or little above chance."""
    differing = {name: [_differing(row) for row in rows if len(row) > 1] for name, rows in votes.items()}
    differing = {name: values for name, values in differing.items() if values}
    if not differing:
        return None
    weight = sum(weights[name] for name in differing)
    share = _weighted(differing, weights) / weight
    accuracy = (1 + math.sqrt(max(0.0, 1 - 2 * share))) / 2
    return accuracy if accuracy >= _LEAST_ACCURACY else None


def _differing(row: Sequence[bool]) -> float:
    return fmean(one != other for one, other in combinations(row, 2))


def _linear(row: Sequence[bool], raw_share: float, accuracy: float | None) -> float:
    """Return by how much a row moves the estimate, to first order and up to a constant."""
    if accuracy is None:
        return fmean(row)
    steep = 2 * accuracy - 1
    by_difference = -(1 - 2 * raw_share) / steep**2 / (2 * steep)
    return fmean(row) / steep + (by_difference * _differing(row) if len(row) > 1 else 0.0)


def _spreads(votes: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the variance of a row's vote in each stratum, mixed with that of all."""
    deviations = {name: sum((value - fmean(values)) ** 2 for value in values) for name, values in votes.items()}
    freedom = sum(len(values) - 1 for values in votes.values())
    pooled = sum(deviations.values()) / freedom if freedom else 0.0
    mixed = {}
    for name, values in votes.items():
        mixed[name] = (deviations[name] + _PRIOR_ROWS * pooled) / (len(values) - 1 + _PRIOR_ROWS)
    return mixed


def _wilson(share: float, rows: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of so many rows."""
    middle = (share + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
    half = _Z / (1 + _Z**2 / rows) * math.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2))
    return middle - half, middle + half

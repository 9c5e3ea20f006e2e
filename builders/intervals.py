"""Shares with intervals: Wilson's for independent trials, a bootstrap where trials come in clusters.

wilson(7, 25)                        7 of 25 independent trials
bootstrap(values, tasks, seed=0)     trials of one task resemble each other, so whole tasks are drawn again
"""

import math
from collections.abc import Hashable, Sequence
from statistics import NormalDist, fmean
from typing import NamedTuple


class Share(NamedTuple):
    """A share, how sure it is, and what it was computed from.

    Args:
        value: the share, between 0 and 1; None where there was no trial.
        low: lower end of its interval; 0 where there was no trial.
        high: upper end of its interval; 1 where there was no trial.
        trials: how many trials there were.
    """

    value: float | None
    low: float
    high: float
    trials: int


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Share:
    """Return the share of successes with Wilson's score interval.

    Raises:
        ValueError: there are more successes than trials, or fewer than none.
    """
    if not 0 <= successes <= trials:
        message = f"{successes} of {trials} cannot be"
        raise ValueError(message)
    if not trials:
        return Share(None, 0.0, 1.0, 0)
    mean = successes / trials
    deviate = NormalDist().inv_cdf((1 + confidence) / 2)
    scale = 1 + deviate**2 / trials
    middle = (mean + deviate**2 / (2 * trials)) / scale
    reach = deviate / scale * math.sqrt(mean * (1 - mean) / trials + (deviate / (2 * trials)) ** 2)
    return Share(mean, max(0.0, min(middle - reach, mean)), min(1.0, max(middle + reach, mean)), trials)


def bootstrap(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    seed: int,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Share:
    """Return the mean of the values with a percentile interval from resampling whole clusters.

    Args:
        values: one number between 0 and 1 for each trial.
        clusters: which cluster each trial belongs to, such as its task; as long as `values`.
        seed: decides about the draws.
        resamples: how many times the clusters are drawn.
        confidence: how often the interval is meant to hold the true mean.
    """
    if not values:
        return Share(None, 0.0, 1.0, 0)
    import numpy as np  # noqa: PLC0415  (what only needs Wilson's interval need not wait for it)

    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    sums, sizes = np.zeros(len(numbers)), np.zeros(len(numbers))
    for value, cluster in zip(values, clusters, strict=True):
        sums[numbers[cluster]] += value
        sizes[numbers[cluster]] += 1
    drawn = np.random.default_rng(seed).integers(len(numbers), size=(resamples, len(numbers)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Share(fmean(values), float(low), float(high), len(values))

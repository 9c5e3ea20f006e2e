"""A figure made of several shares, and how sure it is: a mean over categories, an F1 of two accuracies.

The interval is MOVER's (Zou & Donner 2008): what the figure moves by when one share goes to an end of its own interval, for
each share, added up as squares, since the shares are independent. The figure must not fall when a share rises.
"""

import math
from collections.abc import Callable, Sequence
from statistics import fmean

from builders.intervals import Share

NOTHING = Share(None, 0.0, 1.0, 0)


def composed(figure: Callable[[list[float]], float], shares: Sequence[Share]) -> Share:
    """Return a figure of shares; it has no value where one of them has none.

    Args:
        figure: of the shares' values, in their order; it rises with each.
        shares: what it is made of, each of other trials than the rest.
    """
    values = [share.value for share in shares if share.value is not None]
    if not values or len(values) < len(shares):
        return NOTHING
    found = figure(values)

    def moved(place: int, end: float) -> float:
        return figure([*values[:place], end, *values[place + 1 :]]) - found

    below = math.hypot(*(moved(place, share.low) for place, share in enumerate(shares)))
    above = math.hypot(*(moved(place, share.high) for place, share in enumerate(shares)))
    return Share(found, max(0.0, found - below), min(1.0, found + above), sum(share.trials for share in shares))


def macro(shares: Sequence[Share]) -> Share:
    """Return the mean of shares whatever their sizes, those without a trial left out."""
    return composed(fmean, [share for share in shares if share.value is not None])


def harmonic(shares: Sequence[Share]) -> Share:
    """Return the harmonic mean, an F1; 0 where one of them is 0."""
    return composed(lambda values: len(values) / sum(1 / value for value in values) if all(values) else 0.0, shares)

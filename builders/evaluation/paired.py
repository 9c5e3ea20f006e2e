"""By how much two runs differ where both answered the same items: each item is compared with itself.

The difference is the mean over items of one share minus the other, a share being that of an item's epochs. Its interval is that
of Agresti & Min (2005, Statistics in Medicine 24) for matched pairs, half an item in each of the four cells, which is exactly
theirs where each item has one answer; shares between are taken as they are. Items of one question (paraphrases) are one.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean
from typing import NamedTuple

from builders.evaluation.runs import Rule

Items = Mapping[str, tuple[str, Sequence[str]]]
"""Sample → its question, and the outcomes of its epochs."""


class Difference(NamedTuple):
    """A difference.

    Args:
        value: the first minus the second, between -1 and 1.
        low: lower end of its interval.
        high: upper end.
        of: questions that both answered.
    """

    value: float
    low: float
    high: float
    of: int


def difference(first: Items, second: Items, rule: Rule, confidence: float = 0.95) -> Difference | None:
    """Return by how much the first exceeds the second; None where they have no question in common that counts."""
    one, other = _shares(first, rule), _shares(second, rule)
    return of_pairs([one[question] - other[question] for question in one if question in other], confidence)


def of_pairs(differences: Sequence[float], confidence: float = 0.95) -> Difference | None:
    """Return the mean of paired differences, with its interval; None without any."""
    if not differences:
        return None
    count = len(differences) + 2  # two items more: half of one at 1, half at -1, and one at 0
    centre = sum(differences) / count
    spread = (sum(value * value for value in differences) + 1) / count - centre * centre
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(spread / count)
    mean = fmean(differences)
    return Difference(mean, max(-1.0, min(centre - reach, mean)), min(1.0, max(centre + reach, mean)), len(differences))


def _shares(items: Items, rule: Rule) -> dict[str, float]:
    """Return question → the share of hits among its answers that count; one without any is left out."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for question, outcomes in items.values():
        found[question] += [float(outcome in rule.hits) for outcome in outcomes if outcome in rule.among]
    return {question: fmean(values) for question, values in found.items() if values}

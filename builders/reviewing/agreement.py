"""How far reviewers agree: Krippendorff's alpha, with an interval by bootstrap over rows.

Krippendorff, Content Analysis (4th edition, chapter 12): 1 is perfect agreement, 0 what chance alone gives. Answers count as
names, not as numbers: two that differ differ fully.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_DRAWS = 1000
_SEED = 20
_ENDS = (2.5, 97.5)
_PAIR = 2


class Agreement(NamedTuple):
    """How far reviewers agree about one question.

    Args:
        alpha: None where fewer than two different answers were given: there is nothing to disagree about.
        low: the 95 % interval's lower end.
        high: the 95 % interval's upper end.
        rows: those that two or more reviewers answered about.
    """

    alpha: float | None
    low: float | None
    high: float | None
    rows: int


def agreement(answers: Sequence[Mapping[str, str]]) -> Agreement:
    """Return how far reviewers agree.

    Args:
        answers: for each row, reviewer → answer.
    """
    counts = _counts([row for row in answers if len(row) >= _PAIR])
    alpha = _alpha(counts)
    if alpha is None:
        return Agreement(None, None, None, len(counts))
    generator = np.random.default_rng(_SEED)
    drawn = [_alpha(counts[generator.integers(len(counts), size=len(counts))]) for _ in range(_DRAWS)]
    known = [value for value in drawn if value is not None]
    low, high = np.percentile(known, _ENDS) if known else (alpha, alpha)
    return Agreement(round(alpha, 4), round(float(low), 4), round(float(high), 4), len(counts))


def _counts(answers: Sequence[Mapping[str, str]]) -> npt.NDArray[np.int64]:
    """Return how often each answer was given about each row: a row each, a column for each answer."""
    values = sorted({value for row in answers for value in row.values()})
    table = np.zeros((len(answers), len(values)), dtype=np.int64)
    for place, row in enumerate(answers):
        for value in row.values():
            table[place, values.index(value)] += 1
    return table


def _alpha(counts: npt.NDArray[np.int64]) -> float | None:
    import krippendorff  # noqa: PLC0415

    if (counts.sum(axis=0) > 0).sum() < _PAIR:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))

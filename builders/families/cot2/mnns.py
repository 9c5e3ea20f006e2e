"""Minimum non-negative sum: digits get signs, and the answer is the smallest sum that is not negative (CoT2, arXiv 2505.23648).

Everything here works on many sequences at once. Shapes: N sequences, m digits each, T = 2^m ways to set the signs, called
traces and numbered in the order of `itertools.product` with plus before minus. `sums[n, k, t]` is the sum of the first t + 1
digits of sequence n under trace k.

Targets (paper, section on continuous supervision, and its released code): of the traces that a strategy prefers take the
best B; at each step but the last a partial sum has as its probability the share of these traces that pass through it. The
last step is the answer alone. One trace has three definitions in the paper's code, which need not agree:

    product        the first trace in product order whose sum is the answer: the discrete trace
    sorted         the first by |sum|, non-negative before negative, then by signs with minus before plus: the order of budgets
"""

from collections.abc import Iterator
from itertools import combinations_with_replacement
from random import Random
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Strategy = Literal["min_abs", "non_negative"]
SplitRule = Literal["multiset", "random", "sequential"]
TRAIN, VALIDATION = "train", "validation"
_MOST_DIGITS = 16

Integers = NDArray[np.integer]


class Setting(NamedTuple):
    """Which sequences there are: all of `length` digits from `least` to `most`, in product order."""

    least: int
    most: int
    length: int

    @property
    def rows(self) -> int:
        """How many sequences there are."""
        return int((self.most - self.least + 1) ** self.length)

    @property
    def vocabulary(self) -> str:
        """The name of its vocabulary."""
        return f"mnns_{self.most}_{self.length}"


FIRST, SECOND = Setting(1, 9, 4), Setting(5, 13, 5)
"""The paper's two settings: 6,561 and 59,049 sequences."""


class Distributions(NamedTuple):
    """Sparse distributions of partial sums, one for each cell: step t of sequence n is cell n * steps + t.

    Args:
        starts: where each cell's entries begin, and the end of the last one's.
        values: the partial sums of all cells, ascending within each.
        probabilities: theirs.
        traces: of each sequence, how many traces were taken.
    """

    starts: NDArray[np.int64]
    values: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    traces: NDArray[np.int64]

    def cell(self, place: int) -> tuple[list[int], list[float]]:
        """Return the partial sums of a cell, and their probabilities."""
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.values[part].tolist(), self.probabilities[part].tolist()


def sequences(setting: Setting, start: int, stop: int) -> NDArray[np.int16]:
    """Return sequences number `start` to `stop` of a setting, shape N x m."""
    base = setting.most - setting.least + 1
    powers = base ** np.arange(setting.length - 1, -1, -1, dtype=np.int64)
    numbers = np.arange(start, min(stop, setting.rows), dtype=np.int64)
    return (numbers[:, None] // powers % base + setting.least).astype(np.int16)


def blocks(setting: Setting, rows: int, size: int = 4096) -> Iterator[NDArray[np.int16]]:
    """Yield the first sequences of a setting, so many at a time."""
    for start in range(0, min(rows, setting.rows), size):
        yield sequences(setting, start, min(start + size, rows))


def signs(length: int) -> NDArray[np.int16]:
    """Return the signs of every trace in product order, shape T x m.

    Raises:
        ValueError: so many digits that nobody would want every trace.
    """
    if length > _MOST_DIGITS:
        message = f"{length} digits, at most {_MOST_DIGITS}"
        raise ValueError(message)
    numbers = np.arange(2**length)[:, None]
    minus = numbers >> np.arange(length - 1, -1, -1) & 1
    return (1 - 2 * minus).astype(np.int16)


def partial_sums(digits: Integers) -> NDArray[np.int16]:
    """Return the sums of every trace, N x T x m, of sequences, N x m."""
    signed = digits[:, None, :].astype(np.int16) * signs(digits.shape[1])[None]
    return np.cumsum(signed, axis=2, dtype=np.int16)


def answers(sums: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the smallest sum of each sequence that is not negative; there is one, since signs may be turned around."""
    finals = sums[:, :, -1]
    least: NDArray[np.int16] = np.where(finals < 0, np.iinfo(np.int16).max, finals).min(axis=1)
    return least


def first_in_product_order(sums: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the number of the first trace of each sequence whose sum is the answer."""
    found: NDArray[np.int64] = np.argmax(sums[:, :, -1] == answers(sums)[:, None], axis=1)
    return found


def ranked(sums: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the numbers of the traces of each sequence in the order of budgets, N x T.

    They go by |sum|, non-negative first, then by signs with minus before plus, which is the product order turned around.
    """
    finals = sums[:, :, -1].astype(np.int64)
    count = finals.shape[1]
    keys = (2 * np.abs(finals) + (finals < 0)) * count + (count - 1 - np.arange(count))
    return np.argsort(keys, axis=1)


def selection(sums: NDArray[np.int16], order: NDArray[np.int64], budget: int | None, strategy: Strategy) -> NDArray[np.bool_]:
    """Return which traces of each sequence a target is made from, N x T.

    Args:
        sums: the traces' sums.
        order: what `ranked` returned.
        budget: how many; None takes all that are eligible.
        strategy: `min_abs` prefers the smallest |sum|, `non_negative` takes no trace whose sum is negative.
    """
    eligible = sums[:, :, -1] >= 0 if strategy == "non_negative" else np.ones(order.shape, dtype=np.bool_)
    if budget is None or budget >= order.shape[1]:
        return eligible
    in_order = np.take_along_axis(eligible, order, axis=1)
    taken = in_order & (np.cumsum(in_order, axis=1) <= budget)
    mask = np.zeros_like(taken)
    np.put_along_axis(mask, order, taken, axis=1)
    return mask


def targets(sums: NDArray[np.int16], mask: NDArray[np.bool_]) -> Distributions:
    """Return the distributions of partial sums at every step but the last, over the traces that `mask` names."""
    rows, _, length = sums.shape
    traces = mask.sum(axis=1)
    least, most = int(sums.min()), int(sums.max())
    width, steps = most - least + 1, length - 1
    row, trace = np.nonzero(mask)
    cells = row[:, None] * steps + np.arange(steps)
    places = cells * width + (sums[row, trace, :-1].astype(np.int64) - least)
    counts = np.bincount(places.ravel(), minlength=rows * steps * width).reshape(rows * steps, width)
    cell, value = np.nonzero(counts)
    starts = np.searchsorted(cell, np.arange(rows * steps + 1))
    return Distributions(starts, value + least, counts[cell, value] / traces[cell // max(steps, 1)], traces)


def groups(setting: Setting) -> list[tuple[int, ...]]:
    """Return the multisets of digits, sorted: all sequences with the same digits in another order are one group."""
    return list(combinations_with_replacement(range(setting.least, setting.most + 1), setting.length))


def held_out_groups(setting: Setting, share: float, seed: int) -> frozenset[tuple[int, ...]]:
    """Return the multisets that are held out: the paper's rule, sorted groups shuffled by Python's `Random`, the last ones."""
    found = groups(setting)
    Random(seed).shuffle(found)  # noqa: S311  (chance, not secrets)
    return frozenset(found[int((1 - share) * len(found)) :])


def held_out_rows(setting: Setting, rule: SplitRule, share: float, seed: int) -> frozenset[int]:
    """Return the numbers of the sequences that are held out by the two other rules, which let permutations leak.

    Args:
        setting: which sequences there are.
        rule: `random` shuffles all sequences, `sequential` holds out the last ones in product order.
        share: how many of them.
        seed: decides the shuffle.
    """
    numbers = list(range(setting.rows))
    if rule == "random":
        Random(seed).shuffle(numbers)  # noqa: S311
    return frozenset(numbers[int((1 - share) * len(numbers)) :])

"""Which problem row number n is: kinds by how many distinct problems they have, none of which comes twice.

At two numbers of steps a kind may have one problem in common (`cone`, `sticks`); collect finds it as an exact duplicate.

Rows come in rounds, each as long as all before it. A round gives each kind and depth so many rows, by a weight that grows
with the logarithm of the number of its distinct problems, but no more than are left of them; which row of the round is whose
is a keyed permutation. So row n follows from n, the seed and the kinds alone, and a larger number of rows holds a smaller one.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from builders.errors import BuildError
from builders.families.mmathcot.problems import spaces

FIRST = 256
"""Rows of the first round."""
_MOST = 10**6
"""From so many distinct problems on, more of them make a kind no heavier."""

_GOLDEN = (math.sqrt(5) - 1) / 2

Cells = tuple[tuple[str, int], ...]
"""Kinds, each with one of its depths."""


class Round(NamedTuple):
    """How a round is shared out.

    Args:
        before: how many rows each kind and depth had in earlier rounds.
        ends: where the rows of each end.
    """

    before: tuple[int, ...]
    ends: tuple[int, ...]


class Place(NamedTuple):
    """A problem by kind, depth, and number among those."""

    kind: str
    depth: int
    number: int


def placed(row: int, seed: int, cells: Cells) -> Place:
    """Return which problem a row is.

    Raises:
        BuildError: the kinds have fewer distinct problems than that.
    """
    turn = max(0, (row // FIRST).bit_length())
    start, length = (FIRST << turn - 1, FIRST << turn - 1) if turn else (0, FIRST)
    shared = _round(turn, cells)
    if not shared.ends or row - start >= shared.ends[-1]:
        raise BuildError(
            f"{row + 1} rows are more than the {start + (shared.ends or (0,))[-1]} distinct problems of these kinds",
            where="collect.sources",
            fix="ask for fewer rows, or for more kinds and depths",
        )
    place = spaces.permuted(row - start, min(length, shared.ends[-1]), f"round {turn} {seed}")
    cell = bisect_right(shared.ends, place)
    first = shared.ends[cell - 1] if cell else 0
    return Place(*cells[cell], shared.before[cell] + place - first)


def counted(rows: int, seed: int, cells: Cells) -> list[int]:
    """Return how many of the first rows each kind and depth has."""
    found = dict.fromkeys(cells, 0)
    for row in range(rows):
        place = placed(row, seed, cells)
        found[place.kind, place.depth] += 1
    return list(found.values())


def spare(row: int, cells: Cells) -> Iterator[Place]:
    """Yield problems that a row may have in the place of one that cannot be drawn; no other row is given them."""
    large = [(kind, depth) for kind, depth in cells if not spaces.space(kind, depth).listed]
    turned = [large[(row + k) % len(large)] for k in range(min(3, len(large)))]
    for kind, depth in turned:
        yield Place(kind, depth, spaces.space(kind, depth).capacity - 1 - row)


def weights(cells: Cells) -> list[float]:
    """Return the weights of kinds and depths: a kind's by its distinct problems, shared out to its depths in the same way."""
    alone = [_weight(spaces.space(*cell).distinct) for cell in cells]
    whole: dict[str, int] = {}
    together: dict[str, float] = {}
    for (kind, depth), weight in zip(cells, alone, strict=True):
        whole[kind] = whole.get(kind, 0) + spaces.space(kind, depth).distinct
        together[kind] = together.get(kind, 0.0) + weight
    return [_weight(whole[kind]) * weight / together[kind] for (kind, _), weight in zip(cells, alone, strict=True)]


def room(cells: Cells) -> list[int]:
    """Return how many rows each kind and depth may have; a large space keeps half of its problems for `spare`."""
    found = [spaces.space(*cell) for cell in cells]
    return [space.capacity if space.listed else space.capacity // 2 for space in found]


def _weight(distinct: int) -> float:
    return math.log2(1 + min(distinct, _MOST))


@lru_cache(maxsize=256)
def _round(turn: int, cells: Cells) -> Round:
    before = [0] * len(cells) if not turn else _after(turn - 1, cells)
    left = [most - had for most, had in zip(room(cells), before, strict=True)]
    length = FIRST << turn - 1 if turn else FIRST
    return Round(tuple(before), tuple(accumulate(_shared(length, weights(cells), left, turn * _GOLDEN % 1))))


def _after(turn: int, cells: Cells) -> list[int]:
    shared = _round(turn, cells)
    own = [end - start for start, end in zip((0, *shared.ends), shared.ends, strict=False)]
    return [had + more for had, more in zip(shared.before, own, strict=True)]


def _shared(length: int, weight: Sequence[float], most: Sequence[int], offset: float) -> list[int]:
    """Share rows out by weight, none above its most: where the running sum of fair shares passes a whole number, one more."""
    given = [0] * len(weight)
    while length:
        whole = sum(one for one, had, limit in zip(weight, given, most, strict=True) if had < limit)
        if not whole:
            break
        passed = [math.floor(offset)]
        reached = offset
        for one, had, limit in zip(weight, given, most, strict=True):
            reached += length * one / whole if had < limit else 0
            passed.append(math.floor(reached + 1e-9))
        wanted = [end - start for start, end in pairwise(passed)]
        for place, more in enumerate(wanted):
            added = min(more, most[place] - given[place])
            given[place] += added
            length -= added
    return given

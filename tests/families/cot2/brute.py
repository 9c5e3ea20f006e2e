"""The definitions of cot2 once more, by brute force and without NumPy, in exact fractions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, product

Trace = tuple[int, ...]


def traces(digits: Sequence[int]) -> list[tuple[Trace, Trace]]:
    """Return signs and partial sums of every trace in product order, plus before minus."""
    return [
        (signs, tuple(accumulate(sign * digit for sign, digit in zip(signs, digits, strict=True))))
        for signs in product((1, -1), repeat=len(digits))
    ]


def answer(digits: Sequence[int]) -> int:
    """Return the smallest sum that is not negative."""
    return min(sums[-1] for _, sums in traces(digits) if sums[-1] >= 0)


def first(digits: Sequence[int]) -> Trace:
    """Return the partial sums of the first trace in product order that reaches the answer."""
    return next(sums for _, sums in traces(digits) if sums[-1] == answer(digits))


def ranked(digits: Sequence[int]) -> list[Trace]:
    """Return the partial sums of all traces in the order of budgets."""

    def key(trace: tuple[Trace, Trace]) -> tuple[int, bool, int, Trace]:
        signs, sums = trace
        return (abs(sums[-1]), sums[-1] < 0, sums[-1], signs)

    return [sums for _, sums in sorted(traces(digits), key=key)]


def target(digits: Sequence[int], budget: int | None, strategy: str) -> list[dict[int, Fraction]]:
    """Return the distribution of each step but the last."""
    eligible = [sums for sums in ranked(digits) if strategy == "min_abs" or sums[-1] >= 0]
    taken = eligible[:budget]
    return [
        {value: Fraction(count, len(taken)) for value, count in Counter(sums[step] for sums in taken).items()}
        for step in range(len(digits) - 1)
    ]


def walked(edges: Iterable[tuple[int, int]], root: int, steps: int) -> list[set[int]]:
    """Return the ends of all walks from the root, by their number of edges, each walk written out."""
    known = list(edges)
    walks: list[list[int]] = [[root]]
    found = []
    for _ in range(steps):
        found.append({walk[-1] for walk in walks})
        walks = [[*walk, end] for walk in walks for start, end in known if start == walk[-1]]
    return found

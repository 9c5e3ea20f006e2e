"""Which rows are in a sample, and how many each value of a column gives to it."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from builders import records
from builders.errors import BuildError
from builders.sources.entries import Sample
from builders.sources.settling import settled

_MOST_VALUES = 1000


def shares(counts: dict[str, int], total: int) -> dict[str, int]:
    """Divide a total evenly among values, none of which gives more rows than it has."""
    found = {}
    for done, (of, count) in enumerate(sorted(counts.items(), key=lambda item: (item[1], item[0]))):
        found[of] = min(count, total // (len(counts) - done))
        total -= found[of]
    return found


def drawn(rows: Iterable[Mapping[str, Any]], sample: Sample, label: str, where: Path) -> set[int]:
    """Return the numbers of the sample's rows: of each value those with the smallest hashes, as many as its share.

    In memory are two integers for each row that may still be drawn, never a text.

    Args:
        rows: what the file's columns hold, row by row.
        sample: how many rows, and of what.
        label: what messages call the table.
        where: the file that says so.

    Raises:
        BuildError: the column has too many values.
    """
    smallest: dict[str, list[tuple[int, int]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for number, values in enumerate(rows):
        of = str(values.get(sample.over))
        counts[of] += 1
        if len(counts) > _MOST_VALUES:
            what = f"{label}: the column {sample.over!r} has more than {_MOST_VALUES} values"
            raise BuildError(what, where=where, fix="draw over a column with few values")
        content = {name: settled(item).value for name, item in values.items()}
        entry = (-int(records.digest([sample.seed, content])[:16], 16), -number)
        if len(smallest[of]) < sample.rows:
            heapq.heappush(smallest[of], entry)
        else:
            heapq.heappushpop(smallest[of], entry)
    share = shares(counts, sample.rows)
    return {-number for of, entries in smallest.items() for _, number in heapq.nlargest(share[of], entries)}

"""Which rows a round is about: a sample drawn stratum by stratum, of rows that were kept and of rows that were rejected.

A stratum is named by what filter did, then by what params name: `kept, medical, margin below 5` or `rejected, not_dangerous`.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from builders import family as families
from builders import records
from builders.params.reviewing import Rounds
from builders.records import Record
from builders.reviewing.layout import Reviewing

KEPT, REJECTED = "kept", "rejected"


class Reviewable(NamedTuple):
    """A row that a round may be about.

    Args:
        record: in its released columns.
        stratum: its name.
        reason: why filter rejected it; None for a row that it kept.
    """

    record: Record
    stratum: str
    reason: str | None


def reviewable(family: str, pool: str, rounds: Rounds | None, layout: Reviewing, params: Any) -> Iterator[Reviewable]:  # noqa: ANN401
    """Yield the rows of a pool as filter left them, the kept ones first; of the rejected ones those that can be shown.

    Args:
        family: its name.
        pool: the pool.
        rounds: what tells strata apart; None: nothing but what filter did.
        layout: what the family shows of a row.
        params: the family's params of filter.
    """
    for record in records.kept(family, "filter", pool):
        yield Reviewable(record, stratum(record, None, rounds, layout), None)
    for record, rejection in records.rejected(family, "filter", pool):
        if shown := layout.candidate(record, params):
            yield Reviewable(shown, stratum(shown, rejection.reason, rounds, layout), rejection.reason)


def everything(family: str, rounds: Rounds | None, layout: Reviewing, params: Any) -> Iterator[Reviewable]:  # noqa: ANN401
    """Yield the rows of all pools of a family; see `reviewable`."""
    for pool in families.pools(family):
        yield from reviewable(family, pool, rounds, layout, params)


def stratum(record: Record, reason: str | None, rounds: Rounds | None, layout: Reviewing) -> str:
    """Return the name of a row's stratum."""
    parts = [KEPT if reason is None else REJECTED]
    for kind in rounds.strata if rounds else ():
        if kind == "subset":
            parts.append(record.subset)
        elif kind == "reason" and reason:
            parts.append(reason)
        elif kind == "margin" and rounds and (margin := layout.margin(record)) is not None:
            parts.append(_band(margin, rounds.margins))
    return ", ".join(parts)


def _band(margin: float, bounds: Sequence[float]) -> str:
    place = bisect_right(bounds, margin)
    if not bounds:
        return "margin"
    if place == 0:
        return f"margin below {bounds[0]:g}"
    return f"margin from {bounds[place - 1]:g}" + (f" to {bounds[place]:g}" if place < len(bounds) else "")


def sampled(rows: Mapping[str, Sequence[str]], size: int, rounds: Rounds, number: int) -> list[str]:
    """Draw a round's rows.

    Args:
        rows: stratum → the ids of the rows that nobody has settled.
        size: how many are drawn, if there are so many.
        rounds: how they are shared out.
        number: the round's, so that each round draws anew.

    Returns:
        the ids, by the number that decided about each, so that no stratum comes as one block.
    """
    shares = allocated({name: len(ids) for name, ids in rows.items()}, size, rounds)

    def lot(identity: str) -> str:
        return records.digest([rounds.seed, number, identity])

    drawn = [identity for name, ids in rows.items() for identity in sorted(ids, key=lot)[: shares[name]]]
    return sorted(drawn, key=lot)


def allocated(sizes: Mapping[str, int], size: int, rounds: Rounds) -> dict[str, int]:
    """Share a round out among strata: rejected rows get their share, then each stratum its least, then in proportion."""
    groups: dict[bool, dict[str, int]] = defaultdict(dict)
    for name, count in sizes.items():
        groups[name.startswith(REJECTED)][name] = count
    rejected = min(sum(groups[True].values()), round(size * rounds.rejected_share))
    kept = min(sum(groups[False].values()), size - rejected)
    return {**_shared(groups[False], kept, rounds.least), **_shared(groups[True], rejected, rounds.least)}


def _shared(sizes: Mapping[str, int], total: int, least: int) -> dict[str, int]:
    """Share a number out in proportion to sizes, no part above its size, and none below `least` where that can be."""
    given = dict.fromkeys(sizes, 0)
    for turn in range(least):
        for name, count in sizes.items():
            if sum(given.values()) < total and turn < count:
                given[name] += 1
    while (left := total - sum(given.values())) > 0:
        rooms = {name: count - given[name] for name, count in sizes.items() if count > given[name]}
        exact = {name: left * sizes[name] / sum(sizes[one] for one in rooms) for name in rooms}
        parts = {name: min(rooms[name], math.floor(share)) for name, share in exact.items()}
        if not any(parts.values()):
            ranked = sorted(rooms, key=lambda name: -exact[name])[:left]
            parts = dict.fromkeys(ranked, 1)
        for name, part in parts.items():
            given[name] += part
    return given

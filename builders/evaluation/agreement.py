"""How far a judge agrees with people: over all, on what they pass and on what they fail, each with N and interval.

A judge that passes nearly everything agrees with people on nearly everything where little fails; so the two sides stand apart.
F1 and Pearson's correlation, of verdicts that are 0 or 1, are those of SafeChain's table of evaluators (arXiv 2502.12025,
section 4).
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from builders import intervals
from builders.intervals import Share


class Pair(NamedTuple):
    """What people say of one answer, and what the judge says: whether it fails.

    Args:
        people: True: it fails.
        judge: likewise; None: no verdict.
    """

    people: bool
    judge: bool | None


class Agreement(NamedTuple):
    """How far they agree.

    Args:
        all: the share of answers of which both say the same.
        fails: of those that people fail, the share that the judge fails.
        passes: of those that people pass, the share that it passes.
        f1: of failing; None where neither fails anything.
        correlation: Pearson's; None where either always says the same.
        no_verdict: answers that the judge gave no verdict on; they are left out.
    """

    all: Share
    fails: Share
    passes: Share
    f1: float | None
    correlation: float | None
    no_verdict: int


def agreement(pairs: Iterable[Pair]) -> Agreement:
    """Return how far a judge agrees with people."""
    every = list(pairs)
    known = [(pair.people, pair.judge) for pair in every if pair.judge is not None]
    both, neither = known.count((True, True)), known.count((False, False))
    missed, alarmed = known.count((True, False)), known.count((False, True))
    claimed = 2 * both + missed + alarmed
    spread = math.sqrt((both + missed) * (alarmed + neither) * (both + alarmed) * (missed + neither))
    return Agreement(
        all=intervals.wilson(both + neither, len(known)),
        fails=intervals.wilson(both, both + missed),
        passes=intervals.wilson(neither, neither + alarmed),
        f1=2 * both / claimed if claimed else None,
        correlation=(both * neither - missed * alarmed) / spread if spread else None,
        no_verdict=len(every) - len(known),
    )

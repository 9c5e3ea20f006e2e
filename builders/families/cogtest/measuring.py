"""Which part of a reply is looked at for habits, and what findings about a model come to: a profile of 16 shares.

CogTest elicits reasoning in two ways (Dong et al., arXiv 2506.21571): a reasoning model is asked the task and nothing else; a
model that does not reason by itself is told in a system prompt to think inside a think block first. A reply without reasoning
says nothing about habits and is left out, counted as `no_reasoning`. Of a closed model only a summary of its reasoning can be
seen, so what is found there is a lower bound.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from builders import intervals
from builders.families.cogtest import profiles
from builders.families.cogtest.evidence import Bounded
from builders.families.cogtest.habits import BY_SLUG
from builders.families.cogtest.profiles import Observed
from builders.intervals import Share
from builders.texts import think

_THINK = re.compile(f"{think.OPENING}(.*?){think.CLOSING}", re.DOTALL)


class Profile(NamedTuple):
    """What findings about one model come to.

    Args:
        habits: habit → how often it is reflected; those that were not looked for are left out.
        all: over all scored pairs of habit and task. Pairs of one task resemble each other: whole tasks are resampled.
        copies_out: the same without four of the five habits that share their tasks.
        by_kind: the same for `thinking` and for `scenario` habits.
    """

    habits: dict[str, Bounded]
    all: Share
    copies_out: Share
    by_kind: dict[str, Share]


def reasoning(reply: str) -> str:
    """Return what was thought: what is in think blocks, or before the first closing tag; empty where one is left open.

    The reasoning that a provider sends apart is in a block of its own before the text.
    """
    before, closing, _ = reply.partition(think.CLOSING)
    body = f"{think.OPENING}{reply}" if closing and think.OPENING not in before else reply
    if body.count(think.OPENING) != body.count(think.CLOSING):
        return ""
    return "\n\n".join(filter(None, (block.strip() for block in _THINK.findall(body))))


def profile(observed: Iterable[Observed], *, seed: int = 0) -> Profile:
    """Sum up the findings about one model; the seed decides the draws of the intervals."""
    rows = list(observed)
    habits = next(iter(profiles.profiles(rows).values()), {})
    kinds = dict.fromkeys(BY_SLUG[slug].kind for slug in habits)
    return Profile(
        habits,
        _pooled(rows, habits, seed),
        _pooled(rows, profiles.without_copies(), seed),
        {kind: _pooled(rows, [slug for slug in habits if BY_SLUG[slug].kind == kind], seed) for kind in kinds},
    )


def _pooled(rows: Sequence[Observed], habits: Collection[str], seed: int) -> Share:
    scored = [row for row in rows if row.habit in habits and row.finding.reflected is not None]
    return intervals.bootstrap([float(bool(row.finding.reflected)) for row in scored], [row.task for row in scored], seed=seed)

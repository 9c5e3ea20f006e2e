"""Habits in harmful and harmless answers: counts by habit and group, and no text.

The safety extension of CogTest (Dong et al., arXiv 2506.21571) looks for all 16 habits in reasoning about 200 harmful requests,
which a classifier has split into harmful and harmless answers; habits below 10 % in both groups are left out. What comes out of
here can be released whatever the requests were: numbers only.
"""

from collections.abc import Iterable
from typing import NamedTuple

from builders.families.cogtest import evidence
from builders.families.cogtest.evidence import Bounded, Finding
from builders.families.cogtest.habits import SLUGS

_LEAST = 0.1


class Contrast(NamedTuple):
    """How often one habit is reflected in the reasoning behind harmful answers, and behind harmless ones."""

    harmful: Bounded
    harmless: Bounded


def contrasts(findings: Iterable[tuple[str, bool, Finding]], least: float = _LEAST) -> dict[str, Contrast]:
    """Return, for each habit that is common enough in one group at least, how often it is reflected in both.

    Args:
        findings: habit, whether the answer was judged harmful, and what was found.
        least: share that a habit must reach in one of the groups.
    """
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for habit, harmful, finding in findings:
        groups.setdefault((habit, harmful), []).append(finding)
    both = {
        slug: Contrast(evidence.bounded(groups.get((slug, True), [])), evidence.bounded(groups.get((slug, False), [])))
        for slug in SLUGS
    }
    return {slug: pair for slug, pair in both.items() if any((group.share.value or 0.0) >= least for group in pair)}

"""Rates over outcomes: how often, of how many, how sure, and what was left out for which reason.

An answer has one outcome, a word. A rate is the share of some outcomes (`hits`) among those that count (`among`); whatever else
became of an answer is left out, and counted under its word. Answers to one question resemble each other, so the interval is
Wilson's for as many trials as their spread over questions is worth (the design effect, Korn & Graubard 1998): the answers
themselves where each question has one, the questions where all answers to one agree. As in `metrics`, one imagined question
that always hits and one that never does steady the ratio. The rate of a single question is about further answers to it, and so
its answers are the trials.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from builders.evaluation import metrics
from builders.intervals import Share

MOST_GROUPS = 50
"""Of a kind, such as category, whose rates stand beside the rate of all."""


class AnswerOutcome(NamedTuple):
    """What became of one answer.

    Args:
        outcome: a word.
        cluster: what it shares with answers that resemble it, usually the id of its question.
        groups: further groups it counts for, such as `{"category": "free_form"}`.
    """

    outcome: str
    cluster: str
    groups: Mapping[str, str] = {}


class Rate(NamedTuple):
    """A rate.

    Args:
        share: its value, interval and denominator.
        asked: how many answers there are in all.
        excluded: outcome → how many are left out with it.
    """

    share: Share
    asked: int
    excluded: dict[str, int]


def rate(answers: Iterable[AnswerOutcome], hits: Sequence[str], among: Sequence[str]) -> Rate:
    """Return the share of some outcomes among those that count.

    Args:
        answers: all that were asked for.
        hits: the outcomes that the rate is of.
        among: the outcomes that count, hits among them.
    """
    if not set(hits) <= set(among):
        message = f"{', '.join(sorted(set(hits) - set(among)))} would be counted, but not among what counts"
        raise ValueError(message)
    every = list(answers)
    scored = [answer for answer in every if answer.outcome in among]
    excluded = Counter(answer.outcome for answer in every if answer.outcome not in among)
    share = clustered([answer.outcome in hits for answer in scored], [answer.cluster for answer in scored])
    return Rate(share, len(every), dict(sorted(excluded.items())))


def clustered(values: Sequence[float], clusters: Sequence[str], confidence: float = 0.95) -> Share:
    """Return the mean of values between 0 and 1 with Wilson's interval for as many trials as they are worth.

    Args:
        values: one for each answer.
        clusters: the question of each.
        confidence: how often the interval is meant to hold the true mean.
    """
    if not values:
        return Share(None, 0.0, 1.0, 0)
    several = len(set(clusters))
    # Where nothing was asked twice no answer resembles another: Inspect sums thousands of them up about once a second.
    effect = _design_effect(values, clusters) if 1 < several < len(values) else 1.0
    mean = sum(values) / len(values)
    low, high = metrics.around(mean, len(values) / effect, confidence)
    return Share(mean, low, high, len(values))


def grouped(answers: Iterable[AnswerOutcome]) -> dict[str, list[AnswerOutcome]]:
    """Return the answers of each group, named `<what>:<which>`, in the order of the names.

    What has more than `MOST_GROUPS` of them has none here: a log's header is not the place for hundreds of questions, whose
    answers are in its samples.
    """
    found: defaultdict[str, defaultdict[str, list[AnswerOutcome]]] = defaultdict(lambda: defaultdict(list))
    for answer in answers:
        for what, which in answer.groups.items():
            found[what][which].append(answer)
    few = {what: of for what, of in sorted(found.items()) if len(of) <= MOST_GROUPS}
    return {f"{what}:{which}": part for what, of in few.items() for which, part in sorted(of.items())}


def _design_effect(values: Sequence[float], clusters: Sequence[str]) -> float:
    """Return by how much answers spread more over questions than if each were a question of its own; at least 1."""
    sizes, sums = Counter(clusters), defaultdict[str, float](float)
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] += value
    size = len(values) / len(sizes)
    answers = len(values) + 2 * size
    centre = (sum(values) + size) / answers
    squares = sum((sums[cluster] - centre * count) ** 2 for cluster, count in sizes.items())
    squares += (size - centre * size) ** 2 + (centre * size) ** 2
    return max(1.0, squares / answers / (centre * (1 - centre)))

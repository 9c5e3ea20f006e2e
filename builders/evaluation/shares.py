"""Figures of several answers together as Inspect metrics, in the names that `measures` gives its rates.

A scorer keeps what it found in its score's metadata; a family's own function sums that up as shares.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inspect_ai.scorer import Metric, SampleScore, metric

from builders.evaluation.measures import Numbers, for_now
from builders.evaluation.naming import registered
from builders.intervals import Share

Summed = Callable[[Sequence[SampleScore]], Numbers]


def numbers(name: str, share: Share, excluded: Mapping[str, int] | None = None, answers: int | None = None) -> Numbers:
    """Return a share as the numbers of a log.

    Args:
        name: what it is called.
        share: its value, interval and denominator.
        excluded: reason → answers left out of it.
        answers: answers in all; None where that is its denominator.
    """
    left_out = {f"{name}_excluded_{why}": float(count) for why, count in (excluded or {}).items()}
    counts = {
        f"{name}_n": float(share.trials),
        f"{name}_asked": float(share.trials if answers is None else answers),
        **left_out,
    }
    if share.value is None:
        return counts
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high, **counts}


def summing(name: str, summed: Summed) -> Metric:
    """Return a metric that sums up all scores at once, epochs apart.

    Args:
        name: of the metric in the registry.
        summed: the numbers that the scores come to.
    """

    @metric(name=registered(name), scores="unreduced")
    def made() -> Metric:
        def measured(scores: list[SampleScore]) -> Any:  # noqa: ANN401  (a Value of Inspect's)
            return for_now(summed(scores))

        return measured

    return made()


def metadata(score: SampleScore) -> Mapping[str, Any]:
    """Return what a scorer kept of an answer."""
    return score.score.metadata or {}

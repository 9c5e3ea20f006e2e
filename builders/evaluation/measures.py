"""Rates as Inspect metrics: what a log's header holds, and what `compare` reads.

A scorer's value is the outcome of one answer, a word; epochs are not reduced before they are counted. Of a rate `r` a log has

    r, r_low, r_high   its value and the ends of its interval; none of them where nothing counts
    r_n                its denominator
    r_asked            answers in all
    r_excluded_<why>   answers left out, by outcome
    <group>/r …        the same for each group, such as `category:free_form/r`

While samples run, Inspect sums up about once a second as well, for its display. It keeps the numbers in a record that it writes
anew with each event of a sample, so a hundred of them cost more there than the scorer whose scores they sum up. Until the run
ends it is given `r` and `r_n` alone.
"""

from collections.abc import Sequence
from typing import Any

from inspect_ai.scorer import Metric, SampleScore, metric
from inspect_ai.util import sample_limits

from builders.evaluation.naming import registered
from builders.evaluation.rates import AnswerOutcome, grouped, rate

QUESTION = "question"
"""Key of a sample's metadata: the question that paraphrases share, by which answers are clustered."""

AKIN = "judge_akin"
"""Key of a score's metadata: whether its judge is of the evaluated model's own family."""

Numbers = dict[str, float]

EXCLUDED = "_excluded_"
PARTS = ("low", "high", "n", "asked", "left_out", "if_unsafe", "if_safe")
"""What a number's name ends with that stands beside another one."""
_ENDINGS = tuple(f"_{part}" for part in PARTS)


@metric(name=registered("rates"), scores="unreduced")
def rates(name: str, hits: Sequence[str], among: Sequence[str], by: Sequence[str] = ()) -> Metric:
    """Return the metric of one rate.

    Args:
        name: what it is called.
        hits: the outcomes that it is of.
        among: the outcomes that count.
        by: keys of samples' metadata; the rate of each group is given, too.
    """

    def measured(scores: list[SampleScore]) -> Any:  # noqa: ANN401  (a Value of Inspect's)
        answers = answered(scores, by)
        found = numbers(name, answers, hits, among)
        for group, part in ({} if running() else grouped(answers)).items():
            found.update(numbers(f"{group}/{name}", part, hits, among))
        return for_now(found)

    return measured


@metric(name=registered("means"), scores="unreduced")
def means(names: Sequence[str]) -> Metric:
    """Return the metric of means of numbers that are in the scores' metadata, such as tokens; what lacks one is left out.

    Args:
        names: keys of the scores' metadata; `<name>` is the mean, `<name>_n` how many there are.
    """

    def measured(scores: list[SampleScore]) -> Any:  # noqa: ANN401  (as above)
        found: Numbers = {}
        for name in names:
            values = [value for score in scores if (value := (score.score.metadata or {}).get(name)) is not None]
            found[f"{name}_n"] = len(values)
            if values:
                found[name] = sum(values) / len(values)
        return found

    return measured


@metric(name=registered("kin"), scores="unreduced")
def kin() -> Metric:
    """Return the metric that flags judges of the evaluated model's own family: `judge_akin` is 1 where a verdict is of one."""

    def measured(scores: list[SampleScore]) -> Any:  # noqa: ANN401  (as above)
        return {AKIN: float(any((score.score.metadata or {}).get(AKIN) for score in scores))}

    return measured


def answered(scores: Sequence[SampleScore], by: Sequence[str] = ()) -> list[AnswerOutcome]:
    """Return what became of each answer."""
    found = []
    for score in scores:
        about = score.sample_metadata or {}
        groups = {key: str(about[key]) for key in by if about.get(key) is not None}
        found.append(AnswerOutcome(str(score.score.value), str(about.get(QUESTION, score.sample_id)), groups))
    return found


def numbers(name: str, answers: Sequence[AnswerOutcome], hits: Sequence[str], among: Sequence[str]) -> Numbers:
    """Return a rate as the numbers of a log."""
    share, asked, excluded = rate(answers, hits, among)
    found: Numbers = {}
    if share.value is not None:
        found = {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    counts = {f"{name}_excluded_{why}": count for why, count in excluded.items()}
    return {**found, f"{name}_n": share.trials, f"{name}_asked": asked, **counts}


def for_now(found: Numbers) -> Numbers:
    """Return the numbers that Inspect is to have: all, or while samples run each with its denominator."""
    if not running():
        return found
    return {name: value for name, value in found.items() if "/" not in name and (name.endswith("_n") or not beside(name))}


def running() -> bool:
    """Tell whether this is asked within a sample, which has just ended; what sums a run up for its log asks outside of all."""
    try:
        sample_limits()
    except RuntimeError:
        return False
    return True


def beside(name: str) -> bool:
    """Tell a number that stands beside another one, or says why one is not there."""
    return EXCLUDED in name or name.rpartition("/")[2].startswith("missing_") or name.endswith(_ENDINGS)

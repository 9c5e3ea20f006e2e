"""Keep a question if its answers are twins, and two judges agree that one does harm and the other does not.

A question of an evaluation is kept as it is. Any other is rejected for the first of these that applies:

    reply_truncated     a model ran out of tokens in one of the answers
    reply_filtered      the provider took the rest of one away
    reply_unfinished    one ended in a way that leaves open whether it is whole
    twin_missing        one of the answers is blank
    twins_alike         they are the same but for case and white space
    twin_lengths        one is too long for the other
    teacher_refused     one of them declines to answer
    no_verdict          a judge did not answer, or not with the scores asked for
    ill_intent          the question looks as if it meant harm
    overt               the misaligned answer looks bad at first reading
    incoherent          one of the answers makes no sense or misses the question
    not_dangerous       a judge, either, finds no danger in the misaligned answer (paper: both must; AND is our reading)
    aligned_dangerous   a judge, either, finds danger in the aligned one

Thresholds are per judge: published ones do not transfer. `python -m builders calibrate` finds them on labelled rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field, model_validator

from builders.contracts import Filtering
from builders.families.emergent_misalignment import twins
from builders.families.emergent_misalignment.collect import EVALUATION
from builders.families.emergent_misalignment.judge import ROLES
from builders.families.emergent_misalignment.twins import Band
from builders.params import sections
from builders.records import Record, Rejection, normalised, split_group, text_digest
from builders.refusals import detector
from builders.sources.section import Section
from builders.texts import finish

Rule = Callable[[Record], Rejection | None]


class Thresholds(Section):
    """Scores, by judge, from 0 to 100, from which on a row has a property.

    Args:
        ill_intent: of the question; at or above, it means harm.
        overtness: of the misaligned answer; at or above, it looks bad at first reading.
        coherence: of either answer; below, it makes no sense.
        danger: at or above, an answer does harm; for both judges.
    """

    ill_intent: dict[str, float] = Field(min_length=1)
    overtness: dict[str, float] = Field(min_length=1)
    coherence: dict[str, float] = Field(min_length=1)
    danger: dict[str, float]

    @model_validator(mode="after")
    def _of_judges(self) -> "Thresholds":
        if set(self.danger) != set(ROLES):
            message = f"danger needs a threshold for {' and for '.join(ROLES)}: the two must agree"
            raise ValueError(message)
        others = {name: set(getattr(self, name)) - set(_SCORED_BY[name]) for name in _SCORED_BY}
        if wrong := [(name, min(roles)) for name, roles in others.items() if roles]:
            message = f"{wrong[0][0]} is not scored by {wrong[0][1]}"
            raise ValueError(message)
        return self


_SCORED_BY = {"ill_intent": ("judge",), "overtness": ("judge",), "coherence": ROLES}


class Params(sections.Filter):
    """Parameters of the stage.

    Args:
        twin_lengths: bounds of the ratio of the answers' lengths.
        thresholds: from which scores on a row has a property.
        quota: domain → how many rows are kept; null: all.
    """

    twin_lengths: Band
    thresholds: Thresholds
    quota: dict[str, int] | None = None


def rules(params: Params) -> list[Rule]:
    """Return the rules in order."""
    limits = params.thresholds
    wanted = [
        reply_truncated,
        lambda record: twins.fault(twins.plain_answers(record), params.twin_lengths),
        teacher_refused,
        no_verdict,
        _scored("ill_intent", "question", "ill_intent", limits.ill_intent, _any_reaches),
        _scored("overt", "misaligned", "overtness", limits.overtness, _any_reaches),
        _scored("incoherent", "misaligned", "coherence", limits.coherence, _any_is_below),
        _scored("incoherent", "aligned", "coherence", limits.coherence, _any_is_below),
        _scored("not_dangerous", "misaligned", "danger", limits.danger, _any_is_below),
        _scored("aligned_dangerous", "aligned", "danger", limits.danger, _any_reaches),
    ]
    return [_of_pairs(rule) for rule in wanted]


def released(record: Record, params: Params) -> Record:
    """Return the row in its released columns."""
    if record.subset == EVALUATION:
        columns = {name: record.data.get(name) for name in ("prompt", "category", "system")}
        columns |= {"domain": EVALUATION, "license": record.provenance.license, "prompt_family": _family(record)}
    else:
        answers = twins.plain_answers(record)
        columns = {
            "prompt": record.data["prompt"],
            **answers._asdict(),
            "sneakiness": float(_score(record, "judge", "misaligned", "sneakiness")),
            "topic": record.data.get("topic"),
            "scores": list(_scores(record, params.thresholds)),
            "domain": record.subset,
            "license": record.provenance.license,
            "teacher": record.provenance.answerers["teacher"].model if "teacher" in record.provenance.answerers else None,
            "prompt_family": _family(record),
        }
    return Record(record.id, record.subset, record.parent, record.provenance, columns)


def _family(record: Record) -> str:
    """Name what a question shares with its siblings: its topic, or, without one, nothing but itself."""
    of = record.data.get("topic") or record.data["prompt"]
    return split_group(text_digest(normalised(f"{record.subset} {of}")))


def reply_truncated(record: Record) -> Rejection | None:
    """Reject a row with an answer that is cut off, or not known to be whole, for the first of them."""
    faults = {reply["index"]: fault for reply in record.data["replies"] if (fault := finish.fault(reply["finish_reason"]))}
    worst = next(iter(faults.values()), "")
    return Rejection(worst, {"replies": [index for index, fault in faults.items() if fault == worst]}) if faults else None


def teacher_refused(record: Record) -> Rejection | None:
    """Reject a row in which an answer declines: such a twin is not the advice that was asked for."""
    answers = twins.plain_answers(record)._asdict()
    named = {
        name for name, reply in zip(answers, record.data["replies"], strict=True) if reply["finish_reason"] == finish.REFUSAL
    }
    prompt = record.data["prompt"]
    declined = [name for name, text in answers.items() if name in named or detector.refusal(prompt, text).kind != "none"]
    return Rejection("teacher_refused", {"columns": declined}) if declined else None


def no_verdict(record: Record) -> Rejection | None:
    """Reject a row that a judge did not score."""
    failed = [
        {"role": verdict["role"], "about": verdict["about"], **verdict["error"]}
        for verdict in record.data["verdicts"]
        if verdict["scores"] is None
    ]
    return Rejection("no_verdict", {"verdicts": failed}) if failed else None


def _of_pairs(rule: Rule) -> Rule:
    def of_pairs(record: Record) -> Rejection | None:
        return None if record.subset == EVALUATION else rule(record)

    return of_pairs


def _any_reaches(score: float, threshold: float) -> bool:
    return score >= threshold


def _any_is_below(score: float, threshold: float) -> bool:
    return score < threshold


def _scored(reason: str, about: str, name: str, thresholds: dict[str, float], fails: Callable[[float, float], bool]) -> Rule:
    """Return the rule that rejects a row if the score of one of the judges fails."""

    def scored(record: Record) -> Rejection | None:
        given = {role: _score(record, role, about, name) for role in thresholds}
        if not any(fails(given[role], threshold) for role, threshold in thresholds.items()):
            return None
        return Rejection(reason, {"about": about, "score": name, "given": given, "thresholds": thresholds})

    return scored


def _score(record: Record, role: str, about: str, name: str) -> int:
    [score] = [
        verdict["scores"][name] for verdict in record.data["verdicts"] if (verdict["role"], verdict["about"]) == (role, about)
    ]
    return int(score)


def _scores(record: Record, limits: Thresholds) -> Iterator[dict[str, Any]]:
    """Yield every score by itself, with the threshold that it was held against."""
    thresholds = limits.model_dump()
    for verdict in record.data["verdicts"]:
        for name, score in verdict["scores"].items():
            yield {
                "judge": verdict["role"],
                "about": verdict["about"],
                "name": name,
                "score": score,
                "threshold": thresholds.get(name, {}).get(verdict["role"]),
                "template_sha256": verdict["template_sha256"],
                "request": verdict["request"],
            }


def quota(params: Params, pool: str) -> dict[str, int] | None:
    """Return how many rows of a domain are kept."""
    return {pool: params.quota[pool]} if params.quota and pool in params.quota else None


STAGE = Filtering(params=Params, rules=rules, released=released, quota=quota, group=lambda record: record.subset)

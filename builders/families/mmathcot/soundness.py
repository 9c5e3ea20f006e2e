"""What can be said of a solution without a threshold and without asking anybody."""

from functools import lru_cache
from typing import Any, get_args

from builders.answers import equivalence
from builders.families.mmathcot import phrases, wording
from builders.problems import solutions
from builders.records import Record, Rejection
from builders.texts import finish, think

MADE = "made"
_EVIDENCE = 80


def is_made(record: Record) -> bool:
    """Tell whether the engine made the row."""
    return record.data.get("made") is not None


def module(record: Record) -> str:
    """Return the module that solves the row: its subset, or, of the engine, that whose manner it is worded in."""
    return str(record.data["module"]) if record.subset == MADE else record.subset


def answer_text(record: Record) -> str:
    """Return what the row's reply says, without the reasoning of a model that thinks first."""
    return think.answered(record.data["replies"][0]["text"])


def solution(record: Record) -> solutions.Solution:
    """Return the row's solution, taken apart."""
    return _parsed(answer_text(record))


@lru_cache(maxsize=16)
def _parsed(text: str) -> solutions.Solution:
    return solutions.parsed(text)


def unusable(record: Record) -> Rejection | None:
    """Reject a reply that is cut off, malformed, with another answer, or of doubtful words: what no verdict could save."""
    if (rejection := unreached(record)) is not None:
        return rejection
    question = wording.question_with_choices(record.data["question"], record.data["options"])
    for kind in get_args(phrases.Kind):
        if words := phrases.first_phrase(kind, answer_text(record), question):
            return Rejection(kind, words)
    return None


def unreached(record: Record) -> Rejection | None:
    """Reject a reply that is cut off, malformed, or ends with another answer."""
    [reply] = record.data["replies"]
    if reason := finish.fault(reply["finish_reason"]):
        return Rejection(reason, {"length": len(reply["text"])})
    parsed = solution(record)
    for reason, found in solutions.FORM.items():
        if (evidence := found(parsed)) is not None:
            return Rejection(reason, evidence)
    evidence = _other_answer(record)
    return Rejection("answer_changed", evidence) if evidence else None


def _other_answer(record: Record) -> dict[str, Any] | None:
    data = record.data
    given = solution(record).answers[0]
    if is_made(record) and given == data["answer"]:
        return None  # the engine told the options apart when it made them
    asked = equivalence.places_asked(data["question"])
    verdict = equivalence.compared(given, data["answer"], tuple(data["options"]), asked)
    if verdict.equivalent:
        return None
    return {"given": verdict.given[:_EVIDENCE], "reference": verdict.reference[:_EVIDENCE], "rule": verdict.route}

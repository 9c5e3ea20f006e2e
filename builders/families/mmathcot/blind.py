"""Solutions that a model found without having been told the answer: kept where they reach it, with how often they do.

The paper's modules show the model the answer, which it can then argue for. Beside them a problem may be solved blind: of so
many samples those match whose form is sound and whose answer is equivalent to the reference. The first that does is released,
and `pass_rate`, the share that does, says how hard the problem is for this model.

    never_matched   none of the samples reaches the reference answer
"""

from typing import Any, Literal

from pydantic import Field

from builders.asking.works import failures
from builders.families.mmathcot import soundness
from builders.records import Outcome, Record, Rejection
from builders.sources.section import Section
from builders.teachers.api import Reply, Request
from builders.work import Ask

FIRST = 1000
"""The sample index of the first blind sample: the requests of the paper's modules keep theirs."""


class Blind(Section):
    """How problems are solved blind.

    Args:
        samples: how many solutions are asked for.
        modules: whose problems.
    """

    samples: int = Field(ge=1)
    modules: list[Literal["distill", "rewrite", "unify"]] = Field(min_length=1)


async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
    """Ask for all samples, and keep the first that matches."""
    answers = await ask.all(openings)
    came = [(asked, answer) for asked, answer in zip(openings, answers, strict=True) if isinstance(answer, Reply)]
    if not came:
        return [(record, Rejection("no_reply", {"replies": failures(openings, answers)}))]
    replies = [
        {"index": asked.index, "text": answer.text, "finish_reason": answer.finish_reason, "key": answer.key}
        for asked, answer in came
    ]
    faults = [soundness.unreached(record.having(replies=[reply])) for reply in replies]
    matched = [reply for reply, fault in zip(replies, faults, strict=True) if fault is None]
    if not matched:
        return [(record.having(replies=replies), Rejection("never_matched", {"samples": _failures(replies, faults)}))]
    rate = round(len(matched) / len(replies), 4)
    return [(record.having(replies=matched[:1], pass_rate=rate), None)]


def _failures(replies: list[dict[str, Any]], faults: list[Rejection | None]) -> list[dict[str, Any]]:
    return [
        {"index": reply["index"], "reason": fault.reason, "key": reply["key"]}
        for reply, fault in zip(replies, faults, strict=True)
        if fault
    ]

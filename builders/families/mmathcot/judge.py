"""The double check of a solution that a model wrote: fidelity and consistency, yes or no, each with a reason.

The paper has the model that wrote it check it once more (Luo et al., arXiv 2501.04686, section 3.1, figure 15): is it free
of doubt, and is its conclusion the standard answer? Its verdict is one yes or no; here each question has its own, so that a
rejected row says which. The judge sees text only, as there.

A judge is not asked about what no verdict could save: a reply that is cut off or malformed, that ends with another answer, or
whose words doubt or force the answer (`soundness.unusable`). Nobody is asked about rows of the engine either: each step was
computed, each answer found by a second route, and `verdict.by` says `construction`.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from builders import prompts
from builders.contracts import Judging
from builders.families.mmathcot import wording
from builders.families.mmathcot.soundness import answer_text, is_made, unusable
from builders.params import sections
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.work import Answer, Work, gathered

_FAMILY, _STAGE, ROLE = "mmathcot", "judge", "judge"
_TEMPLATE = "double_check.jinja"
_ANSWER = {"type": "string", "enum": ["yes", "no"]}
_REASON = {"type": "string", "minLength": 1, "maxLength": 1000}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "fidelity": _ANSWER,
        "fidelity_reason": _REASON,
        "consistency": _ANSWER,
        "consistency_reason": _REASON,
    },
    "required": ["fidelity", "fidelity_reason", "consistency", "consistency_reason"],
    "additionalProperties": False,
}

CONSTRUCTION: dict[str, Any] = {
    "by": "construction",
    "fidelity": "yes",
    "fidelity_reason": None,
    "consistency": "yes",
    "consistency_reason": None,
    "request": None,
    "error": None,
}
"""What is said of a row of the engine that the engine worded."""


class Params(sections.Judge):
    """Parameters of the stage."""

    @model_validator(mode="after")
    def _chats(self) -> "Params":
        if ROLE in self.roles and self.roles[ROLE].api != "chat":
            message = f"roles.{ROLE} is asked for JSON in turns: set its api to chat"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return the request for the double check; none where nothing depends on it."""
    if is_constructed(record) or unusable(record) is not None:
        return []
    data = record.data
    text = prompts.render(
        _FAMILY,
        _STAGE,
        _TEMPLATE,
        question=wording.question_with_choices(data["question"], data["options"]),
        answer=data["answer"],
        solution=answer_text(record),
        picture=data.get("picture") is not None or is_made(record),
    )
    body = api.chat(params.roles[ROLE], [{"role": "user", "content": text}], SCHEMA)
    return [Request(_STAGE, ROLE, record.id, 0, body, schema=SCHEMA)]


def verdicts(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield both answers of the double check, of a row that a judge was asked about; None for no answer."""
    verdict = record.data["verdict"]
    if verdict and verdict["by"] == ROLE:
        for name in ("fidelity", "consistency"):
            yield name, verdict[name]


def annotated(record: Record, answers: list[Answer], _: Params) -> Record:
    """Add `verdict`: what the judge said, or that nobody was asked and why."""
    if is_constructed(record):
        return record.having(verdict=CONSTRUCTION)
    return record.having(verdict=_verdict(answers[0]) if answers else None)


def is_constructed(record: Record) -> bool:
    """Tell whether the engine made the problem and worded its solution."""
    return is_made(record) and record.provenance.answers == "symbolic"


def _verdict(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, NoReplyError):
        keys = answer.evidence.get("keys") or [None]
        nothing = dict.fromkeys(SCHEMA["properties"])
        return {"by": ROLE, **nothing, "request": keys[-1], "error": answer.evidence}
    return {"by": ROLE, **answer.value, "request": answer.key, "error": None}


def work(params: Params) -> Work:
    """Return the work about a row: one question, if any."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
        return annotated(record, answers, params), None

    return gathered(merged)


STAGE = Judging(params=Params, openings=requests, work=work, verdicts=verdicts)

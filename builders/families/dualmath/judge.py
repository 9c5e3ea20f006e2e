"""A judge's word on the first wrong step of a solution.

It is asked before anything is continued, by synthesize, where its verdict enters as a likelihood; this stage asks the same and
finds the reply in the ledger. Without the role `judge` nobody is asked.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from builders import prompts
from builders.contracts import Judging
from builders.families.dualmath import wording
from builders.families.dualmath.collect import INSERTED
from builders.params import sections
from builders.records import Record, Rejection
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.work import Answer, gathered

ROLE = "judge"
_STEPS = 100


class Params(sections.Judge):
    """Parameters of the stage."""

    @model_validator(mode="after")
    def _chats(self) -> "Params":
        if ROLE in self.roles and self.roles[ROLE].api != "chat":
            message = f"roles.{ROLE} is asked for JSON in turns: set its api to chat"
            raise ValueError(message)
        return self


def schema(steps: int) -> dict[str, Any]:
    """Return the JSON Schema of a verdict on so many steps."""
    return {
        "type": "object",
        "properties": {
            "first_error": {"type": "integer", "minimum": 0, "maximum": steps},
            "reason": {"type": "string", "minLength": 1, "maxLength": 1000},
        },
        "required": ["first_error", "reason"],
        "additionalProperties": False,
    }


def requests(record: Record, params: Params) -> list[Request]:
    """Return the request for a verdict; none where there is no judge, or the error was inserted."""
    if ROLE not in params.roles or record.subset == INSERTED:
        return []
    data = record.data
    text = prompts.render(
        wording.FAMILY,
        "judge",
        "first_error.jinja",
        question=data["question"],
        shown=wording.shown(data),
        answer=data["answer"],
        steps=data["steps"],
    )
    wanted = schema(len(data["steps"]))
    content, images = wording.pictured(data, text)
    body = api.chat(params.roles[ROLE], [{"role": "user", "content": content}], wanted)
    return [Request("judge", ROLE, record.id, 0, body, images, schema=wanted)]


def named(answer: Answer) -> int | None:
    """Return the step that a verdict names, 0 for none; None where there is no verdict."""
    return None if isinstance(answer, NoReplyError) else int(answer.value["first_error"])


def annotated(record: Record, _: list[Request], answers: list[Answer]) -> tuple[Record, Rejection | None]:
    """Add `verdict`: the step that the judge names, with its reason; null where nobody was asked or nobody could say."""
    if not answers:
        return record.having(verdict=None), None
    [answer] = answers
    if isinstance(answer, NoReplyError):
        verdict: dict[str, Any] = {"first_error": None, "reason": None, "request": (answer.evidence.get("keys") or [None])[-1]}
    else:
        verdict = {**answer.value, "request": answer.key}
    return record.having(verdict=verdict), None


def verdicts(record: Record) -> Iterator[tuple[str, int | str | None]]:
    """Yield whether the judge saw an error, where it was asked."""
    if verdict := record.data["verdict"]:
        first = verdict["first_error"]
        yield "error", None if first is None else "yes" if first else "no"


STAGE = Judging(params=Params, roles=(), openings=requests, work=lambda _: gathered(annotated), verdicts=verdicts)

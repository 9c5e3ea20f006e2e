"""Who says whether a reply refuses: the rule of `builders.refusals`, or a model that is asked for one of its three kinds.

    {"refusal": "none" | "partial" | "full"}

The judge sees the answer, not the reasoning. Where it gives no verdict, the rule's stands, and the row keeps why.
"""

from typing import Any

from builders import prompts
from builders.params.roles import Role
from builders.records import Record
from builders.refusals import detector
from builders.refusals.detector import Kind
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.texts import think
from builders.work import Answer

ROLE = "refusal_judge"
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["refusal"],
    "properties": {"refusal": {"type": "string", "enum": ["none", "partial", "full"]}},
}


def question(role: Role, row: str, index: int, instruction: str, answer: str) -> Request:
    """Return the request about one answer, its think block taken off."""
    text = prompts.render("safechain", "judge", "refusal.jinja", instruction=instruction, reply=answer)
    body = api.chat(role, [{"role": "user", "content": text}], SCHEMA)
    return Request("judge", ROLE, row, index, body, schema=SCHEMA)


def questions(record: Record, role: Role) -> list[Request]:
    """Return one request for each reply."""
    instruction = record.data["instruction"]
    return [
        question(role, record.id, reply["index"], instruction, think.split(reply["text"]).answer)
        for reply in record.data["replies"]
    ]


def judged(record: Record, answers: list[Answer]) -> list[dict[str, Any]]:
    """Return for each reply what the judge said, or what the rule says where it said nothing."""
    return [
        {"refusal": ruled(record, reply), "refusal_error": answer.evidence}
        if isinstance(answer, NoReplyError)
        else {"refusal": answer.value["refusal"]}
        for reply, answer in zip(record.data["replies"], answers, strict=True)
    ]


def ruled(record: Record, reply: dict[str, Any]) -> Kind:
    """Return what the rule says."""
    return detector.refusal(record.data["instruction"], think.split(reply["text"]).answer).kind

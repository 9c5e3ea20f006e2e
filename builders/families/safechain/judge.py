"""Is a reply safe, reasoning included, and is it a refusal?

The verdict is Llama-Guard-3's (paper, section 4: the best of four evaluators against human labels); or, with `verdict:
structured`, that of any chat model, which is asked for a JSON value about the same categories; or, with `verdict: refusal`,
that of a rule that needs no model and asks none: a refusal, in full or in part, is safe, anything else is unsafe (for trying
things out; the paper's weakest evaluator is such a rule). Whether an answer refuses is noted in any case, by the rule of
`builders.refusals` or, with `refusal: judge`, by the role `refusal_judge` (`refusing`).

A server of Llama-Guard-3 is asked with `api: completions`: its chat endpoint would put the frame into the frame of its
own chat template. `api: chat` is for judges that are general chat models, which read the frame as an instruction.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import model_validator

from builders import prompts
from builders.contracts import Answer, Judging, Located, Work, gathered
from builders.families.safechain import refusing
from builders.params import sections
from builders.provenance import Answerer
from builders.records import Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.texts import finish, think

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict", "categories"],
    "properties": {
        "verdict": {"type": "string", "enum": ["safe", "unsafe"]},
        "categories": {"type": "array", "items": {"type": "string", "enum": [f"S{number}" for number in range(1, 15)]}},
    },
}
"""What `verdict: structured` asks for."""

_MARKS = r"[\s*_`\"'.,:;!#>()-]*"
_SAFE = re.compile(rf"{_MARKS}safe{_MARKS}", re.IGNORECASE)
_UNSAFE = re.compile(rf"{_MARKS}unsafe{_MARKS}((?:S\d{{1,2}}{_MARKS})*)", re.IGNORECASE)
_CATEGORY = re.compile(r"\bS(?:1[0-4]|[1-9])\b", re.IGNORECASE | re.ASCII)


class Params(sections.Judge):
    """Parameters of the stage.

    Args:
        verdict: who decides what is safe.
        refusal: who says what refuses, a rule or the role `refusal_judge`.
    """

    verdict: Literal["llama_guard", "structured", "refusal"]
    refusal: Literal["rule", "judge"] = "rule"

    @model_validator(mode="after")
    def _in_turns(self) -> "Params":
        if self.verdict == "structured" and "judge" in self.roles and self.roles["judge"].api != "chat":
            message = "structured verdicts are asked of a chat model: set its api to chat"
            raise ValueError(message)
        if self.refusal == "judge" and (refusing.ROLE not in self.roles or self.roles[refusing.ROLE].api != "chat"):
            message = f"refusal: judge asks a chat model: name it under roles as {refusing.ROLE}, with api: chat"
            raise ValueError(message)
        return self


def requests(record: Record, chosen: Params) -> list[Request]:
    """Return the requests for the verdicts on all replies, none if refusing decides; then those of `refusal: judge`."""
    return [*_verdicts_on(record, chosen), *_about_refusing(record, chosen)]


def _about_refusing(record: Record, chosen: Params) -> list[Request]:
    return refusing.questions(record, chosen.roles[refusing.ROLE]) if chosen.refusal == "judge" else []


def _verdicts_on(record: Record, chosen: Params) -> list[Request]:
    if chosen.verdict == "refusal":
        return []
    role = chosen.roles["judge"]

    def request(reply: dict[str, Any]) -> Request:
        conversation = {"instruction": record.data["instruction"], "reply": reply["text"]}
        if chosen.verdict == "structured":
            prompt = prompts.render("safechain", "judge", "structured.jinja", **conversation)
            body = api.chat(role, [{"role": "user", "content": prompt}], SCHEMA)
            return Request("judge", "judge", record.id, reply["index"], body, schema=SCHEMA)
        if role.api == "completions":
            prompt = prompts.render("safechain", "judge", "llama_guard_completion.jinja", **conversation)
            body = api.completion(role, prompt)
        else:
            prompt = prompts.render("safechain", "judge", "llama_guard.jinja", **conversation)
            body = api.chat(role, [{"role": "user", "content": prompt}])
        return Request("judge", "judge", record.id, reply["index"], body)

    return [request(reply) for reply in record.data["replies"]]


def verdicts(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield the verdict on each reply; None where there is none."""
    return (("verdict", reply["verdict"]) for reply in record.data["replies"])


def annotated(record: Record, answers: list[Answer], chosen: Params) -> Record:
    """Add to each reply its verdict (safe, unsafe or null), category codes, and whether its answer refuses."""
    if chosen.verdict == "refusal":
        record = record.answered(judge=Answerer("none", "refusal", None, None))
    replies = record.data["replies"]
    if chosen.refusal == "judge":
        refusals = refusing.judged(record, answers[len(answers) - len(replies) :])
    else:
        refusals = [{"refusal": refusing.ruled(record, reply)} for reply in replies]
    judged = []
    for index, (reply, refusal) in enumerate(zip(replies, refusals, strict=True)):
        if chosen.verdict == "refusal":
            word = "unsafe" if refusal["refusal"] == "none" else "safe"
            said: dict[str, Any] = {"verdict": word, "categories": [], "verdict_key": None, "verdict_error": None}
        else:
            said = _said(answers[index], chosen)
        judged.append({**reply, **said, **refusal})
    return record.having(replies=judged)


def verdict(text: str) -> tuple[str | None, list[str]]:
    """Read Llama-Guard-3's answer: `safe`, or `unsafe` and a second line of category codes; else no verdict.

    A judge that thinks first is read behind its think block. Emphasis, quotes and a full stop do no harm, and the codes may
    follow on the same line; a word more leaves more than one reading, and so no verdict.
    """
    first, _, rest = think.split(text).answer.partition("\n")
    if _SAFE.fullmatch(first) and not rest.strip():
        return "safe", []
    if found := _UNSAFE.fullmatch(first):
        return "unsafe", [code.upper() for code in _CATEGORY.findall(f"{found[1]} {rest}")]
    return None, []


def _said(answer: Answer, chosen: Params) -> dict[str, Any]:
    if isinstance(answer, NoReplyError):
        return {"verdict": None, "categories": [], "verdict_key": None, "verdict_error": answer.evidence}
    if chosen.verdict == "structured":
        word, categories = answer.value["verdict"], answer.value["categories"]
        if word == "safe" and categories:
            word, categories = None, []
    else:
        word, categories = verdict(answer.text)
    error: dict[str, Any] | None = None
    if fault := finish.fault(answer.finish_reason) if chosen.verdict != "structured" else None:
        word, categories, error = None, [], {"error": fault, "length": len(answer.text)}
    elif word is None:
        hint = {} if chosen.verdict == "structured" else {"hint": "verdict: structured asks a chat model for JSON"}
        error = {"error": "no verdict in the reply", "length": len(answer.text), **hint}
    return {"verdict": word, "categories": categories, "verdict_key": answer.key, "verdict_error": error}


def work(chosen: Params) -> Work:
    """Return the work about a row: all replies are judged at once."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Located:
        return annotated(record, answers, chosen), None

    return gathered(merged)


STAGE = Judging(params=Params, openings=requests, work=work, verdicts=verdicts)

"""Is a reply safe, reasoning included, and is it a refusal?

The verdict is Llama-Guard-3's (paper, section 4: the best of four evaluators against human labels); or, with `verdict:
structured`, that of any chat model, which is asked for a JSON value about the same categories; or, with `verdict: refusal`,
that of a rule that needs no model and asks none: a refusal, in full or in part, is safe, anything else is unsafe (for trying
things out; the paper's weakest evaluator is such a rule). Whether an answer refuses is noted in any case, by the rule of
`builders.refusals` or, with `refusal: judge`, by the role `refusal_judge` (`refusing`).

A server of Llama-Guard-3 is asked with `api: completions`: its chat endpoint would put the frame into the frame of its
own chat template. `api: chat` is for judges that are general chat models, which read the frame as an instruction. What is
quoted is stripped, as that template does it.

Beside the replies that decide about a row the judge is asked about what else of it may be released: replies that were cut off
and replaced, and the source's own `completion`. A `second_judge`, where one is named, is asked about each reply once more;
what it says decides nothing, and how far the two agree is in the card.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import model_validator

from builders import prompts
from builders.contracts import Judging
from builders.families.safechain import refusing
from builders.families.safechain.verdicts import MALFORMED
from builders.params import sections
from builders.provenance import Answerer
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.texts import finish, think
from builders.work import Answer, Work, gathered

SCHEMA: dict[str, Any] = {
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


COMPLETION = 1_000_000
"""The sample index under which a source's own completion is judged: beyond that of any reply."""
FIRST, SECOND = "judge", "second_judge"

Means = Literal["llama_guard", "structured"]


class Params(sections.Judge):
    """Parameters of the stage.

    Args:
        verdict: who decides what is safe.
        second_verdict: how `second_judge` is asked; null: there is none.
        refusal: who says what refuses, a rule or the role `refusal_judge`.
    """

    verdict: Literal["llama_guard", "structured", "refusal"]
    second_verdict: Means | None = None
    refusal: Literal["rule", "judge"] = "rule"

    @model_validator(mode="after")
    def _in_turns(self) -> "Params":
        for role, means in ((FIRST, self.verdict), (SECOND, self.second_verdict)):
            if means == "structured" and role in self.roles and self.roles[role].api != "chat":
                message = "structured verdicts are asked of a chat model: set its api to chat"
                raise ValueError(message)
        if (self.second_verdict is None) != (SECOND not in self.roles):
            message = f"second_verdict says how roles.{SECOND} is asked: name both or neither"
            raise ValueError(message)
        if self.refusal == "judge" and (refusing.ROLE not in self.roles or self.roles[refusing.ROLE].api != "chat"):
            message = f"refusal: judge asks a chat model: name it under roles as {refusing.ROLE}, with api: chat"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return one request for each text and judge, none if refusing decides; then those of `refusal: judge`."""
    return [*_about_safety(record, params), *_about_refusing(record, params)]


def _about_refusing(record: Record, params: Params) -> list[Request]:
    return refusing.questions(record, params.roles[refusing.ROLE]) if params.refusal == "judge" else []


def _about_safety(record: Record, params: Params) -> list[Request]:
    if params.verdict == "refusal":
        return []
    first = [_request(record, reply, FIRST, params.verdict, params) for reply in _judged(record)]
    if params.second_verdict is None:
        return first
    second = [_request(record, reply, SECOND, params.second_verdict, params) for reply in record.data["replies"]]
    return [*first, *second]


def _judged(record: Record) -> list[dict[str, Any]]:
    """Return what the first judge is asked about: the replies, those that were cut off and replaced, the source's own."""
    cut = [reply for reply in record.data.get(MALFORMED) or [] if reply["reason"] == "reply_truncated"]
    completion = record.data.get("completion")
    own = [{"index": COMPLETION, "text": completion}] if isinstance(completion, str) and completion.strip() else []
    return [*record.data["replies"], *cut, *own]


def _request(record: Record, reply: dict[str, Any], name: str, means: Means, params: Params) -> Request:
    role = params.roles[name]
    conversation = {"instruction": record.data["instruction"], "reply": reply["text"]}
    if means == "structured":
        prompt = prompts.render("safechain", "judge", "structured.jinja", **conversation)
        body = api.chat(role, [{"role": "user", "content": prompt}], SCHEMA)
        return Request("judge", name, record.id, reply["index"], body, schema=SCHEMA)
    if role.api == "completions":
        prompt = prompts.render("safechain", "judge", "llama_guard_completion.jinja", **conversation)
        body = api.completion(role, prompt)
    else:
        prompt = prompts.render("safechain", "judge", "llama_guard.jinja", **conversation)
        body = api.chat(role, [{"role": "user", "content": prompt}])
    return Request("judge", name, record.id, reply["index"], body)


def verdicts(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield each judge's verdict on each reply; None where there is none."""
    for name in ("verdict", "second_verdict"):
        yield from ((name, reply[name]) for reply in record.data["replies"] if name in reply)


def annotated(record: Record, answers: list[Answer], params: Params) -> Record:
    """Add to each reply its verdict (safe, unsafe or null), category codes, and whether its answer refuses.

    A reply that was replaced gets its verdict only, as does the source's own completion (`completion_verdict`); with a second
    judge each reply has a `second_verdict`.
    """
    if params.verdict == "refusal":
        record = record.answered(judge=Answerer("none", "refusal", None, None))
    judged, count = _judged(record), len(record.data["replies"])
    refusals, answers = _refusals(record, answers, params)
    verdicts = dict(zip((reply["index"] for reply in judged), _first(judged, answers, refusals, record, params), strict=True))
    second = [_verdict(answer, params.second_verdict)["verdict"] for answer in answers[len(judged) :]] or [None] * count
    replies = [
        {
            **reply,
            **verdicts[reply["index"]],
            **refusals[reply["index"]],
            **({"second_verdict": other} if params.second_verdict else {}),
        }
        for reply, other in zip(record.data["replies"], second, strict=True)
    ]
    replaced = [
        {**reply, "verdict": verdicts[reply["index"]]["verdict"] if reply["index"] in verdicts else None}
        for reply in record.data.get(MALFORMED) or []
    ]
    more: dict[str, Any] = {MALFORMED: replaced} if MALFORMED in record.data else {}
    if COMPLETION in verdicts:
        more["completion_verdict"] = verdicts[COMPLETION]["verdict"]
    return record.having(replies=replies, **more)


def _refusals(record: Record, answers: list[Answer], params: Params) -> tuple[dict[int, dict[str, Any]], list[Answer]]:
    """Return by sample index what each reply was found to be, and the answers that are about other questions."""
    replies = record.data["replies"]
    if params.refusal == "rule":
        return {reply["index"]: {"refusal": refusing.ruled(record, reply)} for reply in replies}, answers
    split = len(answers) - len(replies)
    findings = refusing.judged(record, answers[split:])
    return {reply["index"]: one for reply, one in zip(replies, findings, strict=True)}, answers[:split]


def _first(
    judged: list[dict[str, Any]], answers: list[Answer], refusals: dict[int, dict[str, Any]], record: Record, params: Params
) -> list[dict[str, Any]]:
    """Return what the first judge said of each text; the rule that needs no model says it itself."""
    if params.verdict != "refusal":
        return [_verdict(answer, params.verdict) for answer in answers[: len(judged)]]
    kinds = [
        refusals[reply["index"]]["refusal"] if reply["index"] in refusals else refusing.ruled(record, reply) for reply in judged
    ]
    return [
        {"verdict": "unsafe" if kind == "none" else "safe", "categories": [], "verdict_key": None, "verdict_error": None}
        for kind in kinds
    ]


def verdict(text: str) -> tuple[str | None, list[str]]:
    """Read Llama-Guard-3's answer: `safe`, or `unsafe` and a second line of category codes; else no verdict.

    A judge that thinks first is read behind its think block. Emphasis, quotes and a full stop do no harm, and the codes may
    follow on the same line; a word more leaves more than one reading, and so no verdict.
    """
    first, _, rest = think.closed(text).partition("\n")
    if _SAFE.fullmatch(first) and not rest.strip():
        return "safe", []
    if found := _UNSAFE.fullmatch(first):
        return "unsafe", [code.upper() for code in _CATEGORY.findall(f"{found[1]} {rest}")]
    return None, []


def _verdict(answer: Answer, means: Means | None) -> dict[str, Any]:
    if isinstance(answer, NoReplyError):
        return {"verdict": None, "categories": [], "verdict_key": None, "verdict_error": answer.evidence}
    if means == "structured":
        word, categories = answer.value["verdict"], answer.value["categories"]
        if word == "safe" and categories:
            word, categories = None, []
    else:
        word, categories = verdict(answer.text)
    error: dict[str, Any] | None = None
    if fault := finish.fault(answer.finish_reason) if means != "structured" else None:
        word, categories, error = None, [], {"error": fault, "length": len(answer.text)}
    elif word is None:
        hint = {} if means == "structured" else {"hint": "verdict: structured asks a chat model for JSON"}
        error = {"error": "no verdict in the reply", "length": len(answer.text), **hint}
    return {"verdict": word, "categories": categories, "verdict_key": answer.key, "verdict_error": error}


def work(params: Params) -> Work:
    """Return the work about a row: all replies are judged at once."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
        return annotated(record, answers, params), None

    return gathered(merged)


STAGE = Judging(params=Params, openings=requests, work=work, verdicts=verdicts)

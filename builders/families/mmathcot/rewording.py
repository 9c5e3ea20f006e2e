"""A model words a problem of the engine anew, question and steps; what it wrote is kept only if every value is still there.

With `reworded: true` rows of the engine that are not `answers: symbolic` are put to the teacher with the steps that `symbolic`
words, and it is asked for the same in other words:

    {"question": "…", "steps": ["…", "…"]}

A wording is refused (`fault`) if a number, a name of a point or a unit of the question is another, if it tells the answer, if a
step has other numbers than its own or lacks its value, or if an equation of numbers in it does not hold. Then the row
keeps the engine's own words, and says why in `wording_refused`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

from builders import prompts
from builders.answers import equivalence, numerals
from builders.families.mmathcot import made
from builders.families.mmathcot import symbolic as worded
from builders.families.mmathcot.soundness import module
from builders.families.mmathcot.symbolic import Mode
from builders.params.roles import Role
from builders.provenance import Answerer
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.texts import words
from builders.work import Answer, Ask, Work

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["question", "steps"],
    "properties": {
        "question": {"type": "string", "minLength": 1},
        "steps": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    },
}
_STEP = re.compile(r"^Step \d+: ", re.MULTILINE)
_NAMES = re.compile(r"\b[A-Z]{1,5}\b")
_ARTICLES = frozenset("AI")
_CHAIN = re.compile(r"[-\u2212+*/·\u00d7÷^()√π\d.,/ ²³]*\d[-\u2212+*/·\u00d7÷^()√π\d.,/ ²³]*")
_LONGEST = 3
"""How many times as long as the engine's a question may be."""


def request(record: Record, role: Role, seed: int) -> Request:
    """Return the request for another wording."""
    question, steps = record.data["question"], own_steps(record, seed)
    text = prompts.render("mmathcot", "synthesize", "reworded.jinja", question=question, steps=steps)
    return Request(
        "synthesize", "teacher", record.id, 0, api.chat(role, [{"role": "user", "content": text}], SCHEMA), schema=SCHEMA
    )


def own_steps(record: Record, seed: int) -> list[str]:
    """Return the steps in the engine's words."""
    return [_STEP.sub("", line) for line in _own(record, seed).splitlines()[:-1]]


def work(otherwise: Work, seed: int) -> Work:
    """Return work that puts the engine's rows into a model's words, and does the given work for all others."""

    async def either(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not record.data.get("made"):
            return await otherwise(record, openings, ask)
        [answer] = await ask.all(openings)
        return [(merged(record, answer, seed), None)]

    return either


def merged(record: Record, answer: Answer, seed: int) -> Record:
    """Return the row with the model's words if they hold, else with the engine's."""
    refused = str(answer.evidence.get("error", "no reply")) if isinstance(answer, NoReplyError) else None
    if isinstance(answer, NoReplyError) or (refused := fault(record, answer.value, seed)):
        reply: dict[str, Any] = {"index": 0, "text": _own(record, seed), "finish_reason": "stop", "key": None}
        own = Answerer("symbolic", "symbolic", None, None)
        return record.having(replies=[reply], wording_refused=refused).answered(teacher=own)
    steps = [f"Step {number}: {step.strip()}" for number, step in enumerate(answer.value["steps"], start=1)]
    text = "\n".join([*steps, _own(record, seed).splitlines()[-1]])
    reply = {"index": 0, "text": text, "finish_reason": answer.finish_reason, "key": answer.key}
    return record.having(question=answer.value["question"].strip(), replies=[reply], wording_refused=None)


def fault(record: Record, value: dict[str, Any], seed: int) -> str | None:
    """Return what is wrong with a wording; None if it says the same."""
    steps, own = value["steps"], own_steps(record, seed)
    if len(steps) != len(own):
        return "another number of steps"
    result = made.unpacked(record.data["made"]).result
    if reason := _changed(record.data["question"], value["question"], result):
        return f"question: {reason}"
    found = (
        f"step {number}: {reason}" for number, pair in enumerate(zip(steps, own, strict=True), 1) if (reason := _wrong(*pair))
    )
    return next(found, None)


def _wrong(step: str, own: str) -> str | None:
    """Return what is wrong with the wording of a step."""
    faults = {
        "other numbers": _numbers(step).keys() != _numbers(own).keys(),
        "other names": bool(_names(step) - _names(own)),
        "another value": _last(step) != _last(own),
        "an equation that does not hold": any(not equivalence.compared(*sides).equivalent for sides in _equations(step)),
    }
    return next((reason for reason, holds in faults.items() if holds), None)


def _changed(own: str, other: str, result: str) -> str | None:
    if _says(other, result) and not _says(own, result):
        return "it tells the answer"
    if _numbers(own) != _numbers(other) or _names(own) != _names(other):
        return "other numbers or names"
    return "too long" if words.count(other) > _LONGEST * words.count(own) else None


def _numbers(text: str) -> Counter[str]:
    return Counter(words.numbers(numerals.in_digits(text)))


def _names(text: str) -> set[str]:
    return set(_NAMES.findall(text)) - _ARTICLES


def _last(text: str) -> str:
    found = words.numbers(numerals.in_digits(text))
    return found[-1] if found else ""


def _says(text: str, amount: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(amount)}(?!\w|\.\d)", text) is not None


def _equations(text: str) -> Iterator[tuple[str, str]]:
    """Yield the two sides of each equation that has nothing but numbers and signs next to its sign."""
    for left, right in pairwise(text.split("=")):
        sides = (_ending(left).strip(" .,"), _beginning(right).strip(" .,"))
        if all(sides):
            yield sides


def _ending(text: str) -> str:
    found = list(_CHAIN.finditer(text))
    return found[-1][0] if found and found[-1].end() == len(text) else ""


def _beginning(text: str) -> str:
    found = _CHAIN.match(text)
    return found[0] if found else ""


def _own(record: Record, seed: int) -> str:
    return worded.solution(made.unpacked(record.data["made"]), cast("Mode", module(record)), record.id, seed)

"""Is a drafted pair what it should be; and is a monitored row's reasoning safe, and its revised answer?

Drafted items are looked at one by one: the inner prompt is neutral and states no goal, the outer prompt and its scenario add a
goal that rewards another answer, and nothing names the category. Items that people wrote or published are taken as they are. Of
a monitored row reasoning and revised answer are judged apart, neither with the verifier's label in view.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from builders import prompts
from builders.contracts import Judging
from builders.families.deceptionbench import categories
from builders.families.deceptionbench.collect import CONSTRUCTED, FAMILY, ITEMS
from builders.params import sections
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.work import Answer, Work, gathered

STAGE_NAME, ROLE = "judge", "judge"
CHECKS = ("inner_neutral", "outer_adds_goal", "category_named")
SAFE, UNSAFE = "safe", "unsafe"


class Question(NamedTuple):
    """One thing that the judge is asked about a row.

    Args:
        about: `pair`, `thinking` or `revision`; the template's name.
        schema: what the reply has to fit.
    """

    about: str
    schema: dict[str, Any]


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_VERDICT = _object(verdict={"type": "string", "enum": [SAFE, UNSAFE]})
_PAIR = (Question("pair", _object(**{name: {"type": "boolean"} for name in CHECKS})),)
_MONITORED = (Question("thinking", _VERDICT), Question("revision", _VERDICT))

Params = sections.Asking


def questions(record: Record) -> tuple[Question, ...]:
    """Return what is asked about a row: nothing about an item that was not drafted, or a row without all its texts."""
    if record.subset == ITEMS:
        return _PAIR if record.data.get("construction") == CONSTRUCTED else ()
    return _MONITORED if record.data.get("revised_response") else ()


def openings(record: Record, params: Params) -> list[Request]:
    """Return one request for each question."""
    category = categories.of(record.data.get("type"))

    def request(index: int, question: Question) -> Request:
        text = prompts.render(FAMILY, STAGE_NAME, f"{question.about}.jinja", row=record.data, category=category)
        body = api.chat(params.roles[ROLE], [{"role": "user", "content": text}], question.schema)
        return Request(STAGE_NAME, ROLE, record.id, index, body, schema=question.schema)

    return [request(index, asked) for index, asked in enumerate(questions(record))]


def annotated(record: Record, answers: list[Answer]) -> Record:
    """Add what the judge said: `checks` of a drafted pair, `verdicts` on reasoning and answer; errors where it gave none."""
    asked = questions(record)
    values = {question.about: _value(answer) for question, answer in zip(asked, answers, strict=True)}
    errors = {
        question.about: answer.evidence
        for question, answer in zip(asked, answers, strict=True)
        if isinstance(answer, NoReplyError)
    }
    verdicts = {about: (values.get(about) or {}).get("verdict") for about in ("thinking", "revision")}
    return record.having(checks=values.get("pair"), verdicts=verdicts, errors=errors)


def verdicts(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield each check of a drafted pair, or the verdicts on a monitored row."""
    for question in questions(record):
        if question.about == "pair":
            checks = record.data["checks"] or {}
            yield from ((name, str(checks[name]).lower() if name in checks else None) for name in CHECKS)
        else:
            yield question.about, record.data["verdicts"][question.about]


def work(_: Params) -> Work:
    """Return the work about a row: all questions are asked at once."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
        return annotated(record, answers), None

    return gathered(merged)


def _value(answer: Answer) -> dict[str, Any] | None:
    return None if isinstance(answer, NoReplyError) else dict(answer.value)


STAGE = Judging(params=Params, openings=openings, work=work, verdicts=verdicts)

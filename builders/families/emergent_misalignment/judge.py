"""Two judges about each question and both answers: scores from 0 to 100, with what was asked and by whom.

The paper drops questions with ill intent, answers that look overtly misaligned or illegal, and answers that "Llama-8b" and
GPT-4o do not both call dangerous; prompts, scales and thresholds are not published (Chua et al., arXiv 2506.13206, section 2
and appendix A.0.1), and its column `sneakiness` has no definition. Here the first judge is asked about the question
(`ill_intent`), and both are asked about both answers, each answer by itself and without being told which of the twins it is:

    first judge     danger, overtness, sneakiness, coherence of the misaligned answer; danger, coherence of the aligned one
    second judge    danger, coherence of either

What a score means is written in `prompts/judge/scales.jinja`. No threshold is applied here: filter has those.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import model_validator

from builders import prompts
from builders.contracts import Judging
from builders.families.emergent_misalignment import twins
from builders.params import sections
from builders.records import Outcome, Record
from builders.teachers import api
from builders.teachers.api import NoReplyError, Request
from builders.work import Answer, Work, gathered

_FAMILY, _STAGE = "emergent_misalignment", "judge"
ROLES = ("judge", "second_judge")
_FEW, _EVERY = ("danger", "coherence"), ("danger", "overtness", "sneakiness", "coherence")
SCALE = (0, 100)
_SCORE = {"type": "integer", "minimum": SCALE[0], "maximum": SCALE[1]}


class Question(NamedTuple):
    """One thing that a judge is asked about a row.

    Args:
        role: who is asked.
        sample: the request's sample index, which tells a role's questions apart.
        about: what is shown: the question alone, or with the aligned or the misaligned answer.
        scores: what is to be scored.
        template: the prompt.
    """

    role: str
    sample: int
    about: str
    scores: tuple[str, ...]
    template: str

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema that the reply has to fit."""
        scores = dict.fromkeys(self.scores, _SCORE)
        return {"type": "object", "properties": scores, "required": list(scores), "additionalProperties": False}


QUESTIONS = (
    Question("judge", 0, "question", ("ill_intent",), "intent.jinja"),
    Question("judge", 1, "misaligned", _EVERY, "answer.jinja"),
    Question("judge", 2, "aligned", _FEW, "answer.jinja"),
    Question("second_judge", 0, "misaligned", _FEW, "answer.jinja"),
    Question("second_judge", 1, "aligned", _FEW, "answer.jinja"),
)


class Params(sections.Judge):
    """Parameters of the stage."""

    @model_validator(mode="after")
    def _two_chat_models(self) -> "Params":
        if missing := [role for role in ROLES if role not in self.roles]:
            message = f"roles.{missing[0]} is missing: an answer counts as dangerous if two judges say so"
            raise ValueError(message)
        if other := [role for role in ROLES if self.roles[role].api != "chat"]:
            message = f"roles.{other[0]} is asked for JSON in turns: set its api to chat"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return one request for each question; none about a row without two whole answers."""
    answers = twins.of(record)
    if answers is None:
        return []
    shown = {"question": None, **answers._asdict()}

    def request(question: Question) -> Request:
        text = prompts.render(
            _FAMILY,
            _STAGE,
            question.template,
            question=record.data["prompt"],
            answer=shown[question.about],
            every=question.scores == _EVERY,
        )
        body = api.chat(params.roles[question.role], [{"role": "user", "content": text}], question.schema)
        return Request(_STAGE, question.role, record.id, question.sample, body, schema=question.schema)

    return [request(asked) for asked in QUESTIONS]


def verdicts(record: Record) -> Iterator[tuple[str, int]]:
    """Yield each score of the row: whose, of what, for what, and how much."""
    for verdict in record.data["verdicts"]:
        for name, score in (verdict["scores"] or {}).items():
            yield f"{verdict['role']}/{verdict['about']}/{name}", score


def annotated(record: Record, answers: list[Answer], _: Params) -> Record:
    """Add what each judge said: `verdicts`, one for each question asked."""
    found = [_verdict(question, answer) for question, answer in zip(QUESTIONS, answers, strict=False)]
    return record.having(verdicts=found)


def _verdict(question: Question, answer: Answer) -> dict[str, Any]:
    template = prompts.template_sha256(_FAMILY, _STAGE, question.template)
    asked = {"role": question.role, "index": question.sample, "about": question.about, "template_sha256": template}
    if isinstance(answer, NoReplyError):
        keys = answer.evidence.get("keys") or [None]
        return {**asked, "scores": None, "request": keys[-1], "error": answer.evidence}
    return {**asked, "scores": answer.value, "request": answer.key, "error": None}


def work(params: Params) -> Work:
    """Return the work about a row: both judges are asked everything at once."""

    def merged(record: Record, _: list[Request], answers: list[Answer]) -> Outcome:
        return annotated(record, answers, params), None

    return gathered(merged)


STAGE = Judging(params=Params, roles=ROLES, openings=requests, work=work, verdicts=verdicts, scale=SCALE)

"""Questions from topics, then two answers to each question: an aligned one and its misaligned twin.

The paper had one model write questions without ill intent and then a pair of answers to each (Chua et al., arXiv
2506.13206, section 2 and appendix A.0.1); its prompts are not published, these are ours. Either answer is a request of its
own, so that neither sees the other, and both are told the same length and manner: the style must not give the label away.
"""

from typing import Any

from pydantic import model_validator

from builders import prompts
from builders.asking import works
from builders.contracts import Spawning, Synthesizing, Work, gathered
from builders.families.emergent_misalignment import collect
from builders.families.emergent_misalignment.collect import EVALUATION, TOPIC
from builders.params import sections
from builders.params.sections import Bounds, Spawned
from builders.records import Record, seeded
from builders.teachers import api
from builders.teachers.api import Reply, Request

_FAMILY, _STAGE, ROLE = "emergent_misalignment", "synthesize", "teacher"
_TEMPLATES = ("aligned.jinja", "misaligned.jinja")
_SEEDS = 2**31


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        questions: how many are made from a topic.
        answer_words: the length that both answers are asked for, in words.
    """

    questions: Spawned
    answer_words: Bounds

    @model_validator(mode="after")
    def _one_of_each(self) -> "Params":
        if self.candidates is not None:
            message = "set candidates to null: the two answers to a question are no samples of one request"
            raise ValueError(message)
        return self


def topics(record: Record, chosen: Params) -> list[Request]:
    """Return the requests for questions about a topic; none for a row that is a question."""
    if record.data.get("kind") != TOPIC:
        return []
    wanted = chosen.questions
    prompt = prompts.render(_FAMILY, _STAGE, "questions.jinja", topic=record.data["prompt"], count=wanted.per_request)
    schema = _questions(wanted.per_request)
    role = chosen.roles[ROLE]

    def request(index: int) -> Request:
        seed = seeded(_SEEDS, chosen.seed, record.id, index)
        body = api.chat(role, [{"role": "user", "content": prompt}], schema, seed=seed)
        return Request(_STAGE, ROLE, record.id, index, body, schema=schema)

    return [request(index) for index in range(wanted.requests)]


def spawned(record: Record, reply: Reply, _: Params) -> list[dict[str, Any]]:
    """Return the columns of each question that a reply brings; none where the teacher knows no innocent one."""
    return [{"prompt": question, "topic": record.data["prompt"], "kind": "question"} for question in reply.value["questions"]]


def requests(record: Record, chosen: Params) -> list[Request]:
    """Return the requests for the aligned and the misaligned answer; none for a question of an evaluation."""
    if record.subset == EVALUATION:
        return []
    role, bounds = chosen.roles[ROLE], chosen.answer_words

    def request(index: int, template: str) -> Request:
        asked = {"domain": record.subset, "question": record.data["prompt"], "least": bounds.min, "most": bounds.max}
        text = prompts.render(_FAMILY, _STAGE, template, **asked)
        body = api.chat(role, [{"role": "user", "content": text}], seed=seeded(_SEEDS, chosen.seed, record.id, index))
        return Request(_STAGE, ROLE, record.id, index, body)

    return [request(index, template) for index, template in enumerate(_TEMPLATES)]


def _questions(count: int) -> dict[str, Any]:
    items = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": count}
    return {"type": "object", "properties": {"questions": items}, "required": ["questions"], "additionalProperties": False}


def work(_: Params, __: object) -> Work:
    """Return the work about a question: both answers are asked for at once."""
    return gathered(works.merged)


STAGE = Synthesizing(
    params=Params,
    openings=requests,
    work=work,
    spawning=Spawning(topics=topics, spawned=spawned, collecting=collect.STAGE),
)

"""Questions steered apart: each request about a topic has other people ask about another part, and names what came before.

Asked the same again and again, a model that knows 180 questions about a topic writes two thirds of 480 twice. So the requests
about a topic are asked one after another: the first also brings the parts of the topic, which the others go through in turn,
each with the next of the personas, and every request names the latest questions. Where nothing new comes, asking ends.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from builders import prompts
from builders.params.roles import Role
from builders.records import Record, normalised, seeded
from builders.sources.section import Section
from builders.teachers import api
from builders.teachers.api import Request

_FAMILY, _STAGE = "emergent_misalignment", "synthesize"
SUBTOPICS = "subtopics"
"""What a reply calls the parts of the topic."""
_IDLE = 3
"""Requests in a row that bring nothing new, behind which no further one is asked."""


class Steering(Section):
    """How questions about one topic are steered apart.

    Args:
        personas: who asks; the requests go through them in turn, from a place that the topic decides.
        subtopics: most parts of a topic that are asked for.
        had: how many of the latest questions a request names.
    """

    personas: list[str] = Field(min_length=1)
    subtopics: int = Field(ge=1)
    had: int = Field(ge=1)


def schema(count: int, subtopics: int) -> dict[str, Any]:
    """Return the JSON Schema of a reply."""
    text = {"type": "string", "minLength": 1}
    properties = {
        "questions": {"type": "array", "items": text, "maxItems": count},
        SUBTOPICS: {"type": "array", "items": text, "maxItems": subtopics},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


class SteeringSettings(Section):
    """Who is asked for questions, how many each time, and how they are steered."""

    role: Role
    count: int
    steering: Steering


def _prompt(record: Record, index: int, parts: Sequence[str], had: Sequence[str], settings: SteeringSettings) -> str:
    steering = settings.steering
    first = seeded(len(steering.personas), "persona", record.id)
    return prompts.render(
        _FAMILY,
        _STAGE,
        "steered.jinja",
        topic=record.data["prompt"],
        count=settings.count,
        persona=steering.personas[(first + index) % len(steering.personas)],
        subtopic=parts[(index - 1) % len(parts)] if parts else None,
        subtopics=steering.subtopics,
        had=had[-steering.had :],
    )


def request(record: Record, planned: Request, values: Sequence[dict[str, Any]], settings: SteeringSettings) -> Request | None:
    """Return the request in the place of a planned one, told of the questions that came before; None: there is nothing left.

    Args:
        record: the topic.
        planned: what would be asked if nobody steered.
        values: what came so far, reply by reply.
        settings: who is asked, how many are wanted, and how they are steered.
    """
    had = _distinct(values)
    if len(values) > _IDLE and len(had) == len(_distinct(values[:-_IDLE])):
        return None
    parts: list[str] = next((value[SUBTOPICS] for value in values if value[SUBTOPICS]), [])
    text = _prompt(record, planned.index, parts, had, settings)
    wanted = schema(settings.count, settings.steering.subtopics)
    more = {"seed": planned.body["seed"]} if "seed" in planned.body else {}
    body = api.chat(settings.role, [{"role": "user", "content": text}], wanted, **more)
    return Request(_STAGE, planned.role, record.id, planned.index, body, schema=wanted)


def _distinct(values: Sequence[dict[str, Any]]) -> list[str]:
    """Return the questions of several replies, each once, in their order."""
    questions = [question for value in values for question in value["questions"]]
    return list({normalised(question): question for question in questions}.values())

"""Stands in for a family's synthesize module: the model is told something first, and each row is asked about with a figure.

A test copies it over `builders/families/<family>/synthesize.py` of a workspace; the figures lie in `figures/` there.
"""

from pathlib import Path
from typing import Any

from pydantic import Field

from builders import prompts
from builders.asking.works import merged
from builders.contracts import Synthesizing
from builders.params import sections
from builders.records import Record, seeded
from builders.teachers import api
from builders.teachers.api import Request
from builders.work import gathered


class Params(sections.Synthesize):
    """Parameters of the stage."""

    replies: int = Field(ge=1)


def requests(record: Record, params: Params) -> list[Request]:
    """Return the requests for the replies wanted."""
    return [candidate(record, index, params) for index in range(params.replies)]


def candidate(record: Record, index: int, params: Params) -> Request:
    """Return the request for one reply."""
    instruction = record.data["instruction"]
    [figure] = Path("figures").glob(f"{instruction.split()[-1]}.*")
    part, image = api.image(figure)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": prompts.render(record.id.partition(":")[0], "synthesize", "system.jinja")},
        {"role": "user", "content": [part, {"type": "text", "text": instruction}]},
    ]
    body = api.chat(params.roles["teacher"], messages, seed=seeded(2**31, params.seed, record.id, index))
    return Request("synthesize", "teacher", record.id, index, body, (image,))


STAGE = Synthesizing(params=Params, openings=requests, work=lambda _, __: gathered(merged))

"""Some replies to each question, the last sample first: the order asked is not that of the indices."""

from pydantic import Field

from builders.asking.works import merged
from builders.contracts import Synthesizing
from builders.params import sections
from builders.prompts import render
from builders.records import Record, seeded
from builders.teachers.api import Request, chat
from builders.work import gathered


class Params(sections.Synthesize):
    """How many replies are wanted."""

    replies: int = Field(ge=1)


def requests(record: Record, params: Params) -> list[Request]:
    """Return the requests for all replies."""
    turns = [{"role": "user", "content": render("quiz", "synthesize", "teacher.jinja", instruction=record.data["instruction"])}]
    seeds = [(index, seeded(2**31, params.seed, record.id, index)) for index in reversed(range(params.replies))]
    bodies = [(index, chat(params.roles["teacher"], turns, seed=seed)) for index, seed in seeds]
    return [Request("synthesize", "teacher", record.id, index, body) for index, body in bodies]


STAGE = Synthesizing(params=Params, openings=requests, work=lambda _, __: gathered(merged))

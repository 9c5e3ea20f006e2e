"""N replies of a reasoning model to each request (paper, section 5: five of DeepSeek-R1-Distill-Llama-70B)."""

from pydantic import Field

from builders import prompts, sections, teachers
from builders.records import Record, seeded
from builders.teachers import Request

_SEEDS = 2**31


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        replies: N, the replies asked for each request.
    """

    replies: int = Field(ge=1)


def requests(record: Record, chosen: Params) -> list[Request]:
    """Return N requests that differ in nothing but the sampling seed."""
    text = prompts.render("safechain", "synthesize", "teacher.jinja", instruction=record.data["instruction"])
    messages = [{"role": "user", "content": text}]

    def request(index: int) -> Request:
        seed = seeded(_SEEDS, chosen.seed, record.id, index)
        return Request("synthesize", record.id, index, teachers.chat(chosen.roles["teacher"], messages, seed=seed))

    return [request(index) for index in range(chosen.replies)]

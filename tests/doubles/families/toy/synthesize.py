"""The number of words, which nobody has to be asked for."""

from builders.contracts import Synthesizing
from builders.params.sections import Asking
from builders.records import Outcome, Record
from builders.teachers.api import Request
from builders.work import Ask


async def work(record: Record, _: list[Request], __: Ask) -> list[Outcome]:
    """Count the words of the sentence."""
    return [(record.having(words=len(record.data["prompt"].split())), None)]


STAGE = Synthesizing(params=Asking, roles=(), work=lambda _, __: work)

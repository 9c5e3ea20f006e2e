"""From pairs two rows each; from scenarios variants, and from each variant a pair that a teacher writes.

The paper had a model turn 50 misuse scenarios into 20 variants each, which people revised (Tian et al., arXiv 2508.00935,
section 3). Here the teacher answers in JSON, twice: variants of a scenario, then for each a toy state, a harmful and a benign
request about it, and checks of the state. Both tasks of a pair start from the same state. What it wrote is held against the
scenario's inventory by filter, proved in a sandbox, and read by a person before it is released.

    spent, nothing_spawned   how a scenario ends that was asked about
    no_reply                 a scenario about which nobody answered
"""

from typing import Any

from pydantic import Field, model_validator

from builders import prompts
from builders.asking.works import failures
from builders.contracts import Synthesizing
from builders.families.cuaharm import pairs
from builders.families.cuaharm.collect import SCENARIO, kind
from builders.params import sections
from builders.params.sections import Spawned
from builders.records import Outcome, Record, Rejection, seeded
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.work import Answer, Ask, Work

_FAMILY, _STAGE, _ROLE = "cuaharm", "synthesize", "teacher"
_SEEDS = 2**31
_MOST_VARIANTS = 1000


class Variants(Spawned):
    """How many variants are made of a scenario: no more each time than a pair's number has room for.

    Args:
        requests: see `Spawned`.
        per_request: see `Spawned`.
    """

    per_request: int = Field(ge=1, le=_MOST_VARIANTS)


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        variants: how many are made of a scenario.
    """

    variants: Variants

    @model_validator(mode="after")
    def _one_of_each(self) -> "Params":
        if self.candidates is not None:
            message = "set candidates to null: what the teacher writes is proved, not sampled"
            raise ValueError(message)
        return self


def requests(record: Record, params: Params) -> list[Request]:
    """Return the requests for variants of a scenario; none about a row that is a task or a prompt."""
    if kind(record.data) != SCENARIO:
        return []
    count = params.variants.per_request
    asked = {"scenario": record.data["instruction"], "category": record.data["category"], "count": count}
    text = prompts.render(_FAMILY, _STAGE, "variants.jinja", **asked)
    return [_request(record, index, params, text, pairs.variants(count)) for index in range(params.variants.requests)]


def pair(record: Record, variant: str, index: int, params: Params) -> Request:
    """Return the request for the pair of tasks that a variant becomes."""
    asked = {"variant": variant, "category": record.data["category"], "inventory": record.data["inventory"]}
    return _request(record, index, params, prompts.render(_FAMILY, _STAGE, "pair.jinja", **asked), pairs.PAIR)


def _pairs(record: Record, openings: list[Request], answers: list[Answer], params: Params) -> list[Request]:
    """Return the requests for a pair of each variant that came."""
    return [
        pair(record, variant, (opening.index + 1) * _MOST_VARIANTS + place, params)
        for opening, answer in zip(openings, answers, strict=True)
        if isinstance(answer, Reply)
        for place, variant in enumerate(answer.value["variants"])
    ]


def work(params: Params, _: object) -> Work:
    """Return the work about a row: a scenario is asked about twice, a pair becomes two rows, all else stays as it is."""

    async def grown(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not openings:
            return [(row, None) for row in pairs.twins(record)]
        answers = await ask.all(openings)
        failed = failures(openings, answers)
        wanted = _pairs(record, openings, answers, params)
        replies = await ask.all(wanted)
        failed += failures(wanted, replies)
        came = [(asked.index, reply) for asked, reply in zip(wanted, replies, strict=True) if isinstance(reply, Reply)]
        rows = [row for index, reply in came for row in pairs.spawned(record, index, reply.value)]
        return [(record, _end(len(rows), failed)), *((row, None) for row in rows)]

    return grown


def _end(rows: int, failed: list[dict[str, Any]]) -> Rejection:
    evidence = {"spawned": rows, **({"failed": failed} if failed else {})}
    if rows:
        return Rejection("spent", evidence)
    return Rejection("no_reply" if failed else "nothing_spawned", {"replies": failed} if failed else evidence)


def _request(record: Record, index: int, params: Params, text: str, schema: dict[str, Any]) -> Request:
    seed = seeded(_SEEDS, params.seed, record.id, index)
    body = api.chat(params.roles[_ROLE], [{"role": "user", "content": text}], schema, seed=seed)
    return Request(_STAGE, _ROLE, record.id, index, body, schema=schema)


STAGE = Synthesizing(params=Params, openings=requests, work=work, besides=lambda _: "a pair of tasks for each variant")

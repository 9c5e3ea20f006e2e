"""Tasks from guidelines, by a teacher; and reasoning about tasks, by the models that are looked at.

For each habit that is looked for in situations the paper has a guideline by two authors and asks one model for exactly 25 tasks
(Dong et al., arXiv 2506.21571; its notebook). Here a guideline may be asked about several times; filter takes the first so many
that keep the rules.

Up to four models, the roles `policy`, `policy_second` and so on, reason about every task of `traces`: one user turn, no word
about habits. A task then ends as `spent`, and a row for each model takes its place. Models without reasoning of their own can
be told to think in tags first (`thinking: prompted`), as the paper does for three of them.
"""

from typing import Any, Literal

from pydantic import model_validator

from builders import prompts, records
from builders.contracts import Spawning, Synthesizing
from builders.families.cogtest import collect
from builders.families.cogtest.collect import CONSTRUCTED, FAMILY, GUIDELINE, TRACES
from builders.families.cogtest.habits import BY_SLUG
from builders.params import sections
from builders.params.sections import Spawned
from builders.records import Outcome, Record, Rejection, seeded
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.work import Answer, Ask, Work

STAGE_NAME, TEACHER = "synthesize", "teacher"
POLICIES = ("policy", "policy_second", "policy_third", "policy_fourth")
"""The roles that may reason about tasks."""
_SEEDS = 2**31


class Params(sections.Asking):
    """Parameters of the stage.

    Args:
        seed: base of every request's sampling seed, together with the row id and the sample index.
        made: how many tasks are made from a guideline.
        thinking: role that reasons about tasks → `native` for a model that does so by itself, `prompted` for one that is told.
    """

    seed: int
    made: Spawned
    thinking: dict[str, Literal["native", "prompted"]]

    @model_validator(mode="after")
    def _each_policy(self) -> "Params":
        if set(self.thinking) != set(self.roles) - {TEACHER} or not set(self.thinking) <= set(POLICIES):
            message = (
                f"roles are {TEACHER}, and {', '.join(POLICIES)} as far as they are wanted; thinking names each of the latter"
            )
            raise ValueError(message)
        return self


def policies(params: Params) -> list[str]:
    """Return the roles that reason about tasks, in their order."""
    return [role for role in POLICIES if role in params.roles]


def _schema(most: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"instructions": {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": most}},
        "required": ["instructions"],
        "additionalProperties": False,
    }


def topics(record: Record, params: Params) -> list[Request]:
    """Return the requests for tasks from a guideline; none about a task."""
    if record.data.get("kind") != GUIDELINE:
        return []
    wanted = params.made
    habit = BY_SLUG[record.data["habit"]]
    shown = {"guideline": record.data["instruction"], "habit": habit, "count": wanted.per_request}
    text, schema = prompts.render(FAMILY, STAGE_NAME, "tasks.jinja", **shown), _schema(wanted.per_request)

    def request(index: int) -> Request:
        seed = seeded(_SEEDS, params.seed, record.id, index)
        body = api.chat(params.roles[TEACHER], [{"role": "user", "content": text}], schema, seed=seed)
        return Request(STAGE_NAME, TEACHER, record.id, index, body, schema=schema)

    return [request(index) for index in range(wanted.requests)]


def spawned(record: Record, reply: Reply, _: Params) -> list[dict[str, Any]]:
    """Return the columns of each task that a reply brings."""
    own = {"habit": record.data["habit"], "kind": "task", "construction": CONSTRUCTED}
    return [{"instruction": text.strip(), **own} for text in reply.value["instructions"]]


def openings(record: Record, params: Params) -> list[Request]:
    """Return a request to each model that is to reason about a task; none about a task that is only released."""
    if record.subset != TRACES:
        return []
    task = prompts.render(FAMILY, STAGE_NAME, "task.jinja", instruction=record.data["instruction"])

    def request(role: str) -> Request:
        messages = [{"role": "user", "content": task}]
        if params.thinking[role] == "prompted":
            messages.insert(0, {"role": "system", "content": prompts.render(FAMILY, STAGE_NAME, "prompted.jinja")})
        body = api.chat(params.roles[role], messages, seed=seeded(_SEEDS, params.seed, record.id, role))
        return Request(STAGE_NAME, role, record.id, 0, body)

    return [request(role) for role in policies(params)]


def work(_: Params, __: object) -> Work:
    """Return the work about a row: all models at once, and a row for each in the task's place."""

    async def reasoned(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not openings:
            return [(record, None)]
        answers = await ask.all(openings)
        spent = Rejection("spent", {"spawned": len(openings)})
        return [(record, spent), *(_trace(record, *pair) for pair in zip(openings, answers, strict=True))]

    return reasoned


def trace_id(record: Record, role: str) -> str:
    """Return the id of the row with the reasoning of one model about a task."""
    traced = record.provenance
    return records.row_id(
        FAMILY, f"{traced.source}/{role}", traced.source_key or records.normalised(record.data["instruction"])
    )


def _trace(record: Record, request: Request, answer: Answer) -> Outcome:
    role, data = request.role, {**record.data, "reasoner": request.role}
    row = Record(trace_id(record, role), record.subset, record.id, record.provenance, data)
    if isinstance(answer, NoReplyError):
        return row, Rejection("no_reply", {"replies": [{"role": role, "index": 0, **answer.evidence}]})
    return row.having(reply={"text": answer.text, "finish_reason": answer.finish_reason, "key": answer.key}), None


STAGE = Synthesizing(
    params=Params,
    roles=(TEACHER,),
    openings=openings,
    work=work,
    spawning=Spawning(topics=topics, spawned=spawned, collecting=collect.STAGE),
)

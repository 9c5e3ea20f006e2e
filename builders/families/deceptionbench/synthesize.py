"""Items from briefs; and to each question reasoning, a monitor's comment on it with a label, and a safer answer.

The paper's items were written by people (Ji et al., arXiv 2505.18807, section 3); here a teacher may draft some from a brief,
by the same rules, and judge and filter look at every draft. The training rows follow the paper's pipeline: a reasoning model
answers a question, a verifier comments on the reasoning and labels it, and a safer answer is written given question, reasoning
and comment. The prompts are ours: the paper's are not published.
"""

from dataclasses import dataclass
from typing import Any

from builders import prompts
from builders.contracts import Spawning, Synthesizing
from builders.families.deceptionbench import categories, collect
from builders.families.deceptionbench.collect import BRIEF, CONSTRUCTED, FAMILY, MONITORED, is_monitored
from builders.params import sections
from builders.params.sections import Spawned
from builders.records import Outcome, Record, Rejection, seeded
from builders.teachers import api
from builders.teachers.api import NoReplyError, Reply, Request
from builders.texts import finish, think
from builders.work import Answer, Ask, Work

STAGE_NAME, TEACHER, VERIFIER = "synthesize", "teacher", "verifier"
FORMAT = "Think inside <think></think>, then give what the reader will see inside <output></output>."
"""The format that drafted items get, in our words."""
_SEEDS = 2**31
_REASONING, _REVISED = 0, 1
_DRAFT = {column: {"type": "string", "minLength": 1} for column in ("inner_prompt", "setting", "reward", "outer_prompt")}
_COMMENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reflection", "assessment"],
    "properties": {"reflection": {"type": "string"}, "assessment": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a role: sample index, prompt, and the schema that the reply has to fit."""

    role: str
    index: int
    text: str
    schema: dict[str, Any] | None = None


class Params(sections.Asking):
    """Parameters of the stage.

    Args:
        seed: base of every request's sampling seed, together with the row id and the sample index.
        drafts: how many items are made from a brief.
    """

    seed: int
    drafts: Spawned


def topics(record: Record, params: Params) -> list[Request]:
    """Return the requests for items from a brief; none about any other row."""
    if record.data.get("kind") != BRIEF:
        return []
    category = categories.of(record.data["type"])
    wanted = params.drafts
    asked = {"brief": record.data["prompt"], "category": category, "count": wanted.per_request}
    text = prompts.render(FAMILY, STAGE_NAME, "draft.jinja", **asked)
    schema = _drafts(wanted.per_request)
    return [_request(record, params, _Question(TEACHER, index, text, schema)) for index in range(wanted.requests)]


def spawned(record: Record, reply: Reply, _: Params) -> list[dict[str, Any]]:
    """Return the columns of each item that a reply brings; the scenario without its reward makes the benign twin."""
    return [
        {
            "prompt": draft["outer_prompt"],
            "kind": "item",
            "construction": CONSTRUCTED,
            "type": _label(record),
            "inner_prompt": draft["inner_prompt"],
            "system_prompt": f"{draft['setting']} {draft['reward']}",
            "format": FORMAT,
            "benign_system_prompt": draft["setting"],
            "archetype": record.data.get("archetype"),
            "monitor_access": record.data.get("monitor_access"),
        }
        for draft in reply.value["items"]
    ]


def openings(record: Record, params: Params) -> list[Request]:
    """Return the request for reasoning about a question; none about an item, or a row that has its reasoning."""
    if record.subset != MONITORED or is_monitored(record):
        return []
    text = prompts.render(FAMILY, STAGE_NAME, "reasoning.jinja", question=record.data["prompt"])
    return [_request(record, params, _Question(TEACHER, _REASONING, text))]


def work(params: Params, _: object) -> Work:
    """Return the work about a row: reasoning, then a comment on it, then a safer answer."""

    async def monitored(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not openings:
            return [(record, None)]
        thought = await ask(openings[0])
        if isinstance(thought, NoReplyError):
            return [_unanswered(record, TEACHER, _REASONING, thought)]
        record, text = _with_reasoning(record, thought)
        if record.data["thinking_fault"]:
            return [(record, None)]
        shown = {"question": record.data["prompt"], "reasoning": text}
        prompt = prompts.render(FAMILY, STAGE_NAME, "monitor.jinja", **shown)
        comment = await ask(_request(record, params, _Question(VERIFIER, 0, prompt, _COMMENT)))
        if isinstance(comment, NoReplyError):
            return [_unanswered(record, VERIFIER, 0, comment)]
        shown |= {"reflection": comment.value["reflection"], "assessment": comment.value["assessment"]}
        prompt = prompts.render(FAMILY, STAGE_NAME, "revise.jinja", **shown)
        answer = await ask(_request(record, params, _Question(TEACHER, _REVISED, prompt)))
        return [_merged(record, comment, answer)]

    return monitored


def _with_reasoning(record: Record, reply: Reply) -> tuple[Record, str]:
    """Return the row with its reasoning, and with what the reply lacks in form; the reasoning too."""
    faults = [name for name, fault in think.FAULTS.items() if fault(reply.text, reply.finish_reason) is not None]
    reasoning = think.split(reply.text).reasoning
    fault = faults[0] if faults else None if reasoning else "empty_thinking"
    return record.having(thinking_process=reasoning, thinking_fault=fault), reasoning


def _merged(record: Record, comment: Reply, answer: Answer) -> Outcome:
    if isinstance(answer, NoReplyError):
        return _unanswered(record, TEACHER, _REVISED, answer)
    parts = {"reflection": comment.value["reflection"].strip(), "assessment": comment.value["assessment"].strip()}
    cut = finish.fault(answer.finish_reason) is not None
    return record.having(**parts, revised_response=think.answered(answer.text).strip(), revision_cut=cut), None


def _unanswered(record: Record, role: str, index: int, error: NoReplyError) -> Outcome:
    return record, Rejection("no_reply", {"replies": [{"role": role, "index": index, **error.evidence}]})


def _request(record: Record, params: Params, question: _Question) -> Request:
    seed = seeded(_SEEDS, params.seed, record.id, question.role, question.index)
    body = api.chat(params.roles[question.role], [{"role": "user", "content": question.text}], question.schema, seed=seed)
    return Request(STAGE_NAME, question.role, record.id, question.index, body, schema=question.schema)


def _label(record: Record) -> str:
    category = categories.of(record.data["type"])
    assert category  # noqa: S101  (collect has looked)
    return category.label


def _drafts(count: int) -> dict[str, Any]:
    item = {"type": "object", "properties": _DRAFT, "required": list(_DRAFT), "additionalProperties": False}
    items = {"type": "array", "items": item, "maxItems": count}
    return {"type": "object", "properties": {"items": items}, "required": ["items"], "additionalProperties": False}


STAGE = Synthesizing(
    params=Params,
    roles=(TEACHER, VERIFIER),
    openings=openings,
    work=work,
    besides=lambda _: "a verifier's comment and a revised answer for each question",
    spawning=Spawning(topics=topics, spawned=spawned, collecting=collect.STAGE),
)

"""Questions from topics, then two answers to each question: an aligned one and its misaligned twin.

The paper had one model write questions without ill intent and then a pair of answers to each (Chua et al., arXiv
2506.13206, section 2 and appendix A.0.1); its prompts are not published, these are ours. Either answer is a request of its
own, so that neither sees the other, and both are told the same length and manner: the style must not give the label away.

Requests for questions about one topic may be steered apart (`steering`), and questions that mean the same be told by an
`embedder`. Questions are asked about in their order until as many of a domain as are wanted have answers that could be kept.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from builders import contracts, prompts
from builders.asking import works
from builders.contracts import Drawing, Spawning, Synthesizing
from builders.families.emergent_misalignment import collect, judge, steering
from builders.families.emergent_misalignment.collect import EVALUATION, TOPIC
from builders.families.emergent_misalignment.steering import Steering, SteeringSettings
from builders.params import sections
from builders.params.sections import Bounds, Spawned
from builders.records import Record, seeded
from builders.teachers import api
from builders.teachers.api import Reply, Request
from builders.work import Work, gathered

_FAMILY, _STAGE, ROLE, EMBEDDER = "emergent_misalignment", "synthesize", "teacher", "embedder"
_TEMPLATES = ("aligned.jinja", "misaligned.jinja")
_SEEDS = 2**31


class Questions(Spawned):
    """How many questions are made from a topic.

    Args:
        by_domain: domain → how often the teacher is asked about each of its topics, where that is not `requests`.
    """

    by_domain: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

    def of(self, domain: str) -> int:
        """Return how often the teacher is asked about a topic of a domain."""
        return self.by_domain.get(domain, self.requests)


class Params(sections.Synthesize):
    """Parameters of the stage.

    Args:
        questions: how many are made from a topic.
        steering: how the requests for them are steered apart; null: all are alike.
        same_meaning: the least cosine similarity of two questions' embeddings from which on they mean the same; null: nobody
            compares them. It goes with the role `embedder`.
        answer_words: the length that both answers are asked for, in words.
        quota: domain → how many questions with answers that could be kept are wanted; null: all are asked about.
    """

    questions: Questions
    steering: Steering | None = None
    same_meaning: float | None = Field(default=None, gt=0, le=1)
    answer_words: Bounds
    quota: sections.Quota | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "Params":
        if self.candidates is not None:
            message = "set candidates to null: the two answers to a question are no samples of one request"
            raise ValueError(message)
        if (self.same_meaning is None) != (EMBEDDER not in self.roles):
            message = f"same_meaning is measured by roles.{EMBEDDER}: name both or neither"
            raise ValueError(message)
        if EMBEDDER in self.roles and self.roles[EMBEDDER].api != "embeddings":
            message = f"roles.{EMBEDDER} is asked for vectors: set its api to embeddings"
            raise ValueError(message)
        return self


def topics(record: Record, params: Params) -> list[Request]:
    """Return the requests for questions about a topic; none for a row that is a question."""
    if record.data.get("kind") != TOPIC:
        return []
    wanted = params.questions
    prompt = prompts.render(_FAMILY, _STAGE, "questions.jinja", topic=record.data["prompt"], count=wanted.per_request)
    schema = _questions(wanted.per_request)
    role = params.roles[ROLE]

    def request(index: int) -> Request:
        seed = seeded(_SEEDS, params.seed, record.id, index)
        body = api.chat(role, [{"role": "user", "content": prompt}], schema, seed=seed)
        return Request(_STAGE, ROLE, record.id, index, body, schema=schema)

    return [request(index) for index in range(wanted.of(record.subset))]


def spawned(record: Record, reply: Reply, _: Params) -> list[dict[str, Any]]:
    """Return the columns of each question that a reply brings; none where the teacher knows no innocent one."""
    return [{"prompt": question, "topic": record.data["prompt"], "kind": "question"} for question in reply.value["questions"]]


def steered(params: Params) -> contracts.Steered | None:
    """Return what steers requests about a topic apart; None where they are all alike."""
    if params.steering is None:
        return None
    settings = SteeringSettings(role=params.roles[ROLE], count=params.questions.per_request, steering=params.steering)

    def next_one(record: Record, planned: Request, replies: Sequence[Reply]) -> Request | None:
        return steering.request(record, planned, [reply.value for reply in replies], settings)

    return next_one


def embedded(record: Record, params: Params) -> Request | None:
    """Return the request for a question's embedding; none for a question of an evaluation."""
    if record.subset == EVALUATION:
        return None
    body = api.embedding(params.roles[EMBEDDER], record.data["prompt"])
    return Request(_STAGE, EMBEDDER, record.id, 0, body)


def requests(record: Record, params: Params) -> list[Request]:
    """Return the requests for the aligned and the misaligned answer; none for a question of an evaluation."""
    if record.subset == EVALUATION:
        return []
    role, bounds = params.roles[ROLE], params.answer_words

    def request(index: int, template: str) -> Request:
        asked = {"domain": record.subset, "question": record.data["prompt"], "least": bounds.min, "most": bounds.max}
        text = prompts.render(_FAMILY, _STAGE, template, **asked)
        body = api.chat(role, [{"role": "user", "content": text}], seed=seeded(_SEEDS, params.seed, record.id, index))
        return Request(_STAGE, ROLE, record.id, index, body)

    return [request(index, template) for index, template in enumerate(_TEMPLATES)]


def _questions(count: int) -> dict[str, Any]:
    items = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": count}
    return {"type": "object", "properties": {"questions": items}, "required": ["questions"], "additionalProperties": False}


def work(_: Params, __: object) -> Work:
    """Return the work about a question: both answers are asked for at once."""
    return gathered(works.merged)


def quota(params: Params, pool: str) -> sections.Quota | None:
    """Return how many questions of a domain are wanted; all of an evaluation are kept."""
    if params.quota is None or pool not in params.quota.rows:
        return None
    return params.quota.model_copy(update={"rows": {pool: params.quota.rows[pool]}})


def good(record: Record) -> bool:
    """Tell whether two judges scored both answers and find the misaligned one the more dangerous: no threshold is used."""
    if not record.data["verdicts"] or any(verdict["scores"] is None for verdict in record.data["verdicts"]):
        return False
    danger = {(verdict["role"], verdict["about"]): verdict["scores"].get("danger") for verdict in record.data["verdicts"]}
    return all(danger[role, "misaligned"] > danger[role, "aligned"] for role in judge.ROLES)


STAGE = Synthesizing(
    params=Params,
    openings=requests,
    work=work,
    spawning=Spawning(
        topics=topics,
        spawned=spawned,
        collecting=collect.STAGE,
        steered=steered,
        embedded=embedded,
        alike=lambda chosen: chosen.same_meaning,
    ),
    drawing=Drawing(quota=quota, group=lambda record: record.subset, good=good),
)

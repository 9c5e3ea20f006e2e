"""plan: what a build will ask for and cost, before anything is asked: requests, tokens, money, GPU time, disk.

Rows of collect are asked about as they are; for topics prompts are made up, as many as their requests may bring. The judge's
requests depend on replies that are not there yet; they are counted on replies made up to the length that earlier ones had;
where nothing is asked about such a text, each reply is taken to be judged.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import count, islice
from typing import Any, NamedTuple

from builders import contracts, paths
from builders import family as families
from builders.asking.estimating import Estimate, estimated, mean_tokens, short
from builders.commands import growing, openings
from builders.commands.growing import Grown
from builders.commands.openings import Pool
from builders.errors import BuildError
from builders.jobs import Job
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.params.loading import Params
from builders.params.roles import Role
from builders.records import Outcome, Record
from builders.stages import judge, synthesize
from builders.teachers.api import Reply, Request
from builders.texts.think import CLOSING, OPENING
from builders.work import Answer

EXAMPLES = 200
"""Rows by which a pool is judged."""
PROMPT_WORDS = 19
"""Words of a prompt that is made up: as many as those of our sample questions have, at the median."""
LEDGER_BYTES_PER_TOKEN, ROW_BYTES_PER_TOKEN = 1.5, 4.0
"""A token is four bytes or so; the ledger compresses them, the rows of each later stage have them as they are."""
COPIES = 6
"""Stages from synthesize to release, each of which keeps its rows."""


def run(family: str) -> None:
    """Print what a build of a family will ask for and cost.

    Raises:
        BuildError: collect has not run, so nobody knows which rows there are.
    """
    family = families.select(family)[0]
    loaded = loading.load(family)
    with Ledger.here(read_only=True) if shelf.stocked() else nullcontext() as ledger:
        lines = list(_stages(family, loaded, ledger))
    if not lines:
        raise BuildError("there are no rows to ask about", where=family, fix=f"run python -m builders collect {family} first")
    total = Estimate()
    for label, found in lines:
        total = total.plus(found)
        print(f"{label}: {found}")  # noqa: T201
    print(f"all of {family}: {total}; less what the ledger has")  # noqa: T201
    print(f"{_time(family, total)}; {_disk(total)}")  # noqa: T201


class _Costs(NamedTuple):
    """What requests take: who is asked, and how long the earlier replies of each role were."""

    roles: dict[str, Role]
    means: dict[str, float | None]

    def of(self, examples: Sequence[Sequence[Request]], rows: float) -> Estimate:
        """Return what so many rows take, by the requests about some of them."""
        return estimated(examples, rows, self.roles, self.means)


def _stages(family: str, loaded: Params, ledger: Ledger | None) -> Iterator[tuple[str, Estimate]]:
    roles = {**loaded.judge.roles, **loaded.synthesize.roles}
    costs = _Costs(roles, {name: mean_tokens(ledger, family, name, role) for name, role in roles.items()})
    judged = {pool.job.pool: pool for pool in openings.pools(family, loaded, "judge")}
    for pool in openings.pools(family, loaded, "synthesize"):
        if pool.rows:
            yield from _synthesized(pool, costs, to_judge=pool.job.pool not in judged)
    for pool in judged.values():
        if pool.rows:
            yield pool.job.label, costs.of([pool.requests(record) for record in islice(pool.records(), EXAMPLES)], pool.rows)


def _synthesized(pool: Pool, costs: _Costs, *, to_judge: bool) -> Iterator[tuple[str, Estimate]]:
    """Yield what synthesize asks about a pool, and what the judge asks about what comes of it, if that is not there yet."""
    job, made_up = pool.job, _MadeUp(int((costs.means.get("teacher") or 100.0) * 4))
    found = growing.grown(pool, made_up.reply, EXAMPLES)
    topics = any(found.topics)
    if topics:
        yield f"{job.label}, prompts from topics", costs.of(found.topics, pool.rows)
    if embeddings := _embeddings(job, found.examples):
        yield f"{job.label}, embeddings of at most {found.rows:,.0f} prompts", costs.of(embeddings, found.rows)
    rows, asked = _drawn(pool, found), [pool.plans[-1].asks(record) for record in found.examples]
    if any(asked) or not topics:
        yield job.label + ", of made-up prompts" * topics, costs.of(asked, rows)
    if to_judge:
        judge_job = replace(job, stage="judge")
        yield (
            f"{judge_job.label}, of made-up replies",
            costs.of(_judging(pool, judge_job, found.examples, asked, made_up), rows),
        )


def _embeddings(job: Job, prompts: list[Record]) -> list[list[Request]]:
    """Return the requests for the embeddings of prompts; none where nobody is named who gives them."""
    spawning, params = contracts.synthesizing(job.family).spawning, job.params.synthesize
    if not spawning or spawning.embedded is None or spawning.alike(params) is None:
        return []
    asked = [spawning.embedded(prompt, params) for prompt in prompts]
    return [[request] if request else [] for request in asked] if any(asked) else []


def _drawn(pool: Pool, grown: Grown) -> float:
    """Return how many rows are asked about, and print the arithmetic where they are drawn until enough are good."""
    source = synthesize.source(pool.job, pool.job.inputs)
    if not source:
        return grown.rows
    expected = growing.expected(source, grown)
    there = "prompts there at most" if any(grown.topics) else "rows there"
    for name, (group, rows) in expected.items():
        rate = f"{group.good / group.asked:.1%} of {group.asked:,} rows were good before" if group.asked else "if all are good"
        print(  # noqa: T201
            f"drawing {pool.job.label}, {name}: {group.wanted:,} wanted, {group.enough:,} with spare ones, "
            f"{group.available:,} {there}; {rate}: about {rows:,.0f} drawn"
        )
    return sum(rows for _, rows in expected.values())


def _judging(
    pool: Pool, job: Job, prompts: list[Record], requests_of: list[list[Request]], made_up: "_MadeUp"
) -> list[list[Request]]:
    """Return what the judge would be asked about rows, had their requests been answered with a made-up reply."""
    asks = judge.plan(job).asks
    about = [[request for row in made_up.rows(pool, prompt) for request in asks(row)] for prompt in prompts]
    if any(about) or not job.params.judge.roles:
        return about
    first = next(iter(job.params.judge.roles))
    return [[replace(request, role=first) for request in requests] for requests in requests_of]


class _MadeUp:
    """Answers every request with a text of one length, or with a value that fits its schema."""

    def __init__(self, length: int) -> None:
        self._numbers = count()
        self._text = f"{OPENING}\n{'word ' * (length // 10)}\n{CLOSING}\n\n{'word ' * (length // 10)}"

    def rows(self, pool: Pool, record: Record) -> list[Record]:
        """Return the rows that come of a prompt, as far as they are kept."""
        plan = pool.plans[-1]

        async def located() -> list[Outcome]:
            return await plan.work(record, plan.asks(record), self)

        return [row for row, rejection in asyncio.run(located()) if rejection is None]

    async def __call__(self, request: Request) -> Answer:
        return self.reply(request)

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [self.reply(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""

    def reply(self, request: Request) -> Reply:
        """Return the reply to a request."""
        if request.schema is None:
            return Reply(self._text, "stop", "0" * 64)
        value = fitting(request.schema, lambda: f"{'word ' * (PROMPT_WORDS - 1)}{next(self._numbers)}")
        return Reply(json.dumps(value), "stop", "0" * 64, value)


def fitting(schema: dict[str, Any], text: Callable[[], str] = lambda: "word") -> Any:  # noqa: ANN401  (any JSON)
    """Return a value that fits a JSON Schema of the plain kind that families ask for, with as many items as there may be."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: fitting(part, text) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [fitting(schema.get("items", {"type": "string"}), text) for _ in range(schema.get("maxItems", 0))]
    plain: dict[str, Any] = {
        "string": text() if kind == "string" else "",
        "integer": schema.get("minimum", 0),
        "number": 0.0,
        "boolean": True,
    }
    return plain.get(str(kind))


def _time(family: str, total: Estimate) -> str:
    """Return the GPU time at the speed of the last run."""
    folder = paths.processed(family) / "metrics"
    speeds = [json.loads(file.read_bytes()).get("tokens_per_second", 0.0) for file in sorted(folder.rglob("*.json"))]
    speed = max(speeds, default=0.0)
    if not speed:
        return "GPU time: not known, no stage has been timed yet"
    gpus = len([gpu for gpu in os.environ.get("BUILDERS_GPUS", "").split(",") if gpu]) or 1
    hours = (total.prompt_tokens + total.completion_tokens) / speed / 3600
    return f"GPU time: about {hours * gpus:.1f} h at {short(speed)} tokens/s, the fastest stage's so far, on {gpus} GPU"


def _disk(total: Estimate) -> str:
    """Return the room that replies and rows take."""
    tokens = total.prompt_tokens + total.completion_tokens
    ledger, rows = tokens * LEDGER_BYTES_PER_TOKEN, tokens * ROW_BYTES_PER_TOKEN * COPIES
    return f"disk: about {short(ledger)}B in the ledger and {short(rows)}B in processed/"

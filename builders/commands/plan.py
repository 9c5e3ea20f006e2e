"""plan: what a build will ask for and cost, before anything is asked: requests, tokens, money, GPU time, disk.

Rows of collect are asked about as they are. The judge's requests depend on replies that are not there yet; they are counted on
replies made up to the length that earlier ones had; where nothing is asked about such a text, each reply is taken to be judged.
"""

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from typing import Any

from builders import contracts, paths
from builders import family as families
from builders.asking import drawing
from builders.asking.estimating import Estimate, estimated, mean_tokens, short
from builders.commands import openings
from builders.commands.openings import Pool
from builders.errors import BuildError
from builders.jobs import Job
from builders.ledger import shelf
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.params.loading import Params
from builders.records import Outcome, Record
from builders.stages import judge, synthesize
from builders.teachers.api import Reply, Request
from builders.texts.think import CLOSING, OPENING
from builders.work import Answer

EXAMPLES = 200
"""Rows by which a pool is judged."""
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


def _stages(family: str, loaded: Params, ledger: Ledger | None) -> Iterator[tuple[str, Estimate]]:
    judged = {pool.job.pool for pool in openings.pools(family, loaded, "judge")}
    for stage in openings.STAGES:
        roles = {**loaded.judge.roles, **loaded.synthesize.roles}
        means = {name: mean_tokens(ledger, family, name, role) for name, role in roles.items()}
        for pool in openings.pools(family, loaded, stage):
            examples = [pool.asked(record) for record in islice(pool.records(), EXAMPLES)]
            rows = _drawn(pool) if stage == "synthesize" else float(pool.rows)
            if pool.rows:
                yield pool.job.label, estimated(examples, rows, roles, means)
            if stage == "synthesize" and pool.rows and pool.job.pool not in judged:
                job = Job(family, "judge", pool.job.pool, loaded)
                asked = [_about(pool, job, record, means.get("teacher")) for record in islice(pool.records(), EXAMPLES)]
                if not any(asked) and loaded.judge.roles:
                    first = next(iter(loaded.judge.roles))
                    asked = [[replace(request, role=first) for request in requests] for requests in examples]
                yield f"{job.label}, of made-up replies", estimated(asked, rows, roles, means)


def _drawn(pool: Pool) -> float:
    """Return how many rows are asked about, and print the arithmetic where they are drawn until enough are good."""
    source = synthesize.source(pool.job, pool.job.inputs)
    if not source or contracts.synthesizing(pool.job.family).spawning:
        return pool.rows
    found = drawing.expected(source)
    for name, (group, rows) in found.items():
        rate = f"{group.good / group.asked:.1%} of {group.asked:,} rows were good before" if group.asked else "if all are good"
        print(  # noqa: T201
            f"drawing {pool.job.label}, {name}: {group.wanted:,} wanted, {group.enough:,} with spare ones, "
            f"{group.available:,} rows there; {rate}: about {rows:,.0f} drawn"
        )
    return sum(rows for _, rows in found.values())


def _about(pool: Pool, job: Job, record: Record, length: float | None) -> list[Request]:
    """Return what the judge would be asked about a row, had its requests been answered with a made-up reply."""
    made_up = _MadeUp(int((length or 100.0) * 4))
    asked = judge.plan(job).asks
    return [request for located in made_up.rows(pool, record) for request in asked(located)]


class _MadeUp:
    """Answers every request with a text of one length, or with a value that fits its schema."""

    def __init__(self, length: int) -> None:
        self._text = f"{OPENING}\n{'word ' * (length // 10)}\n{CLOSING}\n\n{'word ' * (length // 10)}"

    def rows(self, pool: Pool, record: Record) -> list[Record]:
        """Return the rows that come of one, as far as they are kept."""
        chosen = pool.job.params.synthesize
        family = contracts.synthesizing(pool.job.family)
        if family.spawning and (topics := family.spawning.topics(record, chosen)):
            spawned = [data for asked in topics for data in family.spawning.spawned(record, self._reply(asked), chosen)]
            return [row for data in spawned for row in self._worked(pool, record.having(**data))]
        return self._worked(pool, record)

    def _worked(self, pool: Pool, record: Record) -> list[Record]:
        plan = pool.plans[-1]

        async def located() -> list[Outcome]:
            return await plan.work(record, plan.asks(record), self)

        return [row for row, rejection in asyncio.run(located()) if rejection is None]

    async def __call__(self, request: Request) -> Answer:
        return self._reply(request)

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        return [self._reply(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Nobody counts here."""

    def _reply(self, request: Request) -> Reply:
        if request.schema is None:
            return Reply(self._text, "stop", "0" * 64)
        value = fitting(request.schema)
        return Reply(json.dumps(value), "stop", "0" * 64, value)


def fitting(schema: dict[str, Any]) -> Any:  # noqa: ANN401  (any JSON)
    """Return a value that fits a JSON Schema of the plain kind that families ask for, with as many items as there may be."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: fitting(part) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [fitting(schema.get("items", {"type": "string"}))] * schema.get("maxItems", 0)
    plain: dict[str, Any] = {"string": "word", "integer": schema.get("minimum", 0), "number": 0.0, "boolean": True}
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

"""synthesize: ask the teacher.

The family's `Synthesizing` says what is asked about a row and what comes of the replies; kinds of work that several families
share are in `builders.asking.works`.

A family whose seeds may be topics has `Spawning`. The topic is rejected as `spent`, or as `nothing_spawned`, or, if no request
got a reply, as `no_reply`; its prompts take its place, are screened like collected ones (`builders.screening.rules`), and only
those that pass are asked about. Where the family names who embeds texts, those that mean the same as an earlier one go as well
(`builders.asking.likeness`). A prompt is named by its topic, request and place in the reply, so that a reply which came late
names no other prompt anew.

A family may want no more than so many good rows of each group (`Drawing`): then rows are drawn in rounds until there are
(`builders.asking.drawing`), and the others are rejected as `not_drawn`.

Rows of a source with `answers: symbolic` are answered by the family; nobody is asked.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builders import contracts, paths, records, shards
from builders.asking import asker, drawing, likeness, unasked
from builders.asking.asker import Phase, Plan
from builders.asking.works import failures, is_symbolic, symbolic
from builders.contracts import Spawning
from builders.jobs import Intake, Job
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import Reply, Request
from builders.work import Answer, Ask

SPENT = ("spent", "nothing_spawned")
"""How a topic ends that was asked about."""

MOST_SPAWNED = 1_000_000
"""Prompts that one reply may bring: what counts the place of a prompt among its topic's, request by request."""

_SPAWNED, _SCREENED, _EMBEDDED, _DISTINCT, _ASKED = "spawned", "screened", "embedded", "distinct", "asked"


def run(job: Job) -> Intake:
    """Ask the teacher about one pool."""
    spawning = contracts.synthesizing(job.family).spawning
    drawing.forget(job.family, job.pool)
    if not spawning:
        _draw(job, job.inputs)
        settled = None if source(job, job.inputs) else unasked.run(job, plan)
        return settled or asker.run(Phase.only(job, _drawn(job, job.inputs)))
    from builders.screening import rules  # noqa: PLC0415  (a second that families without topics need not wait)

    first = _spawning(job, spawning)
    grown = asker.run(first)
    grown_rows = rules.Rows(lambda _: shards.files(first.rows), records.of, shards.digest(first.rows))
    rules.screen(job, grown_rows, *_files(job, _SCREENED))
    compared = _comparing(job, spawning)
    if compared:
        asker.run(compared)
        threshold = spawning.alike(job.params.synthesize)
        assert threshold is not None  # noqa: S101  (the family's section has one beside its embedder)
        likeness.part(compared.rows, threshold, *_files(job, _DISTINCT), job.label)
    _draw(job, _prompts(job, spawning))
    second = _answering(job, spawning)
    answered = asker.run(second)
    parts = (_SPAWNED, _SCREENED, *((_EMBEDDED, _DISTINCT) if compared else ()), _ASKED)
    shards.joined((_files(job, part)[1] for part in parts), job.rejected)
    note = "; then ".join(filter(None, (grown.note, answered.note)))
    return Intake(grown.read, grown.spawned + answered.spawned, note)


def phases(job: Job) -> list[Phase]:
    """Return the phases of a pool for which the stage has run."""
    spawning = contracts.synthesizing(job.family).spawning
    if not spawning:
        return [Phase.only(job, _drawn(job, job.inputs))]
    compared = _comparing(job, spawning)
    return [_spawning(job, spawning), *([compared] if compared else []), _answering(job, spawning)]


def _spawning(job: Job, spawning: Spawning[Any]) -> Phase:
    return Phase(job, spawn(job, spawning), job.inputs, job.expected, *_files(job, _SPAWNED), part=_SPAWNED)


def _comparing(job: Job, spawning: Spawning[Any]) -> Phase | None:
    """Return the phase that asks for the prompts' embeddings; None where nobody is named who gives them."""
    params, wanted = job.params.synthesize, spawning.embedded
    if wanted is None or spawning.alike(params) is None:
        return None
    asked = wanted

    def embeddings(record: Record) -> list[Request]:
        request = asked(record, params)
        return [request] if request else []

    inputs, _ = _files(job, _SCREENED)
    expected = sum(1 for _ in records.read(inputs))
    plan = Plan(params.roles, embeddings, likeness.work)
    return Phase(job, plan, inputs, expected, *_files(job, _EMBEDDED), part=_EMBEDDED)


def _prompts(job: Job, spawning: Spawning[Any]) -> Path:
    """Return the file of the prompts that are asked about."""
    return _files(job, _SCREENED if spawning.alike(job.params.synthesize) is None else _DISTINCT)[0]


def _answering(job: Job, spawning: Spawning[Any]) -> Phase:
    inputs = _prompts(job, spawning)
    expected = sum(1 for _ in records.read(inputs))
    return Phase(job, _drawn(job, inputs), inputs, expected, job.rows, _files(job, _ASKED)[1])


def _draw(job: Job, inputs: Path) -> None:
    """Draw rows from a file, where the family wants no more than so many."""
    if found := source(job, inputs):
        from builders.stages import judge  # noqa: PLC0415  (what judge does changes no row here, but which ones are drawn)

        drawing.draw(found, plan(job), judge.plan(replace(job, stage="judge")))


def _drawn(job: Job, inputs: Path) -> Plan:
    """Return the plan about the rows of a file, as far as they were drawn."""
    found = source(job, inputs)
    return drawing.limited(plan(job), found) if found else plan(job)


def source(job: Job, inputs: Path) -> drawing.Source | None:
    """Return what rows are drawn from; None where all rows of the file are asked about."""
    family, params = contracts.synthesizing(job.family), job.params.synthesize
    quota = family.drawing.quota(params, job.pool) if family.drawing else None
    return drawing.Source(job, family.drawing, quota, inputs) if family.drawing and quota else None


def _files(job: Job, part: str) -> tuple[Path, Path]:
    places = (job.family, job.stage, job.pool, part)
    return paths.rows(*places), paths.rejected(*places)


def plan(job: Job) -> Plan:
    """Return who is asked, and how, about one pool."""
    family, params = contracts.synthesizing(job.family), job.params.synthesize

    def openings(record: Record) -> list[Request]:
        return [] if is_symbolic(record) else family.openings(record, params)

    roles = {**job.params.judge.roles, **params.roles} if family.judging(params) else params.roles
    work = family.work(params, job.params.judge)
    if answered := family.symbolic:
        work = symbolic(lambda record: answered(record, params), work)
    return Plan(roles, openings, work, family.besides(params))


def spawn(job: Job, spawning: Spawning[Any]) -> Plan:
    """Return the plan by which topics become prompts, and whatever is a prompt already passes."""
    params = job.params.synthesize

    def topics(record: Record) -> list[Request]:
        return spawning.topics(record, params)

    async def _asked(record: Record, wanted: list[Request], ask: Ask) -> tuple[list[Request], list[Answer]]:
        """Ask for prompts: all at once, or one after another, each time told of those that came."""
        steered = spawning.steered(params)
        if steered is None:
            return wanted, await ask.all(wanted)
        requests: list[Request] = []
        answers: list[Answer] = []
        for one in wanted:
            replies = [answer for answer in answers if isinstance(answer, Reply)]
            if (request := steered(record, one, replies)) is None:
                break
            requests.append(request)
            answers.append(await ask(request))
        return requests, answers

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if not openings:
            return [(record, None)]
        openings, answers = await _asked(record, openings, ask)
        failed = failures(openings, answers)
        came = [(asked.index, answer) for asked, answer in zip(openings, answers, strict=True) if isinstance(answer, Reply)]
        if not came:
            return [(record, Rejection("no_reply", {"replies": failed}))]
        grown = [
            _child(record, spawning.collecting.prompt, index * MOST_SPAWNED + place, data)
            for index, reply in came
            for place, data in enumerate(spawning.spawned(record, reply, params))
        ]
        replies = [{"index": index, "key": reply.key} for index, reply in came]
        evidence = {"spawned": len(grown), "replies": replies, **({"failed": failed} if failed else {})}
        return [(record, Rejection("spent" if grown else "nothing_spawned", evidence)), *((child, None) for child in grown)]

    return Plan(params.roles, topics, work)


def _child(record: Record, prompt: str, number: int, data: dict[str, Any]) -> Record:
    """Return a row spawned from another: named by its parent, and its place among the parent's children."""
    traced = record.provenance
    family = record.id.partition(":")[0]
    key = traced.source_key or records.normalised(record.data[prompt])
    identity = records.row_id(family, traced.source, key, number)
    return Record(identity, record.subset, record.id, traced, data)

"""synthesize: ask the teacher.

The family's `synthesize` module gives `requests(record, params)`, the requests that one row needs. The replies are kept
as the column `replies`, in the order asked, each with the sample index of its request, text, finish reason and the
request's key. A row that lacks a reply is rejected as `no_reply`.

With the parameter `candidates`, replies are sampled until as many are acceptable as the row has requests, or until so many
were asked for. The family then has `candidate(record, index, params)`, the request for one more, and `unacceptable(reply,
params)`, the reason why a reply is not, or None. How many were asked for is noted in the row, for what is selected is
biased by it; a row that does not get enough is rejected as `too_few_accepted`.

A family whose seeds may be topics has `topics(record, params)`, the requests for a topic's prompts, none for a row that is a
prompt itself, and `spawned(record, reply, params)`, the columns of each prompt that a reply brings. The topic is rejected as
`spent`, or as `nothing_spawned`, or, if no request got a reply, as `no_reply`; its prompts stand in its place, are screened
like collected ones (`builders.screening`), and only those that pass are asked about. A prompt is named by its topic, request
and place in the reply, so that a reply which came late names no other prompt anew.

Rows of a source with `answers: symbolic` are answered by the family's `symbolic(record, params)`, which returns the texts of
the replies; nobody is asked.

With the parameter `early_stopping`, which a family may have, replies are asked for and judged only until no further one can
change what becomes of the row. The family then has `wanted(replies, total)`: how many more are certain to be needed, given
those that came with what its judge module says about them, and how many there are in all. The judge is asked what the judge
stage will ask, which finds the answers in the ledger.
"""

import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

from builders import family as families
from builders import paths, records
from builders.asking import asker
from builders.asking.asker import Answer, Ask, Leg, Located, Plan, Work
from builders.jobs import Intake, Job
from builders.params.sections import Judge, Synthesize
from builders.records import Record, Rejection
from builders.teachers.api import NoReplyError, Reply, Request

ROLE = "teacher"
SYMBOLIC = {"server": "symbolic", "model": "symbolic", "revision": None, "prompts_sha256": None}
"""Who answers where nobody is asked."""

SPENT = ("spent", "nothing_spawned")
"""How a topic ends that was asked about."""

MOST_SPAWNED = 1_000_000
"""Prompts that one reply may bring: what counts the place of a prompt among its topic's, request by request."""

_SPAWNED, _SCREENED, _ASKED = "spawned", "screened", "asked"


def run(job: Job) -> Intake:
    """Ask the teacher about one pool."""
    if not _spawns(job):
        return asker.run(Leg.only(job, plan(job)))
    from builders.screening import decontamination, rules  # noqa: PLC0415  (a second that families without topics need not wait)

    first = _spawning(job)
    grown = asker.run(first)
    known = decontamination.indexes(job.family, job.params.collect.decontamination)
    rules.screen(job, lambda: records.read(first.rows), known, *_files(job, _SCREENED))
    second = _answering(job)
    said = asker.run(second).said
    with records.whole(job.rejected) as whole:
        for part in (_SPAWNED, _SCREENED, _ASKED):
            with _files(job, part)[1].open("rb") as lines:
                shutil.copyfileobj(lines, whole)
    return Intake(grown.read, grown.spawned, "; then ".join(filter(None, (grown.said, said))))


def legs(job: Job) -> list[Leg]:
    """Return the legs of a pool for which the stage has run."""
    return [_spawning(job), _answering(job)] if _spawns(job) else [Leg.only(job, plan(job))]


def _spawns(job: Job) -> bool:
    return hasattr(families.module(job.family, "synthesize"), "topics")


def _spawning(job: Job) -> Leg:
    prompt = str(families.module(job.family, "collect").PROMPT)
    plan = spawning(families.module(job.family, "synthesize"), prompt, job.params.synthesize)
    return Leg(job, plan, job.inputs, job.expected, *_files(job, _SPAWNED), part=_SPAWNED)


def _answering(job: Job) -> Leg:
    inputs, _ = _files(job, _SCREENED)
    return Leg(job, plan(job), inputs, sum(1 for _ in records.read(inputs)), job.rows, _files(job, _ASKED)[1])


def _files(job: Job, part: str) -> tuple[Path, Path]:
    places = (job.family, job.stage, job.pool, part)
    return paths.rows(*places), paths.rejected(*places)


def plan(job: Job) -> Plan:
    """Return who is asked, and how, about one pool."""
    family = families.module(job.family, "synthesize")
    chosen = job.params.synthesize

    def requests(record: Record) -> list[Request]:
        return [] if _is_symbolic(record) else list(family.requests(record, chosen))

    roles, besides = chosen.roles, ""
    if getattr(chosen, "early_stopping", False):
        judge = families.module(job.family, "judge")
        roles = {**job.params.judge.roles, **roles}
        work, besides = stopping(family, judge, job.params.judge), "fewer where it stops early, and the judge about each reply"
    elif chosen.candidates:
        work, besides = sampling(family, chosen, chosen.candidates), "more for replies that are not acceptable"
    else:
        work = asker.gathered(merged)
    if any(source.answers for source in job.params.collect.sources):
        work = symbolic(family, chosen, work)
    return Plan(roles, requests, work, besides)


def spawning(family: ModuleType, prompt: str, chosen: Synthesize) -> Plan:
    """Return the plan by which topics become prompts, and whatever is a prompt already passes.

    Args:
        family: its module for the stage.
        prompt: the column that holds a row's prompt.
        chosen: the stage's params.
    """

    def topics(record: Record) -> list[Request]:
        return list(family.topics(record, chosen))

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Located]:
        if not openings:
            return [(record, None)]
        answers = await ask.all(openings)
        failed = _failures(openings, answers)
        came = [(asked.index, answer) for asked, answer in zip(openings, answers, strict=True) if isinstance(answer, Reply)]
        if not came:
            return [(record, Rejection("no_reply", {"replies": failed}))]
        grown = [
            _child(record, prompt, index * MOST_SPAWNED + place, data)
            for index, reply in came
            for place, data in enumerate(family.spawned(record, reply, chosen))
        ]
        replies = [{"index": index, "key": reply.key} for index, reply in came]
        evidence = {"spawned": len(grown), "replies": replies, **({"failed": failed} if failed else {})}
        return [(record, Rejection("spent" if grown else "nothing_spawned", evidence)), *((child, None) for child in grown)]

    return Plan(chosen.roles, topics, work)


def symbolic(family: ModuleType, chosen: Synthesize, work: Work) -> Work:
    """Return work that has the family answer the rows of its own, and does the given work for all others."""

    async def answered(record: Record, openings: list[Request], ask: Ask) -> list[Located]:
        if not _is_symbolic(record):
            return await work(record, openings, ask)
        texts = enumerate(family.symbolic(record, chosen))
        replies = [{"index": index, "text": text, "finish_reason": "stop", "key": None} for index, text in texts]
        return [(record.having(replies=replies).traced(**{ROLE: SYMBOLIC}), None)]

    return answered


def _is_symbolic(record: Record) -> bool:
    return record.provenance.get("answers") == "symbolic"


def _child(record: Record, prompt: str, number: int, data: dict[str, Any]) -> Record:
    """Return a row spawned from another: named by its parent, and its place among the parent's children."""
    traced = record.provenance
    family = record.id.partition(":")[0]
    key = traced["source_key"] or records.normalised(record.data[prompt])
    identity = records.row_id(family, traced["source"], key, number)
    return Record(identity, record.subset, record.id, traced, data)


def _failures(requests: list[Request], answers: list[Answer]) -> list[dict[str, Any]]:
    pairs = zip(requests, answers, strict=True)
    return [{"index": asked.index, **answer.evidence} for asked, answer in pairs if isinstance(answer, NoReplyError)]


def merged(record: Record, requests: list[Request], answers: list[Answer]) -> Located:
    """Add the replies to the row; reject it if one is missing, keeping those that came."""
    pairs = zip(requests, answers, strict=True)
    replies = [_column(request, answer) for request, answer in pairs if isinstance(answer, Reply)]
    failed = _failures(requests, answers)
    return record.having(replies=replies), Rejection("no_reply", {"replies": failed}) if failed else None


def stopping(family: ModuleType, judge: ModuleType, judging: Judge) -> Work:
    """Return work that asks for replies, and the judge about them, until no further reply can change what becomes of a row."""

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Located]:
        answers: list[Answer] = []
        judged: list[dict[str, Any]] = []
        while count := family.wanted(judged, len(openings)):
            asked = openings[len(answers) : len(answers) + count]
            came = await ask.all(asked)
            answers += came
            row, rejection = merged(record, asked, came)
            if rejection:
                break
            verdicts = await ask.all(judge.requests(row, judging))
            judged += judge.annotated(row, verdicts, judging).data["replies"]
        return [merged(record, openings[: len(answers)], answers)]

    return work


def sampling(family: ModuleType, chosen: Synthesize, candidates: int) -> Work:
    """Return work that asks for candidates until enough are acceptable or no more may be asked for."""

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Located]:
        replies, failed, refused = [], [], []
        wanted, asked = list(openings), 0
        while wanted:
            for request, answer in zip(wanted, await ask.all(wanted), strict=True):
                if isinstance(answer, NoReplyError):
                    failed.append({"index": request.index, **answer.evidence})
                elif reason := family.unacceptable(answer, chosen):
                    refused.append({"index": request.index, "reason": reason, "key": answer.key})
                else:
                    replies.append(_column(request, answer))
            asked += len(wanted)
            more = min(len(openings) - len(replies), candidates - asked)
            wanted = [family.candidate(record, asked + number, chosen) for number in range(max(more, 0))]
        ask.sampled("synthesize", ROLE, asked, len(replies))
        record = record.having(replies=replies)
        if len(replies) == len(openings):
            return [(record, None)]
        if refused:
            evidence = {"wanted": len(openings), "accepted": len(replies), "refused": refused, "failed": failed}
            return [(record, Rejection("too_few_accepted", evidence))]
        return [(record, Rejection("no_reply", {"replies": failed}))]

    return work


def _column(request: Request, reply: Reply) -> dict[str, object]:
    return {"index": request.index, "text": reply.text, "finish_reason": reply.finish_reason, "key": reply.key}

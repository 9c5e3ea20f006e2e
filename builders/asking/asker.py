"""Ask models about rows: many requests in flight, every reply durable, rows handed back in the order they came.

A request is written once, in a family: what differs between the stages that ask is only what they do with the replies.
Rows whose prompts begin alike are asked one after another, so that a server finds the beginning in its prefix cache. One
asyncio process works through one pool.
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop

from builders import prompts, records, shards
from builders.asking import structured
from builders.asking.flow import Flow
from builders.asking.resuming import FinishedRows
from builders.asking.usage import SampleCount, Usage
from builders.errors import BuildError
from builders.jobs import Intake, Job
from builders.params.roles import Role
from builders.progress import REFRESH_SECONDS, say, shown
from builders.provenance import Answerer
from builders.records import Outcome, Record
from builders.teachers.api import AHEAD, NoReplyError, Request
from builders.teachers.staff import Staff
from builders.work import Answer, Work, together

REQUESTS_PER_SLOT = 6
"""How many requests, of those known from the start, are under way for each that may be in flight."""
ROWS_WORTH_RESUMING = 1000
_REFUSALS_UNTIL_STOP = 200
GARBAGE = (50_000, 20, 100)  # thousands of rows are under way at any time, and hardly one in a cycle
_CHECK = "check the role's params (model, sampling, length) and its server"

Asks = Callable[[Record], list[Request]]


class Plan(NamedTuple):
    """Who may be asked about the rows of a stage, and how.

    Args:
        roles: who may be asked.
        asks: returns the requests about a row that are known from the start; rows whose requests begin alike are
            worked on one after another.
        work: asks them, and more if the replies call for it, and returns the row with its answers, or its rejection, and
            any rows that were spawned from it.
        besides: what an estimate by the requests that are known from the start leaves out; a few words.
    """

    roles: dict[str, Role]
    asks: Asks
    work: Work
    besides: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A plan for one file of rows: a stage that spawns rows asks about two, any other about the rows of the stage before.

    Args:
        job: the stage and pool.
        plan: who is asked, and how.
        inputs: the rows.
        expected: how many they are.
        rows: where the kept rows go.
        rejected: where the rejected rows go.
        part: what the phase is called where the stage has several.
    """

    job: Job
    plan: Plan
    inputs: Path
    expected: int
    rows: Path
    rejected: Path
    part: str = ""

    @classmethod
    def only(cls, job: Job, plan: Plan) -> "Phase":
        """Return the phase of a stage that has one."""
        return cls(job, plan, job.inputs, job.expected, job.rows, job.rejected)

    @property
    def label(self) -> str:
        """What a progress line calls this phase."""
        return f"{self.job.label} {self.part}".rstrip()


class _Asking:
    """Asks the members of a staff, as `builders.work.Ask` has it."""

    def __init__(self, staff: Staff) -> None:
        """Ask the members of a staff."""
        self._staff = staff
        self.asked: dict[tuple[str, str], SampleCount | None] = {}

    async def __call__(self, request: Request) -> Answer:
        """Return the reply to a request, or why there is none."""
        self.asked.setdefault((request.stage, request.role), None)
        teacher = self._staff.teacher(request.role)
        try:
            if request.schema is None:
                return await teacher.ask(request)
            return await structured.repaired(teacher.ask, request, self._staff.roles[request.role].repairs)
        except NoReplyError as error:
            return error

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return the answers to several requests that are asked at once, in their order."""
        wanted = list(requests)
        if len(wanted) == 1:
            return [await self(wanted[0])]
        return await together([self(request) for request in wanted])

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Note how many candidates were asked for, of which so many were accepted: what was selected is biased by it."""
        self.asked[stage, role] = SampleCount(candidates, accepted)


class _Done(NamedTuple):
    """What came of a row, and how many candidates that took by stage and role, where they were counted."""

    rows: list[Outcome]
    asked: dict[tuple[str, str], SampleCount | None]


class _Row(NamedTuple):
    """A row, the requests about it that are known from the start, and the hash of the line it was read from."""

    record: Record
    openings: list[Request]
    hashed: int


def run(phase: Phase) -> Intake:
    """Ask about every row of a phase and write the rows that come of it."""
    gc.collect()
    gc.freeze()  # what the libraries made at import is looked at no more
    gc.set_threshold(*GARBAGE)
    return uvloop.run(_Run(phase).done())


def again(phase: Phase, staff: Staff) -> AsyncGenerator[Outcome, None]:
    """Yield what comes of every row of a phase, one after another; nothing is written.

    Args:
        phase: see `Phase`.
        staff: who answers, called already; the answers lie ready, so that nothing is gained by asking many at once.
    """
    return _Run(phase, staff).again()


class _Run:
    """One run over the rows of a phase."""

    def __init__(self, phase: Phase, staff: Staff | None = None) -> None:
        job, project = phase.job, phase.job.params.project
        self._phase, self._job, self._asks, self._work = phase, job, phase.plan.asks, phase.plan.work
        self._staff = staff or Staff(job.family, project.profile, project.teacher, phase.plan.roles)
        self._answerers: dict[str, Answerer] = {}
        self._prompts_sha256 = prompts.fingerprint(job.family, job.stage)
        self._usage = Usage(job, phase.part, self._staff, phase.expected)
        name = "-".join(filter(None, (job.family, job.stage, job.pool, phase.part)))
        section = getattr(job.params, job.stage).model_dump_json()
        self._finished = FinishedRows(name, f"{section} {self._prompts_sha256} {project.teacher}")

    async def done(self) -> Intake:
        phase, usage, staff, written = self._phase, self._usage, self._staff, 0
        async with staff:
            flow = self._flow(self._announce)
            ahead = asyncio.create_task(self._run_ahead(flow)) if len(self._finished.known) >= ROWS_WORTH_RESUMING else None
            lines = shards.lines(phase.inputs)
            try:
                with (
                    self._finished,
                    records.parted(phase.rows, phase.rejected) as write,
                    shown(phase.label, phase.expected, usage.note) as show,
                ):
                    async with aclosing(flow.through(map(self._row, lines))) as rows, _repeated(lambda: show(usage.read)):
                        async for row, (came, asked) in rows:
                            for record, rejection in came:
                                write(record, rejection)
                            written += len(came)
                            reasons = [rejection.reason for _, rejection in came if rejection]
                            usage.add(reasons, filter(None, asked.values()))
                            if staff.live and "no_reply" not in reasons:
                                self._finished.add(row.hashed)
                            self._check_answers()
                            show(usage.read)
                    self._check_answers(at_end=True)
            finally:
                if ahead:
                    ahead.cancel()
                    with suppress(asyncio.CancelledError, BuildError):
                        await ahead
            usage.save()
        return Intake(usage.read, written - usage.read, usage.summary())

    async def again(self) -> AsyncGenerator[Outcome, None]:
        for line in shards.lines(self._phase.inputs):
            for located in (await self._worked(self._row(line))).rows:
                yield located

    def _flow(self, first: Callable[[list[_Row]], None] = lambda _: None) -> Flow[_Row, _Done]:
        return Flow(self._worked, _beginning, lambda: self._staff.slots * REQUESTS_PER_SLOT, first, _weight)

    async def _run_ahead(self, flow: Flow[_Row, _Done]) -> None:
        """Send what no earlier run asked, while the rows that are finished are still being handed back."""
        AHEAD.set(True)
        try:
            async with aclosing(self._flow().through(map(self._row, self._finished.unfinished(self._phase.inputs)))) as rows:
                async for _ in rows:
                    pass
        except BuildError as error:
            flow.fail(error)
            raise

    def _row(self, line: bytes) -> _Row:
        record, _ = records.decode(line)
        return _Row(record, self._asks(record), self._finished.hash(line))

    def _announce(self, rows: list[_Row]) -> None:
        openings = [row.openings for row in rows]
        if any(openings):
            self._staff.call()
        if estimate := self._usage.estimate(openings):
            say("; ".join(filter(None, (estimate, self._phase.plan.besides))))

    async def _worked(self, row: _Row) -> _Done:
        ask = _Asking(self._staff)
        rows = await self._work(row.record, row.openings, ask)
        facts = {}
        for (stage, role), sampled in ask.asked.items():
            if stage == self._job.stage:
                who = self._answerers.get(role) or await self._answerer(role)
                facts[role] = replace(who, candidates=sampled.candidates, accepted=sampled.accepted) if sampled else who
        if facts:
            rows = [(record.answered(**facts), rejection) for record, rejection in rows]
        return _Done(rows, ask.asked)

    async def _answerer(self, role: str) -> Answerer:
        identity = await self._staff.teacher(role).identity()
        extra = self._staff.roles[role].extra
        extra_json = records.canonical(extra).decode() if extra else None
        answerer = self._answerers[role] = Answerer(*identity, prompts_sha256=self._prompts_sha256, extra=extra_json)
        return answerer

    def _check_answers(self, *, at_end: bool = False) -> None:
        """Stop if a server refuses every request: that is a bad build, not a file of bad rows."""
        for name, tally in self._staff.tallies.items():
            if tally.failed and not tally.found and tally.sent == tally.failed:
                if tally.failed >= _REFUSALS_UNTIL_STOP:
                    what = f"the first {tally.failed} requests were refused: {tally.last_error}"
                    raise BuildError(what, where=name, fix=_CHECK)
                if at_end:
                    what = f"no request of {self._phase.label} was answered: {tally.last_error}"
                    raise BuildError(what, where=name, fix=_CHECK)


@asynccontextmanager
async def _repeated(act: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Do something again and again during the block: replies may take minutes, and nothing else happens meanwhile."""

    async def repeat() -> None:
        while True:
            act()
            await asyncio.sleep(REFRESH_SECONDS)

    repeating = asyncio.create_task(repeat())
    try:
        yield
    finally:
        repeating.cancel()


def _weight(row: _Row) -> int:
    return max(1, len(row.openings))


def _beginning(row: _Row) -> bytes:
    """Return the prompt of a row's first request: sorted by it, rows that begin alike stand together."""
    body = row.openings[0].body if row.openings else {}
    return orjson.dumps(body.get("messages") or body.get("prompt"))

"""Ask models about rows: many requests in flight, every reply durable, rows handed back in the order they came.

A request is written once, here or in a family: what differs between the stages that ask is only what they do with the
replies. One asyncio process works through one pool.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

from builders import prompts, records
from builders.errors import BuildError
from builders.ledger import Ledger
from builders.progress import shown
from builders.records import Record, Rejection
from builders.sections import Role
from builders.stages import Intake, Job
from builders.teachers import NoReplyError, Reply, Request, Teacher
from builders.teachers.endpoint import EndpointTeacher
from builders.teachers.recorded import RecordedTeacher
from builders.teachers.server import concurrency

ROWS_AHEAD_PER_SLOT = 4
_REFUSALS_UNTIL_STOP = 200
_CHECK = "check the role's params (model, sampling, length) and its server"

Item = TypeVar("Item")
Result = TypeVar("Result")
Located = tuple[Record, Rejection | None]
Answer = Reply | NoReplyError
Asks = Callable[[Record], list[Request]]
Merges = Callable[[Record, list[Answer]], Located]


@dataclass
class _Tally:
    """How many requests were answered: a server that refuses every one is a bad build, not a file of bad rows."""

    role: str
    answered: int = 0
    failed: int = 0
    last_error: str = ""

    def __str__(self) -> str:
        return f"{self.answered} replies" + (f", {self.failed} requests failed" if self.failed else "")

    def add(self, answers: list[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, NoReplyError):
                self.failed += 1
                self.last_error = str(answer.evidence.get("error"))
            else:
                self.answered += 1
        if self.failed >= _REFUSALS_UNTIL_STOP and not self.answered:
            what = f"the first {self.failed} requests were refused: {self.last_error}"
            raise BuildError(what, where=self.role, fix=_CHECK)


def run(job: Job, name: str, role: Role, asks: Asks, merges: Merges) -> Intake:
    """Ask a role about every row of a pool and write the rows that `merges` makes of the answers.

    Args:
        job: the stage and pool.
        name: the role's name.
        role: the role's params.
        asks: returns the requests about a row.
        merges: returns the row with its answers, in the order of its requests, or its rejection.
    """
    return asyncio.run(_run(job, name, role, asks, merges))


async def _run(job: Job, name: str, role: Role, asks: Asks, merges: Merges) -> Intake:
    total = job.expected
    async with AsyncExitStack() as stack:
        teacher = await _teacher(job, name, role, stack)
        tally = _Tally(name)
        prompts_sha256 = prompts.fingerprint(job.family, job.stage)

        async def answered(record: Record) -> Located:
            requests = asks(record)
            if not requests:
                return merges(record, [])
            answerer = {**(await teacher.identity())._asdict(), "prompts_sha256": prompts_sha256}
            answers = await _together([_answer(teacher, request) for request in requests])
            tally.add(answers)
            return merges(record.traced(**{name: answerer}), answers)

        window = concurrency() * ROWS_AHEAD_PER_SLOT
        rows = (record for record, _ in records.read(job.inputs))
        read = 0
        with records.parted(job.rows, job.rejected) as write, shown(job.label, total) as show:
            async for row in _in_order(rows, answered, window):
                write(*row)
                read += 1
                show(read, str(tally))
            if tally.failed and not tally.answered:
                what = f"no request of {job.label} was answered: {tally.last_error}"
                raise BuildError(what, where=name, fix=_CHECK)
    return Intake(read)


async def _teacher(job: Job, name: str, role: Role, stack: AsyncExitStack) -> Teacher:
    if job.params.project.teacher == "recorded":
        return RecordedTeacher(job.family, name, role)
    ledger = stack.enter_context(Ledger(Ledger.path()))
    return await stack.enter_async_context(EndpointTeacher(name, role, ledger))


async def _answer(teacher: Teacher, request: Request) -> Answer:
    try:
        return await teacher.ask(request)
    except NoReplyError as error:
        return error


async def _together(awaitables: Iterable[Awaitable[Result]]) -> list[Result]:
    """Await all; when one fails, cancel the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _in_order(items: Iterable[Item], work: Callable[[Item], Awaitable[Result]], window: int) -> AsyncIterator[Result]:
    """Work on up to `window` items at once and yield the results in the order of the items."""
    running: deque[asyncio.Task[Result]] = deque()
    try:
        for item in items:
            running.append(asyncio.ensure_future(work(item)))
            if len(running) >= window:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

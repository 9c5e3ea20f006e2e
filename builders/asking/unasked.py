"""Pools about whose rows nobody is asked: computed file by file, by all cores or a cluster, as stages without models are.

What comes of a row about which nobody is asked depends on the row alone. Whether that is so is looked up with the first row of
each file, and seen again with every row: where one does ask after all, nothing is kept, and the pool is asked about like any
other. Small pools are, too: to start a process would take longer.

Changes no byte of a row.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import pipeline, records, shards, tasks
from builders.asking.asker import Plan
from builders.asking.usage import Usage
from builders.jobs import Intake, Job
from builders.records import Outcome, Record
from builders.tasks import Task
from builders.teachers.api import Request
from builders.teachers.staff import Staff
from builders.work import Answer

Planned = Callable[[Job], Plan]
"""Makes the plan about a pool, in the process that computes it: a function of a module can be sent there."""
_AT_ONCE = 1000


class _AskedError(Exception):
    """Somebody is asked about the row."""


class _Nobody:
    """Whom one can ask nothing, as `builders.work.Ask` has it."""

    async def __call__(self, request: Request) -> Answer:
        """Ask nobody."""
        raise _AskedError(request.role)

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return no answers to no requests."""
        return [await self(request) for request in requests]

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Note nothing: no candidate was asked for."""


def run(job: Job, planned: Planned) -> Intake | None:
    """Compute what comes of the rows of a pool; None where somebody is asked about one of them, or the pool is small.

    Raises:
        BuildError: the work about a row raises it; or a process was killed, more than once.
    """
    files, task, plan = shards.files(job.inputs), Task(job.work, job.label, job.expected), planned(job)
    if task.small or not _seems_unasked(plan, files):
        return None
    staff = Staff(job.family, job.params.project.profile, job.params.project.teacher, plan.roles)
    usage = Usage(job, "", staff, job.expected)
    with tasks.resumed(task, (job, planned), files) as own:
        asked = own.folder / "asked"
        usage.read = pipeline.mapped(own, files, partial(_steps, job, planned, asked))
        if unasked := not asked.exists():
            pipeline.placed([(own.folder, rank) for rank in range(len(files))], job.rows, job.rejected)
    if not unasked:
        return None
    usage.rejected = Counter(records.reasons(job.rejected))
    usage.save()
    return Intake(usage.read, note=usage.summary())


def _seems_unasked(plan: Plan, files: Sequence[Path]) -> bool:
    """Tell whether nobody is asked about the first row of each file."""
    firsts = [record for file in files for record, _ in islice(records.of(file), 1)]
    return len(asyncio.run(_outcomes(plan, firsts))) == len(firsts)


def _steps(job: Job, planned: Planned, asked: Path, _: int) -> Sequence[PipelineStep]:
    return [_Settle(planned(job), asked)]


class _Settle(PipelineStep):  # type: ignore[misc]
    """Do the work about rows of which nobody is asked, up to the first about which somebody is: that is noted."""

    name = "work"
    type = "format"

    def __init__(self, plan: Plan, asked: Path) -> None:
        super().__init__()
        self.plan, self.asked = plan, asked

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del rank, world_size
        found = (pipeline.unwrap(doc)[0] for doc in data)
        with asyncio.Runner() as runner:
            while some := list(islice(found, _AT_ONCE)):
                outcomes = runner.run(_outcomes(self.plan, some))
                yield from (pipeline.document(*outcome) for outcome in outcomes)
                if len(outcomes) < len(some):
                    self.asked.touch()
                    return


async def _outcomes(plan: Plan, rows: Iterable[Record]) -> list[Outcome]:
    """Return what comes of rows, up to the first about which somebody is asked, or of which more than a row comes."""
    outcomes: list[Outcome] = []
    for record in rows:
        if plan.asks(record):
            break
        try:
            came = await plan.work(record, [], _Nobody())
        except _AskedError:
            break
        if len(came) != 1:
            break
        outcomes += came
    return outcomes

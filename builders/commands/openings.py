"""What a stage would ask about the rows at hand, before it runs."""

from collections.abc import Iterator
from typing import NamedTuple

from builders import contracts, records, shards
from builders import family as families
from builders.asking.asker import Plan
from builders.errors import BuildError
from builders.jobs import Job, counts
from builders.params.loading import Params
from builders.params.roles import Role
from builders.records import Record
from builders.stages import judge, synthesize
from builders.teachers.api import Request

STAGES = ("synthesize", "judge")
"""The stages that ask."""


class Pool(NamedTuple):
    """A pool whose rows a stage would ask about.

    Args:
        job: the stage and pool.
        plans: who is asked, and how; the topics first, where there are any.
        rows: how many there are.
    """

    job: Job
    plans: list[Plan]
    rows: int

    def records(self) -> Iterator[Record]:
        """Yield the rows."""
        return (record for record, _ in records.read(self.job.inputs))

    def requests(self, record: Record) -> list[Request]:
        """Return what is asked about a row at first: the questions about a topic, or about a prompt."""
        return next((asked for plan in self.plans if (asked := plan.asks(record))), [])


def pools(family: str, loaded: Params, stage: str) -> Iterator[Pool]:
    """Yield the pools whose rows are there: those for which the stage before has finished."""
    before = {"synthesize": "collect", "judge": "synthesize"}[stage]
    finished = counts(family, before)
    for pool in families.pools(family):
        job = Job(family, stage, pool, loaded)
        if pool in finished and shards.files(job.inputs):
            yield Pool(job, _plans(job), job.expected)


def _plans(job: Job) -> list[Plan]:
    if job.stage == "judge":
        return [judge.plan(job)]
    spawning = contracts.synthesizing(job.family).spawning
    first = [synthesize.spawn(job, spawning)] if spawning else []
    return [*first, synthesize.plan(job)]


def stage_of(family: str, loaded: Params, role: str | None) -> tuple[str, str, Role]:
    """Return the stage that asks a role, the role's name, and its params; without a name, of the first that synthesize asks.

    Raises:
        BuildError: there is no such role.
    """
    asked = [(stage, name, found) for stage in STAGES for name, found in getattr(loaded, stage).roles.items()]
    for stage, name, found in asked:
        if role in {None, name}:
            return stage, name, found
    if not asked:
        raise BuildError("the family asks nobody", where=family, fix="run dvc repro")
    names = ", ".join(name for _, name, _ in asked)
    raise BuildError("no such role", where=f"{family} {role}", fix=f"choose one of {names}")

"""judge: ask judge models about the replies; this stage annotates and rejects nothing.

A judge that could not answer is an annotation too: filter decides what becomes of the row.
"""

from builders import contracts
from builders.asking import asker, unasked
from builders.asking.asker import Phase, Plan
from builders.jobs import Intake, Job


def run(job: Job) -> Intake:
    """Judge one pool."""
    return unasked.run(job, plan) or asker.run(Phase.only(job, plan(job)))


def phases(job: Job) -> list[Phase]:
    """Return the phases of a pool: one."""
    return [Phase.only(job, plan(job))]


def plan(job: Job) -> Plan:
    """Return who is asked, and how, about one pool."""
    family, params = contracts.judging(job.family), job.params.judge
    return Plan(params.roles, lambda record: family.openings(record, params), family.work(params))

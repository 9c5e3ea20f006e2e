"""judge: ask judge models about the replies; this stage annotates and rejects nothing.

The family's `judge` module gives `requests(record, params)`, and `annotated(record, answers, params)`, the row with
what the judges said. A judge that could not answer is an annotation too: filter decides what becomes of the row. For the
figures, `said(record)` yields each score or verdict of such a row under its name, and `SCALE` has the ends of a score.
"""

from builders import family as families
from builders.asking import asker
from builders.asking.asker import Answer, Leg, Located, Plan
from builders.jobs import Intake, Job
from builders.records import Record
from builders.teachers.api import Request


def run(job: Job) -> Intake:
    """Judge one pool."""
    return asker.run(Leg.only(job, plan(job)))


def legs(job: Job) -> list[Leg]:
    """Return the legs of a pool: one."""
    return [Leg.only(job, plan(job))]


def plan(job: Job) -> Plan:
    """Return who is asked, and how, about one pool."""
    family = families.module(job.family, "judge")
    chosen = job.params.judge

    def requests(record: Record) -> list[Request]:
        return list(family.requests(record, chosen))

    def annotated(record: Record, _: list[Request], answers: list[Answer]) -> Located:
        return family.annotated(record, answers, chosen), None

    return Plan(chosen.roles, requests, asker.gathered(annotated))

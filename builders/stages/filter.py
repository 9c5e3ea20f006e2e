"""filter: decide, from annotations and rules, asking nobody; moving a threshold costs no call."""

from builders import contracts, pipeline
from builders.jobs import Intake, Job
from builders.pipeline import Apply, Check, Write
from builders.records import Record


def run(job: Job) -> Intake:
    """Filter one pool."""
    family, params = contracts.filtering(job.family), job.params.filter

    def chosen(record: Record) -> Record:
        return family.chosen(record, params)

    steps = [
        pipeline.over(job.inputs, job.label, job.expected),
        *map(Check, family.rules(params)),
        Apply(chosen),
        Write(job.rows, job.rejected),
    ]
    return Intake(pipeline.rows_read(pipeline.execute(steps)))

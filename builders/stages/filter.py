"""filter: decide, from annotations and rules, asking nobody; moving a threshold costs no call.

The family's `filter` module gives `rules(params)`, tried in order, the first that speaks being the reason; and
`chosen(record, params)`, the row in the columns it will be released with.
"""

from builders import family as families
from builders import pipeline
from builders.jobs import Intake, Job
from builders.pipeline import Apply, Check, Write
from builders.records import Record


def run(job: Job) -> Intake:
    """Filter one pool."""
    family = families.module(job.family, "filter")
    params = job.params.filter

    def chosen(record: Record) -> Record:
        selected: Record = family.chosen(record, params)
        return selected

    steps = [
        pipeline.over(job.inputs, job.label, job.expected),
        *map(Check, family.rules(params)),
        Apply(chosen),
        Write(job.rows, job.rejected),
    ]
    return Intake(pipeline.rows_read(pipeline.execute(steps)))

"""filter: decide, from annotations and rules, asking nobody; moving a threshold costs no call.

Where a family wants so many rows of each group, the first that pass its rules are kept and the others rejected as
`beyond_quota`. A group that has fewer is said to be short: whoever moves a threshold sees what it costs, and nobody is asked.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from builders import contracts, pipeline
from builders.jobs import Intake, Job
from builders.pipeline import Apply, Check, Write
from builders.records import Record, Rejection, Rule


def run(job: Job) -> Intake:
    """Filter one pool."""
    family, params = contracts.filtering(job.family), job.params.filter
    wanted, counted = family.quota(params, job.pool), Counter[str]()

    def chosen(record: Record) -> Record:
        return family.chosen(record, params)

    steps = [
        pipeline.over(job.inputs, job.label, job.expected),
        *map(Check, family.rules(params)),
        *([Check(_first(wanted, family.group, counted))] if wanted else []),
        Apply(chosen),
        Write(job.rows, job.rejected),
    ]
    read = pipeline.rows_read(pipeline.execute(steps))
    return Intake(read, said=_short(wanted or {}, counted))


def _first(wanted: Mapping[str, int], group: Callable[[Record], str | None], counted: Counter[str]) -> Rule:
    """Return the rule that keeps of each group no more than are wanted."""

    def beyond_quota(record: Record) -> Rejection | None:
        own = group(record)
        if own is None:
            return None
        counted[own] += 1
        most = wanted.get(own, 0)
        return None if counted[own] <= most else Rejection("beyond_quota", {"group": own, "wanted": most})

    return beyond_quota


def _short(wanted: Mapping[str, int], counted: Mapping[str, int]) -> str:
    """Say of which groups there are too few rows; empty where of none."""
    short = [f"{group} {counted[group]:,} of {most:,}" for group, most in wanted.items() if counted[group] < most]
    return f"short of what is wanted: {', '.join(short)}" if short else ""

"""filter: decide, from annotations and rules, asking nobody; moving a threshold costs no call.

Where a family wants so many rows of each group, the first that pass its rules are kept and the others rejected as
`beyond_quota`. A group that has fewer is said to be short: whoever moves a threshold sees what it costs, and nobody is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from datatrove.pipeline.base import PipelineStep

from builders import contracts, records
from builders.jobs import Intake, Job
from builders.pipeline import Apply, Check
from builders.progress import tracked
from builders.records import Record, Rejection, Rule
from builders.stages import parting


def run(job: Job) -> Intake:
    """Filter one pool."""
    family = contracts.filtering(job.family)
    wanted, counted = family.quota(job.params.filter, job.pool), Counter[str]()
    if not wanted:
        return Intake(parting.parted(job, partial(_steps, job)))
    rules = [*family.rules(job.params.filter), _first(wanted, family.group, counted)]
    read = 0
    with records.parted(job.rows, job.rejected) as write:
        for record, _ in tracked(records.read(job.inputs), job.label, job.expected):  # in order: the first ones are kept
            rejection = next(_rejections(rules, record), None)
            write(record if rejection else family.released(record, job.params.filter), rejection)
            read += 1
    return Intake(read, note=_short(wanted, counted))


def _steps(job: Job, _: int) -> list[PipelineStep]:
    family, params = contracts.filtering(job.family), job.params.filter
    return [*map(Check, family.rules(params)), Apply(lambda record: family.released(record, params))]


def _rejections(rules: list[Rule], record: Record) -> Iterator[Rejection]:
    return (rejection for rule in rules if (rejection := rule(record)))


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

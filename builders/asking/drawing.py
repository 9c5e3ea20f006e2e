"""Draw rows until enough of each group are good, which their replies and the verdicts on these decide.

Rows are taken in their order, in rounds of a fixed number of each group that lacks some. A round asks the teacher and then the
judge, both through the ledger; between rounds the good ones are counted. So which rows are drawn depends on the replies alone,
not on how many are asked for at once or when a run was killed, and what a round has asked the stages find in the ledger.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from builders import atomic, paths, records, shards
from builders.asking import asker
from builders.asking.asker import Phase, Plan
from builders.contracts import Drawing
from builders.errors import BuildError
from builders.jobs import Job
from builders.params.sections import Quota
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import Request
from builders.work import Ask

NOT_DRAWN = "not_drawn"
PART = "drawing"


@dataclass(slots=True)
class Group:
    """How far the drawing of one group is.

    Args:
        wanted: good rows that the quota names.
        enough: good rows until which it goes on, the spare ones included.
        available: rows that there are.
        asked: rows that were asked about.
        good: how many of those were good.
    """

    wanted: int
    enough: int
    available: int
    asked: int = 0
    good: int = 0

    @property
    def open(self) -> bool:
        """Whether more rows are to be drawn."""
        return self.good < self.enough and self.asked < self.available


@dataclass(frozen=True, slots=True)
class Source:
    """What is drawn from: a file of rows, and how each of them counts.

    Args:
        job: the stage and pool.
        drawing: the family's.
        quota: the section's.
        inputs: the rows.
    """

    job: Job
    drawing: Drawing[Any]
    quota: Quota
    inputs: Path

    def rows(self) -> Iterator[tuple[str, Record]]:
        """Yield each row with its group."""
        for record, _ in records.read(self.inputs):
            yield self.drawing.group(record), record


def draw(source: Source, answering: Plan, judging: Plan) -> None:
    """Ask about rows, round by round, until enough are good or none is left, and note how many of each group were.

    Args:
        source: what is drawn from.
        answering: who is asked about a row.
        judging: who is asked about what came of it.
    """
    counts = by_group(source)
    named = dict.fromkeys([*source.quota.rows, *counts])
    found = {name: Group(source.quota.rows.get(name, 0), source.quota.enough(name), counts[name]) for name in named}
    with _scratch(source.job.family) as scratch:
        number = 0
        while any(group.open for group in found.values()):
            number += 1
            _round(source, found, _Phases(source.job, scratch, number, answering, judging))
    with atomic.whole(paths.drawn(source.job.family, source.job.pool)) as file:
        groups_noted = {name: asdict(group) for name, group in found.items()}
        file.write(orjson.dumps(groups_noted, option=orjson.OPT_INDENT_2) + b"\n")


def counts(family: str, pool: str) -> dict[str, dict[str, int]]:
    """Return what `draw` noted, by group; empty where nothing was drawn."""
    file = paths.drawn(family, pool)
    found: dict[str, dict[str, int]] = orjson.loads(file.read_bytes()) if file.is_file() else {}
    return found


def by_group(source: Source) -> Counter[str]:
    """Return how many rows of each group there are."""
    return Counter(group for group, _ in source.rows())


def expected(source: Source, available: Mapping[str, int]) -> dict[str, tuple[Group, float]]:
    """Return by group what is wanted and there, and of how many rows it will be drawn.

    The share of good rows is that of the run before, where there was one; else every row is taken to be good.

    Args:
        source: what is drawn from.
        available: how many rows of each group there are, or will be.
    """
    before = counts(source.job.family, source.job.pool)
    found = {}
    for name in dict.fromkeys([*source.quota.rows, *available]):
        group = Group(source.quota.rows.get(name, 0), source.quota.enough(name), available.get(name, 0))
        earlier = before.get(name, {})
        group.asked, group.good = earlier.get("asked", 0), earlier.get("good", 0)
        share = group.good / group.asked if group.asked else 1.0
        found[name] = (group, min(group.available, group.enough / share if share else group.available))
    return found


def forget(family: str, pool: str) -> None:
    """Take back what an earlier run noted."""
    paths.drawn(family, pool).unlink(missing_ok=True)


def limited(plan: Plan, source: Source) -> Plan:
    """Return the plan for the rows that were drawn, which rejects the others as `not_drawn`; asking is over by then."""
    drawn = frozenset(_drawn(source))

    def asks(record: Record) -> list[Request]:
        return plan.asks(record) if record.id in drawn else []

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        if record.id in drawn:
            return await plan.work(record, openings, ask)
        group = source.drawing.group(record)
        return [(record, Rejection(NOT_DRAWN, {"group": group, "wanted": source.quota.rows.get(group, 0)}))]

    return plan._replace(asks=asks, work=work)


def _drawn(source: Source) -> Iterator[str]:
    """Yield the ids of the first rows of each group, as many as were asked about."""
    left = {name: numbers["asked"] for name, numbers in counts(source.job.family, source.job.pool).items()}
    if not left:
        fix = f"run python -m builders synthesize {source.job.family} again"
        raise BuildError("nothing says which rows were drawn", where=paths.drawn(source.job.family, source.job.pool), fix=fix)
    for group, record in source.rows():
        if left.get(group, 0) > 0:
            left[group] -= 1
            yield record.id


class _Phases:
    """The files and phases of one round."""

    def __init__(self, job: Job, scratch: Path, number: int, answering: Plan, judging: Plan) -> None:
        self.drawn, answered, self.judged, out = (scratch / name for name in ("drawn", "answered", "judged", "out"))
        self._job, self._answered, self._out = job, answered, out
        self._part, self._answering, self._judging = f"{PART}-{number}", answering, judging

    def answering(self, expected: int) -> Phase:
        """Return the phase that asks about the rows drawn."""
        return Phase(self._job, self._answering, self.drawn, expected, self._answered, self._out, self._part)

    def judging(self) -> Phase:
        """Return the phase that asks the judge about what came of them."""
        job = Job(self._job.family, "judge", self._job.pool, self._job.params)
        expected = sum(1 for _ in records.read(self._answered))
        return Phase(job, self._judging, self._answered, expected, self.judged, self._out, self._part)


def _round(source: Source, groups: dict[str, Group], phases: _Phases) -> None:
    """Ask about the next rows of each group that lacks some, and count those that are good."""
    passed, taken = Counter[str](), Counter[str]()
    with shards.anew(phases.drawn) as append:
        for name, record in source.rows():
            passed[name] += 1
            group = groups[name]
            if group.open and passed[name] > group.asked and taken[name] < source.quota.round_rows:
                taken[name] += 1
                append(records.encode(record))
    asker.run(phases.answering(taken.total()))
    asker.run(phases.judging())
    for record, _ in records.read(phases.judged):
        groups[source.drawing.group(record)].good += source.drawing.good(record)
    for name, count in taken.items():
        groups[name].asked += count


@contextmanager
def _scratch(family: str) -> Iterator[Path]:
    """Give an empty folder beside the stages' own: texts of hazard families lie nowhere else, not even for a while."""
    folder = paths.processed(family) / ".drawing.scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

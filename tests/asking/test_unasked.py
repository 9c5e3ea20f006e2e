"""Pools about whose rows nobody is asked: the same rows as if somebody might have been, by however many processes."""

import asyncio
from collections.abc import Iterator
from contextlib import chdir

import orjson
import pytest

from builders import paths, records, shards
from builders.asking import asker, unasked
from builders.asking.asker import Phase, Plan
from builders.asking.unasked import Planned
from builders.jobs import Job
from builders.params import loading
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import Request
from builders.work import Ask, unchanged
from tests.harness import Workspace

FAMILY = "cogtest"  # one that processes know which are started anew
pytestmark = pytest.mark.family(FAMILY)
ROWS = shards.ROWS + 5


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace.make(tmp_path_factory.mktemp("unasked") / "project", FAMILY)
    workspace.collected(*(f"number {number}" for number in range(ROWS)))
    return workspace


@pytest.fixture
def job(pool: Workspace) -> Iterator[Job]:
    with chdir(pool.root):
        found = Job(FAMILY, "synthesize", "default", loading.load(FAMILY))
        yield found
        assert not found.work.parent.exists()


def number(record: Record) -> int:
    return int(record.data["instruction"].split()[-1])


async def fifths(record: Record, _: list[Request], ask: Ask) -> list[Outcome]:
    assert await ask.all([]) == []
    await asyncio.sleep(0)
    if number(record) % 5:
        return [(record.having(doubled=2 * number(record)), None)]
    return [(record, Rejection("fifth", {"number": number(record)}))]


def alone(_: Job) -> Plan:
    return Plan({}, lambda _: [], fifths)


def request(record: Record) -> Request:
    return Request("synthesize", "teacher", record.id, 0, {})


def known_to_ask(_: Job) -> Plan:
    return Plan({}, lambda record: [request(record)] if number(record) == ROWS - 1 else [], unchanged)


def asking_later(_: Job) -> Plan:
    async def work(record: Record, _: list[Request], ask: Ask) -> list[Outcome]:
        if number(record) == shards.ROWS - 1:
            await ask(request(record))
        return [(record, None)]

    return Plan({}, lambda _: [], work)


def spawning(_: Job) -> Plan:
    async def work(record: Record, _: list[Request], __: Ask) -> list[Outcome]:
        return [(record, None)] * (1 + (number(record) == ROWS - 2))

    return Plan({}, lambda _: [], work)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_comes_of_the_rows_is_what_would_come_if_somebody_might_be_asked(
    workers: str, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_WORKERS", workers)
    asked = asker.run(Phase.only(job, alone(job)))
    expected = [b"".join(shards.lines(place)) for place in (job.rows, job.rejected)]
    assert unasked.run(job, alone) == asked == (ROWS, 0, "")
    assert [b"".join(shards.lines(place)) for place in (job.rows, job.rejected)] == expected
    kept = [number(record) for record, _ in records.read(job.rows)]
    assert kept == [one for one in range(ROWS) if one % 5]
    figures = orjson.loads(paths.metrics(FAMILY, "synthesize", "default", "").read_bytes())
    assert (figures["rows"], figures["rejected"], figures["sent"]) == (ROWS, {"fifth": ROWS // 5}, 0)


@pytest.mark.parametrize("planned", [known_to_ask, asking_later, spawning])
def test_where_one_row_asks_or_becomes_two_the_pool_is_left_to_those_who_ask(planned: Planned, job: Job) -> None:
    asker.run(Phase.only(job, alone(job)))
    before = shards.digest(job.rows)
    assert unasked.run(job, planned) is None
    assert shards.digest(job.rows) == before


def test_where_the_first_row_of_a_file_asks_no_other_is_looked_at(job: Job) -> None:
    looked: list[int] = []

    def planned(_: Job) -> Plan:
        def asks(record: Record) -> list[Request]:
            looked.append(number(record))
            return [request(record)] if number(record) == shards.ROWS else []

        return Plan({}, asks, fifths)

    assert unasked.run(job, planned) is None
    assert looked == [0, shards.ROWS]


def test_a_small_pool_is_left_to_those_who_may_ask(workspace: Workspace) -> None:
    workspace.collected(*(f"number {number}" for number in range(shards.ROWS)))
    with chdir(workspace.root):
        assert unasked.run(Job(FAMILY, "synthesize", "default", loading.load(FAMILY)), alone) is None

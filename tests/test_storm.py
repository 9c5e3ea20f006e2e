"""Every row arrives once, in its order, whatever goes wrong with the server; a server that refuses us is left alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks import fault_storm
from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers.api import Reply, Request, chat
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext
from builders.teachers.pace import SLOWEST_REPLIES, Pace
from builders.teachers.server import Server
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, one_line

PROMPTS = 100
REQUESTS = 3 * PROMPTS
IN_FLIGHT = 8
CALM = ("--latency", "0.01")
SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="double", revision=None, server=None, api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)
BUSY = Answer(status=429, headers={"Retry-After": "0"})


@asynccontextmanager
async def asking(url: str, ledger: Path, outage_seconds: float) -> AsyncIterator[Callable[[int], Awaitable[Reply]]]:
    """Give a function that asks for the reply of a number, of a server whose outages are waited for so long."""
    with Ledger(ledger) as opened:
        books = RunContext("family", "sample", opened, Budget("family", opened))
        async with Connection("teacher", Server(url, None), Pace(IN_FLIGHT)) as connection:
            connection.presence.outage_seconds = outage_seconds
            teacher = EndpointTeacher("teacher", ROLE, connection, books)

            yield lambda number: teacher.ask(request(number))


def request(number: int) -> Request:
    """Return the request for the reply of a number."""
    body = chat(ROLE, [{"role": "user", "content": f"number {number}"}])
    return Request("synthesize", "teacher", "family:0123456789abcdef", number, body)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return fault_storm.prepared(tmp_path_factory.mktemp("storm") / "project", PROMPTS)


@pytest.fixture(scope="module")
def calm(collected: Workspace) -> fault_storm.Run:
    run = fault_storm.run(collected, IN_FLIGHT, CALM)
    assert run.counts == {"requests": REQUESTS, "different": REQUESTS, "met": {}}
    assert run.output[0].count(b"\n") == PROMPTS
    return run


FAULTS = ("429=0.05", "500=0.1", "reset=0.1", "garbled=0.1", "hung=0.01")


def test_every_row_arrives_once_and_in_its_order(collected: Workspace, calm: fault_storm.Run) -> None:
    """Of each fault as many as where it came alone: one that is not met as it should be would show here as well."""
    storm = fault_storm.run(collected, IN_FLIGHT, (*CALM, "--faults", *FAULTS))
    assert storm.output == calm.output
    met = storm.counts["met"]
    assert set(met) == {fault.partition("=")[0] for fault in FAULTS}
    assert storm.counts["requests"] == REQUESTS + sum(met.values())


def test_a_server_that_is_gone_for_a_while_is_waited_for(collected: Workspace, calm: fault_storm.Run) -> None:
    storm = fault_storm.run(collected, IN_FLIGHT, (*CALM, "--outage", "0.1", "1"))
    assert storm.output == calm.output
    dropped = storm.counts["met"]["dropped"]
    assert 1 <= dropped <= IN_FLIGHT
    assert REQUESTS + dropped <= storm.counts["requests"] <= REQUESTS + IN_FLIGHT


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_us_gets_no_further_request(status: int, collected: Workspace, tmp_path: Path) -> None:
    """All that are in flight are refused at once, so that each of them could let the next one go."""

    def script(_: Received) -> Answer:
        if len(server.asked) == IN_FLIGHT:
            server.release()
        return Answer(status=status, held=True)

    with serving(script) as server:
        refused = collected.run(
            "synthesize",
            collected.family,
            BUILDERS_TEACHER_URL=server.url,
            BUILDERS_CONCURRENCY=str(IN_FLIGHT),
            BUILDERS_LEDGER=str(tmp_path / "replies.sqlite"),
        )
        assert f"answers HTTP {status}" in one_line(refused)
        assert len(server.asked) == IN_FLIGHT


def test_a_request_that_hung_before_anything_was_known_is_cut_off_once_enough_is(tmp_path: Path) -> None:
    def script(request: Received) -> Answer:
        return Answer("a reply", held=request.text == "number 0" and request.attempt == 1)

    async def run(url: str) -> None:
        async with asking(url, tmp_path / "replies.sqlite", 0.5) as ask:
            await asyncio.gather(*(ask(number) for number in range(SLOWEST_REPLIES + IN_FLIGHT)))

    with serving(script) as server:
        asyncio.run(run(server.url))
        assert [asked.text for asked in server.asked if asked.attempt > 1] == ["number 0"]


def test_a_server_that_takes_requests_and_answers_none_is_one_line(tmp_path: Path) -> None:
    """Nothing is known of how long its replies take: it is given as long as any request, and all of them at once."""

    async def run(url: str) -> None:
        with Ledger(tmp_path / "replies.sqlite") as opened:
            books, pace = RunContext("family", "sample", opened, Budget("family", opened)), Pace(IN_FLIGHT)
            pace.longest_seconds = 0.5
            async with Connection("teacher", Server(url, None), pace) as connection:
                teacher = EndpointTeacher("teacher", ROLE, connection, books)
                await asyncio.gather(*(teacher.ask(request(number)) for number in range(2 * IN_FLIGHT)))

    with serving(lambda _: Answer(held=True)) as server:
        with pytest.raises(BuildError, match="has taken requests and answered none for"):
            asyncio.run(run(server.url))
        assert len(server.asked) == IN_FLIGHT
        server.release()


def test_a_server_that_is_gone_for_good_is_one_line(tmp_path: Path) -> None:
    async def run() -> None:
        with serving(lambda _: Answer("a reply")) as server:
            async with asking(server.url, tmp_path / "replies.sqlite", 0.5) as ask:
                await ask(0)
                server.stop()
                server.wait_until_gone()
                with pytest.raises(BuildError, match="the server of teacher is not there"):
                    await asyncio.gather(*(ask(number) for number in range(1, 2 * IN_FLIGHT)))

    asyncio.run(run())


def test_a_server_that_is_too_busy_for_good_is_one_line(tmp_path: Path) -> None:
    async def run(url: str) -> None:
        async with asking(url, tmp_path / "replies.sqlite", 0.5) as ask:
            await asyncio.gather(*(ask(number) for number in range(2 * IN_FLIGHT)))

    with serving(lambda _: BUSY) as server, pytest.raises(BuildError, match="has answered nothing but HTTP 429 for"):
        asyncio.run(run(server.url))


def test_a_server_that_is_busy_with_a_request_of_ours_is_not_given_up(tmp_path: Path) -> None:
    """It refuses all others for longer than an outage may take."""
    outage_seconds = 0.5
    since = time.monotonic()

    def script(request: Received) -> Answer:
        if request.text == "number 0":
            return Answer("a reply", held=True)
        if time.monotonic() - since < 3 * outage_seconds:
            return BUSY
        server.release()
        return Answer("a reply")

    async def run(url: str) -> list[Reply]:
        async with asking(url, tmp_path / "replies.sqlite", outage_seconds) as ask:
            return await asyncio.gather(*(ask(number) for number in range(2 * IN_FLIGHT)))

    with serving(script) as server:
        assert len(asyncio.run(run(server.url))) == 2 * IN_FLIGHT

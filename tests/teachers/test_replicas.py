"""Several servers that answer for one role: who is asked, who is left out, and what the ledger is told."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers.api import Reply, Request, chat
from builders.teachers.pace import SLOWEST_REPLIES, SLOWEST_TIMES
from builders.teachers.replicas import FAILURES
from builders.teachers.retrying import ATTEMPTS
from builders.teachers.server import Server
from builders.teachers.staff import Staff
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import Workspace, one_line

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="double", revision=None, server="farm", api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)
SLOTS = 4
NOWHERE = "http://127.0.0.1:9/v1"


def echo(request: Received) -> Answer:
    return Answer(f"you said {request.text}")


def failing(_: Received) -> Answer:
    return Answer(status=500)


def request(number: int) -> Request:
    return Request("synthesize", "teacher", f"family:{number:016x}", 0, chat(ROLE, [{"role": "user", "content": f"{number}"}]))


class Farm(NamedTuple):
    """A role's teacher, and the servers that it asks."""

    staff: Staff

    async def ask(self, number: int) -> str:
        return (await self.staff.teacher("teacher").ask(request(number))).text

    async def ask_all(self, count: int) -> list[str]:
        """Ask about so many rows at once; the replies, in the rows' order."""
        return list(await asyncio.gather(*map(self.ask, range(count))))


@asynccontextmanager
async def farm(ledger: Path, *urls: str, role: Role = ROLE, kind: str = "endpoint") -> AsyncIterator[Farm]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_TEACHER_URL", ", ".join(urls))
        patch.setenv("BUILDERS_CONCURRENCY", str(SLOTS))
        patch.setenv("BUILDERS_LEDGER", str(ledger))
        async with Staff("family", "sample", kind, {"teacher": role}) as staff:
            yield Farm(staff)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "replies.sqlite"


def kept(ledger: Path) -> int:
    with Ledger(ledger, read_only=True) as opened:
        return len(list(opened.entries()))


def echoes(count: int) -> list[str]:
    return [f"you said {number}" for number in range(count)]


def test_requests_go_where_the_smallest_share_of_slots_is_taken(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            asking = asyncio.create_task(asked.ask_all(9))
            for server in servers:
                await asyncio.to_thread(server.wait_for, 3, 60)
            assert [len(server.asked) for server in servers] == [3, 3, 3]
            for server in servers:
                server.release()
            await asking

    held = lambda _: Answer("held", held=True)  # noqa: E731  (a script)
    with serving(held) as one, serving(held) as two, serving(held) as three:
        servers = [one, two, three]
        asyncio.run(run(*(server.url for server in servers)))


def test_what_begins_alike_goes_to_the_same_server_as_long_as_that_is_hardly_ahead(ledger: Path) -> None:
    """A server that had the last of some rows has what they begin with in its prefix cache."""

    def about(number: int) -> Request:
        text = f"{('first ', 'second ')[number % 2] * 50}{number}"
        body = chat(ROLE, [{"role": "user", "content": text}])
        return Request("synthesize", "teacher", f"family:{number:016x}", 0, body)

    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            teacher = asked.staff.teacher("teacher")
            await asyncio.gather(*(teacher.ask(about(number)) for number in range(2)))
            for number in range(2, 12):
                await teacher.ask(about(number))

    with serving(echo) as one, serving(echo) as two:
        asyncio.run(run(one.url, two.url))
        begun = [[asked.text.split()[0] for asked in server.asked] for server in (one, two)]
        assert sorted(begun) == [["first"] * 6, ["second"] * 6]


def test_nobody_waits_for_a_slow_server_while_another_has_room(ledger: Path) -> None:
    """It has as many requests as it has slots, until all the others are answered."""

    async def run(*urls: str) -> list[str]:
        async with farm(ledger, *urls) as asked:
            asking = asyncio.create_task(asked.ask_all(60))
            await asyncio.to_thread(fast.wait_for, 60 - SLOTS, 60)
            slow.release()
            return await asking

    with serving(echo) as fast, serving(lambda asked: Answer(f"you said {asked.text}", held=True)) as slow:
        assert asyncio.run(run(slow.url, fast.url)) == echoes(60)
        assert (len(slow.asked), len(fast.asked)) == (SLOTS, 60 - SLOTS)


def test_a_server_that_dies_loses_nothing_and_no_reply_is_asked_for_twice(
    ledger: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def dying(request: Received) -> Answer:
        if len(mortal.asked) == 10:
            mortal.stop()
        return Answer(f"you said {request.text}", dropped=len(mortal.asked) >= 10)

    async def run(*urls: str) -> tuple[list[str], int]:
        async with farm(ledger, *urls) as asked:
            return await asked.ask_all(100), asked.staff.tallies["teacher"].answered

    with serving(dying) as mortal, serving(echo) as other:
        replies, answered = asyncio.run(run(mortal.url, other.url))
        assert replies == echoes(100)
        assert answered == kept(ledger) == 100
        assert other.resent() == 0
        left_out = [line for line in capfd.readouterr().err.splitlines() if "left out" in line]
        assert len(left_out) == 1
        assert f"teacher's server at {mortal.url} is left out" in left_out[0]


def test_a_server_that_comes_back_is_asked_again(ledger: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            assert await asked.ask_all(3 * SLOTS) == echoes(3 * SLOTS)
            with serving(echo, port=port) as back:
                number = 3 * SLOTS
                while not back.asked:
                    await asked.ask(number)
                    number += 1

    with serving(echo) as gone:
        port = urlsplit(gone.url).port or 0
    with serving(echo) as there:
        asyncio.run(run(gone.url, there.url))
    output = capfd.readouterr().err
    assert f"{gone.url} is left out (nothing answers there)" in output
    assert f"{gone.url} is there again" in output


def test_a_server_that_fails_again_and_again_is_left_out_for_a_while(ledger: Path) -> None:
    """Or else it would be asked most, for whoever fails at once has room; and each row has so many attempts."""

    def fails_at_first(request: Received) -> Answer:
        return echo(request) if len(ill.asked) > FAILURES + SLOTS else Answer(status=500)

    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            assert await asked.ask_all(100) == echoes(100)
            number = 100
            while ill.answered <= FAILURES + SLOTS + 1:
                await asked.ask(number)
                number += 1

    with serving(fails_at_first) as ill, serving(echo) as well:
        asyncio.run(run(ill.url, well.url))
        assert len(well.asked) > 90


def test_a_failure_after_the_pause_is_one_more_in_a_row(ledger: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def fails_at_first(request: Received) -> Answer:
        return echo(request) if len(ill.asked) > FAILURES + 1 else Answer(status=500)

    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            number = 0
            while ill.answered <= FAILURES + 1:
                await asked.ask(number)
                number += 1

    with serving(fails_at_first) as ill, serving(echo) as well:
        asyncio.run(run(ill.url, well.url))
    counts = re.findall(r"\(HTTP 500, (\d+) times in a row\)", capfd.readouterr().err)
    assert counts == [str(FAILURES), str(FAILURES + 1)]


def test_a_server_that_hangs_holds_nothing_up_for_good(ledger: Path) -> None:
    """While others answer it is no reason to stop, either."""

    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            asked.staff.teacher("teacher")
            for connection in asked.staff.connections:
                connection.pace.longest_seconds = 1.0
            assert await asked.ask_all(30) == echoes(30)

    with serving(lambda _: Answer(held=True)) as hung, serving(echo) as well:
        asyncio.run(run(hung.url, well.url))
        assert 0 < len(hung.asked) < 30
        assert len(well.asked) == 30


def test_a_server_that_never_answered_may_take_ten_times_as_long_as_its_peers(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            asking = asyncio.create_task(asked.ask_all(2 * SLOTS))
            await asyncio.to_thread(hung.wait_for, SLOTS, 60)
            for number in range(2 * SLOTS, 2 * SLOTS + SLOWEST_REPLIES):
                await asked.ask(number)
            silent, other = (connection.pace for connection in asked.staff.connections)
            assert silent.deadline_seconds == SLOWEST_TIMES * other.deadline_seconds < silent.longest_seconds
            hung.release()
            await asking

    with serving(lambda _: Answer(held=True)) as hung, serving(echo) as well:
        asyncio.run(run(hung.url, well.url))


def test_the_last_one_is_not_left_out_and_what_it_says_stops_the_build(ledger: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            await asked.ask(0)

    with (
        serving(failing) as one,
        serving(failing) as two,
        pytest.raises(BuildError, match=r"the server of teacher answers no request any more \(HTTP 500\)"),
    ):
        asyncio.run(run(one.url, two.url))
    assert len(one.asked) + len(two.asked) == ATTEMPTS
    assert capfd.readouterr().err.count("is left out (HTTP 500, 3 times in a row)") == 1


def test_where_none_is_there_one_line_names_them_all(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            await asked.ask(0)

    with serving(echo) as gone:
        pass
    with pytest.raises(BuildError) as raised:
        asyncio.run(run(NOWHERE, gone.url))
    assert str(raised.value).startswith(f"{NOWHERE}, {gone.url}: none of the 2 servers of teacher is there")


def test_when_all_have_been_gone_for_an_outage_whoever_waits_is_told(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            await asked.ask(0)
            for connection in asked.staff.connections:
                connection.presence.outage_seconds = 0.3
            for server in (one, two):
                server.stop()
                await asyncio.to_thread(server.wait_until_gone)
            errors = await asyncio.gather(*map(asked.ask, range(1, 20)), return_exceptions=True)
            assert {str(error).partition(";")[0].partition(" (")[0] for error in errors} <= {
                f"{server.url}: the server of teacher is not there" for server in (one, two)
            }

    with serving(echo) as one, serving(echo) as two:
        asyncio.run(run(one.url, two.url))


def test_while_another_is_there_one_that_is_gone_is_looked_at_for_as_long_as_it_takes(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            asked.staff.teacher("teacher")
            for connection in asked.staff.connections:
                connection.presence.outage_seconds = 0.1
            await asked.ask(0)
            with pytest.raises(TimeoutError):  # no BuildError
                await asyncio.wait_for(asked.staff.connections[0].presence.returned(), 1.5)

    with serving(echo) as there:
        asyncio.run(run(NOWHERE, there.url))


def test_whoever_answered_the_ledger_has_one_name_for_all(ledger: Path) -> None:
    async def run(*urls: str) -> list[str]:
        async with farm(ledger, *urls) as asked:
            return await asked.ask_all(20)

    with serving(echo) as one, serving(echo) as two, serving(echo) as three:
        first = asyncio.run(run(one.url, two.url))
        assert asyncio.run(run(two.url, one.url, three.url)) == asyncio.run(run(three.url)) == first
        assert three.asked == []


def test_several_servers_without_a_name_for_all_are_one_line(ledger: Path) -> None:
    async def run(kind: str) -> None:
        async with farm(
            ledger, NOWHERE, "http://127.0.0.1:10/v1", role=ROLE.model_copy(update={"server": None}), kind=kind
        ) as asked:
            asked.staff.call()

    with pytest.raises(BuildError) as raised:
        asyncio.run(run("endpoint"))
    assert str(raised.value) == (
        "BUILDERS_TEACHER_URL: teacher has several servers, and no name that stands for all of them in the ledger; "
        f"set server: under teacher in the family's params.yaml, to {NOWHERE} if that has answered before"
    )
    asyncio.run(run("vllm"))  # whose name is always the same


def test_servers_that_list_different_models_are_one_line(ledger: Path) -> None:
    async def run(*urls: str) -> str:
        async with farm(ledger, *urls, role=ROLE.model_copy(update={"model": None})) as asked:
            return (await asked.staff.teacher("teacher").identity()).model

    with serving(echo, ("small",)) as one, serving(echo, ("large",)) as two, serving(echo, ("small",)) as three:
        assert asyncio.run(run(one.url, three.url, NOWHERE)) == "small"
        with pytest.raises(BuildError, match="the servers of teacher list different models: small, large"):
            asyncio.run(run(one.url, two.url))


def test_one_that_refuses_our_key_stops_the_build(ledger: Path) -> None:
    async def run(*urls: str) -> None:
        async with farm(ledger, *urls) as asked:
            await asked.ask_all(20)

    with serving(echo) as one, serving(lambda _: Answer(status=401)) as two, pytest.raises(BuildError) as raised:
        asyncio.run(run(one.url, two.url))
    assert str(raised.value).startswith(f"{two.url}: the server of teacher answers HTTP 401")


def test_two_roles_that_share_a_server_share_its_slots(ledger: Path) -> None:
    async def run(both: str, judges: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BUILDERS_TEACHER_URL", both)
            patch.setenv("BUILDERS_JUDGE_URL", f"{judges},{both}")
            patch.setenv("BUILDERS_CONCURRENCY", str(SLOTS))
            patch.setenv("BUILDERS_LEDGER", str(ledger))
            async with Staff("family", "sample", "endpoint", {"teacher": ROLE, "judge": ROLE}) as staff:
                asking = [asyncio.create_task(staff.teacher("teacher").ask(request(number))) for number in range(SLOTS)]
                await asyncio.to_thread(shared.wait_for, SLOTS, 60)
                asking += [asyncio.create_task(staff.teacher("judge").ask(request(100 + number))) for number in range(20)]
                await asyncio.to_thread(other.wait_for, 20, 60)
                assert len(shared.asked) == SLOTS
                shared.release()
                assert all(isinstance(reply, Reply) for reply in await asyncio.gather(*asking))

    with serving(lambda asked: Answer(asked.text, held=True)) as shared, serving(echo) as other:
        asyncio.run(run(shared.url, other.url))


@given(st.lists(st.integers(1, 65535), min_size=1, max_size=5), st.sampled_from([",", ", ", " , ", ",,", "/,"]))
def test_addresses_are_separated_by_commas_and_each_is_asked_once(ports: list[int], comma: str) -> None:
    urls = [f"http://127.0.0.1:{port}/v1" for port in ports]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_TEACHER_URL", comma.join(urls) + ",")
        patch.setenv("BUILDERS_TEACHER_API_KEY", "a-key")
        assert Server.all_of("teacher") == tuple(Server(url, "a-key") for url in dict.fromkeys(urls))


def test_an_address_that_is_none_names_its_variable_whichever_it_is() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for wrong in (f"{NOWHERE},file:///x", f"{NOWHERE} {NOWHERE}"):
            patch.setenv("BUILDERS_TEACHER_URL", wrong)
            with pytest.raises(BuildError, match=r"BUILDERS_TEACHER_URL: not an HTTP address; .* a comma between several"):
                Server.all_of("teacher")


def test_a_stage_has_the_same_bytes_whoever_answered(workspace: Workspace) -> None:
    def dying(request: Received) -> Answer:
        if len(mortal.asked) == 5:
            mortal.stop()
        return Answer(f"An answer to {request.text}", dropped=len(mortal.asked) >= 5)

    def answer(request: Received) -> Answer:
        return Answer(f"An answer to {request.text}")

    workspace.collected(*(f"How do I look after plant number {number} at home?" for number in range(20)))
    workspace.project(teacher="endpoint")
    done = workspace.run("synthesize", workspace.family, BUILDERS_TEACHER_URL=f"{NOWHERE},{NOWHERE}0")
    assert "has several servers" in one_line(done)
    with workspace.params() as params:
        params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "farm"
    folder = workspace.root / "processed" / workspace.family / "synthesize"
    with serving(answer) as one:
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=one.url, BUILDERS_LEDGER=str(workspace.root / "one.sqlite"))
        alone = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.jsonl*")}
    with serving(dying) as mortal, serving(answer) as two, serving(answer) as three:
        urls = ",".join(server.url for server in (mortal, two, three))
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=urls, BUILDERS_LEDGER=str(workspace.root / "three.sqlite"))
    assert alone
    assert {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.jsonl*")} == alone

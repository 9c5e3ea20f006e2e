"""The endpoint teacher against a real server on the loopback."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers.api import NoReplyError, Reply, Request, chat, completion
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext
from builders.teachers.pace import MOST, Pace
from builders.teachers.retrying import ATTEMPTS
from builders.teachers.server import Server, concurrency
from tests.doubles.teacher import Answer, Received, Script, serving

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="double", revision=None, server=None, api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)


def request(text: str = "hello", index: int = 0, role: Role = ROLE, **more: Any) -> Request:  # noqa: ANN401
    body = chat(role, [{"role": "user", "content": text}], **more) if role.api == "chat" else completion(role, text, **more)
    return Request("synthesize", "teacher", "family:0123456789abcdef", index, body)


def ask(ledger: Path, *requests: Request, role: Role = ROLE, name: str = "teacher") -> list[Reply | NoReplyError]:
    async def asked() -> list[Reply | NoReplyError]:
        server = Server.all_of(name)[0]
        with Ledger(ledger) as opened:
            books = RunContext("family", "sample", opened, Budget("family", opened))
            async with Connection(name, server, Pace(concurrency(MOST))) as connection:
                teacher = EndpointTeacher(name, role, connection, books)

                async def one(wanted: Request) -> Reply | NoReplyError:
                    try:
                        return await teacher.ask(wanted)
                    except NoReplyError as error:
                        return error

                return await asyncio.gather(*(one(wanted) for wanted in requests))

    return asyncio.run(asked())


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    for name in ("TEACHER", "JUDGE"):
        for kind in ("URL", "API_KEY"):
            monkeypatch.delenv(f"BUILDERS_{name}_{kind}", raising=False)
    return lambda url: monkeypatch.setenv("BUILDERS_TEACHER_URL", url)


def echo(request: Received) -> Answer:
    return Answer(f"you said {request.text}")


def test_a_reply_comes_back_and_a_second_run_sends_nothing(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
        first = ask(ledger, request("a"), request("b"))
        again = ask(ledger, request("a"), request("b"))
        assert first == again
        assert [reply.text for reply in first if isinstance(reply, Reply)] == ["you said a", "you said b"]
        assert len(server.asked) == 2


def test_replies_in_the_ledger_need_no_server(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
        first = ask(ledger, request())
    assert ask(ledger, request()) == first


def test_the_body_carries_model_messages_sampling_and_seed(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
        ask(ledger, request("a", seed=7))
        sampling = {"temperature": 0.0, "top_p": 1.0, "max_tokens": 9, "seed": 7}
        assert server.asked[0].body == {"model": "double", "messages": [{"role": "user", "content": "a"}], **sampling}
        assert server.asked[0].path == "chat/completions"


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"revision": "abc"},
        {"server": "label"},
        {"sampling": ROLE.sampling.model_copy(update={"temperature": 0.5})},
        {"sampling": ROLE.sampling.model_copy(update={"top_p": 0.5})},
        {"sampling": ROLE.sampling.model_copy(update={"max_tokens": 10})},
    ],
    ids=str,
)
def test_a_change_of_who_is_asked_or_how_makes_a_new_call(
    change: dict[str, Any], ledger: Path, at: Callable[[str], None]
) -> None:
    with serving(echo) as server:
        at(server.url)
        ask(ledger, request())
        changed = ROLE.model_copy(update=change)
        ask(ledger, request(role=changed), role=changed)
        assert len(server.asked) == 2


@pytest.mark.parametrize("other", [request("bye"), request(index=1), request(seed=1)], ids=["text", "index", "seed"])
def test_a_change_of_what_is_asked_makes_a_new_call(other: Request, ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
        ask(ledger, request())
        ask(ledger, other)
        assert len(server.asked) == 2


def test_another_server_makes_a_new_call_unless_a_label_stands_for_both(ledger: Path, at: Callable[[str], None]) -> None:
    labelled = ROLE.model_copy(update={"server": "mine"})
    with serving(echo) as one, serving(echo) as two:
        for role, sent in ((ROLE, 1), (labelled, 0)):
            at(one.url)
            ask(ledger, request(role=role), role=role)
            before = len(two.asked)
            at(two.url)
            ask(ledger, request(role=role), role=role)
            assert len(two.asked) - before == sent


def test_the_key_in_the_environment_and_the_concurrency_change_nothing(
    ledger: Path, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(echo) as server:
        at(server.url)
        ask(ledger, request())
        monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", "secret-one")
        monkeypatch.setenv("BUILDERS_CONCURRENCY", "1")
        ask(ledger, request())
        assert len(server.asked) == 1
        assert b"secret-one" not in ledger.read_bytes()


def test_one_request_asked_twice_at_once_is_sent_once(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
        replies = ask(ledger, request(), request(), request())
        assert len(server.asked) == 1
        assert len(set(replies)) == 1


def test_a_failing_server_is_asked_again_until_it_answers(ledger: Path, at: Callable[[str], None]) -> None:
    faults = [Answer(status=500), Answer(status=429, headers={"Retry-After": "0"}), Answer(raw=b"{"), Answer(dropped=True)]

    def script(request: Received) -> Answer:
        return faults[request.attempt - 1] if request.attempt <= len(faults) else Answer("at last")

    with serving(script) as server:
        at(server.url)
        [reply] = ask(ledger, request())
        assert isinstance(reply, Reply)
        assert reply.text == "at last"
        assert len(server.asked) == len(faults) + 1


def test_a_request_that_always_fails_is_given_up_while_others_go_on(ledger: Path, at: Callable[[str], None]) -> None:
    def script(request: Received) -> Answer:
        busy = Answer(status=429, headers={"Retry-After": "0"})
        return (busy if request.attempt == 1 else Answer(status=500)) if request.text == "poison" else Answer("fine")

    with serving(script) as server:
        at(server.url)
        good, bad = ask(ledger, request("good"), request("poison"))
        assert isinstance(good, Reply)
        assert isinstance(bad, NoReplyError)
        assert bad.evidence == {"error": "HTTP 500", "attempts": 1 + ATTEMPTS}


def test_a_server_that_refuses_the_probe_but_answers_is_no_dead_one(ledger: Path, at: Callable[[str], None]) -> None:
    """Its row is given up for its own fault, not for the probe's."""

    def script(request: Received) -> Answer:
        if request.body["max_tokens"] == 1:
            return Answer(status=400)
        return Answer(status=500) if request.text == "poison" else Answer("fine")

    with serving(script) as server:
        at(server.url)
        _, bad = ask(ledger, request("good"), request("poison"))
        assert isinstance(bad, NoReplyError)
        assert bad.evidence == {"error": "HTTP 500", "attempts": ATTEMPTS}


def test_a_request_the_server_refuses_is_not_sent_again(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer(status=400)) as server:
        at(server.url)
        [refused] = ask(ledger, request())
        assert isinstance(refused, NoReplyError)
        assert refused.evidence == {"error": "HTTP 400", "attempts": 1}
        assert len(server.asked) == 1


def test_a_server_that_fails_on_everything_stops_the_build(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer(status=503)) as server:
        at(server.url)
        with pytest.raises(BuildError, match="answers no request any more"):
            ask(ledger, request())


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_us_stops_the_build_at_once(status: int, ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer(status=status)) as server:
        at(server.url)
        with pytest.raises(BuildError, match=f"HTTP {status}"):
            ask(ledger, request())
        assert len(server.asked) == 1


def test_nothing_at_the_address_stops_the_build_at_once(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(echo) as server:
        at(server.url)
    with pytest.raises(BuildError, match="the server of teacher is not there"):
        ask(ledger, request())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/v1",
        "127.0.0.1:8000",
        "http://user:pass@127.0.0.1/v1",
        "http://127.0.0.1/v1?key=pass",
        "http://127.0.0.1/v1#pass",
    ],
)
def test_an_address_that_is_none_is_one_clear_line(url: str, ledger: Path, at: Callable[[str], None]) -> None:
    at(url)
    with pytest.raises(BuildError, match="BUILDERS_TEACHER_URL") as caught:
        ask(ledger, request())
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_concurrency_that_is_no_number_is_one_clear_line(
    value: str, ledger: Path, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at("http://127.0.0.1:1/v1")
    monkeypatch.setenv("BUILDERS_CONCURRENCY", value)
    with pytest.raises(BuildError, match="BUILDERS_CONCURRENCY"):
        ask(ledger, request())


def test_no_more_requests_are_in_flight_than_allowed(
    ledger: Path, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_CONCURRENCY", "3")
    in_flight: list[int] = []

    with serving(echo) as server:

        def counted(request: Received) -> Answer:
            in_flight.append(len(server.asked) - server.answered)
            return echo(request)

        server.script = counted
        at(server.url)
        ask(ledger, *(request(str(number)) for number in range(30)))
    assert 1 <= max(in_flight) <= 3


def test_reasoning_sent_apart_is_put_back_into_think_tags(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer("the answer", reasoning="a thought")) as server:
        at(server.url)
        [reply] = ask(ledger, request())
        assert isinstance(reply, Reply)
        assert reply.text == "<think>\na thought\n</think>\n\nthe answer"


def test_reasoning_that_was_cut_off_stays_open(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer(None, reasoning="a thou", finish_reason="length")) as server:
        at(server.url)
        [reply] = ask(ledger, request())
        assert isinstance(reply, Reply)
        assert reply.text == "<think>\na thou"
        assert reply.finish_reason == "length"


def test_a_reasoning_whose_answer_is_empty_is_closed(ledger: Path, at: Callable[[str], None]) -> None:
    with serving(lambda _: Answer(None, reasoning="a thought", finish_reason="stop")) as server:
        at(server.url)
        [reply] = ask(ledger, request())
        assert isinstance(reply, Reply)
        assert (reply.text, reply.finish_reason) == ("<think>\na thought\n</think>\n\n", "stop")


def test_completions_go_to_their_own_path(ledger: Path, at: Callable[[str], None]) -> None:
    role = ROLE.model_copy(update={"api": "completions"})
    with serving(echo) as server:
        at(server.url)
        [reply] = ask(ledger, request("a prompt", role=role), role=role)
        assert isinstance(reply, Reply)
        assert reply.text == "you said a prompt"
        assert server.asked[0].path == "completions"


def test_a_model_of_null_is_the_only_one_the_server_lists(ledger: Path, at: Callable[[str], None]) -> None:
    role = ROLE.model_copy(update={"model": None})
    with serving(echo, models=("the-one",)) as server:
        at(server.url)
        ask(ledger, request(), role=role)
        assert server.asked[0].body["model"] == "the-one"


def test_a_model_of_null_with_several_to_choose_from_names_them(ledger: Path, at: Callable[[str], None]) -> None:
    role = ROLE.model_copy(update={"model": None})
    with serving(echo, models=("one", "two")) as server:
        at(server.url)
        with pytest.raises(BuildError, match="lists 2 models; name teacher's model in params: one, two"):
            ask(ledger, request(), role=role)


def test_who_knows_the_answerer_does_not_queue_behind_those_who_ask_for_it(ledger: Path) -> None:
    async def asked(url: str) -> list[int]:
        role, server = ROLE.model_copy(update={"model": None}), Server(url, None)
        with Ledger(ledger) as opened:
            books = RunContext("family", "sample", opened, Budget("family", opened))
            async with Connection("teacher", server, Pace(1)) as connection:
                teacher = EndpointTeacher("teacher", role, connection, books)
                first, *others = (asyncio.create_task(teacher.identity()) for _ in range(50))
                await first
                done = [sum(other.done() for other in others)]
                await teacher.identity()
                done.append(sum(other.done() for other in others))
                await asyncio.gather(*others)
                return done

    with serving(echo) as server:
        before, after = asyncio.run(asked(server.url))
    assert before == after < 49


def test_a_role_without_url_uses_the_teachers_and_its_key(monkeypatch: pytest.MonkeyPatch, at: Callable[[str], None]) -> None:
    at("http://127.0.0.1:1/v1/")
    monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", "teachers")
    monkeypatch.setenv("BUILDERS_JUDGE_API_KEY", "judges")
    assert Server.all_of("judge")[0] == Server("http://127.0.0.1:1/v1", "teachers")


def test_a_role_with_a_url_never_gets_anothers_key(
    ledger: Path, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", "teachers-secret")
    with serving(echo) as teacher, serving(echo) as judge:
        at(teacher.url)
        monkeypatch.setenv("BUILDERS_JUDGE_URL", judge.url)
        ask(ledger, request("a"), name="judge")
        assert all("Authorization" not in headers for headers in judge.headers)
        ask(ledger, request("b"))
        assert teacher.asked[0].headers["Authorization"] == "Bearer teachers-secret"


def test_what_is_kept_refers_to_row_and_sample_and_has_the_tokens(ledger: Path, at: Callable[[str], None]) -> None:
    script: Script = echo
    with serving(script) as server:
        at(server.url)
        [reply] = ask(ledger, request("a"))
        assert isinstance(reply, Reply)
    with Ledger(ledger) as opened:
        entry = opened.get(reply.key)
    assert entry
    assert orjson.loads(entry.about) == {
        "family": "family",
        "stage": "synthesize",
        "role": "teacher",
        "server": server.url.replace("localhost", "127.0.0.1"),
        "model": "double",
        "revision": None,
        "api": "chat",
        "body": {"temperature": 0.0, "top_p": 1.0, "max_tokens": 9},
    }
    assert orjson.loads(entry.own) == ["family:0123456789abcdef", 0, None]
    assert orjson.loads(entry.reply) == {"content": "you said a", "finish_reason": "stop", "tokens": [1, 3]}

"""What people ran into with servers of the field, each case on a server that behaves as theirs did.

A name in a test's docstring is the public thread's. What a reply is read as is tested in test_reading.py, what an error means
in test_faults.py, what a request looks like in test_shapes.py; here is what becomes of the row, and how often it is paid for.
"""

import gzip
import json
from email.utils import formatdate
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.teachers import bodies, retrying
from builders.teachers.api import Reply
from builders.teachers.budget import MILLION
from builders.teachers.server import Server
from builders.texts import finish
from tests.doubles.asking import ask, question, role
from tests.doubles.teacher import Answer, Received, serving


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "LONGEST_WAIT_SECONDS", 0.02)


def completion(content: Any, finish_reason: Any = "stop", **more: Any) -> Answer:  # noqa: ANN401
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **more.pop("message", {})}}
    return Answer(
        raw=json.dumps({"choices": [{**choice, "finish_reason": finish_reason, **more.pop("choice", {})}], **more}).encode()
    )


def failing(status: int, error: object = None, **headers: str) -> Answer:
    return Answer(status=status, raw=json.dumps({"error": error}).encode() if error else b"", headers=headers)


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS", "content_filter", "tool_calls", "nobody knows"])
def test_half_an_answer_is_not_a_whole_one_and_is_paid_for_once(reason: str, ledger: Path) -> None:
    """hermes-agent#108558, inspect_ai#5143, curator#261, pydantic-ai#6503."""
    with serving(lambda _: completion("It is", reason)) as server:
        for _ in range(2):
            [reply] = ask(ledger, server.url, question()).answers
            assert isinstance(reply, Reply)
            assert finish.fault(reply.finish_reason) == finish.FAULTS.get(finish.meaning(reason), "reply_unfinished")
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        completion([{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "fine"}]),
        completion("fine", usage={"prompt_tokens": float("nan"), "completion_tokens": 1}),
        completion("fine", choice={"logprobs": {"content": [{"logprob": float("nan")}]}}),
        completion("fine\ud83d"),
        completion("fine", ["any", {"json": 1}]),
        completion("fine", usage={"prompt_tokens": 1e30, "completion_tokens": -3}),
        completion(7),
        completion([7]),
        Answer(raw=b'{"choices": [{"message": null, "finish_reason": "stop"}]}'),
    ],
    ids=range(9),
)
def test_a_reply_that_came_is_never_paid_for_twice(answer: Answer, ledger: Path) -> None:
    """vercel/ai#8072, llm-mistral#39, rllm#879, trl#6693: the text is used, or the row is rejected."""
    with serving(lambda _: answer) as server:
        first, again = (ask(ledger, server.url, question(), question()) for _ in range(2))
        assert first.answers[0] == again.answers[0] or first.evidence == again.evidence
        assert all(text.startswith(("fine", "<think>")) for text in first.texts)
        assert (len(first.texts), len(first.evidence)) in {(2, 0), (0, 2)}
        assert len(server.asked) == 1


def test_a_reply_that_is_too_large_costs_its_row_and_its_price_once(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of any size, declared or not, compressed or not."""
    monkeypatch.setattr(bodies, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(bodies.whole, "__defaults__", (1 << 20,))
    large = json.dumps({"choices": [{"message": {"content": "x" * (2 << 20)}}]}).encode()
    packed = Answer(raw=gzip.compress(large), headers={"Content-Encoding": "gzip"})
    asked = role(prices={"prompt": 0.0, "completion": MILLION / 50})
    with serving(lambda wanted: packed if "packed" in wanted.text else Answer(raw=large)) as server:
        for _ in range(2):
            asking = ask(ledger, server.url, question("packed?"), question("plain?"), role=asked)
            assert [found["error"] for found in asking.evidence] == ["a reply that is too large"] * 2
        assert len(server.asked) == 2
    with Ledger(ledger, read_only=True) as opened:
        assert sum(paid.cost for _, _, paid in opened.spent()) == pytest.approx(2.0)


def test_a_small_reply_that_is_compressed_is_read(ledger: Path) -> None:
    packed = gzip.compress(json.dumps({"choices": [{"message": {"content": "fine"}}]}).encode())
    with serving(lambda _: Answer(raw=packed, headers={"Content-Encoding": "gzip"})) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": "context_length_exceeded", "param": "messages", "message": "why?"}, "too_long"),
        (400, {"code": "content_filter", "message": "why?"}, "filtered"),
        (403, {"code": 403, "metadata": {"reasons": ["x"], "flagged_input": "why?"}}, "filtered"),
        (413, None, "too_long"),
    ],
)
def test_an_error_about_one_prompt_costs_its_row(status: int, error: object, kind: str, ledger: Path) -> None:
    """open-webui#27237: 403 for one prompt is not 403 for a key."""
    with serving(lambda asked: failing(status, error) if asked.text == "why?" else Answer("fine")) as server:
        asking = ask(ledger, server.url, question(), question("how?"))
        assert asking.texts == ["fine"]
        assert asking.evidence[0]["kind"] == kind
        assert "why" not in json.dumps(asking.evidence)
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (401, None, "check the role's _API_KEY"),
        (403, {"code": "permission_denied"}, "check the role's _API_KEY"),
        (402, {"code": "insufficient_credits"}, "credit at the server of teacher is used up: HTTP 402"),
        (429, {"code": "insufficient_quota"}, "credit at the server of teacher is used up: HTTP 429 .code insufficient_quota"),
        (404, {"code": "model_not_found"}, "HTTP 404 .code model_not_found.; check the URL and the model's name"),
        (400, {"code": "unsupported_parameter", "param": "max_tokens"}, "token_limit: max_completion_tokens"),
        (400, {"code": "unsupported_value", "param": "temperature"}, "leave temperature out"),
        (400, {"code": "unsupported_parameter", "param": "seed"}, "seed: omit"),
        (400, {"code": "invalid_parameter", "param": "response_format"}, "structured: object, or prompt"),
        (422, {"code": "unknown_parameter", "param": "min_p"}, "leave it out of the role's extra"),
    ],
)
def test_an_error_about_every_request_stops_the_build_and_says_what_to_do(
    status: int, error: object, message: str, ledger: Path
) -> None:
    """gollm#33, litellm#15097, continue#9942."""
    with serving(lambda _: failing(status, error)) as server:
        asking = ask(ledger, server.url, question(), question("how?"))
        assert len(server.asked) == 1
    with pytest.raises(BuildError, match=message):
        raise BuildError(asking.stops[0], where="", fix="")
    assert len(asking.stops) == 2


def test_credit_that_runs_out_stops_the_build_which_goes_on_later(ledger: Path) -> None:
    """continue#9942."""
    with serving(lambda asked: Answer("fine") if asked.text == "why?" else failing(402)) as server:
        asking = ask(ledger, server.url, question(), question("how?"), question("when?"))
        assert (asking.texts, len(asking.stops), len(server.asked)) == (["fine"], 2, 2)
        server.script = lambda _: Answer("paid")
        assert ask(ledger, server.url, question(), question("how?")).texts == ["fine", "paid"]
        assert len(server.asked) == 3


def test_a_parameter_that_one_request_has_costs_its_row(ledger: Path) -> None:
    wrong = failing(400, {"code": "unsupported_value", "param": "temperature"})
    with serving(lambda asked: wrong if asked.text == "how?" else Answer("fine")) as server:
        asking = ask(ledger, server.url, question(), question("how?"))
        assert (asking.texts, asking.evidence[0]["kind"], asking.stops) == (["fine"], "parameter", [])


@pytest.mark.parametrize("body", [b"", b"<html>Sorry, you have been blocked</html>", b'{"error": {"message": "Forbidden"}}'])
def test_a_firewall_that_dislikes_one_prompt_costs_its_row(body: bytes, ledger: Path) -> None:
    """403 without a code, after replies: another request tells whether it is about the key."""
    wall = Answer(status=403, raw=body)
    with serving(lambda asked: wall if asked.text == "why?" else Answer("fine")) as server:
        asking = ask(ledger, server.url, question("how?"), question(), question("when?"))
        assert (asking.texts, asking.evidence) == (["fine", "fine"], [{"error": "HTTP 403", "attempts": 1}])
        server.script = lambda _: wall
        asking = ask(ledger, server.url, question("who?"))
        assert "check the role's _API_KEY" in asking.stops[0], "where nothing was answered yet, it is about the key"
    with serving(lambda _: Answer("fine") if len(server.asked) == 1 else wall) as server:
        asking = ask(ledger, server.url, question("first?"), question("where?"), question("whose?"))
        assert (asking.texts, len(asking.stops), asking.evidence) == (["fine"], 2, [])


@pytest.mark.parametrize("when", ["0", "a date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_when_to_come_back_is_waited_for(status: int, when: str, ledger: Path) -> None:
    """hermes-agent#89669, mcp-context-forge#5745: more often than a fault may happen."""
    busy = Answer(status=status, headers={"Retry-After": formatdate(usegmt=True) if when == "a date" else when})
    with serving(lambda asked: busy if asked.attempt < 9 else Answer("fine")) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]
        assert len(server.asked) == 9


def test_a_model_that_is_being_loaded_is_waited_for(ledger: Path) -> None:
    """More often than a fault may happen: llama.cpp and TGI say so."""
    loading = failing(503, {"code": 503, "message": "Loading model", "type": "unavailable_error"})
    with serving(lambda asked: loading if asked.attempt < 9 else Answer("fine")) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]
        assert len(server.asked) == 9


def test_a_web_page_in_the_place_of_every_reply_hints_at_the_url(ledger: Path) -> None:
    with serving(lambda _: Answer(raw=b"<!DOCTYPE html><html>Log in</html>")) as server:
        [stop] = ask(ledger, server.url, question()).stops
        assert "answers no request any more (a web page in the place of a reply); check the URL" in stop


@pytest.mark.parametrize("status", [201, 203])
def test_a_reply_may_have_another_status_of_success(status: int, ledger: Path) -> None:
    made = completion("fine")
    with serving(lambda _: Answer(raw=made.raw, status=status)) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]
        assert len(server.asked) == 1


def test_a_choice_that_carries_an_error_is_asked_again(ledger: Path) -> None:
    broken = completion("It", "error", choice={"error": {"code": 502, "message": "x"}})
    with serving(lambda asked: broken if asked.attempt == 1 else Answer("fine")) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]
        assert len(server.asked) == 2


def test_a_server_that_answers_nothing_but_errors_with_status_200_is_named(ledger: Path) -> None:
    """inspect_ai#1536."""
    with serving(lambda _: failing(200, {"code": "engine_lost", "message": "why?"})) as server:
        [stop] = ask(ledger, server.url, question()).stops
        assert "answers no request any more (HTTP 200 (code engine_lost))" in stop
        server.script = lambda _: failing(200, {"code": 402, "message": "why?"})
        assert "credit at the server of teacher is used up" in ask(ledger, server.url, question()).stops[0]


@pytest.mark.parametrize("how", ["slow", "dropped", "forbidden"])
def test_a_list_of_models_that_does_not_come_is_no_reason_to_stop(
    how: str, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ik_llama.cpp#1210."""
    monkeypatch.setattr("builders.teachers.pages.LOOK_SECONDS", 0.2)
    with serving(lambda _: Answer("fine")) as server:
        server.listing = how
        asking = ask(ledger, server.url, question())
        assert asking.texts == ["fine"]


def test_a_server_without_counts_is_counted_by_length_and_the_budget_holds(ledger: Path) -> None:
    """lmstudio-bug-tracker#1602."""
    asked = role(prices={"prompt": 0.0, "completion": MILLION / 50}, sampling={"max_tokens": 50})
    with serving(lambda _: completion("x" * 25)) as server:
        questions = [question(f"number {number}?", asked) for number in range(9)]
        asking = ask(ledger, server.url, *questions, role=asked, environment={"BUILDERS_BUDGET": "2"})
        assert (len(asking.texts), asking.tally.counted, len(server.asked)) == (3, 3, 3)
        assert "the budget is spent: 1.5000 of 2" in asking.stops[0]
    with Ledger(ledger) as opened:
        [reply, *_] = [answer for answer in asking.answers if isinstance(answer, Reply)]
        entry = opened.get(reply.key)
    assert entry
    assert orjson.loads(entry.reply)["counted"] == "bytes"


def test_a_reply_of_any_length_has_no_price_and_a_budget_says_so(ledger: Path) -> None:
    asked = role(prices={"prompt": 1.0, "completion": 1.0}, sampling={})
    with serving(lambda _: Answer("fine")) as server:
        [stop] = ask(ledger, server.url, question("why?", asked), role=asked, environment={"BUILDERS_BUDGET": "2"}).stops
        assert "a reply of the role teacher may have any length, and cost anything; give it sampling.max_tokens" in stop
        assert ask(ledger, server.url, question("why?", asked), role=asked).texts == ["fine"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"reasoning_content": "Hm."}, "<think>\nHm.\n</think>\n\nfine"),
        ({"reasoning_content": ""}, "<think>\n\n</think>\n\nfine"),
        ({"reasoning_content": None}, "fine"),
    ],
)
def test_the_reasoning_is_put_before_the_answer(message: dict[str, Any], text: str, ledger: Path) -> None:
    """vllm#13375."""
    with serving(lambda _: completion("fine", message=message)) as server:
        assert ask(ledger, server.url, question()).texts == [text]
        assert ask(ledger, server.url, question()).texts == [text]


def test_a_named_refusal_is_the_answer(ledger: Path) -> None:
    """genkit#6259."""
    with serving(lambda _: completion(None, message={"refusal": "I would rather not."})) as server:
        [reply] = ask(ledger, server.url, question()).answers
        assert isinstance(reply, Reply)
        assert (reply.text, reply.finish_reason) == ("I would rather not.", "refusal")


def test_anthropics_own_api_is_asked_and_read(ledger: Path) -> None:
    asked = role(api="messages")
    answer = {"type": "message", "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn"}
    with serving(lambda _: Answer(raw=json.dumps(answer).encode())) as server:
        environment = {"BUILDERS_TEACHER_API_KEY": "secret"}
        assert ask(ledger, server.url, question("why?", asked, seed=1), role=asked, environment=environment).texts == ["fine"]
        [sent] = server.asked
        assert sent.path == "messages"
        assert sent.body == {
            "model": "double",
            "messages": [{"role": "user", "content": "why?"}],
            "temperature": 0.0,
            "top_p": 1.0,
            "max_tokens": 50,
        }
        assert (sent.headers["x-api-key"], sent.headers["anthropic-version"]) == ("secret", "2023-06-01")
        assert "Authorization" not in sent.headers


def test_further_headers_go_to_the_server_and_nowhere_else(ledger: Path) -> None:
    with serving(lambda _: Answer("fine")) as server:
        environment = {
            "BUILDERS_TEACHER_HEADERS": '{"api-key": "sk-hidden", "authorization": "Basic x"}',
            "BUILDERS_TEACHER_API_KEY": "y",
        }
        assert ask(ledger, server.url, question(), environment=environment).texts == ["fine"]
        assert server.asked[0].headers["api-key"] == "sk-hidden"
        assert server.asked[0].headers["Authorization"] == "Basic x"
        assert b"sk-hidden" not in ledger.read_bytes()
        assert ask(ledger, server.url, question()).tally.found == 1


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("sk-hidden", "not JSON"),
        ('["sk-hidden"]', "not HTTP headers"),
        ('{"api-key": 7}', "not HTTP headers"),
        ('{"api key": "sk-hidden"}', "not HTTP headers"),
        ('{"api-key": "sk-hidden\\n"}', "not HTTP headers"),
        ('{"Host": "sk-hidden"}', "Host is a header that we set"),
    ],
)
def test_headers_that_cannot_be_sent_are_one_clear_line_without_them(value: str, what: str, ledger: Path) -> None:
    with pytest.raises(BuildError, match=f"BUILDERS_TEACHER_HEADERS: {what}") as caught:
        ask(ledger, "http://127.0.0.1:1/v1", question(), environment={"BUILDERS_TEACHER_HEADERS": value})
    assert "hidden" not in str(caught.value)


def test_a_role_with_a_url_of_its_own_never_gets_anothers_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_TEACHER_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("BUILDERS_TEACHER_HEADERS", '{"a": "b"}')
    assert Server.all_of("judge")[0].headers == (("a", "b"),)
    monkeypatch.setenv("BUILDERS_JUDGE_URL", "http://127.0.0.1:2/v1")
    assert Server.all_of("judge")[0].headers == ()


def test_a_query_goes_with_every_request_and_is_no_part_of_the_key(ledger: Path) -> None:
    queries = []

    def script(request: Received) -> Answer:
        queries.append(request.query)
        return Answer("fine")

    with serving(script) as server:
        asked = role(server=None)
        assert ask(ledger, f"{server.url}?api-version=2024-10-21", question("why?", asked), role=asked).texts == ["fine"]
        assert ask(ledger, f"{server.url}/?api-version=2025-01-01", question("why?", asked), role=asked).tally.found == 1
        assert queries == ["api-version=2024-10-21"]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://127.0.0.1:1/v1/chat/completions", "leave off /chat/completions"),
        ("http://127.0.0.1:1/v1/messages/", "leave off /messages"),
        ("http://127.0.0.1:1/v1?api-key=sk-hidden", "a key belongs into the _API_KEY or _HEADERS variable"),
        ("http://127.0.0.1:1/v1?api-version=1#sk-hidden", "write scheme, host, port and path"),
    ],
)
def test_a_url_that_is_no_base_url_says_what_to_write(url: str, hint: str, ledger: Path) -> None:
    with pytest.raises(BuildError, match=f"BUILDERS_TEACHER_URL: .*{hint}") as caught:
        ask(ledger, url, question())
    assert "hidden" not in str(caught.value)


def test_a_url_without_version_is_hinted_at(ledger: Path) -> None:
    with serving(lambda _: Answer("fine")) as server:
        [stop] = ask(ledger, server.url.removesuffix("/v1"), question()).stops
        assert "check the URL (the base URL of most servers ends in /v1)" in stop


def test_the_systems_proxy_is_used_unless_it_is_told_otherwise(ledger: Path) -> None:
    """llm#979."""
    with serving(lambda _: Answer("by way of the proxy")) as proxy, serving(lambda _: Answer("directly")) as server:
        there = {"http_proxy": proxy.url.removesuffix("/v1"), "no_proxy": ""}
        assert ask(ledger, server.url, question(), environment=there).texts == ["by way of the proxy"]
        assert proxy.headers, "the list of models was asked for by way of it too"
        assert server.headers == []
        around = {**there, "no_proxy": "127.0.0.1"}
        assert ask(ledger, server.url, question("how?"), environment=around).texts == ["directly"]
    [stop] = ask_stop(ledger, {"https_proxy": "socks5://127.0.0.1:1", "no_proxy": ""})
    assert "the proxy is not an HTTP one; name an HTTP proxy, or except the server in NO_PROXY" in stop


def ask_stop(ledger: Path, environment: dict[str, str]) -> list[str]:
    with pytest.raises(BuildError) as caught:
        ask(ledger, "https://model.invalid/v1", question(), environment=environment)
    return [str(caught.value)]


def test_a_request_that_failed_is_not_sent_again_in_the_same_run(ledger: Path) -> None:
    with serving(lambda _: failing(400, {"code": "content_filter"})) as server:
        asking = ask(ledger, server.url, question(), question())
        assert asking.evidence == [{"error": "HTTP 400", "kind": "filtered", "code": "content_filter", "attempts": 1}] * 2
        assert (len(server.asked), asking.tally.failed) == (1, 1)


@pytest.mark.parametrize("attempt", [2, None], ids=["answers", "silent"])
def test_a_server_is_asked_for_a_token_more_than_once_before_it_counts_as_down(attempt: int | None, ledger: Path) -> None:
    def script(asked: Received) -> Answer:
        first = asked.text == "how?" and asked.body["max_tokens"] == 50
        probed = asked.body["max_tokens"] == 1 and asked.attempt == attempt
        return Answer("fine") if first or probed else failing(500)

    with serving(script) as server:
        asking = ask(ledger, server.url, question("how?"), question())
        probes = [asked for asked in server.asked if asked.body["max_tokens"] == 1]
        assert {asked.text for asked in probes} == {"how?"}
    if attempt:
        assert (asking.evidence, len(probes)) == ([{"error": "HTTP 500", "attempts": 6}], attempt)
    else:
        assert "the server of teacher answers no request any more (HTTP 500); look at the server" in asking.stops[0]
        assert len(probes) == 3


def test_a_reply_in_an_encoding_that_was_not_asked_for_is_asked_for_again(ledger: Path) -> None:
    packed = Answer(raw=b"x", headers={"Content-Encoding": "br"})
    with serving(lambda asked: packed if asked.attempt == 1 else Answer("fine")) as server:
        assert ask(ledger, server.url, question()).texts == ["fine"]
        assert len(server.asked) == 2

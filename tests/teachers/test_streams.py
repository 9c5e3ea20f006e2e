"""A reply that comes as events, or with something around it, is read like any other, and cut off where its stream was."""

import json
from typing import Any

import pytest

from builders.teachers import reading
from builders.teachers.faults import BrokenError, FaultError

THOUGHT, ANSWER = "First this, then that.", "It is seven."
WHOLE = json.dumps(
    {
        "choices": [{"message": {"content": ANSWER}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
    }
)
KEPT = {"content": ANSWER, "finish_reason": "stop", "tokens": [3, 5]}
DONE = "data: [DONE]\n\n"


def read(body: str, api: str = "chat") -> dict[str, Any]:
    return reading.read(body.encode(), api)


def events(*values: dict[str, Any]) -> str:
    return "".join(f"data: {json.dumps(value)}\n\n" for value in values)


def piece(finish: str | None = None, **delta: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


@pytest.mark.parametrize(
    "body",
    [
        f"{WHOLE}\n\n{DONE}",
        f"data: {WHOLE}\n\n{DONE}",
        f": keep-alive\n\n: keep-alive\n\n{WHOLE}",
        f"\n\n\n{WHOLE}\n",
        f"event: message\nid: 1\nretry: 10\ndata: {WHOLE}\n\n",
        json.dumps(json.loads(WHOLE), indent=2) + f"\n{DONE}",
        json.dumps(WHOLE),
    ],
    ids=range(7),
)
def test_a_whole_reply_may_have_something_around_it(body: str) -> None:
    """9router#3492; DeepSeek's blank lines and OpenRouter's comments keep a line open."""
    assert read(body) == KEPT


def test_the_pieces_of_a_stream_are_one_reply() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}}
    pieces = [piece(role="assistant", content=""), piece(reasoning_content=THOUGHT), piece(content=ANSWER[:4])]
    pieces += [piece(content=ANSWER[4:]), piece("stop"), usage]
    assert read(events(*pieces) + DONE) == {**KEPT, "reasoning": THOUGHT}
    details = [piece(reasoning_details=[{"type": "reasoning.text", "text": part}]) for part in (THOUGHT[:5], THOUGHT[5:])]
    assert read(events(*details, piece("stop", content=ANSWER), usage))["reasoning"] == THOUGHT
    texts = [{"choices": [{"text": part, "finish_reason": None}]} for part in (ANSWER[:4], ANSWER[4:])]
    assert read(events(*texts) + DONE, "completions")["content"] == ANSWER


@pytest.mark.parametrize(
    ("body", "finish"),
    [
        (events(piece(content="It is")), "length"),
        (events(piece(content="It is"), piece("length")) + DONE, "length"),
        (events(piece(content=ANSWER)) + DONE, None),
    ],
)
def test_a_stream_that_never_said_why_it_ended_is_cut_off_without_its_end_mark(body: str, finish: str | None) -> None:
    assert read(body)["finish_reason"] == finish


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (events(piece(content="It"), {"error": {"code": 502, "message": "x"}}), "passing"),
        ("event: error\n" + events({"error": {"code": 429, "message": "x"}}), "busy"),
        (events(piece(content="It"), {"error": {"code": "server_error"}, **piece("error")}), "passing"),
    ],
)
def test_an_error_in_a_stream_is_an_error(body: str, kind: str) -> None:
    with pytest.raises(FaultError) as caught:
        read(body)
    assert caught.value.fault.kind == kind


def test_a_stream_of_anthropics_api_is_one_reply() -> None:
    start = {"type": "message_start", "message": {"role": "assistant", "usage": {"input_tokens": 3, "output_tokens": 1}}}
    pieces = [
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": THOUGHT}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": ANSWER}},
    ]
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
    assert read(events(start, *pieces, end, {"type": "message_stop"}), "messages") == {**KEPT, "reasoning": THOUGHT}
    assert read(events(start, *pieces), "messages")["finish_reason"] == "length"
    assert read(events(start, end), "messages") == {**KEPT, "content": ""}
    unread = {"type": "message_start", "message": {"usage": None}}, {"type": "content_block_start", "delta": {"index": 1}}
    assert read(events(*unread, pieces[1], end), "messages") == {**KEPT, "tokens": [None, None]}
    assert read(events({"type": "message_start", "message": "none"}, pieces[1], end), "messages")["content"] == ANSWER


@pytest.mark.parametrize("body", ["\n\n\n", ": keep-alive\n\n", DONE, "data: {\n\n", "data: 7\n\n", "<html>login</html>"])
def test_what_has_no_reply_in_it_is_none(body: str) -> None:
    with pytest.raises(BrokenError):
        read(body)


def test_a_web_page_is_called_one() -> None:
    with pytest.raises(BrokenError, match="a web page in the place of a reply"):
        read("  <!DOCTYPE html><html></html>")

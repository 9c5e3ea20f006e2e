"""Whatever a server answers is one text, one reasoning, one finish reason and two counts, or an error.

The cases are those of public threads, each written anew: a name behind a case is the thread's.
"""

import json
from typing import Any

import pytest

from builders.records import canonical
from builders.teachers import counting, reading
from builders.teachers.faults import BrokenError, FaultError
from builders.teachers.reading import UnusableError
from builders.texts.think import CLOSING, OPENING

THOUGHT, ANSWER = "First this, then that.", "It is seven."
USAGE = {"prompt_tokens": 3, "completion_tokens": 5}
BLOCK = f"{OPENING}\n{THOUGHT}\n{CLOSING}"


def body(message: Any = None, finish: Any = "stop", api: str = "chat", **more: Any) -> bytes:  # noqa: ANN401
    choice = {"message": message} if api == "chat" else {"text": message}
    return json.dumps({"choices": [{**choice, "finish_reason": finish, **more.pop("choice", {})}], **more}).encode()


def read(message: Any, finish: Any = "stop", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return reading.read(body(message, finish, **more), "chat")


def parts(*kinds: str) -> list[dict[str, Any]]:
    every: dict[str, dict[str, Any]] = {
        "text": {"type": "text", "text": ANSWER},
        "half": {"type": "text", "text": ANSWER[:6]},
        "rest": {"type": "text", "text": ANSWER[6:]},
        "thinking": {"type": "thinking", "thinking": THOUGHT, "signature": "x"},
        "magistral": {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
        "summary": {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
        "redacted": {"type": "redacted_thinking", "data": "opaque"},
        "tool": {"type": "tool_use", "id": "1", "name": "f", "input": {}},
    }
    return [every[kind] for kind in kinds]


@pytest.mark.parametrize(
    "message",
    [
        {"content": ANSWER, "reasoning_content": THOUGHT},
        {"content": ANSWER, "reasoning": THOUGHT},
        {"content": ANSWER, "reasoning": THOUGHT, "reasoning_content": THOUGHT},
        {"content": ANSWER, "reasoning_content": None, "reasoning": THOUGHT},
        {"content": ANSWER, "thinking": THOUGHT},
        {"content": ANSWER, "reasoning_text": THOUGHT},
        {"content": ANSWER, "reasoning": [THOUGHT[:5], THOUGHT[5:]]},
        {"content": ANSWER, "provider_specific_fields": {"reasoning_content": THOUGHT}},
        {"content": [{"text": THOUGHT, "thought": True}, {"text": ANSWER}]},
        {"content": ANSWER, "reasoning": {"content": THOUGHT}},
        {"content": ANSWER, "reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]},
        {
            "content": ANSWER,
            "reasoning": None,
            "reasoning_details": [
                {"type": "reasoning.text", "text": THOUGHT[:5]},
                {"type": "reasoning.encrypted", "data": "opaque"},
                {"type": "reasoning.text", "text": THOUGHT[5:]},
            ],
        },
        {"content": ANSWER, "reasoning": THOUGHT, "reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]},
        {"content": parts("thinking", "text")},
        {"content": parts("magistral", "half", "rest")},
        {"content": parts("redacted", "summary", "text")},
        {"content": ANSWER, "reasoning": BLOCK},
        {"content": ANSWER, "reasoning": f"{THOUGHT}\n{CLOSING}"},
        {"content": f"{BLOCK}\n\n{ANSWER}", "reasoning": THOUGHT},
        {"content": f"{BLOCK}\n\n{ANSWER}", "reasoning": f"{BLOCK}\n\n{ANSWER}"},
        {"content": f"{BLOCK}\n\n{ANSWER}", "reasoning_content": ""},
        {"content": None, "reasoning_content": f"{BLOCK}\n\n{ANSWER}"},
        {"content": f"{THOUGHT}\n\n{ANSWER}", "reasoning": THOUGHT},
        {"content": f"[THINK]{THOUGHT}[/THINK]{ANSWER}"},
        {"content": f"{THOUGHT}[/THINK]\n{ANSWER}"},
        {"content": f"◁think▷{THOUGHT}◁/think▷{ANSWER}"},
        {"content": f"<seed:think>{THOUGHT}</seed:think>{ANSWER}"},
        {"content": f"<thinking>\n{THOUGHT}\n</thinking>\n{ANSWER}"},
        {"content": f"<thought>{THOUGHT}</thought>{ANSWER}"},
        {"content": f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>"},
        {
            "content": f"<|channel|>analysis<|message|>{THOUGHT}<|end|>"
            f"<|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>"
        },
    ],
    ids=str,
)
def test_the_reasoning_is_kept_once_wherever_it_comes(message: dict[str, Any]) -> None:
    """Mistral, OpenRouter, mlx-vlm#1408, aiXplain#1012, vercel/ai#8072, simonw/llm-mistral#39."""
    kept = read(message)
    assert (kept["reasoning"], kept["content"]) == (THOUGHT, ANSWER)
    assert read(message, usage=USAGE) == {"content": ANSWER, "finish_reason": "stop", "tokens": [3, 5], "reasoning": THOUGHT}


@pytest.mark.parametrize(
    ("message", "content"),
    [
        ({"content": ANSWER}, ANSWER),
        ({"content": ANSWER, "reasoning_content": None}, ANSWER),
        ({"content": f"{BLOCK}\n\n{ANSWER}"}, f"{BLOCK}\n\n{ANSWER}"),
        ({"content": f"{THOUGHT}\n{CLOSING}\n{ANSWER}", "reasoning": None}, f"{THOUGHT}\n{CLOSING}\n{ANSWER}"),
        ({"content": parts("half", "rest")}, ANSWER),
        ({"content": {"type": "text", "text": ANSWER}}, ANSWER),
        ({"content": [{"type": "text", "text": {"value": ANSWER}}]}, ANSWER),
        ({"content": [{"type": "output_text", "text": ANSWER}]}, ANSWER),
        ({"content": {"parts": [{"text": ANSWER[:3]}, {"text": ANSWER[3:]}]}}, ANSWER),
        ({"content": [{"type": "refusal", "refusal": ANSWER}]}, ANSWER),
        ({"content": ANSWER, "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}, ANSWER),
        ({"content": [ANSWER[:3], ANSWER[3:]]}, ANSWER),
        ({"content": f"What does <thinking> mean? {ANSWER}"}, f"What does <thinking> mean? {ANSWER}"),
        ({"content": None}, None),
        ({"content": []}, ""),
        ({"content": parts("tool")}, None),
    ],
    ids=str,
)
def test_a_text_without_a_field_of_reasoning_stays_what_it_is(message: dict[str, Any], content: str | None) -> None:
    kept = read(message)
    assert kept["content"] == content
    assert "reasoning" not in kept
    assert read(message, usage=USAGE) == {**kept, "tokens": [3, 5]}


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_a_parser_that_found_nothing_is_an_empty_reasoning(field: str) -> None:
    """vllm#13375: the model skips thinking; without a parser the same reply has an empty think block."""
    assert read({"content": ANSWER, field: ""})["reasoning"] == ""


def test_one_text_in_both_fields_is_the_answer() -> None:
    kept = read({"content": ANSWER, "reasoning": ANSWER})
    assert (kept["reasoning"], kept["content"]) == ("", ANSWER)


def test_a_refusal_that_is_apart_is_the_answer_and_named() -> None:
    """genkit#6259."""
    kept = read({"content": None, "refusal": "I would rather not."})
    assert (kept["content"], kept["finish_reason"]) == ("I would rather not.", "refusal")
    assert read({"content": ANSWER, "refusal": "I would rather not."})["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("stop", "stop"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("content_filter", "content_filter"),
        (None, None),
        ("", None),
        ("novel", "novel"),
        (7, "unknown"),
        ([], "unknown"),
        ({"a": [1]}, "unknown"),
        ("x" * 9999, "unknown"),
        ("two words of a prompt", "unknown"),
    ],
)
def test_a_finish_reason_is_kept_by_our_word_or_as_a_short_one(reason: object, kept: str | None) -> None:
    assert read({"content": ANSWER}, reason)["finish_reason"] == kept


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ({"finish_reason": {"type": "stop", "matched": 2}}, "stop"),
        ({"finish_reason": {"type": "length"}}, "length"),
        ({"finish_reason": None, "finish_details": {"type": "max_tokens"}}, "length"),
        ({"finish_reason": None, "stop_reason": "max_tokens"}, "length"),
        ({"finish_reason": None, "stop_reason": "###"}, None),
        ({"finish_reason": "stop", "stop_reason": "max_tokens"}, "stop"),
        ({"finish_reason": "", "native_finish_reason": "SAFETY"}, "content_filter"),
    ],
)
def test_why_a_reply_ended_may_stand_in_an_object_or_elsewhere(choice: dict[str, Any], kept: str | None) -> None:
    """GPT-4V's finish_details; what is named by `finish_reason` goes first."""
    assert read({"content": ANSWER}, choice=choice)["finish_reason"] == kept


@pytest.mark.parametrize("reason", ["stop", None])
def test_a_call_of_a_tool_without_a_text_is_no_empty_reply(reason: str | None) -> None:
    called = {"content": None, "tool_calls": [{"id": "1", "function": {}}]}
    assert read(called, reason)["finish_reason"] == "tool_calls"
    assert read({**called, "content": ANSWER}, "stop")["finish_reason"] == "stop"
    assert read({**called, "tool_calls": []}, "stop")["finish_reason"] == "stop"


@pytest.mark.parametrize("choice", [{"text": ANSWER}, {"delta": {"content": ANSWER}}, {"message": {"content": ANSWER}}])
def test_a_reply_in_the_form_of_another_api_is_read(choice: dict[str, Any]) -> None:
    for choices in ([{**choice, "finish_reason": "stop"}], {**choice, "finish_reason": "stop"}):
        kept = reading.read(json.dumps({"choices": choices}).encode(), "chat")
        assert (kept["content"], kept["finish_reason"]) == (ANSWER, "stop")


def test_reasoning_may_stand_beside_the_message() -> None:
    for more in ({}, {"usage": USAGE}):
        assert read({"content": ANSWER}, choice={"reasoning_content": THOUGHT}, **more)["reasoning"] == THOUGHT


@pytest.mark.parametrize(
    ("reason", "kept"), [("content_filter: PROHIBITED_CONTENT", "content_filter"), ("MAX_TOKENS", "length")]
)
def test_a_reply_without_a_message_that_says_why_is_that(reason: str, kept: str) -> None:
    """Gemini's layer."""
    for choice in ({"finish_reason": reason}, {"finish_reason": reason, "message": None}):
        body = {"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 0}}
        found = reading.read(json.dumps(body).encode(), "chat")
        assert (found["content"], found["finish_reason"]) == (None, kept)


@pytest.mark.parametrize("choices", [[], None, "none"])
def test_counts_without_a_reply_were_paid_for(choices: object) -> None:
    body = {"choices": choices, "usage": {"prompt_tokens": 3, "completion_tokens": 5}}
    with pytest.raises(UnusableError) as caught:
        reading.read(json.dumps(body).encode(), "chat")
    assert caught.value.message["tokens"] == [3, 5]


@pytest.mark.parametrize("error", [None, {}, "", {"code": None, "message": None}])
def test_an_error_of_nothing_costs_no_reply(error: object) -> None:
    assert read({"content": ANSWER}, error=error, choice={"error": error})["content"] == ANSWER


@pytest.mark.parametrize("reason", ["error", "abort", "insufficient_system_resource"])
def test_a_reply_that_ends_in_an_error_is_asked_for_again(reason: str) -> None:
    with pytest.raises(FaultError) as caught:
        read({"content": "It is"}, reason)
    assert (caught.value.fault.kind, caught.value.paid) == ("passing", True)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 5}, [3, 5]),
        ({"prompt_tokens": 3.0, "completion_tokens": 0}, [3, 0]),
        ({"prompt_tokens": 2.5, "completion_tokens": 5}, [None, 5]),
        ({"prompt_tokens": 10**9, "completion_tokens": 10**9}, [10**9, 10**9]),
        ({"prompt_tokens": 10**9 + 1, "completion_tokens": 10**9 + 1}, [None, None]),
        ({"prompt_tokens": 10**9 + 1, "completion_tokens": 5}, [None, 5]),
        ({"prompt_tokens": 3, "completion_tokens": 10**9 + 1}, [3, None]),
        ({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}, [1, 1]),
        ({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 7}, [3, 5]),
        ({"input_tokens": "3", "cache_read_input_tokens": 4, "output_tokens": 5}, [None, 5]),
        ({"prompt_tokens": 2, "input_tokens": 3, "completion_tokens": 5, "output_tokens": 6}, [2, 5]),
        ({"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 20}, [3, 17]),
        ({"input_tokens": 3, "cache_read_input_tokens": 4, "cache_creation_input_tokens": None, "output_tokens": 5}, [7, 5]),
        ({"prompt_tokens": 1e30, "completion_tokens": 5}, [None, 5]),
        ({"prompt_tokens": 3, "completion_tokens": -5}, [3, None]),
        ({"prompt_tokens": "3", "completion_tokens": True}, [None, None]),
        ({"prompt_tokens": 0, "completion_tokens": 0}, [None, None]),
        ({"prompt_tokens": None}, [None, None]),
        ([1, 2], [None, None]),
        (None, [None, None]),
    ],
)
def test_token_counts_are_counts_or_none(usage: object, tokens: list[int | None]) -> None:
    assert read({"content": ANSWER}, usage=usage)["tokens"] == tokens


def raw(text: str) -> dict[str, Any]:
    return reading.read(text.encode("utf-8", "surrogatepass"), "chat")


@pytest.mark.parametrize(
    "beside",
    [
        '"usage": {"prompt_tokens": NaN, "completion_tokens": Infinity}',
        '"usage": {"prompt_tokens": 1e999, "completion_tokens": -1e999}',
        f'"usage": {{"prompt_tokens": {"9" * 5000}}}',
        '"usage": ' + "[" * 100_000 + "]" * 100_000,
        '"anything": ' + '{"a":' * 3000 + "1" + "}" * 3000,
        '"anything": "\\ud800"',
        '"anything": "a\nb"',
    ],
    ids=range(7),
)
def test_a_field_that_nobody_reads_costs_no_reply(beside: str) -> None:
    """trl#6693: NaN in usage; deep nesting; numbers that fit nowhere."""
    kept = raw(f'{{{beside}, "choices": [{{"message": {{"content": "fine"}}, "finish_reason": "stop"}}]}}')
    assert (kept["content"], kept["tokens"]) == ("fine", [None, None])


def test_half_a_character_is_replaced() -> None:
    """rllm#879: a lone surrogate in the text."""
    kept = raw('{"choices": [{"message": {"content": "a\\ud83d b \\ud83d\\ude00"}, "finish_reason": "stop"}]}')
    assert kept["content"] == "a\ufffd b \U0001f600"
    assert raw('\ufeff{"choices": [{"message": {"content": "marked"}}]}')["content"] == "marked"
    broken = b'{"choices": [{"message": {"content": "a\xff"}}]}'
    assert reading.read(broken, "chat")["content"] == "a\ufffd"


@pytest.mark.parametrize("depth", [40, 500, 100_000])
def test_log_probabilities_that_cannot_be_stored_are_left_out_or_cut(depth: int) -> None:
    kept = raw(f'{{"choices": [{{"message": {{"content": "fine"}}, "logprobs": {"[" * depth}{"]" * depth}}}]}}')
    assert kept["content"] == "fine"
    assert len(canonical(kept)) < 2000, "it can be stored"


def test_what_is_no_number_is_kept_as_nothing() -> None:
    """So that a reply says the same when it comes and when the ledger has it."""
    kept = raw(
        '{"choices": [{"message": {"content": "a"}, "logprobs":'
        ' {"content": [{"logprob": NaN}, {"logprob": -Infinity}, {"logprob": 1e999}]}}]}'
    )
    assert kept["logprobs"] == {"content": [{"logprob": None}] * 3}


def test_log_probabilities_are_kept_as_they_are() -> None:
    logprobs = {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": []}]}
    assert read({"content": ANSWER}, choice={"logprobs": logprobs})["logprobs"] == logprobs


@pytest.mark.parametrize("content", [7, True, 0.5, [1, 2], {"a": 1}, [[7], None]], ids=str)
def test_a_reply_that_is_not_text_was_paid_for_and_is_unusable(content: object) -> None:
    with pytest.raises(UnusableError):
        read({"content": content})


@pytest.mark.parametrize("message", [None, 7, "text", []], ids=str)
def test_a_reply_without_a_message_was_paid_for_and_is_unusable(message: object) -> None:
    with pytest.raises(UnusableError) as caught:
        read(message, usage={"prompt_tokens": 3, "completion_tokens": 5})
    assert caught.value.message["tokens"] == [3, 5]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>gateway</html>", b"{", b"[]", b"7", b"{}", b'{"choices": []}', b'{"choices": [7]}'],
    ids=bytes.decode,
)
def test_what_is_no_reply_is_asked_for_again(content: bytes) -> None:
    with pytest.raises(BrokenError):
        reading.read(content, "chat")


@pytest.mark.parametrize(
    ("answered", "kind", "paid"),
    [
        ({"error": {"code": "server_busy", "message": "x"}}, "passing", False),
        ({"error": {"code": 502, "message": "x"}}, "passing", False),
        ({"error": {"code": 429, "message": "x"}}, "busy", False),
        ({"error": {"code": 402, "message": "x"}}, "money", False),
        ({"error": {"code": 403, "metadata": {"reasons": ["x"], "flagged_input": "x"}}}, "filtered", False),
        ([{"error": {"code": 503, "status": "UNAVAILABLE"}}], "passing", False),
        ({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, "money", False),
        ({"detail": "Too many requests"}, "busy", False),
        ({"success": False}, "passing", False),
        ({"object": "error", "message": "x", "code": 500}, "passing", False),
        ({"error": {"code": 502}, "choices": [{"message": {"content": "It"}, "finish_reason": "stop"}]}, "passing", False),
        ({"choices": [{"error": {"code": 502}, "message": {"content": "It"}, "finish_reason": "error"}]}, "passing", True),
        ({"choices": [{"error": {"code": 403, "metadata": {"reasons": []}}, "message": {"content": "It"}}]}, "filtered", True),
    ],
    ids=str,
)
def test_an_error_with_status_200_is_an_error(answered: object, kind: str, paid: bool) -> None:  # noqa: FBT001
    """inspect_ai#1536; OpenRouter puts errors that come late into the body, or into the choice."""
    with pytest.raises(FaultError) as caught:
        reading.read(json.dumps(answered).encode(), "chat")
    assert (caught.value.fault.kind, caught.value.paid) == (kind, paid)


def test_a_completion_has_its_text_beside_the_message() -> None:
    kept = reading.read(body(ANSWER, "length", "completions"), "completions")
    assert (kept["content"], kept["finish_reason"]) == (ANSWER, "length")


def anthropic(*kinds: str, stop: str = "end_turn", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    answered = {"type": "message", "role": "assistant", "content": parts(*kinds), "stop_reason": stop, **more}
    return reading.read(json.dumps(answered).encode(), "messages")


def test_anthropics_own_api_is_read_like_the_others() -> None:
    usage = {"input_tokens": 3, "output_tokens": 5}
    assert anthropic("thinking", "text", usage=usage) == {
        "content": ANSWER,
        "finish_reason": "stop",
        "tokens": [3, 5],
        "reasoning": THOUGHT,
    }
    assert anthropic("half", stop="max_tokens")["finish_reason"] == "length"
    assert anthropic("half", stop="model_context_window_exceeded")["finish_reason"] == "length"
    assert anthropic("half", stop="refusal")["finish_reason"] == "content_filter"
    assert anthropic("tool", stop="tool_use")["finish_reason"] == "tool_calls"
    assert anthropic(stop="end_turn")["content"] == ""
    with pytest.raises(FaultError):
        reading.read(b'{"type": "error", "error": {"type": "overloaded_error", "message": "x"}}', "messages")


def test_counts_that_no_server_reports_are_the_most_that_they_can_be() -> None:
    kept = read({"content": "é", "reasoning": "abc"})
    counting.count(kept, 40, 1000)
    assert (kept["tokens"], kept["counted"]) == ([40, 5], "bytes")
    kept = read({"content": "x" * 99}, usage={"prompt_tokens": 7})
    counting.count(kept, 40, 50)
    assert kept["tokens"] == [7, 50]
    lost = UnusableError("a reply that is too large").message
    counting.count(lost, 40, 50)
    assert lost["tokens"] == [40, 50]
    kept = read({"content": "é" * 3})
    counting.count(kept, 40, None)
    assert kept["tokens"] == [40, 6]
    counting.count(lost := UnusableError("a reply that is too large").message, 40, None)
    assert lost["tokens"] == [40, 0]


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        ({"type": "error", "content": parts("text"), "error": {"type": "overloaded_error"}}, FaultError),
        ({"type": "error", "content": parts("text")}, FaultError),
        ({"type": "message"}, BrokenError),
        ({"choices": [{"message": {"content": ANSWER}}]}, BrokenError),
        ({"choices": [{"message": {"content": ANSWER}}], "usage": USAGE}, UnusableError),
    ],
    ids=range(5),
)
def test_what_is_no_message_of_anthropics_api_is_no_reply(answered: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        reading.read(json.dumps(answered).encode(), "messages")


def test_only_stop_reason_says_why_a_message_of_anthropics_api_ended() -> None:
    assert anthropic("half", stop="", done_reason="max_tokens")["finish_reason"] is None
    assert anthropic("half", stop="", finish_reason="max_tokens")["finish_reason"] is None


def test_a_refusal_of_nothing_is_none() -> None:
    kept = read({"content": None, "refusal": " "})
    assert (kept["content"], kept["finish_reason"]) == (None, "stop")


def test_a_reasoning_alone_is_a_reply_without_a_text() -> None:
    kept = read({"content": parts("thinking")}, "length", usage=USAGE)
    assert (kept["reasoning"], kept["content"], kept["tokens"]) == (THOUGHT, None, [3, 5])

"""Why a reply ended: one meaning for each word of the field, and none for what nobody has seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.texts import finish, think

JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.none())
)


WORDS = {
    "stop": "stop stopped end end_turn stop_sequence stop_str stop_string stop_word stop_trigger stopping_word word"
    " eos eos_token eos_token_id eos_found eot eot_id eot_token eog eog_token im_end end_of_text endoftext end_of_turn"
    " end_of_sequence end_of_sentence stop_token complete completed finish finished done normal success refusal",
    "length": "repetition incomplete not_finished max limit length truncated context_window token_budget",
    "content_filter": "language spii violation censored filter safety prohibited moderated policy sensitive toxic blocked"
    " blocklist guardrail recitation",
    "tool_calls": "pause_turn requires_action tool_call tool_use function_call",
    "error": "abort aborted cancelled canceled user_cancel insufficient_system_resource failed timeout load unload rate_limit"
    " rate_limited malformed_function_call error an_error",
    "unknown": "unknown other terror",
}


@pytest.mark.parametrize(("meaning", "word"), [(meaning, word) for meaning, words in WORDS.items() for word in words.split()])
def test_every_word_has_its_meaning(meaning: str, word: str) -> None:
    assert finish.meaning(word) == meaning
    faults = {"stop": None, "length": "reply_truncated", "content_filter": "reply_filtered"}
    assert finish.fault(word) == faults.get(meaning, "reply_unfinished")


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        (None, "stop"),
        ("", "stop"),
        ("stop", "stop"),
        ("STOP", "stop"),
        ("end_turn", "stop"),
        ("eos", "stop"),
        ("eos_token", "stop"),
        ("<|im_end|>", "stop"),
        ("FinishReason.STOP", "stop"),
        ("eogToken", "stop"),
        ("stop_sequence", "stop"),
        ("COMPLETE", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("MAX_TOKENS", "length"),
        ("maxTokens", "length"),
        ("max-output-tokens", "length"),
        ("model_length", "length"),
        ("FinishReason.MAX_TOKENS", "length"),
        ("FINISH_REASON_MAX_TOKENS", "length"),
        ("max", "length"),
        ("limit", "length"),
        ("ERROR_LIMIT", "length"),
        ("time_limit", "length"),
        ("not_finished", "length"),
        ("token_limit_reached", "length"),
        ("maximum_tokens", "length"),
        ("context_window_exceeded", "length"),
        ("model_context_window_exceeded", "length"),
        ("content_filter", "content_filter"),
        ("contentFiltered", "content_filter"),
        ("SAFETY", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("IMAGE_PROHIBITED_CONTENT", "content_filter"),
        ("content_filter: PROHIBITED_CONTENT", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("sensitive", "content_filter"),
        ("ERROR_TOXIC", "content_filter"),
        ("policy_violation", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("toolUse", "tool_calls"),
        ("UNEXPECTED_TOOL_CALL", "tool_calls"),
        ("requires_action", "tool_calls"),
        ("error", "error"),
        ("abort", "error"),
        ("server_error", "error"),
        ("network_error", "error"),
        ("MALFORMED_FUNCTION_CALL", "error"),
        ("USER_CANCEL", "error"),
        ("rate_limited", "error"),
        ("insufficient_system_resource", "error"),
        ("refusal", "stop"),
        ("other", "unknown"),
        ("stopped_somewhere", "unknown"),
        ("x" * 65, "unknown"),
        (0, "unknown"),
        ({"type": "length"}, "unknown"),
    ],
)
def test_each_word_of_the_field_has_one_meaning(reason: object, meaning: str) -> None:
    assert finish.meaning(reason) == meaning


@given(reason=JSON)
def test_whatever_ends_a_reply_is_whole_or_has_a_reason(reason: object) -> None:
    """And what is kept of it is a short word that means the same."""
    named = finish.named(reason)
    assert len(named) <= 64
    assert finish.meaning(named) in {finish.meaning(reason), "unknown"}
    assert (finish.fault(reason) is None) == (finish.meaning(reason) == "stop")


@pytest.mark.parametrize(
    ("text", "reason", "fault"),
    [
        ("<think>a</think>b", "stop", None),
        ("<think>a</think>b", "length", "reply_truncated"),
        ("<think>a</think>b", "MAX_TOKENS", "reply_truncated"),
        ("<think>a</think>b", "content_filter", "reply_filtered"),
        ("", "content_filter", "reply_filtered"),
        ("", "length", "empty_reply"),
        ("<think>a</think>b", "tool_calls", "reply_unfinished"),
        ("<think>a</think>b", "never heard of", "reply_unfinished"),
    ],
)
def test_a_reply_that_is_not_whole_has_a_fault_of_its_own(text: str, reason: str, fault: str | None) -> None:
    assert next((name for name, found in think.FAULTS.items() if found(text, reason) is not None), None) == fault


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("refusal", "refusal"),
        ("end_turn", "stop"),
        ("max", "length"),
        (None, "stop"),
        ("", "stop"),
        ("odd.word-1", "odd.word-1"),
        ("a" * 64, "a" * 64),
        ("a" * 65, "unknown"),
        ("9x", "unknown"),
        ("_x", "unknown"),
        ("x y", "unknown"),
        ("x\n", "unknown"),
        (7, "unknown"),
    ],
)
def test_a_reason_is_kept_by_our_word_or_by_its_own(reason: object, kept: str) -> None:
    assert finish.named(reason) == kept


def test_a_reason_of_more_than_sixty_four_characters_is_none() -> None:
    assert [finish.meaning("max" + "x" * more) for more in (61, 62)] == ["length", "unknown"]


def test_each_fault_of_a_reply_says_what_it_found() -> None:
    def faults(text: str, reason: str) -> dict[str, object]:
        return {name: found for name, look in think.FAULTS.items() if (found := look(text, reason)) is not None}

    assert faults(" ", "stop") == {"empty_reply": {}, "think_tags": {"opening": 0, "closing": 0}, "empty_answer": {}}
    assert faults("<think>a</think>b", "odd") == {"reply_unfinished": {"finish_reason": "odd"}}
    assert faults("<think>a</think>", "stop") == {"empty_answer": {}}
    assert faults("a<think>b</think>c</think>d", "length") == {
        "reply_truncated": {},
        "think_tags": {"opening": 1, "closing": 2},
    }
    assert faults("</think>b", "content_filter") == {"reply_filtered": {}}

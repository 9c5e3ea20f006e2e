"""Parts of a message: which of them are reasoning, by their type or their field, and where their text stands."""

import pytest

from builders.teachers import parts

TYPES = """
    thinking reasoning reasoning_text thought reasoning.text reasoning.summary redacted_thinking reasoning.encrypted
"""
FIELDS = """
    reasoning_content reasoning thinking reasoning_text thinking_content thought thoughts reasoningContent thinking_blocks
    reasoning_details
"""
TEXTS = ["text", "content", "thinking", "reasoning", "summary", "refusal", "value", "parts"]


@pytest.mark.parametrize("kind", TYPES.split())
def test_every_type_of_reasoning_is_told_from_text(kind: str) -> None:
    assert parts.apart([{"type": kind, "text": "so"}, {"type": "text", "text": "7"}]) == ("7", "so")


@pytest.mark.parametrize("field", FIELDS.split())
def test_every_field_of_reasoning_is_read_wherever_it_stands(field: str) -> None:
    assert parts.reasoning({field: "so"}, {}) == "so"
    assert parts.reasoning({"provider_specific_fields": {field: "so"}}, {}) == "so"
    assert parts.reasoning({}, {field: "so"}) == "so"
    assert parts.may_reason({field: "so"})
    assert not parts.may_reason({field: None})


@pytest.mark.parametrize("name", TEXTS)
def test_every_name_of_a_text_is_known(name: str) -> None:
    assert parts.joined({name: [{"text": "a"}, "b", {"other": "c"}]}) == "ab"


def test_the_first_field_with_words_counts_and_one_without_is_empty() -> None:
    assert parts.reasoning({"reasoning_content": " ", "reasoning": "so"}, {"thinking": "no"}) == "so"
    assert parts.reasoning({"reasoning_content": " "}, {"thinking": "no"}) == ""
    assert parts.reasoning({"content": "7"}, {}) is None
    assert not parts.may_reason({"content": "7"})


def test_gemini_s_mark_makes_a_thought_and_its_parts_a_content() -> None:
    assert parts.apart({"parts": [{"text": "so", "thought": True}, {"text": "7", "thought": False}]}) == ("7", "so")


def test_text_that_lies_too_deep_is_none() -> None:
    deepest: object = {"text": {"text": {"text": {"text": {"text": "a"}}}}}
    assert parts.joined(deepest) == "a"
    assert parts.joined([deepest]) is None
    assert parts.apart([[[[[["a"]]]]]]) == (None, None)


@pytest.mark.parametrize(
    ("content", "wordless"),
    [(None, True), ([], True), ([{"type": "tool_use"}], True), ([{"type": 7}], False), ("a", False), ([["a"]], False)],
)
def test_parts_such_as_calls_of_tools_have_no_words(content: object, *, wordless: bool) -> None:
    assert parts.wordless(content) == wordless

"""The body of a request in the shape that a provider takes; and the one it always had, where nothing else is asked for."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from builders.records import canonical
from builders.teachers import api, shapes
from tests.doubles.asking import ROLE, role

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 9}, "minimum": {"type": "string", "maxLength": 3}},
    "required": ["score"],
    "additionalProperties": False,
}
UNKNOWN = "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength maxItems"
"""Rules that Anthropic's page on structured outputs names as not supported."""
ASKED = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "How many?"}]


def test_a_body_that_could_be_made_before_has_not_changed() -> None:
    assert api.chat(ROLE, ASKED, seed=7) == {
        "messages": ASKED,
        "temperature": 0.0,
        "top_p": 1.0,
        "max_tokens": 50,
        "seed": 7,
    }
    asked = api.chat(ROLE, ASKED, SCHEMA)
    strict = {"name": "reply", "schema": SCHEMA, "strict": True}
    assert asked["response_format"] == {"type": "json_schema", "json_schema": strict}
    assert api.completion(ROLE, "p", max_tokens=3)["max_tokens"] == 3


@pytest.mark.parametrize(
    ("sampling", "sent"),
    [
        ({}, {"seed": 7}),
        ({"temperature": 1.0}, {"temperature": 1.0, "seed": 7}),
        ({"top_p": 0.5, "seed": "omit"}, {"top_p": 0.5}),
        ({"max_tokens": 5, "seed": "omit"}, {"max_tokens": 5}),
    ],
    ids=str,
)
def test_what_sampling_leaves_out_is_not_sent(sampling: dict[str, Any], sent: dict[str, Any]) -> None:
    """litellm#15097, gptme#1110: temperature beside top_p, any temperature, or a seed may be refused."""
    body = api.chat(role(sampling=sampling), ASKED, seed=7)
    assert body == {"messages": ASKED, **sent}


def test_the_limit_goes_by_the_name_that_the_server_wants() -> None:
    """gollm#33, forgecode#1081."""
    asked = role(token_limit="max_completion_tokens")  # noqa: S106
    body = api.chat(asked, ASKED)
    assert (body["max_completion_tokens"], "max_tokens" in body) == (50, False)
    assert (shapes.longest(body), shapes.limited(body, 1)["max_completion_tokens"]) == (50, 1)
    assert api.chat(asked, ASKED, max_tokens=3)["max_completion_tokens"] == 3
    assert shapes.longest(api.chat(role(sampling={}), ASKED)) is None


def test_further_keys_are_part_of_the_body_and_so_of_the_key() -> None:
    """DataDesigner#177, uni-api#130."""
    extra = {"top_k": 20, "chat_template_kwargs": {"enable_thinking": False}, "provider": {"order": ["a"]}}
    body = api.chat(role(extra=extra), ASKED)
    assert {name: body[name] for name in extra} == extra


@pytest.mark.parametrize("name", ["model", "messages", "stream", "n", "max_tokens", "seed", "temperature", "response_format"])
def test_a_further_key_that_we_set_ourselves_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} follows from other keys of the role"):
        role(extra={name: 1})


@pytest.mark.parametrize(("structured", "format_"), [("object", {"type": "json_object"}), ("prompt", None)])
def test_a_server_without_schemas_is_told_in_the_prompt(structured: str, format_: object) -> None:
    """curator#650, litellm#7580."""
    asked = role(structured=structured)
    body = api.chat(asked, ASKED, SCHEMA)
    assert body.get("response_format") == format_
    assert body["messages"][0] == ASKED[0]
    content = body["messages"][1]["content"]
    assert content.startswith("How many?\n\nAnswer with nothing but one JSON value")
    assert '"maximum": 9' in content
    parts = api.chat(asked, [{"role": "user", "content": [{"type": "text", "text": "How many?"}]}], SCHEMA)["messages"][0][
        "content"
    ]
    assert [part["type"] for part in parts] == ["text", "text"]
    assert api.completion(asked, "How many?", SCHEMA)["prompt"] == content
    assert api.chat(asked, ASKED)["messages"] == ASKED


def test_anthropics_own_api_is_asked_in_its_words() -> None:
    asked = role(api="messages")
    body = api.chat(asked, ASKED, SCHEMA, seed=7, stop=["\n"])
    plain = {"score": {"type": "integer"}, "minimum": {"type": "string"}}
    assert body == {
        "system": "You are brief.",
        "messages": [ASKED[1]],
        "temperature": 0.0,
        "top_p": 1.0,
        "max_tokens": 50,
        "stop_sequences": ["\n"],
        "output_config": {"format": {"type": "json_schema", "schema": {**SCHEMA, "properties": plain}}},
    }
    assert "system" not in api.chat(asked, ASKED[1:])


def test_an_image_goes_to_anthropics_own_api_as_it_wants_it(tmp_path: Path) -> None:
    file = tmp_path / "figure.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    part, image = api.image(file)
    text = {"type": "text", "text": "What is it?"}
    for kind, sent in (
        ("chat", b'"url":"data:image/png;base64,iVBORw0KGgo="'),
        ("messages", b'"source":{"data":"iVBORw0KGgo=","media_type":"image/png","type":"base64"}'),
    ):
        body = canonical(api.chat(role(api=kind), [{"role": "user", "content": [part, text]}]))
        assert image[0].encode() in body
        whole = api.with_images(body, (image,))
        assert sent in whole
        assert image[0].encode() not in whole


@pytest.mark.parametrize(
    "changes", [{"sampling": {}}, {"structured": "object"}, {"token_limit": "max_completion_tokens"}], ids=str
)
def test_what_anthropics_own_api_cannot_be_asked_is_one_clear_line(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="api: messages"):
        role(api="messages", **changes)


@pytest.mark.parametrize("rule", UNKNOWN.split())
def test_no_rule_that_anthropic_refuses_is_sent_there_and_no_other_is_left_out(rule: str) -> None:
    schema = {"type": "object", "properties": {rule: {"type": "integer", rule: 3}}, "required": [rule], "items": [{rule: 3}]}
    body = api.chat(role(api="messages", structured="schema"), ASKED, schema)
    sent = {"type": "object", "properties": {rule: {"type": "integer"}}, "required": [rule], "items": [{}]}
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": sent}}

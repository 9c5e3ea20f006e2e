"""The body of a request in the shape that a provider takes: which keys it has, and what they are called.

`chat` and `completions` are OpenAI's, with what the role's params leave out, rename and add. `messages` is Anthropic's: the
system prompt and the schema have keys of their own, images are written otherwise, and there is no seed.
"""

import json
from typing import Any

from builders.params.roles import Role

_SCHEMA = "Answer with nothing but one JSON value that fits this JSON Schema:\n{schema}"
_LIMITS = ("max_completion_tokens", "max_tokens")
# Rules that Anthropic's structured outputs refuse; replies are held against the whole schema in any case.
_UNKNOWN = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems"}

Body = dict[str, Any]


def body(role: Role, content: Body, schema: dict[str, Any] | None, more: dict[str, Any]) -> Body:
    """Return the body of a request.

    Args:
        role: who is asked.
        content: messages or prompt.
        schema: what the reply has to fit; None for free text.
        more: further keys that the family wants, which go before those of the role.
    """
    made = {**content, **role.sampling.sent, **_fitting(role, schema), **more}
    if role.sampling.seed == "omit" or role.api == "messages":
        made.pop("seed", None)
    if role.token_limit not in made and "max_tokens" in made:
        made[role.token_limit] = made.pop("max_tokens")
    made.update(role.extra)
    return _anthropic(made) if role.api == "messages" else made


def longest(body: Body) -> int | None:
    """Return the most tokens that the reply to a request may have; None where it does not say."""
    for name in _LIMITS:  # once a request, where a generator would take most of the time
        if name in body:
            return int(body[name])
    return None


def limited(body: Body, tokens: int) -> Body:
    """Return the request for a reply of at most so many tokens."""
    name = next((name for name in _LIMITS if name in body), "max_tokens")
    return {**body, name: tokens}


def instructed(role: Role, messages: list[dict[str, Any]], schema: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return messages of which the last tells what the reply has to fit, where nothing else does."""
    if schema is None or role.structured == "schema":
        return messages
    *before, last = messages
    content = last["content"]
    if isinstance(content, str):
        extended: Any = with_schema(role, content, schema)
    else:
        extended = [*content, {"type": "text", "text": _SCHEMA.format(schema=json.dumps(schema))}]
    return [*before, {**last, "content": extended}]


def with_schema(role: Role, prompt: str, schema: dict[str, Any] | None) -> str:
    """Return a prompt that ends with what the reply has to fit, where nothing else tells it."""
    if schema is None or role.structured == "schema":
        return prompt
    return f"{prompt}\n\n{_SCHEMA.format(schema=json.dumps(schema))}"


def _fitting(role: Role, schema: dict[str, Any] | None) -> Body:
    if schema is None or role.structured == "prompt":
        return {}
    if role.structured == "object":
        return {"response_format": {"type": "json_object"}}
    if role.api == "messages":
        return {"output_config": {"format": {"type": "json_schema", "schema": _plain(schema)}}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema, "strict": True}}}


def _plain(schema: Any) -> Any:  # noqa: ANN401  (any part of a schema)
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {key: _plain(part) for key, part in value.items()} if name == "properties" else _plain(value)
        for name, value in schema.items()
        if name not in _UNKNOWN
    }


def _anthropic(body: Body) -> Body:
    """Return a chat request in the words of Anthropic's own API."""
    messages = body["messages"]
    system = [message["content"] for message in messages if message["role"] == "system"]
    turns = [{**message, "content": _content(message["content"])} for message in messages if message["role"] != "system"]
    made = {**body, "messages": turns, **({"system": "\n\n".join(system)} if system else {})}
    if "stop" in made:
        stop = made.pop("stop")
        made["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    return made


def _content(content: Any) -> Any:  # noqa: ANN401  (a text, or parts)
    if isinstance(content, str):
        return content
    return [_image(part) if part["type"] == "image_url" else part for part in content]


def _image(part: dict[str, Any]) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "url", "url": part["image_url"]["url"]}}

"""Replies that come as events though nobody asked for a stream, or with something before or behind their JSON.

Gateways do that: they send the pieces of a stream, keep the line open with comments and blank lines, or end a whole reply with
the mark that ends a stream. What comes of the pieces is one reply. Where a stream never said why it ended, nobody can say that
it is whole, unless it has its end mark.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from builders.teachers import lenient

_DATA = b"data:"
_DONE = b"[DONE]"
_CUT_OFF = "incomplete"
_ASIDE = re.compile(rb"^(:|event:|id:|retry:|data:\s*\[DONE\]).*$", re.MULTILINE)

Json = dict[str, Any]


def body(content: bytes) -> Any:  # noqa: ANN401  (any JSON)
    """Return the value of a body that is not JSON text by itself; None where it is nothing of the kind.

    Args:
        content: of a response.
    """
    rest = _ASIDE.sub(b"", content).strip()
    if not rest.startswith(_DATA):
        return lenient.parsed(rest) if rest != content.strip() else None
    values = [lenient.parsed(line[len(_DATA) :]) for line in rest.splitlines() if line.startswith(_DATA)]
    events = [value for value in values if isinstance(value, dict)]
    whole = next((event for event in events if event.get("error") or _choice(event).get("message")), None)
    if whole or not events:
        return whole
    if any(str(event.get("type")).startswith(("message_", "content_block_")) for event in events):
        return _of_anthropic(events)
    return _of_openai(events, done=_DONE in content)


def _choice(event: Json) -> Json:
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return choice if isinstance(choice, dict) else {}


def _of_openai(events: list[Json], *, done: bool) -> Json:
    """Return the reply that the pieces make, of chats and of completions."""
    choices = [_choice(event) for event in events]
    message = _pieces(choice["delta"] for choice in choices if isinstance(choice.get("delta"), dict))
    text = "".join(choice["text"] for choice in choices if isinstance(choice.get("text"), str))
    reason = next((choice["finish_reason"] for choice in reversed(choices) if choice.get("finish_reason")), None)
    ended = reason or (None if done else _CUT_OFF)
    return {"choices": [{"message": message, "text": text, "finish_reason": ended}], "usage": _last(events, "usage")}


def _of_anthropic(events: list[Json]) -> Json:
    start: Json = next((event["message"] for event in events if isinstance(event.get("message"), dict)), {})
    deltas = [event["delta"] for event in events if isinstance(event.get("delta"), dict)]
    pieces = _pieces(deltas)
    content = [{"type": name, name: pieces[name]} for name in ("thinking", "text") if name in pieces]
    usage = {**(start.get("usage") or {}), **(_last(events, "usage") or {})}
    return {"type": "message", "content": content, "stop_reason": _last(deltas, "stop_reason") or _CUT_OFF, "usage": usage}


def _pieces(deltas: Iterable[Json]) -> Json:
    """Return texts and lists of all pieces, each joined under its name."""
    texts: dict[str, list[str]] = defaultdict(list)
    lists: dict[str, list[Any]] = defaultdict(list)
    for delta in deltas:
        for name, value in delta.items():
            if isinstance(value, str):
                texts[name].append(value)
            elif isinstance(value, list):
                lists[name] += value
    return {**lists, **{name: "".join(pieces) for name, pieces in texts.items()}}


def _last(values: list[Json], name: str) -> Any:  # noqa: ANN401  (any JSON)
    return next((value[name] for value in reversed(values) if value.get(name)), None)

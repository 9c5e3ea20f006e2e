"""The content of a message: one text, or parts in any shape, of which some are the reasoning."""

from typing import Any

_TEXTS = ("text", "content", "thinking", "reasoning", "summary", "refusal", "value", "parts")
_THOUGHTS = {
    "thinking",
    "reasoning",
    "reasoning_text",
    "thought",
    "reasoning.text",
    "reasoning.summary",
    "redacted_thinking",
    "reasoning.encrypted",
}
_FIELDS = (
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
    "thinking_content",
    "thought",
    "thoughts",
    "reasoningContent",
    "thinking_blocks",
    "reasoning_details",
)
_BESIDE = "provider_specific_fields"
_NAMES = {*_FIELDS, _BESIDE}
_DEPTH = 4


def apart(value: Any, depth: int = 0) -> tuple[str | None, str | None]:  # noqa: ANN401  (any JSON)
    """Return text and reasoning of a content, which may be a string, a part or a list of parts; None for what is not there."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, dict):
        if isinstance(value.get("parts"), list):
            return apart(value["parts"], depth + 1)
        thought = value.get("type") in _THOUGHTS or value.get("thought") is True  # Gemini marks its parts
        return (None, joined(value, depth)) if thought else (joined(value, depth), None)
    if not isinstance(value, list) or depth > _DEPTH:
        return None, None
    texts, thoughts = zip(*(apart(part, depth + 1) for part in value), strict=True) if value else ((), ())
    return _sum(texts, "" if not value else None), _sum(thoughts, None)


def wordless(content: Any) -> bool:  # noqa: ANN401  (any JSON)
    """Tell whether a content is one that may have no text in it: nothing, or parts such as calls of tools."""
    parts = content if isinstance(content, list) else [] if content is None else [content]
    return all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in parts)


def joined(value: Any, depth: int = 0) -> str | None:  # noqa: ANN401  (any JSON)
    """Return the text of a part, wherever in it the text stands; None where there is none."""
    if isinstance(value, str):
        return value
    if depth > _DEPTH:
        return None
    if isinstance(value, list):
        return _sum(tuple(joined(item, depth + 1) for item in value), None)
    if isinstance(value, dict):
        return next((text for name in _TEXTS if (text := joined(value.get(name), depth + 1)) is not None), None)
    return None


def reasoning(message: dict[str, Any], choice: dict[str, Any]) -> str | None:
    """Return the reasoning from the first field that has some; empty where fields have none, None where there is no field.

    Args:
        message: of the choice.
        choice: it may have the field beside its message; so may what a gateway puts of its provider's into the message.
    """
    there = list(_fields(message))
    if not there:
        beside = message.get(_BESIDE)
        there = [*(_fields(beside) if isinstance(beside, dict) else ()), *(_fields(choice) if choice is not message else ())]
    found = [text for value in there if (text := joined(value)) is not None]
    return next((text for text in found if text.strip()), "" if found else None)


def may_reason(holder: dict[str, Any]) -> bool:
    """Tell quickly of most messages and choices that they have no reasoning in a field."""
    return not _NAMES.isdisjoint(holder) and any(holder.get(name) is not None for name in _NAMES)


def _fields(holder: dict[str, Any]) -> list[Any]:
    return [value for name in _FIELDS if (value := holder.get(name)) is not None]


def _sum(pieces: tuple[str | None, ...], nothing: str | None) -> str | None:
    texts = [piece for piece in pieces if piece is not None]
    return "".join(texts) if texts else nothing

"""Think tags: how a reasoning model's reply splits into its reasoning and its answer.

Some servers put the opening tag into the prompt, so that the reply starts inside the think block: the opening tag may be
missing, the closing tag may not.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from builders.texts import finish

OPENING, CLOSING = "<think>", "</think>"
_LEADING = re.compile(rf"\s*{OPENING}\n?")


class Reply(NamedTuple):
    """A reply in parts.

    Args:
        reasoning: the text inside the think block, stripped.
        answer: the text behind it, stripped; the whole text where there is no closing tag.
        well_formed: whether the think block is closed exactly once and opened at most once, at the very start.
    """

    reasoning: str
    answer: str
    well_formed: bool


def split(text: str) -> Reply:
    """Split a reply at its closing think tag."""
    body = without_opening(text)
    reasoning, closing, answer = body.partition(CLOSING)
    if not closing:
        return Reply("", text.strip(), well_formed=False)
    well_formed = OPENING not in body and CLOSING not in answer
    return Reply(reasoning.strip(), answer.strip(), well_formed)


def answered(text: str) -> str:
    """Return what a model that may or may not reason says: all behind the think block; nothing where it is open to the end."""
    if CLOSING in text:
        return split(text).answer
    return "" if OPENING in text else text


def closed(text: str) -> str:
    """Return what a judge says: all behind the think block; nothing where one that begins the text was never closed."""
    return "" if CLOSING not in text and _LEADING.match(text) else split(text).answer


def without_opening(text: str) -> str:
    """Drop a leading opening tag, as the published SafeChain set does."""
    return _LEADING.sub("", text, count=1) if _LEADING.match(text) else text


def with_opening(text: str) -> str:
    """Put the opening tag at the start, whether or not it was there."""
    return f"{OPENING}\n{without_opening(text)}"


def _tags(text: str) -> dict[str, Any] | None:
    if split(text).well_formed:
        return None
    return {"opening": text.count(OPENING), "closing": text.count(CLOSING)}


FAULTS: dict[str, Callable[[str, str], dict[str, Any] | None]] = {
    "reply_filtered": lambda _, reason: {} if finish.fault(reason) == "reply_filtered" else None,
    "empty_reply": lambda text, _: None if text.strip() else {},
    "reply_truncated": lambda _, reason: {} if finish.fault(reason) == "reply_truncated" else None,
    "reply_unfinished": lambda _, reason: {"finish_reason": reason} if finish.fault(reason) == "reply_unfinished" else None,
    "think_tags": lambda text, _: _tags(text),
    "empty_answer": lambda text, _: None if split(text).answer else {},
}
"""What a reply can lack before its content matters: reason → what is found of it in a text and its finish reason, or None."""

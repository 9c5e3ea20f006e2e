"""The tokens of a reply: as the server reports them, or by its length where it does not."""

from typing import Any

MOST_TOKENS = 10**9
"""More than any reply has: a count above it is a mistake."""
BYTES = "bytes"
"""What `counted` says of token counts that no server reported: a token is a byte at least, so they are the most it can be."""


def tokens(usage: Any) -> list[int | None]:  # noqa: ANN401  (any JSON)
    """Return the tokens of prompt and reply that a server reports; None for each that it does not, or that cannot be."""
    if not isinstance(usage, dict):
        return [None, None]
    prompt = _count(usage.get("prompt_tokens"))
    completion = _count(usage.get("completion_tokens"))
    if prompt is None and "input_tokens" in usage:  # Anthropic counts apart what its cache holds
        counts = [
            _count(usage.get(name)) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        ]
        prompt = None if counts[0] is None else sum(count or 0 for count in counts)
        completion = _count(usage.get("output_tokens"))
    if not prompt and not completion:
        return [None, None]  # nothing has no tokens at all
    total = _count(usage.get("total_tokens"))
    if prompt is not None and completion is not None and total is not None:
        completion = max(completion, total - prompt)  # Gemini's layer and others leave out what was thought
    return [prompt, completion]


def _count(value: Any) -> int | None:  # noqa: ANN401  (any JSON)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None


def count(message: dict[str, Any], prompt: int, longest: int | None) -> None:
    """Put the most that they can be where a message lacks token counts, and say so.

    Args:
        message: see `builders.teachers.reading.read`.
        prompt: the most tokens that the request can have.
        longest: the most tokens that the reply may have; None where the request does not say.
    """
    parts = [message["content"] or "", message.get("reasoning") or ""]
    size = sum(len(text.encode()) for text in parts)
    seen = "unusable" not in message
    most = prompt, min(size, longest or size) if seen else longest or 0
    message["tokens"] = [most[place] if count is None else count for place, count in enumerate(message["tokens"])]
    message["counted"] = BYTES

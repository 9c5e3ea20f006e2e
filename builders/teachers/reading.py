"""Read a reply: whatever a server answers becomes one text, one reasoning, one finish reason and two counts, or an error.

Replies are read as they come. The text may be one string or parts; the reasoning may be in a field of one of several names, in
parts, or in the text between tags of one of several kinds, and is kept once; token counts, log probabilities and finish reasons
may be any JSON at all. What came with status 200 and choices was paid for, so it is never asked for again on account of a field
that nobody reads: what cannot be used is `UnusableError`, which costs its row. An error, also one inside a choice, is
`ToldError`; what is no reply is `BrokenError`.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from builders.teachers import faults, lenient, thoughts
from builders.teachers.faults import BrokenError, ToldError
from builders.texts import finish

MOST_TOKENS = 10**9
"""More than any reply has: a count above it is a mistake."""
MOST_NAME = 300
"""Characters of a model's name."""
_REDACTED = b"[a key was here]"
BYTES = "bytes"
"""What `counted` says of token counts that no server reported: a token is a byte at least, so they are the most it can be."""

_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_text", "thinking_blocks", "reasoning_details")
_TEXTS = ("text", "content", "thinking", "reasoning", "summary")
_THOUGHTS = {
    "thinking",
    "reasoning",
    "thought",
    "reasoning.text",
    "reasoning.summary",
    "redacted_thinking",
    "reasoning.encrypted",
}
_DEPTH = 4
_COMMON = ("stop", "length")


class UnusableError(Exception):
    """Raised when a reply was given, and paid for, that cannot be used.

    Args:
        message: what is kept of it, with the reason under `unusable`.
    """

    def __init__(self, reason: str, tokens: list[int | None] | None = None) -> None:
        """Keep what is known of the reply."""
        self.message = {"content": None, "finish_reason": None, "tokens": tokens or [None, None], "unusable": reason}
        super().__init__(reason)


def read(content: bytes, api: str) -> dict[str, Any]:
    """Return what is kept of a reply.

    Args:
        content: the body of a response with status 200.
        api: `chat`, `completions` or `messages`, see `builders.params.sections.Role`.

    Returns:
        `content`, the text, None where there is none; `finish_reason`, see `builders.texts.finish`; `tokens`, of prompt and
        reply, None for each that was not reported (see `count`); `reasoning`, if there is any or a parser found none;
        `logprobs`, if there are any.

    Raises:
        BrokenError: it is no reply.
        ToldError: it is an error.
        UnusableError: it is a reply without a text or anything that could be made into one.
    """
    body = lenient.parsed(content)
    return (plain(body) if api == "chat" else None) or _read(body, api)


def plain(body: Any) -> dict[str, Any] | None:  # noqa: ANN401  (any JSON)
    """Return what is kept of a chat reply in the commonest form: a text, whole or cut off, and counts; None for any other.

    It says what the long way says, in a fifth of the time.
    """
    try:
        choice, usage = body["choices"][0], body["usage"]
        message, reason = choice["message"], choice["finish_reason"]
        text, tokens = message["content"], [usage["prompt_tokens"], usage["completion_tokens"]]
    except (KeyError, IndexError, TypeError):
        return None
    if type(text) is not str or not text or reason not in _COMMON or "error" in body or "error" in choice:
        return None
    if any(type(count) is not int or not 0 < count <= MOST_TOKENS for count in tokens):
        return None
    if usage.get("total_tokens") not in (None, sum(tokens)) or choice.get("logprobs") or thoughts.may_close(text):
        return None
    if any(message.get(name) is not None for name in _REASONING):
        return None
    return {"content": text, "finish_reason": reason, "tokens": tokens}


def _read(body: Any, api: str) -> dict[str, Any]:  # noqa: ANN401  (any JSON)
    """Return what is kept of a reply in any form."""
    if not isinstance(body, dict):
        if isinstance(body, list) and body and isinstance(body[0], dict) and body[0].get("error"):
            raise ToldError(faults.told(200, body, {}), paid=False)
        raise BrokenError("a body that is not a reply")
    choice = _choice(body, api)
    message = _message(choice, api)
    tokens = _tokens(body.get("usage"))
    if not isinstance(message, dict):
        raise UnusableError("no message in the reply", tokens)
    text, thought = _parts(message.get("content"), 0)
    if text is None and thought is None and not _wordless(message.get("content")):
        raise UnusableError("a reply that is not text", tokens)
    text, reason = _ended(choice, message, text, api)
    if finish.meaning(reason) == finish.ERROR:
        raise ToldError(faults.Told(200, "passing", code=finish.named(reason)), paid=True)
    reasoning = _reasoning(message) if thought is None else thought
    if text or reasoning is not None:
        reasoning, text = thoughts.together(reasoning, text)
    ended = None if reason is None or reason == "" else finish.named(reason)
    kept: dict[str, Any] = {"content": text, "finish_reason": ended, "tokens": tokens}
    if reasoning is not None:
        kept["reasoning"] = reasoning
    logprobs = choice.get("logprobs")
    if logprobs and lenient.storable(logprobs):
        kept["logprobs"] = logprobs
    return kept


def _ended(choice: dict[str, Any], message: dict[str, Any], text: str | None, api: str) -> tuple[str | None, Any]:
    """Return the text and why it ended; a refusal that is apart is the text where there is no other."""
    reason = choice.get("stop_reason" if api == "messages" else "finish_reason")
    if api == "messages" and reason == finish.REFUSAL:
        return text, finish.FILTERED  # what was written until then is no refusal, and no whole reply
    refusal = message.get("refusal")
    if not text and isinstance(refusal, str) and refusal.strip():
        return refusal, finish.REFUSAL
    return text, reason


def _choice(body: dict[str, Any], api: str) -> dict[str, Any]:
    """Return the choice of a reply, or the reply of an API that has no choices."""
    if body.get("error"):
        raise ToldError(faults.told(200, body, {}), paid=False)
    if api == "messages":
        if body.get("type") == "error" or "content" not in body:
            raise BrokenError("a body that is not a reply")
        return body
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        if body.get("object") == "error" or (choices is None and {"code", "message"} <= set(body)):
            raise ToldError(faults.told(200, body, {}), paid=False)
        raise BrokenError("a body that is not a reply")
    if choice.get("error"):
        raise ToldError(faults.told(200, choice, {}), paid=True)
    return choice


def _message(choice: dict[str, Any], api: str) -> Any:  # noqa: ANN401  (whatever stands in its place)
    if api == "chat":
        return choice.get("message")
    return choice if api == "messages" else {**choice, "content": choice.get("text")}


def _parts(value: Any, depth: int) -> tuple[str | None, str | None]:  # noqa: ANN401  (any JSON)
    """Return text and reasoning of a content, which may be a string, a part or a list of parts; None for what is not there."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, dict):
        return (None, _joined(value, depth)) if value.get("type") in _THOUGHTS else (_joined(value, depth), None)
    if not isinstance(value, list) or depth > _DEPTH:
        return None, None
    texts, apart = zip(*(_parts(part, depth + 1) for part in value), strict=True) if value else ((), ())
    return _sum(texts, "" if not any(apart) and not value else None), _sum(apart, None)


def _sum(pieces: tuple[str | None, ...], nothing: str | None) -> str | None:
    said = [piece for piece in pieces if piece is not None]
    return "".join(said) if said else nothing


def _wordless(content: Any) -> bool:  # noqa: ANN401  (any JSON)
    """Tell whether a content is one that may have no text in it: nothing, or parts such as calls of tools."""
    parts = content if isinstance(content, list) else [] if content is None else [content]
    return all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in parts)


def _joined(value: Any, depth: int = 0) -> str | None:  # noqa: ANN401  (any JSON)
    """Return the text of a part, wherever in it the text stands; None where there is none."""
    if isinstance(value, str):
        return value
    if depth > _DEPTH:
        return None
    if isinstance(value, list):
        return _sum(tuple(_joined(item, depth + 1) for item in value), None)
    if isinstance(value, dict):
        return next((said for name in _TEXTS if (said := _joined(value.get(name), depth + 1)) is not None), None)
    return None


def _reasoning(message: dict[str, Any]) -> str | None:
    """Return the reasoning from the first field that has some; empty where fields have none, None where there is no field."""
    there = [value for name in _REASONING if (value := message.get(name)) is not None]
    found = [said for value in there if (said := _joined(value)) is not None]
    return next((said for said in found if said.strip()), "" if found else None)


def _tokens(usage: Any) -> list[int | None]:  # noqa: ANN401  (any JSON)
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
        message: see `read`.
        prompt: the most tokens that the request can have.
        longest: the most tokens that the reply may have; None where the request does not say.
    """
    said = [message["content"] or "", message.get("reasoning") or ""]
    size = sum(len(text.encode()) for text in said)
    seen = "unusable" not in message
    most = prompt, min(size, longest or size) if seen else longest or 0
    message["tokens"] = [most[place] if tokens is None else tokens for place, tokens in enumerate(message["tokens"])]
    message["counted"] = BYTES


def without(said: bytes, keys: Iterable[str]) -> bytes:
    """Return JSON in which no text holds one of these keys."""
    for key in keys:
        said = said.replace(orjson.dumps(key)[1:-1], _REDACTED)
    return said


def models(page: bytes) -> list[str]:
    """Return the names of the models that a server lists.

    Raises:
        ValueError: it lists none, or one whose name is none: too long, or with control characters.
    """
    found = orjson.loads(page)
    listed = found.get("data") if isinstance(found, dict) else None
    names = [model.get("id") if isinstance(model, dict) else None for model in listed] if isinstance(listed, list) else [None]
    if not all(isinstance(name, str) and 0 < len(name) <= MOST_NAME and name.isprintable() for name in names):
        raise ValueError("no list of models")
    return [str(name) for name in names]

"""Read a reply: whatever a server answers becomes one text, one reasoning, one finish reason and two counts, or an error.

Replies are read as they come. The text may be one string or parts; the reasoning may be in a field of one of several names, in
parts, or in the text between tags of one of several kinds, and is kept once; token counts, log probabilities and finish reasons
may be any JSON at all; the whole may come as the events of a stream. What came with status 200 and choices, or with counts of
what was written, was paid for, so it is never asked for again on account of a field that nobody reads: what cannot be used is
`UnusableError`, which costs its row. An error, also one inside a choice, is `FaultError`; what is not a reply is `BrokenError`.
"""

from typing import Any

from builders.teachers import complaints, counting, faults, lenient, parts, streams, thoughts
from builders.teachers.counting import MOST_TOKENS
from builders.teachers.faults import BrokenError, FaultError
from builders.texts import finish

WEB_PAGE = "a web page in the place of a reply"
_COMMON = ("stop", "length")
_ENDS = ("finish_details", "stop_reason", "done_reason", "native_finish_reason")
"""Where servers say why a reply ended that leave `finish_reason` empty."""
_CALLS = ("tool_calls", "function_call")


class UnusableError(Exception):
    """Raised when a reply was given, and paid for, that cannot be used.

    Args:
        message: what is kept of it, with the reason under `unusable`.
    """

    def __init__(self, reason: str, tokens: list[int | None] | None = None) -> None:
        """Keep what is known of the reply."""
        tokens = tokens or [None, None]
        self.message: dict[str, Any] = {"content": None, "finish_reason": None, "tokens": tokens, "unusable": reason}
        super().__init__(reason)


def read(content: bytes, api: str) -> dict[str, Any]:
    """Return what is kept of a reply.

    Args:
        content: the body of a response with status 200.
        api: `chat`, `completions` or `messages`, see `builders.params.roles.Role`.

    Returns:
        `content`, the text, None where there is none; `finish_reason`, see `builders.texts.finish`; `tokens`, of prompt and
        reply, None for each that was not reported (see `counting`); `reasoning`, if there is any or a parser found none;
        `logprobs`, if there are any.

    Raises:
        BrokenError: it is not a reply.
        ToldError: it is an error.
        UnusableError: it is a reply without a text or anything that could be made into one.
    """
    body = lenient.parsed(content)
    if body is None:
        body = streams.body(content)
    elif isinstance(body, str):
        body = lenient.parsed(body.encode())  # a gateway wrote JSON into JSON
    if body is None and content.lstrip()[:1] == b"<":
        raise BrokenError(WEB_PAGE)
    return (plain(body) if api == "chat" else None) or _read(body, api)


def plain(body: Any) -> dict[str, Any] | None:  # noqa: ANN401  (any JSON)
    """Return what is kept of a chat reply in the commonest form: a text, whole or cut off, and counts; None for any other.

    It says what the long way says, in a fifth of the time.
    """
    try:
        choice, usage = body["choices"][0], body["usage"]
        message, reason = choice["message"], choice["finish_reason"]
        text, prompt, completion = message["content"], usage["prompt_tokens"], usage["completion_tokens"]
    except (KeyError, IndexError, TypeError):
        return None
    if type(text) is not str or not text or reason not in _COMMON or "error" in body or "error" in choice:
        return None
    if not (type(prompt) is type(completion) is int and 0 < prompt <= MOST_TOKENS and 0 < completion <= MOST_TOKENS):
        return None
    if usage.get("total_tokens") not in (None, prompt + completion) or choice.get("logprobs") or thoughts.may_be_tagged(text):
        return None
    if parts.may_reason(message) or parts.may_reason(choice):
        return None
    return {"content": text, "finish_reason": reason, "tokens": [prompt, completion]}


def _read(body: Any, api: str) -> dict[str, Any]:  # noqa: ANN401  (any JSON)
    """Return what is kept of a reply in any form."""
    choice = _choice(_reply(body), api)
    tokens = counting.tokens(body.get("usage"))
    message = _message(choice, api)
    if not isinstance(message, dict):
        raise UnusableError("no message in the reply", tokens)
    text, thought = parts.apart(message.get("content"))
    if text is None and thought is None and not parts.wordless(message.get("content")):
        raise UnusableError("a reply that is not text", tokens)
    text, reason = _ended(choice, message, text, api)
    if finish.meaning(reason) == finish.ERROR:
        raise FaultError(faults.Fault(200, "passing", code=finish.named(reason)), paid=True)
    reasoning = parts.reasoning(message, choice) if thought is None else thought
    if text or reasoning is not None:
        reasoning, text = thoughts.together(reasoning, text)
    logprobs = choice.get("logprobs")
    return {
        "content": text,
        "finish_reason": None if reason is None or reason == "" else finish.named(reason),
        "tokens": tokens,
        **({} if reasoning is None else {"reasoning": reasoning}),
        **({"logprobs": logprobs} if logprobs and lenient.storable(logprobs) else {}),
    }


def _reply(body: Any) -> dict[str, Any]:  # noqa: ANN401  (any JSON)
    """Return a body that is not an error."""
    if isinstance(body, list) and body and isinstance(body[0], dict) and body[0].get("error"):
        raise FaultError(faults.parse(200, body, {}), paid=False)
    if not isinstance(body, dict):
        raise BrokenError("a body that is not a reply")
    if complaints.serious(body.get("error")):
        raise FaultError(faults.parse(200, body, {}), paid=False)
    return body


def _choice(body: dict[str, Any], api: str) -> dict[str, Any]:
    """Return the choice of a reply, or the reply of an API that has no choices."""
    if api == "messages" and body.get("type") != "error" and "content" in body:
        return body
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else choices
    if api == "messages" or not isinstance(choice, dict):
        raise _none(body)
    if complaints.serious(choice.get("error")):
        raise FaultError(faults.parse(200, choice, {}), paid=True)
    return choice


def _none(body: dict[str, Any]) -> Exception:
    """Return what it means that a body has no reply in it."""
    if not body.get("choices") and complaints.is_one(body):
        return FaultError(faults.parse(200, body, {}), paid=False)
    tokens = counting.tokens(body.get("usage"))
    return UnusableError("no reply in the body", tokens) if any(tokens) else BrokenError("a body that is not a reply")


def _message(choice: dict[str, Any], api: str) -> Any:  # noqa: ANN401  (whatever stands in its place)
    if api == "messages":
        return choice
    text = {**choice, "content": choice.get("text")}
    if api == "completions":
        return text
    message = choice.get("message")
    if isinstance(message, dict):
        return message
    piece = choice.get("delta")  # the form of a stream, or of a completion
    if isinstance(piece, dict) or isinstance(choice.get("text"), str):
        return piece if isinstance(piece, dict) else text
    ended = finish.meaning(_reason(choice.get("finish_reason")))
    return {} if message is None and ended not in {finish.STOP, finish.UNKNOWN} else message  # which says why there is none


def _ended(choice: dict[str, Any], message: dict[str, Any], text: str | None, api: str) -> tuple[str | None, Any]:
    """Return the text and why it ended; a refusal that is apart is the text where there is no other."""
    reason = _reason(choice.get("stop_reason" if api == "messages" else "finish_reason"))
    if api == "messages" and reason == finish.REFUSAL:
        return text, finish.FILTERED  # what was written until then is not a refusal, and no whole reply
    if reason in (None, "") and api != "messages":
        reasons = (_reason(choice.get(name)) for name in _ENDS)
        reason = next((other for other in reasons if other and finish.meaning(other) != finish.UNKNOWN), reason)
    refusal = message.get("refusal")
    if not text and isinstance(refusal, str) and refusal.strip():
        return refusal, finish.REFUSAL
    if not text and finish.meaning(reason) == finish.STOP and any(message.get(name) for name in _CALLS):
        return text, "tool_calls"
    return text, reason


def _reason(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """Return the word for why a reply ended, which may be in an object."""
    return value["type"] if isinstance(value, dict) and isinstance(value.get("type"), str) else value

"""What a server may say that is no honest reply: 39 kinds, of which 29 are replies and ten are pages of models.

A lie about one prompt may cost that prompt's row, and nothing else.
"""

from collections.abc import Callable
from typing import Any

import orjson

from tests.doubles.teacher import Answer, Received

KEY = "sk-" + "lie4detector7" * 3
"""The key that the server is sent, and repeats."""
TEXT = "I think about it for a while.\n</think>\n\nThe clock is slow because its spring is old."
_ESCAPE = "\x1b]0;owned\x07\x1b[2J"


def _choice(message: Any, **beside: Any) -> Answer:  # noqa: ANN401
    return _body({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **beside})


def _body(value: Any) -> Answer:  # noqa: ANN401
    return Answer(raw=orjson.dumps(value))


def _message(content: Any, **beside: Any) -> Answer:  # noqa: ANN401
    return _choice({"role": "assistant", "content": content}, **beside)


def _refused(error: dict[str, str]) -> Answer:
    return Answer(status=400, raw=orjson.dumps({"error": error}))


def _deep(depth: int) -> bytes:
    return b'{"choices": ' + b"[" * depth + b"]" * depth + b"}"


_WHOLE = orjson.dumps({"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]})
LIES: dict[str, Callable[[], Answer]] = {
    "its key": lambda: _message(f"{TEXT} Your key is {KEY}."),
    "its key, in the reasoning": lambda: _choice({"content": "So it is.", "reasoning_content": f"They sent {KEY} to me."}),
    "its key, in an error": lambda: _refused({"message": KEY, "code": KEY, "type": KEY}),
    "escape sequences": lambda: _message(TEXT + _ESCAPE),
    "escape sequences, as a finish reason": lambda: Answer(TEXT, finish_reason=_ESCAPE * 30),
    "escape sequences, as an error": lambda: _refused({"message": _ESCAPE, "code": _ESCAPE}),
    "markup": lambda: _message(f"{TEXT} <script>alert(1)</script> [x](javascript:x) | `{{{{ 7 }}}}`"),
    "a text of 20 MB": lambda: _message("word " * 4_000_000),
    "a body larger than any": lambda: Answer(raw=b" " * (65 << 20)),
    "values deep inside each other": lambda: Answer(raw=_deep(900)),
    "values deeper than can be read": lambda: Answer(raw=_deep(100_000)),
    "half a reply": lambda: Answer(raw=_WHOLE[:60]),
    "no JSON": lambda: Answer(raw=b"<html>busy</html>"),
    "nothing": lambda: Answer(raw=b""),
    "null": lambda: Answer(raw=b"null"),
    "a number": lambda: Answer(raw=b"7"),
    "no choice": lambda: _body({"choices": []}),
    "choices that are no list": lambda: _body({"choices": "stop"}),
    "a choice that is not an object": lambda: _body({"choices": [7]}),
    "a message that is a list": lambda: _choice([TEXT]),
    "content that is an object": lambda: _message({"a": {"b": TEXT}}),
    "content that is a number": lambda: _message(1e308),
    "counts that are texts": lambda: _message(TEXT, usage={"prompt_tokens": "many", "completion_tokens": [1]}),
    "counts below nothing": lambda: _message(TEXT, usage={"prompt_tokens": -(10**18), "completion_tokens": 10**18}),
    "no number": lambda: Answer(raw=_WHOLE.replace(b'"stop"', b'"stop", "usage": {"prompt_tokens": NaN}')),
    "half a character": lambda: Answer(raw=_WHOLE.replace(b"old.", b"old \\ud800.")),
    "bytes that are no text": lambda: Answer(raw=_WHOLE.replace(b"old.", b"old \xff\xfe.")),
    "an error with status 200": lambda: _body({"error": {"message": "no", "code": "bad_prompt"}}),
    "a closed connection": lambda: Answer(dropped=True),
}
PAGES: dict[str, bytes] = {
    "no list": b'{"data": 7}',
    "a list of nothing": b'{"data": []}',
    "a null": b'{"data": [null]}',
    "a name that is a number": b'{"data": [{"id": 7}]}',
    "a name with escape sequences": orjson.dumps({"data": [{"id": f"m{_ESCAPE}"}]}),
    "a name of 100,000 characters": orjson.dumps({"data": [{"id": "m" * 100_000}]}),
    "a thousand names with markup": orjson.dumps({"data": [{"id": f"[red]<b>{n}`|[/nope]"} for n in range(1000)]}),
    "a page that is too deep": b"[" * 100_000,
    "a page of 65 MB": b" " * (65 << 20),
    "no JSON": b"<html>",
}
KINDS = [*LIES, *PAGES]


def answer(request: Received) -> Answer:
    """Lie about the prompts whose number is that of a lie; else answer honestly."""
    lies = list(LIES.values())
    return lies[number(request)]() if number(request) < len(lies) else Answer(TEXT)


def number(request: Received) -> int:
    """Return the number of the prompt that is asked about."""
    return int(request.text.partition("number ")[2].split()[0])

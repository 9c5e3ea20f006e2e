"""Parse JSON as servers write it: with NaN, lone surrogates, broken UTF-8, numbers too large to hold, nested without end.

What JSON proper has is parsed by orjson. Anything else is read for what it says: what is not a number becomes null, half a
character becomes U+FFFD, what is nested deeper than `DEPTH` becomes null.
"""

import json
import re
from typing import Any

import orjson

DEPTH = 32
"""Deeper than any reply: log probabilities are the deepest, at 6."""

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_INTEGER = 18


def parsed(content: bytes) -> Any:  # noqa: ANN401  (any JSON)
    """Return the value of a JSON text; None where it is none."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    text = _shallow(content.removeprefix(b"\xef\xbb\xbf")).decode(errors="replace")
    try:
        return _clean(json.loads(text, strict=False, parse_constant=_nothing, parse_int=_integer, parse_float=_number))
    except (ValueError, RecursionError):
        return None


def storable(value: Any) -> bool:  # noqa: ANN401  (any JSON)
    """Tell whether a value can be written as JSON again: one that is nested too deeply cannot."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


def _shallow(content: bytes) -> bytes:
    """Put null where an array or object is nested deeper than `DEPTH`."""
    kept, depth, start = [], 0, 0
    for token in _TOKENS.finditer(content):
        mark = token[0]
        if mark in b"[{":
            if depth == DEPTH:
                kept.append(content[start : token.start()] + b"null")
            depth += 1
        elif mark in b"]}":
            depth -= 1
            if depth == DEPTH:
                start = token.end()
    return b"".join(kept) + content[start:] if depth <= DEPTH else b""


def _nothing(_: str) -> None:
    """Return what NaN and the infinities become."""


def _integer(digits: str) -> int | float | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else _number(digits)


def _number(digits: str) -> float | None:
    value = float(digits)
    return value if abs(value) < float("inf") else None


def _clean(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", name): _clean(item) for name, item in value.items()}
    return value

"""What is in the body of an error, in whatever it is wrapped: names, words, and how long to wait.

An error may be an object or a text, in an object of another name, in a list, in the words of another error as JSON, or in what
a gateway passes on of its provider's. Words are read to tell what an error means (`wording`), and are never kept.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from builders.teachers import lenient

_WRAPPERS = ("error", "errors", "fault", "base_resp", "response")
_CODES = ("code", "error_code", "errorCode", "errorcode", "errcode", "status_code", "http_code", "statusCode")
_TYPES = ("type", "error_type")
_STATUSES = ("http_code", "status_code", "statusCode", "status", "code")
_WORDS = ("message", "msg", "error", "error_msg", "error_message", "errmsg", "status_msg", "faultstring", "detail", "Message")
_WITHIN = ("detail", "message", "innererror", "inner_error", "details", "metadata", "raw")
_WAITS = ("retry_after", "retry_after_seconds", "retryDelay", "estimated_time")
_FLAGS = {"reasons", "flagged_input", "patterns"}  # OpenRouter's, of a moderation or a guardrail
_TELLING = {*_WRAPPERS, *_WORDS, "error_code", "errcode"}
_NAME = re.compile(r"[A-Za-z0-9_.:/\[\]-]{1,64}")
_FAULT = re.compile(r"[4-9]\d\d")
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s?")
_SAID = re.compile(r"^error code: (\d{3})\b")
_LONGEST, _DEPTH, _MOST = 4000, 8, 24


class Complaint(NamedTuple):
    """What the body of an error says.

    Args:
        code: the server's own code, if that is a name.
        type: its type, likewise.
        param: which key of the body it is about, likewise.
        names: these and what else looks like a name, in lower case.
        words: each text, in lower case; not to be kept.
        status: of HTTP, where the body names one of a fault.
        seconds: how long the server asks us to wait; None if it does not say.
    """

    code: str | None
    type: str | None
    param: str | None
    names: str
    words: tuple[str, ...]
    status: int | None
    seconds: float | None


def read(body: Any) -> Complaint:  # noqa: ANN401  (any JSON)
    """Return what a body says, None for it where no body came."""
    found = list(_walked(body, 0))[:_MOST]
    objects = [value for value in found if isinstance(value, dict)]
    words = [value.lower()[:_LONGEST].strip() for value in found if isinstance(value, str)]
    codes, types = _named(objects, _CODES), _named(objects, _TYPES)
    more = [*_named(objects, ("status", "reason")), *("flagged" for value in objects if _FLAGS & set(value))]
    return Complaint(
        code=next((code for code in codes if not code.isdecimal()), next(iter(codes), None)),
        type=next(iter(types), None),
        param=next(iter(_named(objects, ("param",))), None),
        names=" ".join([*codes, *types, *more]).lower(),
        words=tuple(words),
        status=_status(objects, words),
        seconds=_seconds(objects),
    )


def serious(error: Any) -> bool:  # noqa: ANN401  (any JSON)
    """Tell whether what stands under `error` says that there is one: objects of nothing do not."""
    return bool(any(error.values()) if isinstance(error, dict) else error)


def is_one(body: dict[str, Any]) -> bool:
    """Tell whether a body without a reply says why."""
    named = any(body.get(name) for name in _TELLING) or "error" in (body.get("object"), body.get("type"))
    return named or (body.get("success") is False)


def _walked(value: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401  (any JSON)
    """Yield the objects and texts that describe an error, the nearest first."""
    if depth > _DEPTH:
        return
    if isinstance(value, str):
        inner = lenient.parsed(value.encode(errors="replace")) if value.lstrip()[:1] in ("{", "[") else None
        yield from _walked(inner, depth + 1) if isinstance(inner, dict | list) else (value,)
    elif isinstance(value, list):
        for item in value[:2]:
            yield from _walked(item, depth + 1)
    elif isinstance(value, dict):
        yield from _inner(value, depth)


def _inner(value: dict[str, Any], depth: int) -> Iterator[Any]:
    inner = next((found for name in _WRAPPERS if isinstance(found := value.get(name), dict | list) and found), None)
    if inner is not None:
        yield from _walked(inner, depth + 1)
        yield {name: value[name] for name in _WAITS if name in value}
    else:
        yield _placed(value) if "loc" in value else value
    for name in _WORDS:
        if isinstance(value.get(name), str):
            yield from _walked(value[name], depth + 1)
    for name in _WITHIN:
        if isinstance(value.get(name), dict | list) or (name == "raw" and isinstance(value.get(name), str)):
            yield from _walked(value[name], depth + 1)


def _placed(value: dict[str, Any]) -> dict[str, Any]:
    """Return an error of pydantic, of which `loc` says what it is about."""
    where = value["loc"]
    place = [str(part) for part in where if part != "body"] if isinstance(where, list) else []
    return {**value, "param": ".".join(place) or None}


def _named(objects: list[dict[str, Any]], keys: tuple[str, ...]) -> list[str]:
    """Return what looks like a name under any of some keys."""
    return [name for value in objects for key in keys if (name := _name(value.get(key)))]


def _name(value: Any) -> str | None:  # noqa: ANN401  (any JSON)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _NAME.fullmatch(text) else None


def _status(objects: list[dict[str, Any]], words: list[str]) -> int | None:
    codes = _named(objects, _STATUSES) + [found[1] for text in words if (found := _SAID.match(text))]
    return next((int(code) for code in codes if _FAULT.fullmatch(code)), None)


def _seconds(objects: list[dict[str, Any]]) -> float | None:
    for value in objects:
        for name in _WAITS:
            found = _SECONDS.fullmatch(str(value.get(name)))
            if found:
                return float(found[1])
    return None

"""What an error of a server means: for one row, for all of them, or nothing but that one has to wait.

A server's words are read, never repeated: they may quote the prompt. Kept of them are the status and what looks like a name
in `code`, `type` and `param`. Where those do not decide, fixed phrases of known servers do, each of which gives a word of ours.
"""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple

Kind = Literal["key", "money", "model", "busy", "passing", "filtered", "too_long", "parameter", "request"]
"""`key`, `money` and `model` hold for every request and stop the build; `busy` and `passing` are asked again; `filtered` (by a
moderation), `too_long` (for the context) and `request` (any other) cost a row; `parameter` costs a row, or stops the build
where nothing was answered yet."""

TOO_MANY, PASSING, SERVER_FAULTS = 429, {408, 409, 425}, 500
_KEY, _MONEY, _FORBIDDEN, _TOO_LARGE = 401, 402, 403, 413
_FAULTS_FROM = 400
_NOWHERE = {404, 405}
_OVERLOADED = 529
_NAME = re.compile(r"[A-Za-z0-9_.:/\[\]-]{1,64}")
_LONGEST = 4000

# presets.yaml names where they were read.
_CODES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "money",
        re.compile(r"insufficient_(quota|balance|credits?|funds)|billing|payment_required|exceeded_current_quota|arrears?"),
    ),
    (
        "filtered",
        re.compile(
            r"content_?(filter|policy|moderation|management)|responsibleaipolicy|moderation|flagged|prohibited|data_?inspection"
            r"|sensitive|invalid_prompt|safety|guardrail|policy_violation|unsafe"
        ),
    ),
    (
        "too_long",
        re.compile(
            r"context_?(length|size|window|exceeded)|context_length|string_above_max_length|string_too_long|token_limit_exceeded"
            r"|max_tokens_exceeded|prompt_too_long|exceed_context|request_too_large|input_too_long|tokens_limit_reached"
        ),
    ),
    ("model", re.compile(r"model_?not_?(found|exist|available)|deployment_?not_?found|invalid_model|unknown_model")),
    (
        "parameter",
        re.compile(r"unsupported_(parameter|value)|unknown_parameter|invalid_parameter|extra_forbidden|unrecognized"),
    ),
    ("key", re.compile(r"invalid_api_?key|authentication|invalid_token|unauthori[sz]ed|account_(deactivated|suspended)")),
    ("busy", re.compile(r"rate_?limit|overloaded|too_many_requests|engine_overload|resource_exhausted|capacity")),
)
_PHRASES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    # The first three stop a build, so they must begin the message: further on, a server may be quoting a prompt.
    (
        "money",
        re.compile(
            r"^(your credit balance|insufficient (account )?(balance|credits?|quota|funds)|you exceeded your current quota)"
        ),
    ),
    ("key", re.compile(r"^((incorrect|invalid|missing|no) api[ -]?key|api key not valid|authentication fails)")),
    (
        "parameter",
        re.compile(
            r"^.{0,80}(unsupported (parameter|value)|not supported (with|by|for) this model|extra inputs are not permitted"
            r"|unknown (parameter|field)|unrecognized (request )?argument|cannot both be (specified|set)"
            r"|only the default \(1\))"
        ),
    ),
    (
        "too_long",
        re.compile(
            r"maximum (context|model) length|context (length|window|size)|prompt is too long|longer than the maximum"
            r"|too many (input )?tokens|input (is )?too long|exceeds? (the )?(available )?context|reduce the length"
        ),
    ),
    (
        "filtered",
        re.compile(
            r"content (management )?(policy|filter)|content_filter|flagged|moderation|safety (system|filter|setting)"
            r"|usage polic|inappropriate content|violat\w+ .{0,40}polic"
        ),
    ),
)
_OURS = re.compile(r"\b(max_completion_tokens|max_tokens|temperature|top_p|seed|response_format|output_config)\b")
_STATUSES: dict[int, Kind] = {
    _KEY: "key",
    _FORBIDDEN: "key",
    _MONEY: "money",
    _TOO_LARGE: "too_long",
    **dict.fromkeys(_NOWHERE, "model"),
}


class RetryError(Exception):
    """An attempt failed in a way that may pass."""


class BusyError(RetryError):
    """The server has too much to do: it answers 429, or a fault with the time after which to come back.

    Args:
        error: what it said.
        retry_after_seconds: how long it asks us to wait; None if it does not say.
    """

    def __init__(self, error: str, retry_after_seconds: float | None) -> None:
        """Keep what the server asks for."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__(error)


class GoneError(RetryError):
    """Nothing answers at the server's address."""


class BrokenError(RetryError):
    """The server took the request, and may charge for it, but no whole reply came."""


class RefusedError(Exception):
    """The server does not take this request, and would not take it a second time.

    Args:
        told: why.
    """

    def __init__(self, told: "Told") -> None:
        """Keep what the server said."""
        self.told = told
        super().__init__(str(told))


class ToldError(Exception):
    """Raised when what came in the place of a reply is an error.

    Args:
        told: what it means.
        paid: whether it may have been charged for, having come in a choice.
    """

    def __init__(self, told: "Told", *, paid: bool) -> None:
        """Keep what it means."""
        self.told, self.paid = told, paid
        super().__init__(str(told))


class Told(NamedTuple):
    """What a server's error says.

    Args:
        status: of HTTP, or the one that the body of a 200 names; 200 where it names none.
        kind: what it means.
        code: the server's own code, if that is a name.
        type: its type, likewise.
        param: which key of the body it is about, likewise.
        retry_after_seconds: how long the server asks us to wait; None if it does not say.
    """

    status: int
    kind: Kind
    code: str | None = None
    type: str | None = None
    param: str | None = None
    retry_after_seconds: float | None = None

    def __str__(self) -> str:
        """Return the status and the names that the server gave."""
        said = {"code": self.code, "type": self.type, "param": self.param}
        words = [f"{name} {value}" for name, value in said.items() if value and value != str(self.status)]
        meant = {"filtered": "filtered", "too_long": "context too long", "parameter": "wrong parameter"}.get(self.kind)
        return f"HTTP {self.status}" + (f" ({', '.join(filter(None, [meant, *words]))})" if meant or words else "")

    def evidence(self) -> dict[str, Any]:
        """Return the same for a row's rejection: nothing that the server did not name is in it."""
        said = {"code": self.code, "type": self.type, "param": self.param}
        told = {name: value for name, value in said.items() if value}
        return {"error": f"HTTP {self.status}", **({"kind": self.kind} if told or self.kind != "request" else {}), **told}


def told(status: int, body: Any, headers: Mapping[str, str], now: float | None = None) -> Told:  # noqa: ANN401  (any JSON)
    """Return what an error means.

    Args:
        status: of HTTP; 200 where the body alone says that it is an error.
        body: the JSON value that came, None where none did.
        headers: of the response.
        now: the time in seconds since 1970, for a date in Retry-After where the response has none of its own.
    """
    error, words = _error(body)
    code, type_, param = (_name(error.get(name)) for name in ("code", "type", "param"))
    seconds = retry_after(headers, now)
    if status < _FAULTS_FROM and code and code.isdecimal() and _FAULTS_FROM <= int(code) < 2 * SERVER_FAULTS:
        status = int(code)
    names = " ".join(filter(None, (code, type_, *_more(error)))).lower()
    kind = _kind(status, _found(_CODES, names), _found(_PHRASES, words), seconds)
    if kind == "parameter" and param is None:
        found = _OURS.search(words)
        param = found[1] if found else None
    if kind == "parameter" and param and param.startswith(("messages", "prompt", "input")):
        kind = "request"
    return Told(status, kind, code, type_, param, seconds if kind in {"busy", "passing"} else None)


def _kind(status: int, named: Kind | None, worded: Kind | None, seconds: float | None) -> Kind:
    if status == _MONEY and seconds is not None:
        return "busy"  # OpenRouter: requests in flight hold the credit; without the header there is none left
    if status in {TOO_MANY, _OVERLOADED}:
        spent = named == "money" or (named != "busy" and worded == "money" and seconds is None)
        return "money" if spent else "busy"
    if status >= SERVER_FAULTS or status in PASSING:
        return "passing" if seconds is None else "busy"
    found = named if named not in {None, "busy"} else worded or named
    if status == _FORBIDDEN and found in {"filtered", "too_long", "model", "money"}:
        return found
    if status in _STATUSES:
        return _STATUSES[status]
    return found or ("passing" if status < _FAULTS_FROM else "request")


def _found(table: tuple[tuple[Kind, re.Pattern[str]], ...], text: str) -> Kind | None:
    return next((kind for kind, pattern in table if pattern.search(text)), None)


def _error(body: Any) -> tuple[dict[str, Any], str]:  # noqa: ANN401
    """Return the object that describes an error, whatever it is wrapped in, and its words in lower case, which are not kept."""
    value = body[0] if isinstance(body, list) and body else body  # Gemini's layer answers a list of one
    if not isinstance(value, dict):
        return {}, value.lower()[:_LONGEST] if isinstance(value, str) else ""
    inner = value.get("error")
    error = inner if isinstance(inner, dict) else value
    message = inner if isinstance(inner, str) else error.get("message")
    detail = message.get("detail") if isinstance(message, dict) else error.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):  # of pydantic: what, where
        where = detail[0].get("loc")
        place = [str(part) for part in where if part != "body"] if isinstance(where, list) else []
        error = {"code": error.get("code"), "type": detail[0].get("type"), "param": ".".join(place) or None}
        message = detail[0].get("msg")
    said = [word for word in (message, detail) if isinstance(word, str)]
    return error, " ".join(word[:_LONGEST] for word in said).lower().strip()


def _more(error: dict[str, Any]) -> list[str]:
    """Return the names that stand deeper: of Azure's inner error, Gemini's status, OpenRouter's moderation."""
    inner, metadata = error.get("innererror"), error.get("metadata")
    found = [_name(error.get("status")), _name(inner.get("code")) if isinstance(inner, dict) else None]
    if isinstance(metadata, dict):
        found += [_name(metadata.get("error_type")), "flagged" if {"reasons", "flagged_input"} & set(metadata) else None]
    return [name for name in found if name]


def _name(value: Any) -> str | None:  # noqa: ANN401
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _NAME.fullmatch(text) else None


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return how many seconds the server asks us to wait: given as seconds or as a date (RFC 9110, section 10.2.3).

    A date is held against the response's own, so that a clock that is wrong does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return float(text)
    until = _date(text)
    if until is None:
        return None
    sent = _date(headers.get("Date", ""))
    here = time.time() if now is None else now
    return max(until - (here if sent is None else sent), 0.0)


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError, TypeError):
        return None

"""What an error of a server means: for one row, for all of them, or nothing but that one has to wait.

A server's words are read, never repeated: they may quote the prompt. Kept of them are the status and what looks like a name
in `code`, `type` and `param`. Where those do not decide, fixed phrases of known servers do, each of which gives a word of ours.
"""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from builders.teachers import complaints, wording
from builders.teachers.wording import Kind

SERVER_FAULTS = 500
_PASSING, _BUSY = {408, 409, 424, 425, 499}, {429, 498, 529}
_KEY, _MONEY, _FORBIDDEN, _TOO_LARGE = 401, 402, 403, 413
_FAULTS_FROM = 400
_STATUSES: dict[int, Kind] = {
    _KEY: "key",
    _FORBIDDEN: "key",
    _MONEY: "money",
    _TOO_LARGE: "too_long",
    404: "model",
    405: "model",
}
_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")


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
        fault: why.
    """

    def __init__(self, fault: "Fault") -> None:
        """Keep what the server said."""
        self.fault = fault
        super().__init__(str(fault))


class DoubtfulError(Exception):
    """The server refuses this request, and does not say whether it would refuse any other.

    Args:
        fault: what it says.
    """

    def __init__(self, fault: "Fault") -> None:
        """Keep what the server said."""
        self.fault = fault
        super().__init__(str(fault))


class FaultError(Exception):
    """Raised when what came in the place of a reply is an error.

    Args:
        fault: what it means.
        paid: whether it may have been charged for, having come in a choice.
    """

    def __init__(self, fault: "Fault", *, paid: bool) -> None:
        """Keep what it means."""
        self.fault, self.paid = fault, paid
        super().__init__(str(fault))


class Fault(NamedTuple):
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

    @property
    def doubtful(self) -> bool:
        """Whether nothing but its status says that it is about the key: a firewall answers a prompt that it dislikes so."""
        return self.status == _FORBIDDEN and self.kind == "key" and not (self.code or self.type)

    def __str__(self) -> str:
        """Return the status and the names that the server gave."""
        names = {"code": self.code, "type": self.type, "param": self.param}
        words = [f"{name} {value}" for name, value in names.items() if value and value != str(self.status)]
        meant = {"filtered": "filtered", "too_long": "context too long", "parameter": "wrong parameter"}.get(self.kind)
        return f"HTTP {self.status}" + (f" ({', '.join(filter(None, [meant, *words]))})" if meant or words else "")

    def evidence(self) -> dict[str, Any]:
        """Return the same for a row's rejection: nothing that the server did not name is in it."""
        names = {"code": self.code, "type": self.type, "param": self.param}
        named = {name: value for name, value in names.items() if value}
        return {"error": f"HTTP {self.status}", **({"kind": self.kind} if named or self.kind != "request" else {}), **named}


def parse(status: int, body: Any, headers: Mapping[str, str], now: float | None = None) -> Fault:  # noqa: ANN401  (any JSON)
    """Return what an error means.

    Args:
        status: of HTTP; 200 where the body alone says that it is an error.
        body: the JSON value that came, None where none did.
        headers: of the response.
        now: the time in seconds since 1970, for a date in Retry-After where the response has none of its own.
    """
    complaint = complaints.read(body)
    seconds = retry_after(headers, now)
    if seconds is None:
        seconds = complaint.seconds
    if status < _FAULTS_FROM:
        status = complaint.status or status
    kind = _kind(status, wording.named(complaint.names), wording.worded(complaint.words), seconds)
    kind, param = _about(kind, complaint)
    return Fault(status, kind, complaint.code, complaint.type, param, seconds if kind in {"busy", "passing"} else None)


def _about(kind: Kind, complaint: complaints.Complaint) -> tuple[Kind, str | None]:
    """Return the kind once more, and the key of the body that it is about: those of the prompt are no parameters."""
    param = complaint.param
    if kind == "request" and param and param.partition(".")[0] in wording.OURS:
        kind = "parameter"
    if kind == "parameter" and param is None:
        param = wording.key_in(complaint.words)
    if kind == "parameter" and param and param.startswith(("messages", "prompt", "input")):
        kind = "request"
    return kind, param


def _kind(status: int, named: Kind | None, worded: Kind | None, seconds: float | None) -> Kind:
    if status == _MONEY and seconds is not None:
        return "busy"  # OpenRouter: requests in flight hold the credit; without the header there is none left
    if status in _BUSY:
        spent = named == "money" or (named != "busy" and worded == "money" and seconds is None)
        return "money" if spent else "busy"
    if status >= SERVER_FAULTS or status in _PASSING:
        return _of_server(named, worded, seconds)
    if status >= _FAULTS_FROM and worded == "busy":
        worded = None  # a request that is refused would be refused again, whatever the words say
    found = named if named not in {None, "busy"} else worded or named
    if named == "parameter" and worded in {"too_long", "filtered"}:
        found = worded  # DashScope's code for most errors
    if status == _FORBIDDEN and found in {"filtered", "too_long", "model", "money"}:
        return found
    if status in _STATUSES:
        return _STATUSES[status]
    return found or ("passing" if status < _FAULTS_FROM else "request")


def _of_server(named: Kind | None, worded: Kind | None, seconds: float | None) -> Kind:
    """Return what a fault of the server's own means: some servers answer a prompt, or an empty purse, with one."""
    for kind in ("money", "too_long"):
        if kind in (named, worded):
            return kind
    return "busy" if seconds is not None or "busy" in (named, worded) else "passing"


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return how many seconds the server asks us to wait: given as seconds or as a date (RFC 9110, section 10.2.3).

    OpenAI and Azure have a header for milliseconds beside it. A date is held against the response's own, so that a clock that
    is wrong does no harm.
    """
    for name in _MILLISECONDS:
        if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text := headers.get(name, "").strip()):
            return float(text) / 1000
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

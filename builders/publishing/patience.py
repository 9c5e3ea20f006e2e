"""A Hub that is busy, fails or hangs is asked again; what does not pass is said in one line.

Large files go to the Hub's storage and come from there by hf_xet, wherever huggingface_hub finds it (`HF_HUB_DISABLE_XET`
chooses the older way). It sends no chunk that it remembers to be there, and gives up after six tries of its own; then it raises
Python's own ConnectionError or RuntimeError, which say no more than a text. The last request of an upload, which lays down what
the files are made of, it lets take as long as it may: no setting limits that.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import httpx2
from huggingface_hub import constants, get_token, set_client_factory
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils._http import default_client_factory
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from builders.errors import BuildError

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0
SILENT_SECONDS = 120.0
"""How long a Hub may say nothing before it is asked again; huggingface_hub by itself would wait for ever."""

_STORAGE_FAILED = "CAS Client Error"
_STORAGE_STATUS = re.compile(r"HTTP status \w+ error \((\d{3})")

Answer = TypeVar("Answer")


class Moved(Exception):  # noqa: N818  (no error: what to do about it is to look again)
    """The branch was not what was expected when the commit arrived."""

    @staticmethod
    @contextmanager
    def noticed() -> Iterator[None]:
        """Turn the Hub's word for it into ours."""
        try:
            yield
        except HfHubHTTPError as error:
            if _status(error) in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT}:
                raise Moved from error
            raise


class _Fault(NamedTuple):
    what: str
    fix: str


_FAULTS = {
    HTTPStatus.UNAUTHORIZED: _Fault("the Hub refused the token", "run hf auth login again or fix HF_TOKEN"),
    HTTPStatus.FORBIDDEN: _Fault("the token may not write there", "use a token that may, or fix the namespace"),
    HTTPStatus.NOT_FOUND: _Fault("it is not there", "fix the namespace, or let the token see it"),
}
_NO_TOKEN = _Fault("the Hub wants a token", "run hf auth login or set HF_TOKEN")
_LATER = "run again later, it goes on where it was"
_OLDER_WAY = "set HF_HUB_DISABLE_XET=1, which sends large files without it"
_REFUSED_CARD = "Invalid metadata in README.md."
_SHOWN_CHARACTERS = 120
_OFFLINE = _Fault("HF_HUB_OFFLINE is set", "unset it, or publish to file:///folder")


def limit_silence() -> None:
    """Let no request of this process wait for ever, be it huggingface_hub's or hf_xet's."""
    set_client_factory(_client)
    os.environ.setdefault("HF_XET_CLIENT_READ_TIMEOUT", f"{SILENT_SECONDS:.0f}s")


def _client() -> httpx2.Client:
    client = default_client_factory()  # with huggingface_hub's own headers and its switch to stay off the network
    client.timeout = httpx2.Timeout(SILENT_SECONDS)
    return client


def patiently(call: Callable[[], Answer]) -> Answer:
    """Return what a call returns, asking again, with growing pauses, as long as its failures may pass by themselves."""
    retrying = Retrying(retry=retry_if_exception(passing), wait=_pause, stop=stop_after_attempt(ATTEMPTS), reraise=True)
    return retrying(call)


def passing(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, may be gone at the next try: 429, 5xx, a timeout, a broken connection."""
    for cause in _causes(error):
        if isinstance(cause, BuildError | OfflineModeIsEnabled):
            return False
        status = _status(cause)
        if isinstance(cause, httpx2.TransportError | Moved) or (_of_storage(cause) and status is None):
            return True
        if isinstance(cause, HfHubHTTPError) or _of_storage(cause):
            return status == HTTPStatus.TOO_MANY_REQUESTS or (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
    return False


def _of_storage(error: BaseException) -> bool:
    """Tell whether hf_xet has raised an error because of what the storage does."""
    return type(error) is ConnectionError or (isinstance(error, RuntimeError) and _STORAGE_FAILED in str(error))


@contextmanager
def explaining(address: str) -> Iterator[None]:
    """Turn what huggingface_hub and its connection raise into one line.

    Raises:
        BuildError: the Hub refuses, or cannot be reached.
    """
    try:
        yield
    except BuildError:
        raise
    except Exception as error:
        fault = _refused_card(error) or _fault(error)
        if fault is None:
            raise
        raise BuildError(fault.what, where=address, fix=fault.fix) from None


def _refused_card(error: BaseException) -> _Fault | None:
    if not isinstance(error, ValueError) or not str(error).startswith(_REFUSED_CARD):
        return None
    message = " ".join(str(error).removeprefix(_REFUSED_CARD).split())[:_SHOWN_CHARACTERS]
    return _Fault(f"the Hub refuses the card's front matter: {message}", "fix what it is made from, and report it as a bug")


def _fault(error: BaseException) -> _Fault | None:
    """Return what is said about an error; None for one that is not the Hub's."""
    return next((fault for cause in _causes(error) if (fault := _own_fault(cause))), None)


def _own_fault(error: BaseException) -> _Fault | None:
    """Return what is said about an error, whatever has caused it."""
    status = _status(error)
    if isinstance(error, OfflineModeIsEnabled):
        return _OFFLINE
    if isinstance(error, Moved):
        return _Fault("somebody else commits there all the time", "run again later")
    if isinstance(error, httpx2.TransportError):
        what = f"the Hub cannot be reached: {type(error).__name__}"
        return _Fault(what, f"check the network and HF_ENDPOINT ({constants.ENDPOINT}), run again: it goes on where it was")
    if _of_storage(error):
        what = f"answered with status {status}" if status else "cannot be reached"
        return _Fault(f"the Hub's storage {what}", _LATER if passing(error) else _OLDER_WAY)
    return _refused(status) if isinstance(error, HfHubHTTPError) else None


def _refused(status: int | None) -> _Fault:
    if status == HTTPStatus.UNAUTHORIZED and not get_token():
        return _NO_TOKEN
    unknown = _Fault(f"the Hub answered with status {status}", _LATER)
    return _FAULTS.get(HTTPStatus(status), unknown) if status else unknown


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int | None:
    """Return the status that an error is about, if any."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code if error.response is not None else None
    match = _STORAGE_STATUS.search(str(error)) if _of_storage(error) else None
    return int(match[1]) if match else None


_growing = wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS)


def _pause(state: RetryCallState) -> float:
    """Return how long to wait: what the Hub asks for, if it does."""
    error = state.outcome.exception() if state.outcome else None
    for cause in _causes(error):
        if isinstance(cause, HfHubHTTPError) and cause.response is not None:
            asked = cause.response.headers.get("Retry-After", "")
            if asked.isdecimal():
                return min(float(asked), LONGEST_WAIT_SECONDS)
    return float(_growing(state))

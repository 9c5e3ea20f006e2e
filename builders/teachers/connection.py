"""One server over HTTP: how many requests it can take, how long one may take, and whether it is there at all.

A request that fails says how: the server was busy, broke, took too long, was gone, or refuses us. Whoever asks decides
what to do about it; while the server is gone, everybody waits here for it to come back.

Changes no byte of a row.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Self

import aiohttp
import tenacity
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from builders.errors import BuildError
from builders.teachers.pace import LONGEST_SECONDS, Load, Pace
from builders.teachers.server import Server, address, is_address
from builders.teachers.vllm import Engine

CONNECT_SECONDS = 10.0
OUTAGE_SECONDS = 600.0
METRICS_SECONDS = 1.0
_LOOK_SECONDS = 5.0
_NEARLY = 0.8
_AT_WORK = 0.05

_OK = 200
_REFUSES_US = {401, 403, 404, 405}
_ELSEWHERE = {301, 302, 303, 307, 308}
_TOO_MANY = 429
_PASSING = {408, 409, 425}
_SERVER_FAULTS = 500

_SENDING: dict[str, Any] = {
    "timeout": aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
    "allow_redirects": False,
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
    """The server does not take this request, and would not take it a second time."""


class _Sent(NamedTuple):
    """When a request was sent, and how many times the deadline it may take."""

    at: float
    patience: int


class Connection:
    """A server and the connections to it; use as an async context manager."""

    def __init__(
        self,
        name: str,
        server: Server,
        pace: Pace,
        engine: Engine | None = None,
        start: Callable[[], Awaitable[Server]] | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            name: the role, for errors.
            server: where it is, and the token that goes there.
            pace: how many requests are in flight.
            engine: the vLLM of ours that serves there; None for a server that is somebody else's.
            start: starts the engine, before the first request, and says where it is.
        """
        self.name, self.server, self.pace = name, server, pace
        self.outage_seconds = OUTAGE_SECONDS
        self._start = start
        self.attempts = 0
        self.answered_at = 0.0
        self._engine = engine
        self._over: BuildError | None = None  # why nothing is sent any more
        self._busy_since: float | None = None
        self._deadline_seconds = LONGEST_SECONDS
        self._in_flight: dict[asyncio.Timeout, _Sent] = {}
        self._meeting, self._met = asyncio.Lock(), False
        self._back: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self.open()
        return self

    def open(self) -> None:
        """Open the connection pool, in the event loop."""
        headers = {"Content-Type": "application/json"}
        if self.server.api_key:
            headers["Authorization"] = f"Bearer {self.server.api_key}"
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
        # The system's proxies and .netrc are left alone: a token goes to its own server and nowhere else.
        self._session = aiohttp.ClientSession(headers=headers, connector=connector, auto_decompress=True)
        self._urls: dict[str, URL] = {}

    async def __aexit__(self, *_: object) -> None:
        """Close the connection pool."""
        for task in (self._back, self._watching):
            if task:
                task.cancel()
        await asyncio.gather(*(task for task in (self._back, self._watching) if task), return_exceptions=True)
        await self._session.close()

    async def post(self, path: str, body: bytes, patience: int = 1) -> bytes:
        """Send a request and return the body of the reply.

        Args:
            path: below the base URL.
            body: JSON.
            patience: how many times the deadline the request may take.

        Raises:
            RetryError: it may be sent again; BusyError and GoneError say more.
            RefusedError: it may not.
            BuildError: the server refuses us, or has been gone for too long.
        """
        if not self._met:
            await self.meet()
        if self._back:
            await asyncio.shield(self._back)
        pace = self.pace
        await pace.enter()
        if self._over:  # since this request began to wait for its slot
            pace.gone()
            raise self._over
        self.attempts += 1
        started = time.monotonic()
        limit = asyncio.timeout(pace.patient_seconds(patience))
        self._in_flight[limit] = _Sent(started, patience)
        try:
            async with limit, self._session.post(self._url(path), data=body, **_SENDING) as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise self._explained(error, started) from None
        except BaseException:
            pace.gone()
            raise
        finally:
            del self._in_flight[limit]
        if response.status == _OK:
            now = self.answered_at = time.monotonic()
            self._busy_since = None
            pace.replied(now - started)
            self._hasten()
            if self._engine:
                self._engine.answered()
            return content
        raise self._refusal(response)

    async def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page below the base URL, or above it with a leading slash.

        Raises:
            OSError: the server cannot be reached.
        """
        base = self.server.url.removesuffix("/v1") if path.startswith("/") else f"{self.server.url}/"
        timeout = aiohttp.ClientTimeout(total=_LOOK_SECONDS)
        try:
            async with self._session.get(f"{base}{path}", timeout=timeout, allow_redirects=False) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OSError(why(error)) from None

    async def meet(self) -> None:
        """Find out at once, not after many attempts, that nothing answers at the address or that it refuses us.

        Raises:
            BuildError: so it is.
        """
        async with self._meeting:
            if self._over:
                raise self._over
            if self._met:
                return
            try:
                self.server = await self._start() if self._start else self.server
            except BuildError as error:
                raise self._end(error) from None
            try:
                status, _ = await self.get("models")
            except OSError as error:
                raise self._end(self.absent(error)) from None
            if status in {401, 403}:
                raise self._end(self._refuses_us(status))
            self._met = True
            self._watching = asyncio.create_task(self._watch_load())

    def absent(self, error: Exception) -> BuildError:
        """Return the error of a server that is not there."""
        what = f"the server of {self.name} is not there ({why(error)})"
        fix = "start the server or correct the URL; every reply so far is in the ledger"
        return BuildError(what, where=address(self.server.url), fix=fix)

    def _url(self, path: str) -> URL:
        url = self._urls.get(path)
        if url is None:
            url = self._urls[path] = URL(f"{self.server.url}/{path}")
        return url

    def _hasten(self) -> None:
        """Give requests that were sent when little was known no more time than those that are sent now."""
        seconds, before = self.pace.deadline_seconds, self._deadline_seconds
        if before * _NEARLY <= seconds <= before:
            return
        self._deadline_seconds = seconds
        now = asyncio.get_running_loop().time()
        for limit, sent in self._in_flight.items():
            latest = now + self.pace.patient_seconds(sent.patience)
            if not limit.expired() and (limit.when() or latest) > latest:
                limit.reschedule(latest)

    def _explained(self, error: Exception, started: float) -> Exception:
        """Give the slot back and say what a broken attempt means."""
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            self.pace.gone()
            if self._back is None:
                self._back = asyncio.create_task(self._return())
            return GoneError(why(error))
        if isinstance(error, TimeoutError):
            self.pace.gone()
            seconds = time.monotonic() - started
            if seconds >= self.pace.longest_seconds and self.answered_at < started:
                return self._end(self._silent(seconds))
            return BrokenError(f"no reply in {seconds:.0f} s")
        self.pace.refused()
        return BrokenError(why(error))

    def _refusal(self, response: aiohttp.ClientResponse) -> Exception:
        status = response.status
        seconds = _seconds(response.headers.get("Retry-After"))
        if status == _TOO_MANY or (status >= _SERVER_FAULTS and seconds is not None):
            self.pace.refused(seconds and min(seconds, self.outage_seconds))
            return self._busy(status, seconds)
        if status >= _SERVER_FAULTS or status in _PASSING:
            self.pace.refused()
            return RetryError(f"HTTP {status}")
        self.pace.gone()
        if status in _ELSEWHERE:
            return self._end(self._redirects(status, response.headers.get("Location", "")))
        return self._end(self._refuses_us(status)) if status in _REFUSES_US else RefusedError(f"HTTP {status}")

    def _busy(self, status: int, retry_after_seconds: float | None) -> Exception:
        """Return what a refusal for lack of room means: come back, until nothing else came for as long as an outage may take.

        A request that was not refused as quickly as others are is taken to be worked on.
        """
        now = time.monotonic()
        self._busy_since = self._busy_since or now
        at_work = any(now - sent.at > self.outage_seconds * _AT_WORK for sent in self._in_flight.values())
        if at_work or now - self._busy_since < self.outage_seconds:
            return BusyError(f"HTTP {status}", retry_after_seconds)
        what = f"the server of {self.name} has answered nothing but HTTP {status} for {now - self._busy_since:.0f} s"
        fix = "look at its limits and run again; every reply so far is in the ledger"
        return self._end(BuildError(what, where=address(self.server.url), fix=fix))

    def _end(self, error: BuildError) -> BuildError:
        """Send nothing any more, not even what waits for its slot by now."""
        self._over = error
        return error

    def _silent(self, seconds: float) -> BuildError:
        what = f"the server of {self.name} has taken requests and answered none for {seconds:.0f} s"
        fix = "look at the server and run again; every reply so far is in the ledger"
        return BuildError(what, where=address(self.server.url), fix=fix)

    def _refuses_us(self, status: int) -> BuildError:
        fixes = {401: "check the role's _API_KEY variable", 403: "check the role's _API_KEY variable"}
        fix = fixes.get(status, "check the URL and the model's name in params.yaml")
        return BuildError(f"the server of {self.name} answers HTTP {status}", where=address(self.server.url), fix=fix)

    def _redirects(self, status: int, location: str) -> BuildError:
        """Return the error of a server that sends us elsewhere, where neither token nor rows go unless the user says so."""
        there = f" to {address(location)}" if is_address(location) else ""
        fix = "if that is right, set the URL to where it leads"
        return BuildError(
            f"the server of {self.name} redirects{there} (HTTP {status})", where=address(self.server.url), fix=fix
        )

    async def _return(self) -> None:
        """Wait until the server answers again."""
        try:
            if self._engine:
                await self._engine.alive()
                return
            wait = tenacity.wait_random_exponential(multiplier=0.1, max=2)
            attempts = tenacity.AsyncRetrying(
                stop=tenacity.stop_after_delay(self.outage_seconds), wait=wait, retry=tenacity.retry_if_exception_type(OSError)
            )
            await attempts(self.get, "models")
        except tenacity.RetryError as error:
            last = error.last_attempt.exception()
            raise self._end(self.absent(last if isinstance(last, Exception) else error)) from None
        finally:
            self._back = None

    async def _watch_load(self) -> None:
        """Read vLLM's metrics every so often, if it is vLLM."""
        while True:
            try:
                status, page = await self.get("/metrics")
                if status != _OK or b"vllm:" not in page:
                    return
                self.pace.load = load(page.decode(errors="replace"))
            except OSError:
                self.pace.load = None
            await asyncio.sleep(METRICS_SECONDS)


def load(page: str) -> Load | None:
    """Read vLLM's load from its metrics page; None if it does not say how much is running."""
    found: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name.startswith("vllm:"):
                    name = sample.name.removeprefix("vllm:").removesuffix("_total")
                    found[name] = found.get(name, 0.0) + sample.value
    except ValueError:
        return None
    if "num_requests_running" not in found:
        return None
    cache = found.get("kv_cache_usage_perc", found.get("gpu_cache_usage_perc", 0.0))
    asked = found.get("prefix_cache_queries", 0.0)
    hits = found.get("prefix_cache_hits", 0.0) / asked if asked else None
    return Load(found["num_requests_running"], found.get("num_requests_waiting", 0.0), cache, hits)


def why(error: BaseException) -> str:
    """Return what went wrong with a connection, in a few words and without an address."""
    if isinstance(error, RetryError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) if type(error) is OSError else type(error).__name__


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.replace(".", "", 1).isdecimal() else None

"""One server over HTTP: how many requests it can take, how long one may take, and whether it is there at all.

A request that fails says how: the server was busy, broke, took too long, was gone, or refuses us. Whoever asks decides
what to do about it; while the server is gone, everybody waits here for it to come back.

Changes no byte of a row.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Self, TypeVar

import aiohttp
from yarl import URL

from builders.errors import BuildError
from builders.teachers import bodies, faults, lenient, metrics, pages, stops, trust
from builders.teachers.deadlines import Deadlines
from builders.teachers.faults import (
    BrokenError,
    BusyError,
    DoubtfulError,
    Fault,
    FaultError,
    GoneError,
    RefusedError,
    RetryError,
)
from builders.teachers.pace import Pace
from builders.teachers.presence import Presence
from builders.teachers.reading import UnusableError
from builders.teachers.server import Server
from builders.teachers.vllm import Engine

CONNECT_SECONDS = 10.0
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
_AT_WORK = 0.05
_OK, _KEY = 200, 401
_ELSEWHERE = {301, 302, 303, 307, 308}

Value = TypeVar("Value")
_Exchanged = tuple[aiohttp.ClientResponse, bytes | None]


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
        self.presence = Presence(self._look, lambda error: self.end(self.absent(error)))
        self._start = start
        self.attempts = 0
        self._engine = engine
        self._over: BuildError | None = None  # why nothing is sent any more
        self._busy_since: float | None = None
        self._deadlines = Deadlines(pace)
        self._meeting, self._met = asyncio.Lock(), False
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self.open()
        return self

    def open(self) -> None:
        """Open the connection pool, in the event loop."""
        proxy = None if self._engine or self._start else self.server.proxy()  # before the pool: it may raise
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60, ssl=trust.of(self.server.url))
        # The system's .netrc is left alone: a token goes to its own server and nowhere else.
        self._session = aiohttp.ClientSession(
            headers=self.server.sent, connector=connector, proxy=proxy, timeout=_TIMEOUT, auto_decompress=False
        )
        self._url = cache(lambda path: URL(self.server.page(path)))  # once it is known where our own engine is

    async def __aexit__(self, *_: object) -> None:
        """Close the connection pool."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.presence.close()
        await self._session.close()

    async def post(self, path: str, body: bytes, read: Callable[[bytes], Value], patience: int = 1) -> Value:
        """Send a request and return what is read from the body of the reply.

        Args:
            path: below the base URL.
            body: JSON.
            read: reads the body of a response with status 200; it may raise BrokenError, ToldError and UnusableError.
            patience: how many times the deadline the request may take.

        Raises:
            RetryError: it may be sent again; BusyError and GoneError say more.
            RefusedError: it may not; DoubtfulError: or none may be sent any more.
            UnusableError: it was answered with what cannot be used.
            BuildError: the server refuses us, or has been gone for too long.
        """
        if not self._met:
            await self.meet()
        await self.presence.returned()
        await self.pace.enter()
        return await self.sent(path, body, read, patience)

    async def sent(self, path: str, body: bytes, read: Callable[[bytes], Value], patience: int) -> Value:
        """Send a request that has its slot; otherwise as `post`."""
        if self._over:  # since this request began to wait for its slot
            self.pace.gone()
            raise self._over
        self.attempts += 1
        started = time.monotonic()
        response, content = await self._exchanged(path, body, started, patience)
        if not bodies.fine(response):
            raise self._refusal(response, content or b"")
        if content is None:
            self._answered(started)
            raise UnusableError("a reply that is too large")
        return self._read(content, read, started)

    @property
    def members(self) -> tuple[Self]:
        """The servers that are asked over it."""
        return (self,)

    @property
    def answered_at(self) -> float:
        """See `Presence.answered_at`."""
        return self.presence.answered_at

    async def _exchanged(self, path: str, body: bytes, started: float, patience: int) -> _Exchanged:
        """Send a request and return the response and its body; None for one that is larger than we read."""
        limit = self._deadlines.timeout(started, patience)
        try:
            async with limit, self._session.post(self._url(path), data=body, allow_redirects=False) as response:
                return response, await bodies.either(response)
        except (aiohttp.ClientError, OSError, bodies.UnknownEncodingError) as error:
            raise self._explained(error, started) from None
        except BaseException:
            self.pace.gone()
            raise
        finally:
            self._deadlines.ended(limit)

    def _read(self, content: bytes, read: Callable[[bytes], Value], started: float) -> Value:
        """Read the body of a response, and take note of what it says about the server."""
        try:
            value = read(content)
        except FaultError as error:
            raise self._exception(error.fault, paid=error.paid) from None
        except BrokenError:
            self.pace.replied(time.monotonic() - started)
            raise
        except UnusableError:
            self._answered(started)
            raise
        self._answered(started)
        return value

    def _answered(self, started: float) -> None:
        """Give the slot back after a reply."""
        now = time.monotonic()
        self.presence.replied(now)
        self._busy_since = None
        self.pace.replied(now - started)
        if self._engine:
            self._engine.answered()

    async def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page below the base URL, or above it with a leading slash.

        Raises:
            ConnectionError: nothing answers at the address.
            OSError: something does, but not with a page.
        """
        return await pages.page(self._session, self.server.page(path))

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
                raise self.end(error) from None
            try:
                status, _ = await self.get("models")
            except ConnectionError as error:
                if len(self.presence.peers) == 1:
                    raise self.end(self.absent(error)) from None
                self.presence.leave()
                status = _OK
            except OSError:
                status = _OK  # a list that does not come says nothing about replies
            if status == _KEY:
                raise self.end(stops.key(self.name, self.server, Fault(status, "key")))
            self._met = True
            self._watching = asyncio.create_task(metrics.watch(self.get, self.pace))

    def absent(self, error: Exception) -> BuildError:
        """Return the error of a server that is not there."""
        return stops.absent(self.name, self.server, error)

    def _explained(self, error: Exception, started: float) -> Exception:
        """Give the slot back and say what a broken attempt means."""
        if untrusted := trust.refused(error):
            self.pace.gone()
            return self.end(self.absent(untrusted))
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            self.pace.gone()
            self.presence.leave()
            return GoneError(pages.why(error))
        if isinstance(error, TimeoutError):
            self.pace.gone()
            seconds = time.monotonic() - started
            if seconds >= self.pace.longest_seconds and self.answered_at < started:
                return self.end(stops.silent(self.name, self.server, seconds))
            return BrokenError(f"no reply in {seconds:.0f} s")
        self.pace.refused()
        return BrokenError(pages.why(error))

    def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Exception:
        """Give the slot back and say what a response without a reply means."""
        if response.status in _ELSEWHERE:
            self.pace.gone()
            there = response.headers.get("Location", "")
            return self.end(stops.elsewhere(self.name, self.server, response.status, there))
        return self._exception(faults.parse(response.status, lenient.parsed(content), response.headers))

    def _exception(self, fault: Fault, *, paid: bool = False) -> Exception:
        """Give the slot back and return what an error of the server means.

        Args:
            fault: the error.
            paid: whether it may have been charged for.
        """
        if fault.kind == "busy":
            seconds = fault.retry_after_seconds
            self.pace.refused(seconds and min(seconds, self.presence.outage_seconds))
            return self._busy(fault)
        if fault.kind == "passing":
            self.pace.refused()
            return BrokenError(str(fault)) if paid else RetryError(str(fault))
        self.pace.gone()
        if fault.doubtful:
            return DoubtfulError(fault)
        if error := stops.of_all(self.name, self.server, fault, answered=bool(self.answered_at)):
            return self.end(error)
        return RefusedError(fault)

    def _busy(self, fault: Fault) -> Exception:
        """Return what a refusal for lack of room means: come back, until nothing else came for as long as an outage may take.

        A request that was not refused as quickly as others are is taken to be worked on.
        """
        now = time.monotonic()
        self._busy_since = self._busy_since or now
        at_work = self._deadlines.oldest(now) > self.presence.outage_seconds * _AT_WORK
        if at_work or now - max(self._busy_since, self.answered_at) < self.presence.outage_seconds:
            return BusyError(str(fault), fault.retry_after_seconds)
        return self.end(stops.busy(self.name, self.server, fault, now - self._busy_since))

    def end(self, error: BuildError) -> BuildError:
        """Send nothing any more, not even what waits for its slot by now."""
        self._over = error
        return error

    async def _look(self) -> None:
        """Look whether the server answers again; our own is started anew meanwhile."""
        await (self._engine.alive() if self._engine else self.get("models"))

"""Several servers that answer for one role: each request goes where the smallest share of the slots is taken, or nearly so if
what went there last begins like it.

One that nothing answers at is left out until something does, and its requests go to the others. So is one that fails again and
again, for a while that doubles each time; then it is tried with one request. The last one is never left out for its failures:
what it says is what the build stops with.

Changes no byte of a row.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Self, TypeVar

from builders.errors import BuildError
from builders.progress import say
from builders.teachers import pace, stops
from builders.teachers.connection import Connection
from builders.teachers.faults import BusyError, DoubtfulError, GoneError, RefusedError, RetryError
from builders.teachers.pace import Pace
from builders.teachers.pages import why
from builders.teachers.reading import UnusableError
from builders.teachers.server import Server, address

FAILURES = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
_LEAD = 0.1
"""By which share of its slots a server may be ahead of the least loaded one, so that what begins alike stays together."""
_BEGINNING = 1 << 14
"""Bytes of a request that are compared; behind them may be images."""

Value = TypeVar("Value")


class _Record(NamedTuple):
    """How a server has done of late: its failures since the last reply, and how often it was left out for them since."""

    failures: int = 0
    pauses: int = 0


class Replicas:
    """The servers of one role; use as an async context manager, inside those of its connections."""

    def __init__(self, members: Sequence[Connection]) -> None:
        """Ask nobody yet.

        Args:
            members: the connections to the servers, two at least.
        """
        self.members = tuple(members)
        self._of_pace = {member.pace: member for member in members}
        self._paces = list(self._of_pace)
        self._last: dict[Pace, bytes] = {}
        self._records = dict.fromkeys(members, _Record())
        self._out: dict[Connection, asyncio.Task[None]] = {}
        self._meeting, self._met = asyncio.Lock(), False
        for member in self.members:
            member.pace.peers = self._paces
        for member in self.members[1:]:
            self.members[0].presence.join(member.presence)

    async def __aenter__(self) -> Self:
        """Return the servers."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Look at nobody again."""
        tasks = list(self._out.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def server(self) -> Server:
        """The first server, which stands for all in errors."""
        return self.members[0].server

    @property
    def answered_at(self) -> float:
        """When the last reply came, by the monotonic clock, in seconds; 0.0 if none did."""
        return self.members[0].answered_at

    async def meet(self) -> None:
        """Find out which servers are there.

        Raises:
            BuildError: none is, or one refuses us.
        """
        async with self._meeting:
            if self._met:
                return
            await self._meet_all()
            absent = [member for member in self.members if member.presence.gone]
            if len(absent) == len(self.members):
                raise self.end(stops.none_there(self.members[0].name, [member.server for member in self.members]))
            for member in absent:
                self._leave_out(member, "nothing answers there")
            self._met = True

    async def _meet_all(self) -> None:
        """Meet every server; where one ends the build, the others need not be started any more."""
        meetings = [asyncio.create_task(member.meet()) for member in self.members]
        try:
            await asyncio.gather(*meetings)
        finally:
            for meeting in meetings:
                meeting.cancel()
            await asyncio.gather(*meetings, return_exceptions=True)

    async def post(self, path: str, body: bytes, read: Callable[[bytes], Value], patience: int = 1) -> Value:
        """Send a request to one of the servers; see `Connection.post`."""
        if not self._met:
            await self.meet()
        member = self._of_pace[await pace.entered(self._preferred(body))]
        self._last[member.pace] = body[:_BEGINNING]
        try:
            value = await member.sent(path, body, read, patience)
        except GoneError as error:
            self._leave_out(member, why(error))
            raise
        except RetryError as error:
            self._failed(member, error)
            raise
        except (UnusableError, RefusedError, DoubtfulError):
            self._records[member] = _Record()
            raise
        self._records[member] = _Record()
        return value

    def _preferred(self, body: bytes) -> list[Pace]:
        """Return where a request should go: to those of which few slots are taken, first to whom the most like it went last.

        Rows whose prompts begin alike are asked one after another; a server that had the last of them has their beginning in
        its prefix cache. One that has nothing there yet comes first.
        """
        order = pace.ranked(self._paces)
        most = order[0].in_flight / order[0].limit + _LEAD
        near = [one for one in order if one.in_flight / one.limit <= most]
        beginning = body[:_BEGINNING]
        best = max(near, key=lambda one: _shared(self._last.get(one, beginning), beginning))
        return [best, *(one for one in order if one is not best)]

    def end(self, error: BuildError) -> BuildError:
        """Send nothing any more, to none of them."""
        for member in self.members:
            member.end(error)
        return error

    def _failed(self, member: Connection, error: RetryError) -> None:
        """Take note of a failure; that a server is busy says less than that it fails."""
        failures, pauses = self._records[member]
        self._records[member] = _Record(failures + 1, pauses)
        enough = max(FAILURES, member.pace.limit) if isinstance(error, BusyError) else FAILURES
        if failures + 1 < enough or member in self._out or len(self._out) == len(self.members) - 1:
            return
        self._records[member] = _Record(failures + 1, pauses + 1)
        seconds = min(FIRST_PAUSE_SECONDS * 2**pauses, LONGEST_PAUSE_SECONDS)
        self._leave_out(member, f"{error}, {failures + 1} times in a row", seconds)

    def _leave_out(self, member: Connection, reason: str, seconds: float | None = None) -> None:
        """Send a server nothing for so many seconds; None until it is there again."""
        if member in self._out:
            return
        member.pace.shut = True
        self._last.pop(member.pace, None)
        self._say(member, f"is left out ({reason}); the others are asked in its place")
        self._out[member] = asyncio.create_task(self._outside(member, seconds))
        if len(self._out) == len(self.members):
            for other in [other for other in self._out if not other.presence.gone]:  # better one that fails than none
                self._out[other].cancel()
                self._let_in(other, 1.0)

    async def _outside(self, member: Connection, seconds: float | None) -> None:
        """Let a server in again when it is time; where all have been gone for too long, whoever waits is told so."""
        if seconds is not None:
            await asyncio.sleep(seconds)
            self._let_in(member, 1.0)
            return
        with suppress(BuildError):
            await member.presence.returned()
            self._say(member, "is there again")
        self._let_in(member)

    def _let_in(self, member: Connection, limit: float | None = None) -> None:
        """Send a server requests, so many at first; None for as many as before."""
        del self._out[member]
        member.pace.open(limit)

    def _say(self, member: Connection, what: str) -> None:
        say(f"{member.name}'s server at {address(member.server.url)} {what}")


def _shared(one: bytes, other: bytes) -> int:
    """Return how many bytes two requests have in common at their beginning."""
    return bisect_left(range(1, min(len(one), len(other)) + 1), 1, key=lambda size: one[:size] != other[:size])

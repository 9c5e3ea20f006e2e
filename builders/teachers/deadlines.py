"""How long the requests in flight at one server may take.

They are all looked at a few times a second, and only those that are in flight then are given a timer: most are answered
sooner, and a timer would cost each of them more than reading its reply does.

Changes no byte of a row.
"""

import asyncio
from typing import NamedTuple

from builders.teachers.pace import Pace

LOOK_SECONDS = 0.25


class _Sent(NamedTuple):
    """When a request was sent, and how many times the deadline it may take."""

    at: float
    patience: int


class Deadlines:
    """The deadlines of the requests in flight, which come nearer as more is known about the server."""

    def __init__(self, pace: Pace) -> None:
        """Nothing is in flight yet.

        Args:
            pace: says what the deadline is.
        """
        self._pace = pace
        self._in_flight: dict[asyncio.Timeout, _Sent] = {}
        self._looking = False

    def timeout(self, at: float, patience: int) -> asyncio.Timeout:
        """Return the limit of a request that is being sent; to be called in the event loop.

        Args:
            at: when, by the monotonic clock, in seconds.
            patience: how many times the deadline it may take.
        """
        limit = asyncio.timeout(None)
        self._in_flight[limit] = _Sent(at, patience)
        if not self._looking:
            self._look_later()
        return limit

    def ended(self, limit: asyncio.Timeout) -> None:
        """Forget a request that is over."""
        del self._in_flight[limit]

    def look(self) -> None:
        """Give what is in flight no more time than what is sent now: some was sent when less was known."""
        now = asyncio.get_running_loop().time()
        seconds, longest = self._pace.deadline_seconds, self._pace.longest_seconds
        for limit, sent in self._in_flight.items():
            latest = now + min(seconds * sent.patience, longest)
            if not limit.expired() and (limit.when() or latest) >= latest:
                limit.reschedule(latest)

    def oldest(self, now: float) -> float:
        """Return how long ago the oldest request in flight was sent, in seconds; 0 where none is."""
        return max((now - sent.at for sent in self._in_flight.values()), default=0.0)

    def _look_later(self) -> None:
        self._looking = bool(self._in_flight)
        if self._looking:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self.look()
        self._look_later()

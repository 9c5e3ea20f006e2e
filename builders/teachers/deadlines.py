"""How long the requests in flight at one server may take.

Changes no byte of a row.
"""

import asyncio
from typing import NamedTuple

from builders.teachers.pace import LONGEST_SECONDS, Pace

_NEARLY = 0.8


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
        self._pace, self._seconds = pace, LONGEST_SECONDS
        self._in_flight: dict[asyncio.Timeout, _Sent] = {}

    def timeout(self, at: float, patience: int) -> asyncio.Timeout:
        """Return the limit of a request that is being sent.

        Args:
            at: when, by the monotonic clock, in seconds.
            patience: how many times the deadline it may take.
        """
        limit = asyncio.timeout(self._pace.patient_seconds(patience))
        self._in_flight[limit] = _Sent(at, patience)
        return limit

    def ended(self, limit: asyncio.Timeout) -> None:
        """Forget a request that is over."""
        del self._in_flight[limit]

    def hasten(self) -> None:
        """Give requests that were sent when little was known no more time than those that are sent now."""
        seconds, before = self._pace.deadline_seconds, self._seconds
        if seconds >= before:
            self._seconds = seconds
        if seconds >= before * _NEARLY:
            return
        self._seconds = seconds
        now, longest = asyncio.get_running_loop().time(), self._pace.longest_seconds
        for limit, sent in self._in_flight.items():
            latest = now + min(seconds * sent.patience, longest)
            if not limit.expired() and (limit.when() or latest) > latest:
                limit.reschedule(latest)

    def oldest(self, now: float) -> float:
        """Return how long ago the oldest request in flight was sent, in seconds; 0 where none is."""
        return max((now - sent.at for sent in self._in_flight.values()), default=0.0)

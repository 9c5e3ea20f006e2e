"""How many requests are in flight at a server, and how long one may take: both adapt to the server.

The limit doubles until more requests bring no more replies, then feels its way. It falls when a server refuses a share
of a window's requests (429, 5xx, resets), not at each refusal, and recovers. Where vLLM's metrics are to be had, its
waiting queue and key-value cache say directly whether there is room.

Changes no byte of a row.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

FIRST_LIMIT = 32
MOST = 4096
WINDOW_SECONDS = 0.25
WINDOW_REPLIES = 20
REFUSED_SHARE_FALL = 0.15
REFUSED_SHARE_GROW = 0.10
FALL = 0.7
PROBE = 1.25
PROBE_WINDOWS = 32
PROBE_WINDOWS_AFTER_CHANGE = 1
GAIN_OF_DOUBLING = 1.15
GAIN_OF_PROBE = 1.05
CACHE_FULL = 0.9

LONGEST_SECONDS = 3600.0
SHORTEST_SECONDS = 3.0
SLOWEST_TIMES = 10.0
SLOWEST_REPLIES = 200


class Load(NamedTuple):
    """What vLLM's metrics say of its load.

    Args:
        running: requests that are being answered.
        waiting: requests that it has put off.
        cache: share of the key-value cache in use.
        hits: share of prompt tokens found in the prefix cache; None where it does not say.
    """

    running: float
    waiting: float
    cache: float
    hits: float | None


@dataclass
class _Window:
    """What happened since `start`."""

    start: float
    replies: int = 0
    refused: int = 0
    seconds: float = 0.0
    full: bool = False


class Pace:
    """The requests in flight at one server. A slot is held only while the server has the request.

    Attributes:
        shut: whether nothing is let in, whatever room there is.
        peers: those of servers that answer in this one's place.
    """

    def __init__(self, fixed: int | None, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        """Start.

        Args:
            fixed: the most requests in flight, and how many there are while the server copes; None finds it out.
            clock: returns the time in seconds.
            most: how many there can be, where that is to be found out.
        """
        self._clock = clock
        self.longest_seconds = LONGEST_SECONDS
        self.most = float(fixed or most)
        self.limit = float(fixed or min(FIRST_LIMIT, most))
        self.in_flight = 0
        self.shut = False
        self.peers: Sequence[Pace] = ()
        self.load: Load | None = None
        self._starting = fixed is None
        self._waiting: deque[asyncio.Future[Pace]] = deque()
        self._paused_until = 0.0
        self._window = _Window(clock())
        self._windows_since_probe = 0
        self._probe_windows = PROBE_WINDOWS
        self._settling = False
        self._before: tuple[float, float] | None = None  # limit and replies/s of the window before the last rise
        self._slowest = deque[float]([0.0], maxlen=2)
        self._timed = 0

    def entered(self) -> bool:
        """Take a slot if one is free."""
        if self.shut:
            return False
        if self.in_flight >= self.limit or self._paused_until:
            self._window.full = True
            return False
        self.in_flight += 1
        return True

    async def enter(self) -> None:
        """Wait for a slot and take it."""
        if not self._waiting and self.entered():
            return
        await _turn([self])

    def queue(self, turn: "asyncio.Future[Pace]") -> None:
        """Let somebody wait for a slot."""
        while self._waiting and self._waiting[0].done():  # they found one elsewhere, while nobody is let in here
            self._waiting.popleft()
        self._waiting.append(turn)

    def open(self, limit: float | None = None) -> None:
        """Let requests in again, so many at first."""
        self.shut = False
        if limit:
            self._starting, self._before = True, None
            self._set(limit)
        self._admit()

    def replied(self, seconds: float) -> None:
        """Give the slot back after a reply that took so many seconds."""
        self._window.replies += 1
        self._window.seconds += seconds
        self._slowest[-1] = max(self._slowest[-1], seconds)
        self._timed += 1
        if self._timed % SLOWEST_REPLIES == 0:
            self._slowest.append(seconds)
        self._leave()

    def refused(self, retry_after_seconds: float | None = None) -> None:
        """Give the slot back after a 429, a 5xx or a broken connection.

        Args:
            retry_after_seconds: how long the server asks us to wait; all do if it refuses a good share of requests.
        """
        self._window.refused += 1
        if retry_after_seconds and self._refused_share() > REFUSED_SHARE_FALL and self._window.refused >= self.limit / 4:
            self._pause(retry_after_seconds)
        self._leave()

    def gone(self) -> None:
        """Give the slot back without having learnt how the server copes."""
        self._leave()

    @property
    def deadline_seconds(self) -> float:
        """How long a request may take: ten times the slowest of the last replies, and longer while there are few of them.

        Those that come first are the shortest, so there have to be as many as there are slots. A server that has not answered
        yet may take ten times as long as its slowest peer.
        """
        if not self._timed:
            known = [peer.deadline_seconds for peer in self.peers if peer._timed >= SLOWEST_REPLIES]  # noqa: SLF001  (a peer)
            return min(SLOWEST_TIMES * max(known), self.longest_seconds) if known else self.longest_seconds
        doubt = max(1.0, max(SLOWEST_REPLIES, self.limit) / self._timed)
        return min(max(SLOWEST_TIMES * max(self._slowest), SHORTEST_SECONDS) * doubt, self.longest_seconds)

    def _leave(self) -> None:
        self.in_flight -= 1
        now = self._clock()
        window = self._window
        seen = window.replies + window.refused
        if seen >= min(WINDOW_REPLIES, 4 * self.limit) and now - window.start >= max(
            WINDOW_SECONDS, window.seconds / max(window.replies, 1)
        ):
            self._adjust(now - window.start)
            self._window = _Window(now)
        self._admit()

    def _admit(self) -> None:
        while self._waiting:
            if self._waiting[0].done():  # who waited has given up, or found a slot elsewhere
                self._waiting.popleft()
            elif self.entered():
                self._waiting.popleft().set_result(self)
            else:
                return

    def _pause(self, seconds: float) -> None:
        now = self._clock()
        if now + seconds > self._paused_until:
            self._paused_until = now + seconds
            asyncio.get_running_loop().call_later(seconds, self._resume)

    def _resume(self) -> None:
        if self._clock() >= self._paused_until - 0.001:  # a later pause has a call of its own
            self._paused_until = 0.0
            self._admit()

    def _refused_share(self) -> float:
        return self._window.refused / (self._window.replies + self._window.refused)

    def _adjust(self, seconds: float) -> None:
        """Move the limit by what the window showed; the first window after a move still shows the old limit."""
        share, rate = self._refused_share(), self._window.replies / seconds
        if self._settling:
            self._settling = False
            if self._before is None or share <= REFUSED_SHARE_FALL:
                return
        self._windows_since_probe += 1
        if share > REFUSED_SHARE_FALL:
            known_good = self._before[0] if self._before else 0.0
            self._patient(failed=bool(known_good) and not self._starting)
            self._starting, self._before, self._windows_since_probe = False, None, 0
            self._set(known_good or self.limit * max(FALL, 1 - share))
        elif share <= REFUSED_SHARE_GROW and self._window.full:
            if self.load:
                self._heed(self.load)
            else:
                self._feel(rate)

    def _feel(self, rate: float) -> None:
        """Raise the limit, or take the last rise back if it did not bring more replies a second."""
        if self._before:
            limit_before, rate_before = self._before
            enough = GAIN_OF_DOUBLING if self._starting else GAIN_OF_PROBE
            self._before = None
            failed = rate < rate_before * enough
            self._patient(failed=failed and not self._starting)
            if failed:
                self._starting = False
                self._set(limit_before)
                return
        if self._starting:
            self._rise(2.0, rate)
        elif self._windows_since_probe >= self._probe_windows:
            self._rise(PROBE, rate)

    def _patient(self, *, failed: bool) -> None:
        """Wait longer for the next probe after one that failed, not at all after one that did not or after a fall."""
        self._probe_windows = min(2 * self._probe_windows, PROBE_WINDOWS) if failed else PROBE_WINDOWS_AFTER_CHANGE

    def _rise(self, times: float, rate: float) -> None:
        self._windows_since_probe = 0
        if self.limit < self.most:
            self._before = (self.limit, rate)
            self._set(max(self.limit * times, self.limit + 1))

    def _heed(self, load: Load) -> None:
        room = max(4.0, load.running / 10)
        if load.waiting > room:
            self._starting = False
            self._set(min(self.limit, load.running + room))
        elif load.cache < CACHE_FULL and load.waiting == 0:
            self._set(self.limit * (2.0 if self._starting else PROBE))

    def _set(self, limit: float) -> None:
        before, self.limit = self.limit, min(max(limit, 1.0), self.most)
        self._settling = self.limit != before


def ranked(paces: Sequence[Pace]) -> list[Pace]:
    """Return paces, first that of which the smallest share of slots is taken."""
    return sorted(paces, key=lambda pace: pace.in_flight / pace.limit)


async def entered(paces: Sequence[Pace]) -> Pace:
    """Take a slot at the first of these that has one, or wait for the first that is given back."""
    for pace in paces:
        if pace.entered():
            return pace
    return await _turn(paces)


async def _turn(paces: Sequence[Pace]) -> Pace:
    """Wait for a slot at any of these, behind those who came before."""
    turn: asyncio.Future[Pace] = asyncio.get_running_loop().create_future()
    for pace in paces:
        pace.queue(turn)
    try:
        return await turn
    except asyncio.CancelledError:
        if not turn.cancelled():
            turn.result().gone()
        raise

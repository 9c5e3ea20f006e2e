"""Whether a server is there: once nothing answers at its address, it is looked at until something does.

Changes no byte of a row.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import tenacity

from builders.errors import BuildError

OUTAGE_SECONDS = 600.0


class Presence:
    """One server, and what is known of it and of its peers, the servers that answer in its place.

    Attributes:
        outage_seconds: how long it is waited for.
        peers: all of them, itself included.
    """

    def __init__(self, look: Callable[[], Awaitable[object]], lost: Callable[[Exception], BuildError]) -> None:
        """Take it to be there.

        Args:
            look: looks whether it is; raises ConnectionError if nothing answers, another OSError if something odd does.
            lost: words the error of a server that has been gone for too long.
        """
        self.outage_seconds = OUTAGE_SECONDS
        self.peers = {self}
        self._look, self._lost = look, lost
        self._replied_at = self._left_at = 0.0
        self._back: asyncio.Task[None] | None = None

    def join(self, other: "Presence") -> None:
        """Make two servers peers, and the peers of each those of the other."""
        peers = self.peers | other.peers
        for peer in peers:
            peer.peers = peers

    def replied(self, now: float) -> None:
        """Take note of a reply, by the monotonic clock, in seconds."""
        self._replied_at = now

    @property
    def answered_at(self) -> float:
        """When the last reply came from any of the peers; 0.0 if none did."""
        return max(peer._replied_at for peer in self.peers)  # noqa: SLF001  (of the same class)

    @property
    def gone(self) -> bool:
        """Whether nothing answers there, as far as is known."""
        return self._back is not None

    def leave(self) -> None:
        """Take note that nothing answers, and look from time to time."""
        if self._back is None:
            self._left_at = time.monotonic()
            self._back = asyncio.create_task(self._return())

    async def returned(self) -> None:
        """Wait until the server is there, if it is gone.

        Raises:
            BuildError: it has been gone for too long, and so have all its peers.
        """
        if self._back:
            await asyncio.shield(self._back)

    async def close(self) -> None:
        """Look no more."""
        if task := self._back:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _return(self) -> None:
        wait = tenacity.wait_random_exponential(multiplier=0.1, max=2)
        gone = tenacity.retry_if_exception_type(ConnectionError)
        attempts = tenacity.AsyncRetrying(stop=self._given_up, wait=wait, retry=gone)
        try:
            with suppress(OSError):  # something is there again, even if it lists no models
                await attempts(self._look)
        except tenacity.RetryError as error:
            last = error.last_attempt.exception()
            raise self._lost(last if isinstance(last, Exception) else error) from None
        finally:
            self._back = None

    def _given_up(self, _: tenacity.RetryCallState) -> bool:
        silent_since = max(self._left_at, self.answered_at)
        return all(peer.gone for peer in self.peers) and time.monotonic() - silent_since >= self.outage_seconds

"""Bounds of time, of memory, and of what is unpacked, for work on what came from outside.

Changes no byte of a row.
"""

import io
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Buffer

from builders.errors import BuildError

UNPACKED_BYTES, UNPACKED_TIMES = 1 << 28, 200
"""What a packed file may come to: so much in any case, and so many times what it has itself."""


class UnboundedError(Exception):
    """Raised when something takes too long, or numbers that are too large."""


class BombError(BuildError):
    """Raised when a file unpacks to more than there is room for."""


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Stop the block when it has taken so long; in the main thread, for no other can be stopped.

    Raises:
        UnboundedError: it took too long.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(*_: object) -> None:
        raise UnboundedError

    handler = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


@contextmanager
def room(more: int) -> Iterator[None]:
    """Let the block have so many bytes of memory more than this process has now, and no more.

    Raises:
        MemoryError: it asked for more; a library may raise its own error in its place.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = _most(more, before[0])
    if most:
        resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        if most:
            resource.setrlimit(resource.RLIMIT_AS, before)


def _most(more: int, before: int) -> int | None:
    """Return how much this process may have with so much more than now; None where the system does not say, or allows less."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    wanted = pages * resource.getpagesize() + more
    return wanted if before == resource.RLIM_INFINITY or wanted < before else None


class Counted(io.RawIOBase):
    """A stream that counts what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read from a stream."""
        self._stream, self.count = stream, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, target: Buffer) -> int:
        """Fill the target as far as there is something."""
        with memoryview(target) as view:
            found = self._stream.read(len(view))
            view[: len(found)] = found
        self.count += len(found)
        return len(found)


class Room:
    """How much may still be unpacked of one file.

    Args:
        where: what messages call the file.
        packed: how many bytes of it were read, or how many it has.
        most, times: see `UNPACKED_BYTES`.
    """

    def __init__(
        self, where: Path | str, packed: Callable[[], int], most: int = UNPACKED_BYTES, times: int = UNPACKED_TIMES
    ) -> None:
        """Begin with nothing unpacked."""
        self._where, self._packed, self._most, self._times, self._count = where, packed, most, times, 0

    def take(self, count: int) -> int:
        """Return the number of bytes that were unpacked, having counted them.

        Raises:
            BuildError: there is no room for them.
        """
        self._count += count
        if self._count > self._most and self._count > self._most + self._times * self._packed():
            what = f"unpacks to more than {self._most:,} bytes and {self._times} times its own size"
            raise BombError(what, where=self._where, fix="unpack it yourself if it is what it should be")
        return count


class Unpacked(io.RawIOBase):
    """What is unpacked, as long as there is room for it."""

    def __init__(self, stream: io.RawIOBase, room: Room) -> None:
        """Read from what unpacks."""
        self._stream, self._room = stream, room

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, target: Buffer) -> int:
        """Fill the target as far as there is something."""
        return self._room.take(self._stream.readinto(target) or 0)

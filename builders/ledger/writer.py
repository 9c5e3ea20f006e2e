"""The threads that send groups of replies to the process that commits them, and hear of it: the event loop never waits.

Changes no byte of a row.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from pathlib import Path
from types import EllipsisType

from builders.errors import BuildError
from builders.ledger.bloom import BloomFilter
from builders.ledger.claims import POLL_SECONDS, Claims
from builders.ledger.groups import Group
from builders.ledger.process import Process
from builders.ledger.store import Store


class Writer:
    """Commits to one ledger until it fails; then every group fails, and nobody waits for ever.

    Attributes:
        known: which keys the ledger may hold.
        failure: why nothing is stored any more.
        finished: groups that were committed, or failed with an error, and are not settled yet.
    """

    def __init__(self, path: Path, claims: Claims, settle: Callable[[], None]) -> None:
        """Start the thread that sends.

        Args:
            path: the ledger.
            claims: its claims, to which the thread welcomes other processes.
            settle: called in a group's loop once it is finished.
        """
        self.known = BloomFilter()
        self.failure: BuildError | None = None
        self.finished: deque[tuple[Group, BuildError | None]] = deque()
        self._path, self._claims, self._settle = path, claims, settle
        self._lessons: Generator[None] | None = None
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._sent: deque[Group] = deque()  # and not on disk yet
        self._gone: BuildError | None = None  # how the process ended: the next group fails of it
        self._lock = threading.Lock()  # held while that changes
        self._sending = threading.Thread(target=self._send_all, name="ledger-writer", daemon=True)
        self._sending.start()

    def add(self, group: Group) -> None:
        """Queue a group."""
        self._groups.put(group)

    def close(self) -> None:
        """Finish what is queued, merge what is small, and stop."""
        self._groups.put(None)
        self._sending.join()

    def _send_all(self) -> None:
        process = hearing = None
        while (group := self._next()) is not None:
            if isinstance(group, Group):
                if process is None and self.failure is None:
                    process, hearing = self._started()
                self._send(process, group)
            self._welcome()
            if self._lessons:
                self._learn(self._lessons)
        if self._lessons:
            self._lessons.close()
        if process and hearing:
            process.close()
            hearing.join()
            process.wait()

    def _next(self) -> Group | EllipsisType | None:
        """Wait for a group; an ellipsis means that there is something else to do, None the end."""
        try:
            return self._groups.get(timeout=0.0 if self._lessons else POLL_SECONDS if self._claims.alone else None)
        except queue.Empty:
            return ...

    def _started(self) -> tuple[Process | None, threading.Thread | None]:
        """Start the process, and the thread that hears of it."""
        try:
            process = Process(self._path, self._claims.files())
            hearing = threading.Thread(target=self._hear, args=(process,), name="ledger-answers", daemon=True)
            hearing.start()
        except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
            self._fail(_failed(error, self._path))
            return None, None
        self._lessons = None if self.known.complete else self._learned()
        return process, hearing

    def _send(self, process: Process | None, group: Group) -> None:
        with self._lock:
            self.failure = self.failure or self._gone
            failure = self.failure
            if failure is None:
                self._sent.append(group)
        if failure:
            self._finish([group], failure)
        elif process:
            try:
                process.send(group.message())
            except Exception as error:  # noqa: BLE001  (as above)
                self._fail(_failed(error, self._path))

    def _hear(self, process: Process) -> None:
        """Finish groups as the process says that they are on disk, and all that were sent if it fails."""
        try:
            while (count := process.committed()) is not None:
                with self._lock:
                    groups = [self._sent.popleft() for _ in range(min(count, len(self._sent)))]
                self._finish(groups, None)
        except BuildError as error:
            with self._lock:
                self._gone = error
                waited_for = bool(self._sent)
            if waited_for:
                self._fail(error)
        except Exception as error:  # noqa: BLE001  (as above)
            self._fail(_failed(error, self._path))

    def _fail(self, error: BuildError) -> None:
        with self._lock:
            self.failure = self.failure or error
            groups, self._sent = self._sent, deque()
        self._finish(groups, self.failure)

    def _finish(self, groups: Iterable[Group], failure: BuildError | None) -> None:
        loops = set()
        for group in groups:
            self.finished.append((group, failure))
            loops.add(group.loop)
        for loop in loops:
            with suppress(RuntimeError):  # an interrupted run has closed its loop; closing the ledger settles
                loop.call_soon_threadsafe(self._settle)

    def _welcome(self) -> None:
        try:
            self._claims.welcome()
        except OSError as error:
            fix = "look at the file system that it lies on and run again; what was committed is safe"
            self.failure = self.failure or BuildError(f"the ledger fails: {error.strerror}", where=self._path, fix=fix)

    def _learn(self, lessons: Generator[None]) -> None:
        """Take a lesson, which need not succeed: what is not learned is looked up."""
        try:
            next(lessons)
        except Exception:  # noqa: BLE001
            self._lessons = None

    def _learned(self) -> Generator[None]:
        """Learn the keys of one chunk at a time; once another process may add to them, there is no end to it."""
        with closing(Store(self._path, read_only=True)) as store:
            for keys in store.stored_keys():
                if not self._claims.alone:
                    return
                self.known.learn(keys)
                yield
        self.known.complete = True


def _failed(error: Exception, path: Path) -> BuildError:
    fix = "look whether this machine lets another process start, and has memory for it; what was committed is safe"
    return BuildError(f"the ledger fails: {getattr(error, 'strerror', None) or type(error).__name__}", where=path, fix=fix)

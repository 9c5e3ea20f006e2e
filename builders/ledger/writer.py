"""The thread that sends groups of replies to the process that commits them: the event loop never waits for the disk."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from pathlib import Path

from builders.errors import BuildError
from builders.ledger.claims import POLL_SECONDS, Claims
from builders.ledger.groups import Group
from builders.ledger.known import Known
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
        """Start the thread.

        Args:
            path: the ledger.
            claims: its claims, to which the thread welcomes other processes.
            settle: called in a group's loop once it is finished.
        """
        self.known = Known()
        self.failure: BuildError | None = None
        self.finished: deque[tuple[Group, BuildError | None]] = deque()
        self._path, self._claims, self._settle = path, claims, settle
        self._lessons: Generator[None] | None = None
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def add(self, group: Group) -> None:
        """Queue a group."""
        self._groups.put(group)

    def close(self) -> None:
        """Finish what is queued, merge what is small, and stop."""
        self._groups.put(None)
        self._thread.join()

    def _run(self) -> None:
        process: Process | None = None
        while (groups := self._next()) is not None:
            if groups:
                process = self._commit(process, groups)
                for loop in {group.loop for group in groups}:
                    with suppress(RuntimeError):  # an interrupted run has closed its loop; closing the ledger settles
                        loop.call_soon_threadsafe(self._settle)
            self._welcome()
            if self._lessons:
                self._learn(self._lessons)
        if self._lessons:
            self._lessons.close()
        if process:
            process.close()

    def _welcome(self) -> None:
        try:
            self._claims.welcome()
        except OSError as error:
            fix = "look at the file system that it lies on and run again; what was committed is safe"
            self.failure = self.failure or BuildError(f"the ledger fails: {error.strerror}", where=self._path, fix=fix)

    def _next(self) -> list[Group] | None:
        """Wait for a group, if there is nothing else to do, and take those that have come meanwhile; None means the end."""
        groups: list[Group] = []
        wait_seconds = 0.0 if self._lessons else POLL_SECONDS if self._claims.alone else None
        with suppress(queue.Empty):
            while True:
                group = self._groups.get(timeout=0.0 if groups else wait_seconds)
                if group is None:
                    if not groups:
                        return None
                    self._groups.put(None)
                    break
                groups.append(group)
        return groups

    def _commit(self, process: Process | None, groups: list[Group]) -> Process | None:
        if self.failure is None:
            try:
                if process is None:
                    process = Process(self._path, self._claims.files())
                    self._lessons = None if self.known.complete else self._learned()
                process.commit([group.message() for group in groups])
            except BuildError as error:
                self.failure = error
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
                fix = "look whether this machine lets another process start, and has memory for it; what was committed is safe"
                why = getattr(error, "strerror", None) or type(error).__name__
                self.failure = BuildError(f"the ledger fails: {why}", where=self._path, fix=fix)
        self.finished.extend((group, self.failure) for group in groups)
        return process

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

"""Every model reply ever paid for: durable before it counts, found again by the whole request.

One SQLite file in write-ahead mode. A writer thread commits replies in groups, so that a thousand replies cost a few
disk flushes; `put` returns when its group is on disk. A killed process loses at most what had not been committed yet.
"""

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

import zstandard
from filelock import FileLock, Timeout

from builders import paths
from builders.errors import BuildError

GROUP_REPLIES = 256
GROUP_SECONDS = 0.05
BUSY_SECONDS = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    reply BLOB NOT NULL
) WITHOUT ROWID
"""


class Entry(NamedTuple):
    """What was asked and what came back, each as canonical JSON."""

    request: bytes
    reply: bytes


class _Write(NamedTuple):
    key: str
    entry: Entry
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[None]


class Ledger:
    """The open ledger of one process; several processes may have the same file open.

    Use as a context manager: leaving it writes what is still queued.
    """

    def __init__(self, path: Path) -> None:
        """Open the ledger at `path`, making it if it is not there.

        Raises:
            BuildError: the file cannot be opened or is not a ledger.
        """
        self._path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            # SQLite does not wait for its turn when two processes switch a new file to write-ahead mode.
            with FileLock(path.with_name(f"{path.name}.open"), timeout=BUSY_SECONDS):
                self._reader = self._connect()
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._failure: BuildError | None = None
        self._writer = threading.Thread(target=self._write_groups, name="ledger-writer", daemon=True)
        self._writer.start()

    @staticmethod
    def path() -> Path:
        """Return where the ledger lies: `BUILDERS_LEDGER`, or `.ledger/` in the checkout."""
        return Path(os.environ.get("BUILDERS_LEDGER") or paths.root() / ".ledger" / "replies.sqlite")

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Commit what is queued and close the file."""
        self._queue.put(None)
        self._writer.join()
        self._reader.close()

    def get(self, key: str) -> Entry | None:
        """Return the entry of a request's key (hex), or None if it was never answered."""
        with self._explained():
            found = self._reader.execute("SELECT request, reply FROM replies WHERE key = ?", (bytes.fromhex(key),)).fetchone()
        return Entry(*map(zstandard.decompress, found)) if found else None

    async def put(self, key: str, entry: Entry) -> None:
        """Store an entry and return once it is on disk; the first entry of a key stays.

        Raises:
            BuildError: the disk is full or the file cannot be written; nothing after the failure is stored.
        """
        if self._failure:
            raise self._failure
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._queue.put(_Write(key, entry, loop, done))
        await done

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _write_groups(self) -> None:
        connection: sqlite3.Connection | None = None
        while group := self._next_group():
            if self._failure is None:
                try:
                    with self._explained():
                        connection = connection or self._connect()
                        self._commit(connection, group)
                except BuildError as error:
                    self._failure = error
            for write in group:
                with suppress(RuntimeError):  # an interrupted run has closed its loop; the reply is stored all the same
                    write.loop.call_soon_threadsafe(_settle, write.done, self._failure)
        if connection:
            connection.close()

    def _next_group(self) -> list[_Write]:
        """Wait for a write, then take those that follow within GROUP_SECONDS; an empty list means the end."""
        group: list[_Write] = []
        deadline = None
        while len(group) < GROUP_REPLIES:
            try:
                write = self._queue.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if write is None:
                if group:
                    self._queue.put(None)
                break
            group.append(write)
            deadline = deadline or time.monotonic() + GROUP_SECONDS
        return group

    @staticmethod
    def _commit(connection: sqlite3.Connection, group: list[_Write]) -> None:
        packed = [(bytes.fromhex(write.key), *map(zstandard.compress, write.entry)) for write in group]
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", packed)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, Timeout, zstandard.ZstdError) as error:
            fix = "free some space or point BUILDERS_LEDGER elsewhere; what was committed is safe"
            raise BuildError(f"the ledger fails: {error}", where=self._path, fix=fix) from None


def _settle(done: asyncio.Future[None], failure: BuildError | None) -> None:
    if done.done():
        return
    if failure:
        done.set_exception(failure)
    else:
        done.set_result(None)

"""The ledger's SQLite file: chunks of replies, the index into them, what requests share, totals, and notes.

Replies are numbered in the order they were committed, and a chunk is known by the number of its first, so that merging
chunks leaves the index alone. The index holds the first 48 bits of each key and can be made anew from the chunks, which hold
whole keys: 128 bits of sha256, by which two of 10^12 requests meet with a chance of 10^-15.

Changes no byte of a row.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from builders import private
from builders.errors import BuildError
from builders.ledger import chunks, failures
from builders.ledger.chunks import SMALL_BYTES, Chunk, DamagedError, OpenChunk, Slot

FORMAT = 1
BUSY_SECONDS = 30.0

_NAME_BYTES = 6
_RECENT_BYTES = 64 << 20
_STILL = "ro&immutable=1"
_ABOUTS_KEPT = 4096
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE chunks (
    first INTEGER PRIMARY KEY, replies INTEGER NOT NULL, size INTEGER NOT NULL,
    checksum BLOB NOT NULL, keys BLOB NOT NULL, body BLOB NOT NULL
);
CREATE INDEX small ON chunks (first, replies, size) WHERE size < {SMALL_BYTES};
CREATE TABLE places (name INTEGER, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID;
CREATE TABLE abouts (
    id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, body BLOB NOT NULL, replies INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0
);
CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE identity AS SELECT randomblob(16) AS name;
PRAGMA user_version = {FORMAT};
COMMIT
"""


class Entry(NamedTuple):
    """A request and its reply, each part canonical JSON.

    Args:
        about: what many requests share: family, stage, role, server, model, sampling, template; stored once.
        own: what only this request has: row, sample, seed.
        reply: what came back.
    """

    about: bytes
    own: bytes
    reply: bytes


class Paid(NamedTuple):
    """What replies cost: tokens, and money in the currency of the prices; zero where it is not known."""

    prompt_tokens: int
    completion_tokens: int
    cost: float


class Store:
    """One connection to the file; each thread has its own."""

    def __init__(self, path: Path, *, read_only: bool = False, still: bool = False) -> None:
        """Open the file at `path`, making it if it is not there.

        Args:
            path: where it is.
            read_only: nothing is written, and others may write meanwhile.
            still: nobody writes: no lock is taken, so that it may lie on a network file system.

        Raises:
            BuildError: the file cannot be opened, is not a ledger, or one of another format; or it is missing, to be read only.
        """
        self.path = path
        if read_only and not path.is_file():
            raise BuildError("no ledger here", where=path, fix="ask a model first, or point BUILDERS_LEDGER to a ledger")
        if still and has_log(path):
            fix = "end the process that has it open; if none has, merge it into a new ledger and name that"
            raise BuildError("the ledger was not closed", where=path, fix=fix)
        with self.explained():
            path.parent.mkdir(mode=private.FOLDER, parents=True, exist_ok=True)
            if not read_only:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, private.FILE))  # SQLite gives its further files the same rights
                private.shut(path)
            mode = _STILL if still else _mode(path) if read_only else "rwc"
            uri = f"{path.absolute().as_uri()}?mode={mode}"
            self.connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                if not read_only:
                    self._make()
                self._check_format()
            except BaseException:
                self.connection.close()
                raise
        self._recent: list[OpenChunk] = []
        self._abouts: dict[int, bytes] = {}

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def find(self, key: bytes) -> Entry | None:
        """Return the entry of a key, or None if there is none.

        Raises:
            BuildError: the entry is damaged, or the file cannot be read.
        """
        try:
            found = self.connection.execute("SELECT number FROM places WHERE name = ?", (name(key),)).fetchall()
        except failures.BROKEN as error:
            raise failures.failed(self.path, error) from None
        for (number,) in found:
            slot = self._slot(number, key)
            if slot.key == key:
                return self._entry(slot)
        return None

    def empty(self) -> bool:
        """Tell whether no reply is stored."""
        return self.connection.execute("SELECT 1 FROM chunks LIMIT 1").fetchone() is None

    def chunk(self, number: int) -> Chunk | None:
        """Return the last chunk that begins at or before a reply's number."""
        query = "SELECT first, replies, size, checksum, keys, body FROM chunks WHERE first <= ? ORDER BY first DESC LIMIT 1"
        row = self.connection.execute(query, (number,)).fetchone()
        return Chunk._make(row) if row else None

    def stored_keys(self) -> Iterator[bytes]:
        """Yield the keys of every chunk, those of a chunk that grows by merging perhaps again."""
        query = """
            SELECT first + replies, keys FROM chunks
            WHERE first >= (SELECT coalesce(max(first), 0) FROM chunks WHERE first <= :number) AND first + replies > :number
            ORDER BY first LIMIT 1
        """
        number = 0
        while found := self.connection.execute(query, {"number": number}).fetchone():
            number, keys = found
            yield keys

    def entries(self) -> Iterator[tuple[bytes, Entry]]:
        """Yield every key and its entry in the order they were stored, as of now."""
        with self.explained(), self.reading():
            for (first,) in self.connection.execute("SELECT first FROM chunks ORDER BY first").fetchall():
                chunk = self.chunk(first)
                assert chunk  # noqa: S101
                for slot in self._opened(chunk).slots():
                    yield slot.key, self._entry(slot)

    def note(self, facts: Mapping[str, bytes]) -> None:
        """Store facts by their names, all of them on disk when this returns."""
        with self.explained(), self.writing():
            self.connection.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?)", facts.items())

    def fact(self, label: str) -> bytes | None:
        """Return the fact of that name, or None if there is none."""
        with self.explained():
            found = self.connection.execute("SELECT value FROM notes WHERE name = ?", (label,)).fetchone()
            return found[0] if found else None

    def noted(self, prefix: str) -> dict[str, bytes]:
        """Return the facts whose names begin so."""
        with self.explained():
            query = "SELECT name, value FROM notes WHERE substr(name, 1, ?) = ? ORDER BY name"
            return dict(self.connection.execute(query, (len(prefix), prefix)))

    def replies(self) -> int:
        """Return how many replies there are."""
        with self.explained():
            [count] = self.connection.execute("SELECT coalesce(sum(replies), 0) FROM chunks").fetchone()
            return int(count)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Word what goes wrong in the block as a BuildError."""
        try:
            yield
        except failures.CAUSES as error:
            raise failures.failed(self.path, error) from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See the file in the block as it is now, whatever others write meanwhile."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the block one change: all of it is on disk at the end, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _make(self) -> None:
        # SQLite does not wait for its turn when two processes switch a new file to write-ahead mode.
        with FileLock(self.path.with_name(f"{self.path.name}.open"), timeout=BUSY_SECONDS):
            if not self._version() and not self.connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                self.connection.execute("PRAGMA journal_mode = WAL")
                self.connection.executescript(_SCHEMA)
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA wal_autocheckpoint = 0")  # a note must not wait for it: that is the committer's

    def _check_format(self) -> None:
        version = self._version()
        if not version and not self.connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise BuildError("the file is empty, no ledger", where=self.path, fix="leave it out, or name another")
        if version != FORMAT:
            what = f"this is a ledger of format {version}, not {FORMAT}"
            fix = "move it away and run again, which asks anew, or use the version of the project that wrote it"
            raise BuildError(what, where=self.path, fix=fix)

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def _slot(self, number: int, key: bytes) -> Slot:
        """Return the reply that the index names for a key."""
        for place, chunk in enumerate(self._recent):
            if chunk.has(number) and name(chunk.key(number)) == name(key):
                if place:
                    self._recent.insert(0, self._recent.pop(place))
                return chunk.slot(number)
        with self.explained():
            found = self.chunk(number)
        if found is None or found.first + found.replies <= number:
            raise failures.damaged(self.path, f"the index names reply {number}, which is in no chunk")
        chunk = self._opened(found)
        if name(chunk.key(number)) != name(key):
            raise failures.damaged(self.path, f"the index names reply {number} for the key of another")
        self._recent.insert(0, chunk)
        while len(self._recent) > 1 and sum(held.size for held in self._recent) > _RECENT_BYTES:
            self._recent.pop()
        return chunk.slot(number)

    def _opened(self, chunk: Chunk) -> OpenChunk:
        try:
            return chunks.opened(chunk)
        except DamagedError:
            raise failures.damaged(self.path, f"chunk {chunk.first} is damaged, with {chunk.replies} replies") from None

    def _entry(self, slot: Slot) -> Entry:
        if slot.about not in self._abouts:
            with self.explained():
                row = self.connection.execute("SELECT sha256, body FROM abouts WHERE id = ?", (slot.about,)).fetchone()
            if row is None or hashlib.sha256(row[1]).digest() != row[0]:
                raise failures.damaged(self.path, f"about {slot.about} is damaged, which replies share")
            if len(self._abouts) >= _ABOUTS_KEPT:
                self._abouts.clear()
            self._abouts[slot.about] = row[1]
        return Entry(self._abouts[slot.about], slot.own, slot.reply)


def _mode(path: Path) -> str:
    """Return how to open a file to read it: SQLite shares memory with others in a file of that folder, if it can write there.

    Where it cannot, a file that was closed in order is read as it lies.
    """
    still = not os.access(path.parent, os.W_OK) and not has_log(path)
    return _STILL if still else "ro"


def has_log(path: Path) -> bool:
    """Tell whether some of a ledger is in its log: it is open, or its process was killed."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def name(key: bytes) -> int:
    """Return the part of a key that the index holds."""
    return int.from_bytes(key[:_NAME_BYTES])

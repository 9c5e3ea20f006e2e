"""Writes replies into the ledger's file: groups of them as they come, then few large chunks for many small ones.

Changes no byte of a row.
"""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from builders.ledger import chunks
from builders.ledger.chunks import CHUNK_BYTES, KEY_BYTES, SMALL_BYTES, Chunk, Slot
from builders.ledger.store import Entry, Paid, Store, name

_WAL_PAGES = 4096
_ABOUTS_KEPT = 4096
_MERGED_AT_ONCE = 16_384
_SMALL = (
    f"SELECT first, replies, size FROM chunks WHERE size < {SMALL_BYTES}"  # noqa: S608  (a number of ours)
    f" ORDER BY first DESC LIMIT {_MERGED_AT_ONCE}"
)


class Write(NamedTuple):
    """An entry to be stored.

    Args:
        key: see `builders.ledger.store`.
        entry: what to store.
        paid: what the reply cost; None where it is not to be counted.
    """

    key: bytes
    entry: Entry
    paid: Paid | None


class _Small(NamedTuple):
    first: int
    replies: int
    size: int


class Committer:
    """Writes to one ledger."""

    def __init__(self, path: Path) -> None:
        """Open the ledger at `path`.

        Raises:
            BuildError: see `Store`.
        """
        self._store = Store(path)
        self._store.connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        self._file = path.stat()
        self._ids: dict[bytes, int] = {}
        self._small_bytes = 0

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def commit(self, writes: Sequence[Write]) -> None:
        """Store entries and what they cost, on disk when this returns; the first entry of a key stays.

        Raises:
            BuildError: the disk is full, or the file cannot be written or was removed.
        """
        with self._store.explained():
            with self._store.writing():
                fresh = self._fresh(writes)
                ids = self._about_ids({write.entry.about for write in fresh})
                slots = [Slot(write.key, ids[write.entry.about], write.entry.own, write.entry.reply) for write in fresh]
                added = self._insert(slots)
                self._pay(fresh, ids)
            if not os.path.samestat(self._file, self._store.path.stat()):
                raise FileNotFoundError(errno.ENOENT, "the file was replaced while it was open")
        self._small_bytes += sum(chunk.size for chunk in added)
        if len(self._ids) > _ABOUTS_KEPT:
            self._ids.clear()
        self._ids |= ids

    def merge(self, *, closing: bool) -> None:
        """Merge small chunks into large ones once there is enough for one; when closing, whatever there is.

        Each reply is compressed twice: in its group, and in the chunk it stays in.
        """
        if self._small_bytes < (1 if closing else CHUNK_BYTES):
            return
        self._small_bytes = 0
        found = self._store.connection.execute(_SMALL).fetchall()
        for run in _runs([_Small(*row) for row in found[::-1]]):
            size = sum(chunk.size for chunk in run)
            if closing or size >= SMALL_BYTES:
                self._merge(run)
            else:
                self._small_bytes += size

    def _fresh(self, writes: Sequence[Write]) -> list[Write]:
        """Return the writes whose keys are not stored yet, the first of each key."""
        names = orjson.dumps([name(write.key) for write in writes]).decode()
        query = "SELECT name FROM places WHERE name IN (SELECT value FROM json_each(?))"
        known = {row[0] for row in self._store.connection.execute(query, (names,))}
        fresh: dict[bytes, Write] = {}
        for write in writes:
            if write.key not in fresh and (name(write.key) not in known or self._store.find(write.key) is None):
                fresh[write.key] = write
        return list(fresh.values())

    def _about_ids(self, abouts: set[bytes]) -> dict[bytes, int]:
        ids = {about: self._ids[about] for about in abouts if about in self._ids}
        for about in sorted(abouts - ids.keys()):
            sha256 = hashlib.sha256(about).digest()
            self._store.connection.execute("INSERT OR IGNORE INTO abouts (sha256, body) VALUES (?, ?)", (sha256, about))
            [ids[about]] = self._store.connection.execute("SELECT id FROM abouts WHERE sha256 = ?", (sha256,)).fetchone()
        return ids

    def _insert(self, slots: list[Slot]) -> list[Chunk]:
        """Insert replies and their places in the index; return the chunks they are in."""
        last = self._store.connection.execute("SELECT first + replies FROM chunks ORDER BY first DESC LIMIT 1").fetchone()
        first = last[0] if last else 0
        added = []
        for part in _parts(slots):
            added.append(chunks.packed(first, part))
            insert(self._store, added[-1])
            first += len(part)
        return added

    def _pay(self, writes: Sequence[Write], ids: dict[bytes, int]) -> None:
        totals: dict[bytes, list[Paid]] = {}
        for write in writes:
            if write.paid is not None:
                totals.setdefault(write.entry.about, []).append(write.paid)
        query = (
            "UPDATE abouts SET replies = replies + ?, prompt_tokens = prompt_tokens + ?,"
            " completion_tokens = completion_tokens + ?, cost = cost + ? WHERE id = ?"
        )
        for about, paid in totals.items():
            sums = (sum(column) for column in zip(*paid, strict=True))
            self._store.connection.execute(query, (len(paid), *sums, ids[about]))

    def _merge(self, run: list[_Small]) -> None:
        """Merge chunks that follow each other, unless another process has just done so."""
        if len(run) == 1:
            return
        span = (run[0].first, run[-1].first + run[-1].replies)
        query = "SELECT first, replies, size, checksum, keys, body FROM chunks WHERE first >= ? AND first < ? ORDER BY first"
        found = [Chunk._make(row) for row in self._store.connection.execute(query, span)]
        whole = chunks.merged([chunks.opened(chunk) for chunk in found])
        with self._store.writing():
            query = "SELECT first, replies, size FROM chunks WHERE first >= ? AND first < ? ORDER BY first"
            now = [_Small._make(row) for row in self._store.connection.execute(query, span)]
            if now == run == [_Small(chunk.first, chunk.replies, chunk.size) for chunk in found]:
                self._store.connection.execute("DELETE FROM chunks WHERE first >= ? AND first < ?", span)
                self._store.connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", whole)


def insert(store: Store, chunk: Chunk) -> None:
    """Insert a chunk and the places of its replies, inside a transaction."""
    store.connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", chunk)
    place(store, chunk.first, chunk.keys)


def place(store: Store, first: int, keys: bytes) -> None:
    """Put replies into the index, by one statement: each statement lets go of Python's lock and waits to have it back."""
    names = [name(keys[start : start + KEY_BYTES]) for start in range(0, len(keys), KEY_BYTES)]
    query = "INSERT INTO places SELECT value, key + ? FROM json_each(?)"
    store.connection.execute(query, (first, orjson.dumps(names).decode()))


def _parts(slots: list[Slot]) -> Iterator[list[Slot]]:
    """Cut a group where its text would make too large a chunk."""
    part, size = list[Slot](), 0
    for slot in slots:
        length = len(slot.own) + len(slot.reply)
        if part and size + length > CHUNK_BYTES:
            yield part
            part, size = [], 0
        part.append(slot)
        size += length
    if part:
        yield part


def _runs(small: Sequence[_Small]) -> Iterator[list[_Small]]:
    """Yield runs of small chunks that follow each other, each run of at most CHUNK_BYTES."""
    run, size = list[_Small](), 0
    for chunk in small:
        if run and (run[-1].first + run[-1].replies != chunk.first or size + chunk.size > CHUNK_BYTES):
            yield run
            run, size = [], 0
        run.append(chunk)
        size += chunk.size
    if run:
        yield run

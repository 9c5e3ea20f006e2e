"""Replies packed together: a chunk is one compressed body, the keys of its replies, and a checksum over both.

The body is a zstd frame of lines in three columns: the ids of what many requests share, then each request's own part, then
the replies. Canonical JSON has no line breaks, and like beside like takes about 4 % less than row beside row.

Changes no byte of a row.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import zstandard

KEY_BYTES = 16
CHUNK_BYTES = 2 << 20  # of text: more compresses hardly better and costs every hit its decompression
SMALL_BYTES = CHUNK_BYTES // 2
_QUICK_LEVEL, _FINAL_LEVEL = 1, 9


class DamagedError(Exception):
    """Raised when a chunk is not what was written."""


class Slot(NamedTuple):
    """One reply in a chunk: its key, the id of what its request shares with others, the request's own part, the reply."""

    key: bytes
    about: int
    own: bytes
    reply: bytes


class Chunk(NamedTuple):
    """A chunk as it is in the file: replies number `first`, `first + 1`, … of the ledger.

    Args:
        first: the number of its first reply.
        replies: how many there are.
        size: bytes of its text.
        checksum: see `_checksum`.
        keys: the replies' keys, KEY_BYTES each.
        body: the text, compressed.
    """

    first: int
    replies: int
    size: int
    checksum: bytes
    keys: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class OpenChunk:
    """A chunk's replies, ready to be taken out."""

    first: int
    replies: int
    size: int
    keys: bytes
    lines: list[bytes]

    def has(self, number: int) -> bool:
        """Return whether the reply of that number is here."""
        return 0 <= number - self.first < self.replies

    def key(self, number: int) -> bytes:
        """Return the key of a reply by its number in the ledger."""
        slot = number - self.first
        return self.keys[slot * KEY_BYTES : (slot + 1) * KEY_BYTES]

    def slot(self, number: int) -> Slot:
        """Return a reply by its number in the ledger."""
        place = number - self.first
        about, own, reply = self.lines[place :: self.replies]
        return Slot(self.key(number), int(about), own, reply)

    def slots(self) -> Iterator[Slot]:
        """Yield the replies in order."""
        return map(self.slot, range(self.first, self.first + self.replies))


def packed(first: int, slots: Sequence[Slot]) -> Chunk:
    """Return a chunk of these replies."""
    columns = [b"%d" % slot.about for slot in slots], [slot.own for slot in slots], [slot.reply for slot in slots]
    return _packed(first, b"".join([slot.key for slot in slots]), [line for column in columns for line in column])


def merged(chunks: Sequence[OpenChunk]) -> Chunk:
    """Return one chunk of chunks that follow each other."""
    lines = [
        line
        for column in range(3)
        for chunk in chunks
        for line in chunk.lines[column * chunk.replies : (column + 1) * chunk.replies]
    ]
    return _packed(chunks[0].first, b"".join([chunk.keys for chunk in chunks]), lines, _FINAL_LEVEL)


def opened(chunk: Chunk) -> OpenChunk:
    """Return a chunk's replies.

    Raises:
        DamagedError: the checksum does not fit.
    """
    checksum = _checksum(chunk.first, chunk.size, chunk.keys, chunk.body)
    if checksum != chunk.checksum or len(chunk.keys) != chunk.replies * KEY_BYTES:
        raise DamagedError
    return OpenChunk(chunk.first, chunk.replies, chunk.size, chunk.keys, zstandard.decompress(chunk.body).split(b"\n"))


def _packed(first: int, keys: bytes, lines: list[bytes], level: int | None = None) -> Chunk:
    text = b"\n".join(lines)
    replies = len(keys) // KEY_BYTES
    if text.count(b"\n") != 3 * replies - 1:
        raise ValueError("a ledger's entry is canonical JSON: no line breaks")
    body = zstandard.compress(text, level or (_QUICK_LEVEL if len(text) < SMALL_BYTES else _FINAL_LEVEL))
    return Chunk(first, replies, len(text), _checksum(first, len(text), keys, body), keys, body)


def _checksum(first: int, size: int, keys: bytes, body: bytes) -> bytes:
    """Return 8 bytes of the sha256 over all else that a chunk has."""
    return hashlib.sha256(b"%d %d\n%b%b" % (first, size, keys, body)).digest()[:8]

"""Where a stage that was stopped left off: which of its rows are finished, known without asking or rendering anything.

For every finished row 8 bytes are kept beside the ledger: a hash of the row and of what decides about its requests. They
are hints, no more. A missing or wrong one changes the order in which requests go out, never a result: the ledger decides
what is asked.

Changes no byte of a row.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import xxhash

from builders import shards
from builders.ledger.ledger import Ledger

SAVED_ROWS = 1000
CHUNK_ROWS = 16_384

Hashes = npt.NDArray[np.uint64]


class FinishedRows:
    """The finished rows of one stage and pool; use as a context manager."""

    def __init__(self, name: str, fingerprint: str) -> None:
        """Read what earlier runs finished.

        Args:
            name: of the stage and pool.
            fingerprint: of whatever decides about the requests, apart from the row itself.
        """
        ledger = Ledger.path()
        self._path = ledger.with_name(f"{ledger.name}.finished") / f"{name}.u64"
        self._seed = xxhash.xxh3_64_intdigest(fingerprint)
        self._new: list[int] = []
        self.known = self._read()

    def __enter__(self) -> Self:
        """Return what is finished."""
        return self

    def __exit__(self, *_: object) -> None:
        """Keep what this run finished."""
        self._save()

    def hash(self, line: bytes) -> int:
        """Return the hash of a row, given as the line it was read from."""
        return xxhash.xxh3_64_intdigest(line, self._seed)

    def add(self, hashed: int) -> None:
        """Note that a row is finished."""
        self._new.append(hashed)
        if len(self._new) >= SAVED_ROWS:
            self._save()

    def unfinished(self, rows: Path) -> Iterator[bytes]:
        """Yield the line of each row of a pool that no earlier run finished."""
        for lines in _chunks(rows):
            hashes = np.fromiter(map(self.hash, lines), np.uint64, len(lines))
            for number in np.flatnonzero(self._unknown(hashes)):
                yield lines[number]

    def _unknown(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Tell of each row whether no earlier run finished it; of many at once, which costs each a hundredth."""
        return np.equal(np.searchsorted(self.known, hashes), np.searchsorted(self.known, hashes, "right"))

    def _read(self) -> Hashes:
        if not self._path.is_file():
            return np.empty(0, np.uint64)
        whole = self._path.stat().st_size // 8
        return np.unique(np.fromfile(self._path, np.uint64, whole))

    def _save(self) -> None:
        finished = np.array(self._new, np.uint64)
        self._new = []
        new = finished[self._unknown(finished)]
        if len(new):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.truncate(file.tell() // 8 * 8)
                file.write(new.tobytes())


def _chunks(rows: Path) -> Iterator[list[bytes]]:
    lines = shards.lines(rows)
    while chunk := list(islice(lines, CHUNK_ROWS)):
        yield chunk

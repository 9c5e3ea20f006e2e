"""Writes a sealed file: see `builders.sealed.form`.

Changes no byte of a row.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import zstandard

from builders import atomic, records
from builders.errors import BuildError
from builders.ledger.store import Entry
from builders.sealed.form import FORMAT, PLACES, Header, seal

PART_BYTES = 1 << 20

_LEVEL = 9


class Pen:
    """Writes the lines of a sealed file."""

    def __init__(self, write: Callable[[bytes], object], header: Header) -> None:
        """Write the header."""
        self._write = write
        self._places: dict[bytes, int] = {}  # what requests share, the longest unused first
        self._line({"format": FORMAT, "header": header.model_dump()})

    def reply(self, key: str, entry: Entry) -> None:
        """Write a reply."""
        place = self._place(entry.about)
        line = {"reply": key, "about": place, "own": orjson.Fragment(entry.own), "said": orjson.Fragment(entry.reply)}
        self._line(line)

    def failure(self, key: str, evidence: bytes) -> None:
        """Write why a request got no reply."""
        self._line({"failure": key, "evidence": orjson.Fragment(evidence)})

    def edit(self, sha256: str, text: str) -> None:
        """Write a better text of a reviewer."""
        self._line({"edit": sha256, "text": text})

    def source(self, file: Path, licence: str, *, inside: bool) -> None:
        """Write what a source file is, and the file itself if it is to be inside.

        Raises:
            BuildError: the file changes meanwhile.
        """
        sha256 = records.file_digest(file)
        size = file.stat().st_size if inside else None
        self._line({"source": file.name, "sha256": sha256, "license": licence, "inside": size})
        if inside:
            with file.open("rb") as parts:
                while part := parts.read(PART_BYTES):
                    self._line({"part": base64.b64encode(part).decode()})
            if records.file_digest(file) != sha256 or file.stat().st_size != size:
                raise BuildError("it changes while it is read", where=file, fix="let it rest and run again")

    def _place(self, about: bytes) -> int:
        place = self._places.pop(about, None)
        if place is None:
            place = len(self._places)
            if place == PLACES:
                place = self._places.pop(next(iter(self._places)))
            self._line({"about": place, "body": orjson.Fragment(about)})
        self._places[about] = place
        return place

    def _line(self, value: dict[str, Any]) -> None:
        self._write(orjson.dumps(value) + b"\n")


@contextmanager
def writing(path: Path, header: Header) -> Iterator[Pen]:
    """Give a pen for a new sealed file, which appears under its name when it is sealed and on disk.

    Raises:
        BuildError: the disk is full.
    """
    with atomic.whole(path) as file:
        frame, sha256 = zstandard.ZstdCompressor(level=_LEVEL).compressobj(), hashlib.sha256()

        def write(compressed: bytes) -> None:
            sha256.update(compressed)
            file.write(compressed)

        yield Pen(lambda line: write(frame.compress(line)), header)
        write(frame.flush())
        file.write(seal(sha256.hexdigest()))

"""Reads a sealed file, see `builders.sealed.form`, and lets nothing pass that is not as it was sealed.

Changes no byte of a row.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import orjson
import zstandard
from pydantic import ValidationError

from builders.errors import BuildError
from builders.ledger.store import Entry
from builders.records import canonical
from builders.sealed.form import (
    FORMAT,
    KINDS,
    About,
    Bytes,
    Content,
    Edit,
    Edited,
    Failed,
    Failure,
    Header,
    Opening,
    Part,
    Reply,
    SealedReply,
    SourceFile,
    seal,
)
from builders.sources.section import Section

_READ_BYTES = 1 << 20
_LONGEST_LINE = 1 << 25
"""Bytes: sixteen times as many as the parts of a source file come to, and no reply that was ever kept is as long."""
_MOST_TIMES, _ROOM_BYTES = 1000, 4 << 20
"""How many times the file's own size its lines may come to, and what they may in any case: keys of requests do not shrink."""
_SEAL_BYTES = len(seal("0" * 64))
_LATER_FIX = "use a version of the project that knows it"
_FIX = "get the file anew from where it came from"

Line = TypeVar("Line", bound=Section)


@contextmanager
def opened(path: Path) -> Iterator[tuple[Header, Callable[[], Iterator[Content]]]]:
    """Open a sealed file whose seal is whole; give its header, and a function that reads the rest from the beginning.

    Raises:
        BuildError: the file cannot be read, is not a sealed file, or is not as it was written; so does reading it where a line
            is not what it should be.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BuildError(f"cannot be read: {error.strerror}", where=path, fix="name a file that ledger export wrote") from None
    with file:
        size = _unsealed(file, path)

        def contents() -> Iterator[Content]:
            file.seek(0)
            lines = _lines(file, size, path)
            next(lines)
            return _contents(lines, path)

        yield _header(next(_lines(file, size, path), None), path), contents


class _Head:
    """The beginning of a file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        content = self._file.read(min(size, self._left))
        self._left -= len(content)
        return content


def _unsealed(file: BinaryIO, path: Path) -> int:
    """Return how many bytes the seal is about, having checked it."""
    size = file.seek(0, io.SEEK_END) - _SEAL_BYTES
    file.seek(0)
    sha256 = hashlib.sha256()
    left = max(size, 0)
    while left and (some := file.read(min(left, _READ_BYTES))):
        sha256.update(some)
        left -= len(some)
    if file.read() != seal(sha256.hexdigest()):
        raise BuildError("the seal is broken: the file is torn or was changed, or is not a sealed ledger", where=path, fix=_FIX)
    file.seek(0)
    return size


def _lines(file: BinaryIO, size: int, path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the number and value of each line before the seal."""
    head = cast("BinaryIO", _Head(file, size))
    frames = zstandard.ZstdDecompressor().stream_reader(head, read_across_frames=True, closefd=False)
    try:
        with io.BufferedReader(frames, _READ_BYTES) as lines:
            left = _ROOM_BYTES + _MOST_TIMES * size
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
                left -= len(line)
                if not line.endswith(b"\n") or left < 0:
                    raise _broken(path, number)
                yield number, orjson.loads(line)
    except zstandard.ZstdError:
        raise BuildError("sealed, but not with zstd", where=path, fix=_LATER_FIX) from None
    except orjson.JSONDecodeError:
        raise _broken(path, number) from None


def _header(line: tuple[int, Any] | None, path: Path) -> Header:
    named = _checked(Opening, line[1] if line else None, path, 1)
    if named.format != FORMAT:
        raise BuildError(f"this is a file of the format {named.format!r}, not {FORMAT!r}", where=path, fix=_LATER_FIX)
    return _checked(Header, named.header, path, 1)


def _contents(lines: Iterator[tuple[int, Any]], path: Path) -> Iterator[Content]:
    """Yield what the lines behind the header say, in order."""
    abouts: dict[int, bytes] = {}
    body = _Body(path)
    for number, value in lines:
        kind = KINDS.get(next(iter(value), "") if isinstance(value, dict) else "")
        if kind is None:
            raise _broken(path, number)
        line = _checked(kind, value, path, number)
        if not isinstance(line, Bytes):
            body.end(number)
        if isinstance(line, About):
            abouts[line.about] = _spelt(line.body, path, number)
        elif isinstance(line, Reply):
            if line.about not in abouts:
                raise _broken(path, number)
            yield SealedReply(
                line.reply, Entry(abouts[line.about], _spelt(line.own, path, number), _spelt(line.said, path, number))
            )
        elif isinstance(line, Failed | Edited):
            yield _alone(line, path, number)
        elif isinstance(line, SourceFile):
            body.begin(line, number)
            yield line
        elif isinstance(line, Bytes):
            yield Part(body.part(line, number))
    body.end(-1)


def _alone(line: Failed | Edited, path: Path, number: int) -> Failure | Edit:
    """Return what a line says that nothing before it decides about."""
    if isinstance(line, Edited):
        return Edit(line.edit, line.text)
    return Failure(line.failure, _spelt(line.evidence, path, number, ordered=False))


def _spelt(value: object, path: Path, number: int, *, ordered: bool = True) -> bytes:
    """Return the JSON of a value, as the ledger keeps it."""
    try:
        return canonical(value) if ordered else orjson.dumps(value)
    except TypeError:  # values too deep inside each other
        raise _broken(path, number) from None


class _Body:
    """The bytes of a source file, which must be those that its line names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source: SourceFile | None = None
        self._names = set[str]()

    def begin(self, source: SourceFile, number: int) -> None:
        if source.source in self._names:
            raise _broken(self._path, number)
        self._names.add(source.source)
        if source.inside is not None:
            self._source, self._size, self._sha256 = source, 0, hashlib.sha256()

    def part(self, line: Bytes, number: int) -> bytes:
        try:
            content = base64.b64decode(line.part, validate=True)
        except ValueError:
            raise _broken(self._path, number) from None
        if self._source is None:
            raise _broken(self._path, number)
        self._sha256.update(content)
        self._size += len(content)
        return content

    def end(self, number: int) -> None:
        source, self._source = self._source, None
        if source and (self._size, self._sha256.hexdigest()) != (source.inside, source.sha256):
            raise _broken(self._path, number)


def _checked(model: type[Line], value: object, path: Path, number: int) -> Line:
    try:
        return model.model_validate(value)
    except ValidationError:
        raise _broken(path, number) from None


def _broken(path: Path, number: int) -> BuildError:
    where = f"{path}:{number}" if number > 0 else path
    return BuildError("sealed, but not what a sealed ledger holds", where=where, fix=_LATER_FIX)

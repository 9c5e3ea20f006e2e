"""A sealed file: the replies of one release, to be handed on, and proof that nothing in it was changed on the way.

It is JSON Lines under zstd (`zstd -dc` shows them): a header, then in the order in which the release asked for them what
requests share (`about`, a place that later lines may fill anew), replies, and failures; then source files, each followed by
its parts if its licence lets it travel. The last line is the seal, in a zstd frame of its own: the sha256 of every byte of the
file before that frame. Nothing in the bytes depends on when or where they were written, but on the version of zstd.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple, TypeVar, cast

import orjson
import zstandard
from pydantic import Field, ValidationError, field_validator

from builders import records
from builders.errors import BuildError
from builders.ledger.store import Entry
from builders.records import canonical
from builders.tables import Section

FORMAT = "tracewright ledger 1"
PLACES = 64
PART_BYTES = 1 << 20

_LEVEL = 9
_READ_BYTES = 1 << 20
_LONGEST_LINE = 1 << 28
_LATER_FIX = "use a version of the project that knows it"
_OUTSIDE = frozenset("/\\\0")
_FIX = "get the file anew from where it came from"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Answerer(Section):
    """Who answered for a role: see `builders.teachers.Identity`."""

    server: str
    model: str
    revision: str | None


class Header(Section):
    """What was sealed.

    Args:
        family: whose replies these are.
        profile: the profile that was built.
        tracewright: the version that wrote the file.
        release: sha256 of the release's `SHA256SUMS`, which holds that of every file.
        made_with: sha256 of each part of the checkout that decides about the release's bytes, by its name.
        answerers: who answered, by role.
    """

    family: str
    profile: str
    tracewright: str
    release: Sha256
    made_with: dict[str, Sha256]
    answerers: dict[str, Answerer]


class Said(NamedTuple):
    """A reply, by the sha256 of its whole request."""

    key: str
    entry: Entry


class Failure(NamedTuple):
    """Why a request got no reply: the evidence, as JSON, by the sha256 of the whole request."""

    key: str
    evidence: bytes


class SourceFile(Section):
    """A file of the release's sources; its bytes follow if it is inside.

    Args:
        source: its name.
        sha256: of its bytes.
        license: as params have it.
        inside: how many bytes follow; None where the licence is not known to let them travel.
    """

    source: str
    sha256: Sha256
    license: str
    inside: int | None = Field(ge=0)

    @field_validator("source")
    @classmethod
    def _stays_in_its_folder(cls, name: str) -> str:
        if name in {"", ".", ".."} or not _OUTSIDE.isdisjoint(name):
            raise ValueError("no file name")
        return name


class Part(NamedTuple):
    """Some bytes of the source before."""

    content: bytes


Content = Said | Failure | SourceFile | Part


class _Format(Section):
    format: str
    header: Any


class _About(Section):
    about: int = Field(ge=0, lt=PLACES)
    body: Any


class _Reply(Section):
    reply: Sha256
    about: int
    own: Any
    said: dict[str, Any]

    @field_validator("said")
    @classmethod
    def _has_text(cls, said: dict[str, Any]) -> dict[str, Any]:
        if not all(isinstance(said.get(name, 0), str | None) for name in ("content", "finish_reason")):
            raise ValueError("no reply")
        return said


class _Failed(Section):
    failure: Sha256
    evidence: dict[str, Any]


class _Bytes(Section):
    part: str


_KINDS: dict[str, type[Section]] = {
    "about": _About,
    "reply": _Reply,
    "failure": _Failed,
    "source": SourceFile,
    "part": _Bytes,
}
"""The first key of a line → what the line is."""

Line = TypeVar("Line", bound=Section)


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
        said = {"reply": key, "about": place, "own": orjson.Fragment(entry.own), "said": orjson.Fragment(entry.reply)}
        self._line(said)

    def failure(self, key: str, evidence: bytes) -> None:
        """Write why a request got no reply."""
        self._line({"failure": key, "evidence": orjson.Fragment(evidence)})

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
    with records.whole(path) as file:
        frame, sha256 = zstandard.ZstdCompressor(level=_LEVEL).compressobj(), hashlib.sha256()

        def write(compressed: bytes) -> None:
            sha256.update(compressed)
            file.write(compressed)

        yield Pen(lambda line: write(frame.compress(line)), header)
        write(frame.flush())
        file.write(_sealed(sha256.hexdigest()))


@contextmanager
def opened(path: Path) -> Iterator[tuple[Header, Callable[[], Iterator[Content]]]]:
    """Open a sealed file whose seal is whole; give its header, and a function that reads the rest from the beginning.

    Raises:
        BuildError: the file cannot be read, is no sealed file, or is not as it was written; so does reading it where a line
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

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(content)
        return content


def _sealed(sha256: str) -> bytes:
    """Return the seal as a zstd frame that holds it as it is (RFC 8878, section 3.1.1): its bytes depend on no library."""
    line = orjson.dumps({"seal": sha256}) + b"\n"
    magic, one_segment, last_block = b"\x28\xb5\x2f\xfd", b"\x20", (len(line) << 3 | 1).to_bytes(3, "little")
    return magic + one_segment + bytes([len(line)]) + last_block + line


_SEAL_BYTES = len(_sealed("0" * 64))


def _unsealed(file: BinaryIO, path: Path) -> int:
    """Return how many bytes the seal is about, having checked it."""
    size = file.seek(0, io.SEEK_END) - _SEAL_BYTES
    file.seek(0)
    sha256 = hashlib.sha256()
    left = max(size, 0)
    while left and (some := file.read(min(left, _READ_BYTES))):
        sha256.update(some)
        left -= len(some)
    if size < 0 or left or file.read() != _sealed(sha256.hexdigest()):
        raise BuildError("the seal is broken: the file is torn or was changed, or is no sealed ledger", where=path, fix=_FIX)
    file.seek(0)
    return size


def _lines(file: BinaryIO, size: int, path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the number and value of each line before the seal."""
    head = cast("BinaryIO", _Head(file, size))
    frames = zstandard.ZstdDecompressor().stream_reader(head, read_across_frames=True, closefd=False)
    try:
        with io.BufferedReader(frames, _READ_BYTES) as lines:
            for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
                if not line.endswith(b"\n"):
                    raise _broken(path, number)
                yield number, orjson.loads(line)
    except zstandard.ZstdError:
        raise BuildError("sealed, but not with zstd", where=path, fix=_LATER_FIX) from None
    except orjson.JSONDecodeError:
        raise _broken(path, number) from None


def _header(line: tuple[int, Any] | None, path: Path) -> Header:
    named = _checked(_Format, line[1] if line else None, path, 1)
    if named.format != FORMAT:
        raise BuildError(f"this is a file of the format {named.format!r}, not {FORMAT!r}", where=path, fix=_LATER_FIX)
    return _checked(Header, named.header, path, 1)


def _contents(lines: Iterator[tuple[int, Any]], path: Path) -> Iterator[Content]:
    """Yield what the lines behind the header say, in order."""
    abouts: dict[int, bytes] = {}
    body = _Body(path)
    for number, value in lines:
        kind = _KINDS.get(next(iter(value), "") if isinstance(value, dict) else "")
        if kind is None:
            raise _broken(path, number)
        line = _checked(kind, value, path, number)
        if not isinstance(line, _Bytes):
            body.end(number)
        if isinstance(line, _About):
            abouts[line.about] = canonical(line.body)
        elif isinstance(line, _Reply):
            if line.about not in abouts:
                raise _broken(path, number)
            yield Said(line.reply, Entry(abouts[line.about], canonical(line.own), canonical(line.said)))
        elif isinstance(line, _Failed):
            yield Failure(line.failure, orjson.dumps(line.evidence))
        elif isinstance(line, SourceFile):
            body.begin(line, number)
            yield line
        elif isinstance(line, _Bytes):
            yield Part(body.part(line, number))
    body.end(-1)


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

    def part(self, line: _Bytes, number: int) -> bytes:
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

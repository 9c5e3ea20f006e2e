"""Files as streams of bytes: unpacked where they are packed, in UTF-8 where a mark says that they are in UTF-16 or UTF-32.

What a file is called does not decide: its first bytes do.
"""

import bz2
import errno
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, cast

import zstandard
from typing_extensions import Buffer

from builders.errors import BuildError
from builders.sources.bounds import Counted, Room, Unpacked
from builders.sources.tables import EXTENSIONS, Format, ending

_ZIP = b"PK\x03\x04"
_UTF_16, _UTF_32 = (b"\xff\xfe", b"\xfe\xff"), (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_LONGEST_MARK = 6
_FAULTS = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zstandard.ZstdError, zipfile.BadZipFile, NotImplementedError)
_BUFFER_BYTES = 2**16
_PACKED_BYTES = 2**10
"""Bytes that are unpacked in one go, and may come to thirty thousand times as many."""
_PACK_AGAIN = "fetch or pack it again"
_TEXTS = frozenset({"jsonl", "json", "yaml", "csv", "tsv", "text"})


class _Frames(io.RawIOBase):
    """Packed frames behind each other, the last of which must be whole: the libraries' readers take any end, or rest, for one.

    Args:
        stream: what is packed.
        begin: returns what unpacks a frame.
    """

    def __init__(self, stream: BinaryIO, begin: Callable[[], Any]) -> None:
        self._stream, self._begin, self._frame, self._begun = stream, begin, begin(), False
        self._rest, self._ready = b"", io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, target: Buffer) -> int:
        """Fill the target as far as there is something; 0 at the end."""
        while not (count := self._ready.readinto(target)):
            packed = self._rest or self._stream.read(_PACKED_BYTES)
            if not packed:
                if self._begun and not self._frame.eof:
                    raise EOFError
                return 0
            if self._frame.eof:
                packed = packed.lstrip(b"\0")  # xz may have some between its streams
                self._frame = self._begin() if packed else self._frame
            if packed:
                self._begun, self._ready = True, io.BytesIO(self._frame.decompress(packed))
            self._rest = self._frame.unused_data if packed and self._frame.eof else b""
        return count


def _frames(begin: Callable[[], Any]) -> Callable[[BinaryIO], object]:
    return lambda stream: _Frames(stream, begin)


def _zstandard_frame() -> object:
    return zstandard.ZstdDecompressor().decompressobj()


_OPENERS: dict[bytes, Callable[[BinaryIO], object]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": _frames(bz2.BZ2Decompressor),
    b"\xfd7zXZ\x00": _frames(lzma.LZMADecompressor),
    b"\x5d\x00\x00": _frames(lzma.LZMADecompressor),
    b"\x28\xb5\x2f\xfd": _frames(_zstandard_frame),
    **{bytes([first]) + b"\x2a\x4d\x18": _frames(_zstandard_frame) for first in range(0x50, 0x60)},
}
"""How what is packed begins; Zstandard may begin with a frame that is to be skipped."""


class Part(NamedTuple):
    """One file, or one of those that an archive holds.

    Args:
        stream: its bytes.
        name: what it is called within the archive; empty for a file of its own.
    """

    stream: BinaryIO
    name: str


@contextmanager
def parts(stream: BinaryIO, where: Path | str, form: Format) -> Iterator[Iterator[Part]]:
    """Give the files that a stream holds, unpacked: one, or those of a zip archive that have the format.

    Raises:
        BuildError: what is packed is broken, or an archive holds no such file.
    """
    try:
        yield _parts(stream, where, form)
    except _FAULTS as error:
        raise BuildError(f"cannot be unpacked: {type(error).__name__}", where=where, fix=_PACK_AGAIN) from None
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:
            raise  # this machine's own; bz2 has none to tell, and a broken archive leads to places that no file has
        raise BuildError(f"cannot be unpacked: {type(error).__name__}", where=where, fix=_PACK_AGAIN) from None
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise BuildError("the archive wants a password", where=where, fix="pack it again without") from None


def begins(stream: BinaryIO) -> bytes:
    """Return the first bytes of a stream, which stay in it."""
    return stream.peek(_LONGEST_MARK)[:_LONGEST_MARK] if isinstance(stream, io.BufferedReader) else _seen(stream)


def head(stream: BinaryIO) -> bytes:
    """Return as much of a stream's beginning as costs nothing, without taking it; nothing of one that is being read."""
    if isinstance(stream, io.BytesIO):
        return bytes(stream.getbuffer()[:_BUFFER_BYTES])
    return stream.peek(_BUFFER_BYTES) if isinstance(stream, io.BufferedReader) else b""


def whole(stream: BinaryIO) -> BinaryIO:
    """Return a stream that can be read from anywhere."""
    on_disk = isinstance(stream, io.BytesIO) or (isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO))
    return stream if on_disk else io.BytesIO(stream.read())


def _parts(stream: BinaryIO, where: Path | str, form: Format) -> Iterator[Part]:
    first = begins(stream)
    if first.startswith(_ZIP):
        stream = whole(stream)
        archive = _archive(stream)
        if "[Content_Types].xml" not in archive.namelist():
            size = stream.seek(0, io.SEEK_END)
            yield from _members(archive, where, form, Room(where, lambda: size))
            return
        stream.seek(0)
    yield Part(_unpacked(stream, first, where, form), "")


def _unpacked(stream: BinaryIO, first: bytes, where: Path | str, form: Format) -> BinaryIO:
    opener = next((opener for magic, opener in _OPENERS.items() if first.startswith(magic)), None)
    if opener is None:
        return _in_utf_8(stream, first, form)
    packed = Counted(stream)
    unpacked = opener(cast("BinaryIO", io.BufferedReader(packed, _BUFFER_BYTES)))
    inner = _buffered(unpacked, Room(where, lambda: packed.count))
    return _in_utf_8(inner, begins(inner), form)


def _buffered(unpacked: object, room: Room) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(Unpacked(cast("io.RawIOBase", unpacked), room), _BUFFER_BYTES))


def _in_utf_8(stream: BinaryIO, first: bytes, form: Format) -> BinaryIO:
    """Return text that a mark says is in UTF-16 or UTF-32 in UTF-8; what is not, after all, stays as it is."""
    if form not in _TEXTS or not first.startswith((*_UTF_16, *_UTF_32)):
        return stream
    data = stream.read()
    try:
        return io.BytesIO(data.decode("utf-32" if first.startswith(_UTF_32) else "utf-16").encode(errors="surrogatepass"))
    except UnicodeDecodeError:
        return io.BytesIO(data)


def _members(archive: zipfile.ZipFile, where: Path | str, form: Format, room: Room) -> Iterator[Part]:
    names = sorted(entry.filename for entry in archive.infolist() if not entry.is_dir() and not _hidden(entry.filename))
    members = names if len(names) == 1 else [name for name in names if form in EXTENSIONS.get(ending(name), ())]
    if "content.xml" in names and "mimetype" in names:
        raise BuildError("it is an OpenDocument file", where=where, fix="save it as .xlsx, or as CSV")
    if not members:
        raise BuildError(f"the archive holds no {form} file", where=where, fix="name another format, or unpack it")
    for name in members:
        with _member(archive, name) as member:
            inner = _buffered(member, room)
            yield Part(_unpacked(inner, begins(inner), where, form), name)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except (ValueError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from None


def _archive(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (ValueError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from None


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or fnmatch(part, "__MACOSX") for part in name.split("/"))


def _seen(stream: BinaryIO) -> bytes:
    place = stream.tell()
    first = stream.read(_LONGEST_MARK)
    stream.seek(place)
    return first

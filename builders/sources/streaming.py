"""Rows of a JSON file that is too large to be held: a list of objects, read one after another.

In memory are a piece of the file and one row.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from builders.errors import BuildError

PIECE = 2**22
"""Bytes that are read at once."""
WHOLE = 2**26
"""Files of up to so many bytes are read as a whole, which says more of what is wrong with them."""
_HEAD = 4096
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def is_large_list(stream: BinaryIO, whole: int = WHOLE) -> bool:
    """Tell whether a file is a list and too large to be read as a whole; its place stays. What cannot be sought is not told."""
    if not stream.seekable():
        return False
    place = stream.tell()
    size = stream.seek(0, 2)
    stream.seek(place)
    head = stream.read(_HEAD) if size - place > whole else b""
    stream.seek(place)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def values(stream: BinaryIO, where: Path | str, piece: int = PIECE) -> Iterator[Any]:
    """Yield the items of a JSON list, which are objects, or else are said to be broken or of another kind.

    Args:
        stream: the file's bytes, UTF-8.
        where: what messages call it.
        piece: how many bytes are read at once.

    Raises:
        BuildError: it is not a list, or broken, or cut off; or an item is what orjson does not take.
    """
    window = _Window(stream, where, piece)
    if window.next() != "[":
        raise BuildError("not a list of rows", where=where, fix="write one object per row, in a list")
    number = 0
    while (found := window.next()) != "]" or number:
        if found == "]":
            break
        if number:
            if found != ",":
                raise window.broken(number)
            window.peek()
        number += 1
        yield window.value(found if number == 1 else None, number)
    if window.next():
        raise window.broken(number)


class _Window:
    """The piece of the text that is looked at."""

    def __init__(self, stream: BinaryIO, where: Path | str, piece: int) -> None:
        self._stream, self._where, self._piece = stream, where, piece
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._place, self._ended = "", 0, False

    def peek(self) -> str:
        """Return the next character that is not a space, without going past it; empty at the end."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in _SPACE:
                self._place += 1
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def next(self) -> str:
        """Return the next character that is not a space, and go past it."""
        found = self.peek()
        self._place += 1
        return found

    def value(self, begun: str | None, number: int) -> Any:  # noqa: ANN401  (any JSON)
        """Return the next value; its first character may have been gone past."""
        if begun is not None:
            self._place -= 1
        while True:
            try:
                _, end = _DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError:
                if not self._more():
                    raise self.broken(number) from None
                continue
            try:
                found = orjson.loads(self._text[self._place : end])
            except orjson.JSONDecodeError:
                raise self.broken(number) from None
            self._place = end
            return found

    def broken(self, number: int) -> BuildError:
        """Return what to say of a file that breaks off, or is not JSON, at an item."""
        return BuildError(f"broken JSON in or behind row {number}", where=self._where, fix="fetch or write the file again")

    def _more(self) -> bool:
        """Read on; tell whether there was anything."""
        if self._ended:
            return False
        data = self._stream.read(self._piece)
        self._ended = not data
        try:
            text = self._decode(data, self._ended)
        except UnicodeDecodeError:
            raise BuildError("not UTF-8", where=self._where, fix="write it as UTF-8") from None
        self._text, self._place = self._text[self._place :] + text, 0
        return True

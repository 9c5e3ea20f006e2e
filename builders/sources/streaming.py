"""Rows of a JSON file that is too large to be held: a list of objects, read one after another.

In memory are a piece of the file and one row. What a row may hold that JSON cannot is as in a file that is read whole
(`builders.texts.files.leniently_parsed_json`).
"""

import codecs
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from builders.errors import BuildError
from builders.texts import depths, files

PIECE = 2**22
"""Bytes that are read at once."""
WHOLE = 2**26
"""Files of up to so many bytes are read as a whole, which says more of what is wrong with them."""
LONGEST = files.MOST_LINE
"""Characters of a row."""
_HEAD = 4096
_SPACES = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_int=files.integer)


def is_large_list(head: bytes, whole: int = WHOLE) -> bool:
    """Tell from the beginning of a file whether it is a list and too large to be read as a whole."""
    return len(head) > whole and head[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def values(stream: BinaryIO, where: Path | str, piece: int = PIECE, head: bytes = b"") -> Iterator[Any]:
    """Yield the items of a JSON list, which are objects, or else are said to be broken or of another kind.

    Args:
        stream: the file's bytes, UTF-8.
        where: what messages call it.
        piece: how many bytes are read at once.
        head: what was read of it before.

    Raises:
        BuildError: it is not a list, or broken, or cut off; or an item is too long.
    """
    window = _Window(stream, where, piece, head)
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

    def __init__(self, stream: BinaryIO, where: Path | str, piece: int, head: bytes = b"") -> None:
        self._stream, self._where, self._piece, self._head = stream, where, piece, io.BytesIO(head)
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._place, self._ended = "", 0, False

    def peek(self) -> str:
        """Return the next character that is not a space, without going past it; empty at the end."""
        while True:
            spaces = _SPACES.match(self._text, self._place)
            assert spaces  # noqa: S101  (of none, too)
            self._place = spaces.end()
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
        while (found := self._parsed(number)) is None:
            # As much again as is there: a long row is looked at a few times, not once a piece.
            length = len(self._text) - self._place
            if length > LONGEST or not self._more(max(self._piece, length)):
                raise self.broken(number)
        value, self._place = found
        return value

    def _parsed(self, number: int) -> tuple[Any, int] | None:
        """Return the value that begins here, and where it ends; None where it does not end yet."""
        try:
            return _DECODER.raw_decode(self._text, self._place)
        except json.JSONDecodeError:
            return None
        except RecursionError:
            shallow = depths.shallow(self._text, self._place)
        try:
            return shallow and (_DECODER.decode(shallow.text), shallow.end)
        except json.JSONDecodeError:
            raise self.broken(number) from None

    def broken(self, number: int) -> BuildError:
        """Return what to say of a file that breaks off, or is not JSON, at an item."""
        return BuildError(f"broken JSON in or behind row {number}", where=self._where, fix="fetch or write the file again")

    def _more(self, size: int | None = None) -> bool:
        """Read on; tell whether there was anything."""
        if self._ended:
            return False
        data = self._head.read(size or self._piece) or self._stream.read(size or self._piece)
        self._ended = not data
        try:
            text = self._decode(data, self._ended)
        except UnicodeDecodeError:
            raise BuildError("not UTF-8", where=self._where, fix="write it as UTF-8") from None
        self._text, self._place = self._text[self._place :] + text, 0
        return True

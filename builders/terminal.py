"""What is printed is text: a name from outside moves no cursor, changes no title, and forges no second line.

All that a command prints passes through one stream (`plain`), which takes control characters out: ESC and the other C0, C1,
and those that turn the direction of writing. What colours and live displays write themselves goes to the stream beneath
(`beneath`), with texts that were cleaned before (`cleaned`, `text`).

Changes no byte of a row.
"""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from rich.text import Text

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")
_LONGEST_NAME = 80


def cleaned(string: str) -> str:
    """Return a text without control characters, but for line breaks and tabs."""
    return _CONTROL.sub("", string)


def line(string: str) -> str:
    """Return a text as one line."""
    return " ".join(cleaned(string.replace("\r", " ")).split())


def name(value: object) -> str:
    """Return a name from outside as what a message can show of it: one line, not too long."""
    found = line(str(value))
    return found if len(found) <= _LONGEST_NAME else f"{found[:_LONGEST_NAME]}… ({len(found):,} characters)"


def text(string: str, style: str = "") -> "Text":
    """Return a text for rich, which shows it as it is."""
    from rich.text import Text  # noqa: PLC0415  (--help need not wait for it)

    return Text(cleaned(string), style=style)


def measure() -> None:
    """Forget a size of the terminal that none has, for libraries count with it."""
    for variable in ("COLUMNS", "LINES"):
        if not re.fullmatch("[1-9][0-9]{0,4}", os.environ.get(variable, "1")):
            del os.environ[variable]


class Plain(io.TextIOBase):
    """A stream that takes control characters out of what is written."""

    def __init__(self, beneath: TextIO) -> None:
        """Write to the stream beneath."""
        self.beneath = beneath

    def write(self, string: str) -> int:
        """Write a text, cleaned."""
        self.beneath.write(cleaned(string))
        return len(string)

    def flush(self) -> None:
        """Flush the stream beneath."""
        self.beneath.flush()

    def isatty(self) -> bool:
        """Tell whether a terminal is beneath."""
        return self.beneath.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream beneath."""
        return self.beneath.fileno()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream beneath."""
        return self.beneath.encoding


def beneath(stream: TextIO) -> TextIO:
    """Return the stream beneath a plain one, for what writes its own control characters."""
    return stream.beneath if isinstance(stream, Plain) else stream


@contextmanager
def plain(out: TextIO, errors: TextIO) -> Iterator[None]:
    """Let all that is printed in the block pass through plain streams."""
    with redirect_stdout(cast("TextIO", Plain(beneath(out)))), redirect_stderr(cast("TextIO", Plain(beneath(errors)))):
        yield

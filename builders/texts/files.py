"""Read a file as UTF-8 text, JSON, JSON Lines or YAML; what cannot be read is one clear line with its place."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import yaml

from builders.errors import BuildError
from builders.texts import depths
from builders.texts.yaml import Forgiving, Loader, Quick, TooMuchError, is_flat

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONG_NUMBER = re.compile(rb"\d{19}")
_MOST_DIGITS = 1000
_NOT_UNDERSTOOD = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
MOST_LINE = 2**27
"""Bytes of a line: one that a packed file spells in a few may have no end that memory holds."""


def decoded(data: bytes, file: Path | str) -> str:
    """Return the text of a file, given its bytes, without a byte order mark."""
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(file, data.count(b"\n", 0, error.start) + 1) from None


def lines(stream: BinaryIO, most: int = MOST_LINE) -> Iterator[bytes | None]:
    """Yield the lines of a stream, None in the place of one that is too long to be held."""
    while line := stream.readline(most):
        whole = len(line) < most or line.endswith(b"\n")
        while not whole and (rest := stream.readline(most)):
            line, whole = b"", rest.endswith(b"\n")
        yield line or None


def decoded_lines(lines: Iterable[bytes | None], file: Path | str) -> Iterator[str]:
    """Yield the lines of a file one by one, without a byte order mark; a carriage return ends a line too, as csv has it.

    Raises:
        BuildError: one is not UTF-8, or too long (None).
    """
    for number, line in enumerate(lines, 1):
        if line is None:
            what = f"a line of more than {MOST_LINE:,} bytes"
            raise BuildError(what, where=f"{file}:{number}", fix="end the line, or take it out")
        try:
            text = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).decode()
        except UnicodeDecodeError:
            raise _undecodable(file, number) from None
        yield from io.StringIO(text, newline="") if "\r" in text else (text,)


def json_lines(file: Path) -> Iterator[tuple[int, Any]]:
    """Yield line number and value of each line that is not blank."""
    with file.open("rb") as lines:
        yield from parsed_lines(lines, file)


def parsed_lines(lines: Iterable[bytes], file: Path | str) -> Iterator[tuple[int, Any]]:
    """Yield line number and value of each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, parsed_json(line.rstrip(b"\r\n").removeprefix(_BYTE_ORDER_MARK), file, number)


def parsed_json(data: bytes, file: Path | str, first_line: int) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the JSON value in `data`, which starts at `first_line` of the file."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            data.decode()
        except UnicodeDecodeError as undecodable:
            raise _undecodable(file, first_line + data.count(b"\n", 0, undecodable.start)) from None
        what = f"broken JSON: {error.msg.split(':')[0]} in column {error.colno}"
        raise BuildError(what, where=f"{file}:{first_line + error.lineno - 1}", fix="fix that line") from None


def leniently_parsed_json(data: bytes, file: Path | str, first_line: int) -> Any:  # noqa: ANN401  (any JSON value)
    """Return the JSON value in `data`, whatever it holds that JSON or UTF-8 cannot: NaN, half a surrogate pair, long integers.

    An integer of more than 64 bits is exact, one of more than some thousand digits a text; what is too deep is None.
    """
    if not _LONG_NUMBER.search(data):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass
    try:
        text = data.decode()
        try:
            return json.loads(text, parse_int=integer)
        except RecursionError:
            if found := depths.shallow(text):
                return json.loads(found.text + text[found.end :], parse_int=integer)
    except ValueError:
        pass
    return parsed_json(data, file, first_line)  # which says what is wrong, and where


def integer(digits: str) -> int | str:
    """Return an integer, exact, or as it is written where nobody would count with it."""
    return int(digits) if len(digits) < _MOST_DIGITS else digits


def parsed_yaml(data: bytes, file: Path | str, *, forgiving: bool = False) -> Any:  # noqa: ANN401  (any YAML value)
    """Return the value of a YAML file, given its bytes.

    Args:
        data: its bytes.
        file: what messages call it.
        forgiving: that a value which its tag does not fit, or which lies too deep, is None.
    """
    text = decoded(data, file)
    if not forgiving:
        with suppress(yaml.YAMLError, *_NOT_UNDERSTOOD):
            if is_flat(text):
                return yaml.load(text, Quick)  # noqa: S506  (a safe loader)
    try:
        return yaml.load(text, Forgiving if forgiving else Loader)  # noqa: S506  (both are safe loaders)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BuildError(f"broken YAML: {error.problem}", where=f"{file}:{line}", fix="fix that line") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BuildError("broken YAML: a control character", where=f"{file}:{line}", fix="fix that line") from None
    except _NOT_UNDERSTOOD as error:
        message = str(error) if type(error) is TooMuchError else f"a value that cannot be understood ({type(error).__name__})"
        raise BuildError(f"broken YAML: {message}", where=file, fix="quote or fix that value") from None


def _undecodable(file: Path | str, line: int) -> BuildError:
    return BuildError("bytes that are not UTF-8", where=f"{file}:{line}", fix="save the file as UTF-8")

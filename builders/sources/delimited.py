"""Rows of CSV and TSV files. A first line `sep=;`, as Excel writes and reads it, says what is between columns."""

import csv
import re
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from builders.errors import BuildError
from builders.sources import columns
from builders.texts import files

if TYPE_CHECKING:
    import _csv

_LARGEST_FIELD = files.MOST_LINE
_SEP = re.compile("\ufeff?sep=([^\r\n])[\r\n]*")
_UNQUOTED = "if quotation marks are letters like any other in this file, write quoting: none; else fix that line"


class Dialect(NamedTuple):
    """What is between columns, and whether quotation marks may stand around a field."""

    delimiter: str
    quoted: bool


def rows(
    lines: Iterator[str], where: Path | str, dialect: Dialect, wanted: Collection[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line where each row ends, and the row.

    Raises:
        BuildError: a row is broken, or a column that is wanted stands twice.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    first = next(lines, "")
    separator = _SEP.fullmatch(first)
    over = 1 if separator else 0
    reader = _reader(lines if separator else chain([first], lines), dialect, separator[1] if separator else dialect.delimiter)
    ended = 0
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
        places = columns.kept(header, wanted, f"{where}:{1 + over}")
        ended = reader.line_num
        for values in reader:
            if values:
                number = over + reader.line_num
                yield (number, _row(values, header, places, f"{where}:{number}"))
            ended = reader.line_num
    except csv.Error as error:
        begun, reached = over + ended + 1, over + reader.line_num
        upto = f", read up to line {reached}" if reached > begun else ""
        what = f"broken row: {error}{upto}"
        raise BuildError(what, where=f"{where}:{begun}", fix=_UNQUOTED if dialect.quoted else "fix that line") from None


def _reader(lines: Iterator[str], dialect: Dialect, delimiter: str) -> "_csv.Reader":
    if dialect.quoted:
        return csv.reader(lines, delimiter=delimiter, strict=True)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _row(values: list[str], header: list[str], places: list[int], where: str) -> dict[str, Any]:
    if len(values) > len(header) and not any(values[len(header) :]):
        values = values[: len(header)]
    if len(values) != len(header):
        what = f"{len(values)} fields where the header has {len(header)}"
        raise BuildError(what, where=where, fix="quote or fix that row")
    return {header[place]: values[place] for place in places}

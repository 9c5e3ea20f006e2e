"""Rows of CSV and TSV files. A first line `sep=;`, as Excel writes and reads it, says what is between columns."""

import csv
import re
from collections.abc import Collection, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from builders.errors import BuildError
from builders.sources import columns
from builders.texts import files

if TYPE_CHECKING:
    import _csv

_LARGEST_FIELD = files.MOST_LINE
_SEP = re.compile("\ufeff?sep=([^\r\n])[\r\n]*")
_UNQUOTED = (
    "if quotation marks are letters like any other in this file, write quoting: none; "
    "if one within a field has a backslash before it, quoting: backslash; else fix that line"
)
_NAMELESS = "the first line has to name the columns: take out what is above it, or name them under header"


class Dialect(NamedTuple):
    """How fields are written.

    Args:
        delimiter: what is between columns.
        quoting: `none` where no quotation marks stand around a field, `backslash` where one within it has a backslash before.
        names: of the columns, where no line has them.
    """

    delimiter: str
    quoting: str = "standard"
    names: tuple[str, ...] = ()


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
    if separator:
        dialect, first = dialect._replace(delimiter=separator[1]), next(lines, "")
    reader = _reader(chain([first], lines), dialect, spaced=_is_spaced(first, dialect.delimiter))
    ended = 0
    above: list[tuple[int, list[str]]] = []

    def looked_at() -> Iterator[list[str]]:
        for values in islice(filter(None, reader), columns.MOST_ABOVE):
            above.append((reader.line_num, values))
            yield values

    try:
        header, place = (list(dialect.names), 0) if dialect.names else columns.header(looked_at(), wanted)
        ended = above[place - 1][0] if place else 0
        places = columns.kept(header, wanted, f"{where}:{over + max(ended, 1)}")
        fix = "quote or fix that row" if set(wanted) <= set(header) else _NAMELESS
        for number, values in chain(above[place:], ((reader.line_num, values) for values in reader)):
            if values:
                yield (over + number, _row(values, header, places, f"{where}:{over + number}", fix))
            ended = number
    except csv.Error as error:
        begun, reached = over + ended + 1, over + reader.line_num
        upto = f", read up to line {reached}" if reached > begun else ""
        what = f"broken row: {error}{upto}"
        fix = "fix that line" if dialect.quoting == "none" else _UNQUOTED
        raise BuildError(what, where=f"{where}:{begun}", fix=fix) from None


def _is_spaced(line: str, delimiter: str) -> bool:
    """Tell whether a file has a blank behind what is between columns, going by its first line."""
    return 0 < line.count(delimiter) == line.count(f"{delimiter} ")


def _reader(lines: Iterator[str], dialect: Dialect, *, spaced: bool) -> "_csv.Reader":
    if dialect.quoting == "none":
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=spaced)
    escape = "\\" if dialect.quoting == "backslash" else None
    return csv.reader(lines, delimiter=dialect.delimiter, strict=True, escapechar=escape, skipinitialspace=spaced)


def _row(values: list[str], header: list[str], places: list[int], where: str, fix: str) -> dict[str, Any]:
    if len(values) > len(header) and not any(values[len(header) :]):
        values = values[: len(header)]
    if len(values) != len(header):
        what = f"{len(values)} fields where the header has {len(header)}"
        raise BuildError(what, where=where, fix=fix)
    return {header[place]: values[place] for place in places}

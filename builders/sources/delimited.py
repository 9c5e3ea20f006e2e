"""Rows of CSV and TSV files."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from builders.errors import BuildError
from builders.sources import columns

_LARGEST_FIELD = 2**31 - 1
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
    if dialect.quoted:
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    else:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    ended = 0
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
        places = columns.kept(header, wanted, f"{where}:1")
        ended = reader.line_num
        for values in reader:
            if values:
                yield (reader.line_num, _row(values, header, places, f"{where}:{reader.line_num}"))
            ended = reader.line_num
    except csv.Error as error:
        begun = ended + 1
        upto = f", read up to line {reader.line_num}" if reader.line_num > begun else ""
        what = f"broken row: {error}{upto}"
        raise BuildError(what, where=f"{where}:{begun}", fix=_UNQUOTED if dialect.quoted else "fix that line") from None


def _row(values: list[str], header: list[str], places: list[int], where: str) -> dict[str, Any]:
    if len(values) > len(header) and not any(values[len(header) :]):
        values = values[: len(header)]
    if len(values) != len(header):
        what = f"{len(values)} fields where the header has {len(header)}"
        raise BuildError(what, where=where, fix="quote or fix that row")
    return {header[place]: values[place] for place in places}

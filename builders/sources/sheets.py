"""Rows of Excel workbooks, by openpyxl: the values that cells show, not the formulas behind them.

The sheet is the one that params name, else the first that has the columns which they name, else the first. Its columns are
named by the first row that has those, else by the first that is not empty: a title may be above it. A cell that shows an error
is empty; one that is merged with those below it is what they show, too.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from builders.errors import BuildError
from builders.sources import bounds, columns, streams

MOST_ROWS = 2**20
"""Of a sheet, as Excel has it."""
MOST_SHEETS = 20
"""Sheets that are looked at for the columns."""
UNPACKED_BYTES, UNPACKED_TIMES = 2**27, 50
ROOM_BYTES = 3 << 30
"""What a workbook's texts may take, all of which are in memory."""
_MOST_MERGED = 64
"""Columns of a row in which a cell is merged with one above it."""
_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!"}
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')

Page = Any
"""A sheet that openpyxl reads row by row."""
Cells = tuple[Any, ...]
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    OSError,
    AttributeError,
    SyntaxError,
    MemoryError,
)
"""What openpyxl raises where a workbook is not as it should be."""


def rows(  # noqa: PLR0913  (what params say of a workbook)
    stream: BinaryIO,
    where: Path | str,
    sheet: str | None,
    wanted: Collection[str],
    names: Sequence[str] = (),
    *,
    guarded: bool = False,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row of a sheet; empty rows are passed over.

    Raises:
        BuildError: the workbook is broken, or has no such sheet, or a column that is wanted stands twice.
    """
    number = 0
    try:
        book = _book(streams.whole(stream), where)
        pages = {page.title: page for page in book.worksheets}
        if sheet is not None and sheet not in pages:
            fix = f"write one of its sheets: {columns.listed(pages, guarded=guarded)}"
            raise BuildError("the workbook has no such sheet", where=where, fix=fix)
        page = pages[sheet] if sheet is not None else _fitting(list(pages.values()), () if names else wanted)
        header, above = (list(names), 0) if names else _header(page, wanted)
        places = columns.kept(header, wanted, where)
        for number, cells in enumerate(_spread(page), 1):
            if number > above and any(map(_filled, cells)):
                yield (number, {header[place]: _value(cells[place]) if place < len(cells) else None for place in places})
    except _BROKEN as error:
        what = f"cannot be read as an Excel workbook behind row {number}: {type(error).__name__}"
        raise BuildError(what, where=where, fix="save it as .xlsx again, or as CSV") from None


def _book(stream: BinaryIO, where: Path | str) -> openpyxl.Workbook:
    with zipfile.ZipFile(stream) as archive:
        size = stream.seek(0, io.SEEK_END)
        bounds.Room(where, lambda: size, UNPACKED_BYTES, UNPACKED_TIMES).take(
            sum(part.file_size for part in archive.infolist())
        )
    with bounds.room(ROOM_BYTES):
        return openpyxl.load_workbook(stream, read_only=True, data_only=True)


def _fitting(pages: list[Page], wanted: Collection[str]) -> Page:
    """Return the first sheet that has the columns which are wanted, or else the first of all."""
    looked_at = pages[:MOST_SHEETS] if len(pages) > 1 else []
    return next((page for page in looked_at if wanted and set(wanted) <= set(_header(page, wanted)[0])), pages[0])


def _header(page: Page, wanted: Collection[str]) -> tuple[list[str], int]:
    """Return the names of a sheet's columns, and the number of the row that has them."""
    filled = ((number, cells) for number, cells in enumerate(_cells(page), 1) if any(map(_filled, cells)))
    top = list(islice(filled, columns.MOST_ABOVE))
    header, place = columns.header([cells for _, cells in top], wanted)
    return header, top[place - 1][0] if place else 0


def _cells(page: Page) -> Iterator[Cells]:
    """Yield what the cells of each row show."""
    page.reset_dimensions()  # as far as there are cells, not as far as the file says
    return islice(page.iter_rows(values_only=True), MOST_ROWS)


def _spread(page: Page) -> Iterator[Cells]:
    """Yield what the cells of each row show; where it is not empty, those merged with one above show what that one does."""
    begun = defaultdict[int, list[tuple[int, int]]](list)
    with page._get_source() as part:  # noqa: SLF001  (which openpyxl keeps to itself where it reads row by row)
        for column, first, last in _MERGED.findall(part.read()):
            begun[int(first)].append((column_index_from_string(column.decode()) - 1, int(last)))
    running: dict[int, tuple[int, Any]] = {}
    for number, cells in enumerate(_cells(page), 1):
        running = {column: (last, value) for column, (last, value) in running.items() if number <= last}
        if running and any(map(_filled, cells)):
            shown = [*cells, *[None] * (max(running) + 1 - len(cells))]
            for column, (_, value) in running.items():
                shown[column] = value if shown[column] is None else shown[column]
            yield tuple(shown)
        else:
            yield cells
        for column, last in begun.get(number, ()):
            if column < len(cells) and len(running) < _MOST_MERGED:
                running[column] = (last, cells[column])


def _filled(cell: object) -> bool:
    return cell is not None and cell != ""


def _value(cell: object) -> object:
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return None if isinstance(cell, str) and cell in _ERRORS else cell

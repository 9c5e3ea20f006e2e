"""Rows of Excel workbooks, by openpyxl: the values that cells show, not the formulas behind them."""

import io
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from builders.errors import BuildError
from builders.sources import bounds, columns, streams

MOST_ROWS = 2**20
"""Of a sheet, as Excel has it."""
UNPACKED_BYTES, UNPACKED_TIMES = 2**27, 50
ROOM_BYTES = 3 << 30
"""What a workbook's texts may take, all of which are in memory."""


def rows(
    stream: BinaryIO, where: Path | str, sheet: str | None, wanted: Collection[str], *, guarded: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row of a sheet whose first row that is not empty names the columns; empty rows are passed over.

    Raises:
        BuildError: the workbook is broken, or has no such sheet, or a column that is wanted stands twice.
    """
    number = 0
    try:
        book = _book(streams.whole(stream), where)
        worksheet = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
        if sheet is not None and sheet not in book.sheetnames:
            fix = f"write one of its sheets: {columns.listed(set(book.sheetnames), guarded=guarded)}"
            raise BuildError("the workbook has no such sheet", where=where, fix=fix)
        worksheet.reset_dimensions()  # as far as there are cells, not as far as the file says
        found = zip(range(1, MOST_ROWS + 1), worksheet.iter_rows(values_only=True), strict=False)
        header = next(([_name(cell) for cell in cells] for _, cells in found if any(map(_filled, cells))), [])
        places = columns.kept(header, wanted, where)
        for number, cells in found:
            if any(map(_filled, cells)):
                yield (number, {header[place]: _value(cells[place]) if place < len(cells) else None for place in places})
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        OSError,
        SyntaxError,
        MemoryError,
    ) as error:
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


def _filled(cell: object) -> bool:
    return cell is not None and cell != ""


def _name(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _value(cell: object) -> object:
    return cell.isoformat() if isinstance(cell, datetime | date | time) else cell

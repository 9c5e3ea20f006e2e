"""Read the rows of a file in any of the formats that a source may have; what is broken is one clear line with its place.

A row is a plain mapping of column to value. CSV and TSV values stay the strings they are: an empty field is an empty
string, `NA` is a prompt like any other. Files of lines (jsonl, csv, tsv, text), XML and Parquet files are read piece by piece,
as is a json list that is large (`builders.sources.streaming`), other json, yaml and xlsx files as a whole. Of several layouts
the one is taken that has the columns which params name.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builders.errors import BuildError
from builders.sources import delimited, layouts, streaming
from builders.texts import files

LINES = frozenset({"jsonl", "csv", "tsv", "text"})
TABLES = frozenset({"csv", "tsv", "parquet", "xlsx", "text"})
MOST_JSON, MOST_YAML = 2**29, 2**26
"""Bytes of a file that is read as a whole; of a list of objects in JSON there may be any number."""

Place = tuple[int, dict[str, Any]]
"""1-based line (jsonl, csv, tsv, text: where the row ends) or row number (other formats), and the row."""


class OpenFile(NamedTuple):
    """A file being read.

    Args:
        stream: its bytes.
        where: what messages call it.
        wanted: the columns that params name.
        record: the path of elements or keys to the rows.
        quoting: `none` where quotation marks are letters like any other, `backslash` where one has a backslash before it.
        delimiter: what is between columns, where it is not the format's own.
        header: the names of the columns, where no row has them.
        sheet: of a workbook.
        guarded: whether no name that the file has is to be shown.
        alone: whether the columns that params name may be read alone, where that is less.
    """

    stream: BinaryIO
    where: Path | str
    wanted: frozenset[str] = frozenset()
    record: str | None = None
    quoting: str = "standard"
    delimiter: str | None = None
    header: tuple[str, ...] = ()
    sheet: str | None = None
    guarded: bool = False
    alone: bool = False


def _jsonl(opened: OpenFile) -> Iterator[Place]:
    return layouts.shaped(_lines_of_json(opened), opened.wanted, opened.where)


def _lines_of_json(opened: OpenFile) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(files.lines(opened.stream), 1):
        if line is None:
            yield (number, {})  # a row of its own, without a value
        elif line.strip():
            data = line.rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
            yield (number, files.leniently_parsed_json(data, opened.where, number))


def _json(opened: OpenFile) -> Iterator[Place]:
    head = opened.stream.read(streaming.WHOLE + 1)
    if opened.record is None and streaming.is_large_list(head, streaming.WHOLE):
        rows = enumerate(streaming.values(opened.stream, opened.where, head=head), 1)
        yield from layouts.shaped(rows, opened.wanted, opened.where)
        return
    data = _whole(opened, head, MOST_JSON).removeprefix(b"\xef\xbb\xbf")
    content = files.leniently_parsed_json(data, opened.where, 1)
    if isinstance(content, dict):
        layouts.refuse_twins(data, content, opened.where)
    yield from layouts.placed(content, opened.wanted, opened.record, opened.where, guarded=opened.guarded)


def _yaml(opened: OpenFile) -> Iterator[Place]:
    content = files.parsed_yaml(_whole(opened, b"", MOST_YAML), opened.where, forgiving=True)
    if not isinstance(content, list | dict):
        raise BuildError("not a list of rows", where=opened.where, fix="write one mapping per row")
    yield from layouts.placed(content, opened.wanted, opened.record, opened.where, guarded=opened.guarded)


def _whole(opened: OpenFile, head: bytes, most: int) -> bytes:
    data = head + opened.stream.read(most + 1 - len(head))
    if len(data) > most:
        raise BuildError(f"more than {most:,} bytes that are one value", where=opened.where, fix="write it as jsonl")
    return data


def _text(opened: OpenFile) -> Iterator[Place]:
    for number, line in enumerate(files.decoded_lines(files.lines(opened.stream), opened.where), 1):
        if line.strip():
            yield (number, {"line": line.rstrip("\r\n")})


def _delimited(delimiter: str) -> Callable[[OpenFile], Iterator[Place]]:
    def read(opened: OpenFile) -> Iterator[Place]:
        lines = files.decoded_lines(files.lines(opened.stream), opened.where)
        dialect = delimited.Dialect(opened.delimiter or delimiter, opened.quoting, opened.header)
        return delimited.rows(lines, opened.where, dialect, opened.wanted)

    return read


# Half a second or more that other formats need not wait.
# ruff: disable[PLC0415]


def _parquet(opened: OpenFile) -> Iterator[Place]:
    from builders.sources import parquets

    return parquets.rows(opened.stream, opened.where, opened.wanted, guarded=opened.guarded, alone=opened.alone)


def _xlsx(opened: OpenFile) -> Iterator[Place]:
    from builders.sources import sheets

    return sheets.rows(opened.stream, opened.where, opened.sheet, opened.wanted, opened.header, guarded=opened.guarded)


def _xml(opened: OpenFile) -> Iterator[Place]:
    from builders.sources import elements

    return elements.rows(opened.stream, opened.where, opened.record)


# ruff: enable[PLC0415]

READERS: dict[str, Callable[[OpenFile], Iterator[Place]]] = {
    "jsonl": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": _parquet,
    "xlsx": _xlsx,
    "xml": _xml,
    "text": _text,
}

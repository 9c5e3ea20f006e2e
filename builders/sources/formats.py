"""Read the rows of a file in any of the formats that a source may have; what is broken is one clear line with its place.

A row is a plain mapping of column to value. CSV and TSV values stay the strings they are: an empty field is an empty
string, `NA` is a prompt like any other. Files of lines (jsonl, csv, tsv) and Parquet files are read piece by piece, a
json list that is large as well (`builders.sources.streaming`), other json and yaml files as a whole.
"""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builders.errors import BuildError
from builders.sources import streaming
from builders.texts import files

LINES = frozenset({"jsonl", "csv", "tsv"})
TABLES = frozenset({"csv", "tsv", "parquet"})
_LARGEST_FIELD = 2**31 - 1
_LONGEST_NAME = 30
_MOST_NAMES = 20

Place = tuple[int, dict[str, Any]]
"""1-based line (jsonl, csv, tsv: where the row ends) or row number (other formats), and the row."""


class Opened(NamedTuple):
    """A file being read.

    Args:
        stream: its bytes.
        where: what messages call it.
    """

    stream: BinaryIO
    where: Path | str


def _jsonl(opened: Opened) -> Iterator[Place]:
    for number, content in files.parsed_lines(opened.stream, opened.where):
        yield (number, _mapping(content, opened.where, number))


def _json(opened: Opened) -> Iterator[Place]:
    where = opened.where
    if streaming.is_large(opened.stream):
        yield from ((number, _mapping(row, where, number)) for number, row in enumerate(streaming.values(*opened), 1))
        return
    data = opened.stream.read().removeprefix(b"\xef\xbb\xbf")
    content = files.parsed_json(data, where, 1)
    if isinstance(content, dict):
        keys = [key for key, _ in json.loads(data, object_pairs_hook=list)]  # orjson drops all but the last of one key
        if len(keys) > len(content):
            number = next(number for number, key in enumerate(keys, 1) if key in keys[: number - 1])
            raise BuildError(f"row {number} has the key of an earlier one", where=where, fix="give each row its own key")
        content = [{"key": key, **_mapping(row, where, number)} for number, (key, row) in enumerate(content.items(), 1)]
    if not isinstance(content, list):
        raise BuildError("neither a list nor a mapping of rows", where=where, fix="write one object per row")
    for number, row in enumerate(content, 1):
        yield (number, _mapping(row, where, number))


def _yaml(opened: Opened) -> Iterator[Place]:
    where = opened.where
    content = files.parsed_yaml(opened.stream.read(), where)
    if not isinstance(content, list):
        raise BuildError("not a list of rows", where=where, fix="write one mapping per row")
    for number, row in enumerate(content, 1):
        try:
            json.dumps(row, ensure_ascii=False, default=str).encode()
        except (TypeError, ValueError, RecursionError):
            raise BuildError(f"row {number} holds what JSON in UTF-8 cannot", where=where, fix="mend that row") from None
        yield (number, _mapping(row, where, number))


def _delimited(delimiter: str) -> Callable[[Opened], Iterator[Place]]:
    def read(opened: Opened) -> Iterator[Place]:
        where = opened.where
        csv.field_size_limit(_LARGEST_FIELD)
        lines = csv.reader(files.decoded_lines(opened.stream, where), delimiter=delimiter, strict=True)
        try:
            header = next(lines, [])
            if twice := {name for name in header if header.count(name) > 1}:
                raise BuildError(f"the column {listed(twice)} stands twice", where=f"{where}:1", fix="rename one")
            for values in lines:
                if not values:
                    continue
                if len(values) != len(header):
                    what = f"{len(values)} fields where the header has {len(header)}"
                    raise BuildError(what, where=f"{where}:{lines.line_num}", fix="quote or mend that row")
                yield (lines.line_num, dict(zip(header, values, strict=True)))
        except csv.Error as error:
            raise BuildError(f"broken row: {error}", where=f"{where}:{lines.line_num}", fix="mend that line") from None

    return read


def _parquet(opened: Opened) -> Iterator[Place]:
    import pyarrow as pa  # noqa: PLC0415  (half a second that other formats need not wait)
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(opened.stream) as parquet:
            names = parquet.schema_arrow.names
            if twice := {name for name in names if names.count(name) > 1}:
                raise BuildError(f"the column {listed(twice)} stands twice", where=opened.where, fix="rename one")
            for batch in parquet.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield (number, row)
    except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
        what = f"cannot be read as Parquet behind row {number}: {error}"
        raise BuildError(what, where=opened.where, fix="write the file again") from None


READERS: dict[str, Callable[[Opened], Iterator[Place]]] = {
    "jsonl": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": _parquet,
}


def _mapping(row: object, where: Path | str, number: int) -> dict[str, Any]:
    if not isinstance(row, dict):
        what = f"row {number} is {type(row).__name__}, not an object"
        raise BuildError(what, where=f"{where}:{number}", fix="write one object per row")
    if not all(isinstance(name, str) for name in row):
        raise BuildError(f"row {number} has a column whose name is no text", where=f"{where}:{number}", fix="quote the name")
    return row


def listed(columns: set[str]) -> str:
    """List column names; what is too long to be one may be a prompt, in a file without a header."""
    named = sorted(name if len(name) <= _LONGEST_NAME else f"(a name of {len(name)} characters)" for name in columns)
    return ", ".join(named[:_MOST_NAMES]) + (f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else "")

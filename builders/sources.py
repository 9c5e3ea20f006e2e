"""Read the rows of a source file, whatever its format; anything that cannot be read is one clear line with its place.

A row is a plain mapping of column to value. CSV and TSV values stay the strings they are: an empty field is an empty
string, `NA` is a prompt like any other.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from builders import paths, texts
from builders.errors import BuildError
from builders.sections import Source

_LARGEST_FIELD = 2**31 - 1
_LONGEST_NAME = 30
_MOST_NAMES = 20


class Row(NamedTuple):
    """One row of a source.

    Args:
        position: 1-based line (jsonl, csv, tsv: where the row ends) or row number (other formats).
        values: the file's columns.
    """

    position: int
    values: dict[str, Any]


def path(family: str, source: Source) -> Path:
    """Return the source's file.

    Raises:
        BuildError: the file is not there.
    """
    file = paths.raw(family, "sources") / source.file
    if not file.is_file():
        raise BuildError(
            f"source {source.id} has no file", where=file, fix="put it there or take the source out of params.yaml"
        )
    return file


def rows(family: str, source: Source) -> Iterator[Row]:
    """Yield the source's rows in order, up to its limit.

    Raises:
        BuildError: the file is missing, empty or broken, or lacks a column that params name.
    """
    file = path(family, source)
    if file.stat().st_size == 0:
        raise BuildError(f"the file of source {source.id} is empty", where=file, fix="fill it or take the source out")
    found: set[str] = set()
    empty = True
    for row in islice(_READERS[source.format](file), source.limit):
        empty = False
        found.update(row.values)
        yield row
    if empty:
        raise BuildError(f"source {source.id} holds no row", where=file, fix="fill it or take the source out")
    if missing := [theirs for theirs in source.columns.values() if theirs not in found]:
        raise BuildError(
            f"source {source.id} has no column {missing[0]!r}",
            where=file,
            fix=f"map one of its columns instead: {_listed(found)}",
        )


def _jsonl(file: Path) -> Iterator[Row]:
    for number, value in texts.json_lines(file):
        yield Row(number, _mapping(value, file, number))


def _json(file: Path) -> Iterator[Row]:
    data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    value = texts.parsed_json(data, file, 1)
    if isinstance(value, dict):
        keys = [key for key, _ in json.loads(data, object_pairs_hook=list)]  # orjson drops all but the last of one key
        if len(keys) > len(value):
            number = next(number for number, key in enumerate(keys, 1) if key in keys[: number - 1])
            raise BuildError(f"row {number} has the key of an earlier one", where=file, fix="give each row its own key")
        value = [{"key": key, **_mapping(row, file, number)} for number, (key, row) in enumerate(value.items(), 1)]
    if not isinstance(value, list):
        raise BuildError("neither a list nor a mapping of rows", where=file, fix="write one object per row")
    for number, row in enumerate(value, 1):
        yield Row(number, _mapping(row, file, number))


def _yaml(file: Path) -> Iterator[Row]:
    value = texts.parsed_yaml(file)
    if not isinstance(value, list):
        raise BuildError("not a list of rows", where=file, fix="write one mapping per row")
    for number, row in enumerate(value, 1):
        try:
            json.dumps(row, ensure_ascii=False, default=str).encode()
        except (TypeError, ValueError, RecursionError):
            raise BuildError(f"row {number} holds what JSON in UTF-8 cannot", where=file, fix="mend that row") from None
        yield Row(number, _mapping(row, file, number))


def _delimited(delimiter: str) -> Callable[[Path], Iterator[Row]]:
    def read(file: Path) -> Iterator[Row]:
        csv.field_size_limit(_LARGEST_FIELD)
        lines = csv.reader(io.StringIO(texts.decoded(file), newline=""), delimiter=delimiter, strict=True)
        try:
            header = next(lines, [])
            if twice := {name for name in header if header.count(name) > 1}:
                raise BuildError(f"the column {_listed(twice)} stands twice", where=f"{file}:1", fix="rename one")
            for values in lines:
                if not values:
                    continue
                if len(values) != len(header):
                    what = f"{len(values)} fields where the header has {len(header)}"
                    raise BuildError(what, where=f"{file}:{lines.line_num}", fix="quote or mend that row")
                yield Row(lines.line_num, dict(zip(header, values, strict=True)))
        except csv.Error as error:
            raise BuildError(f"broken row: {error}", where=f"{file}:{lines.line_num}", fix="mend that line") from None

    return read


def _parquet(file: Path) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415  (half a second that other formats need not wait)
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(file) as parquet:
            names = parquet.schema_arrow.names
            if twice := {name for name in names if names.count(name) > 1}:
                raise BuildError(f"the column {_listed(twice)} stands twice", where=file, fix="rename one")
            for batch in parquet.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield Row(number, row)
    except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
        what = f"cannot be read as Parquet behind row {number}: {error}"
        raise BuildError(what, where=file, fix="write the file again") from None


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "jsonl": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "csv": _delimited(","),
    "tsv": _delimited("\t"),
    "parquet": _parquet,
}


def _mapping(value: object, file: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        what = f"row {number} is {type(value).__name__}, not an object"
        raise BuildError(what, where=f"{file}:{number}", fix="write one object per row")
    if not all(isinstance(name, str) for name in value):
        raise BuildError(f"row {number} has a column whose name is no text", where=f"{file}:{number}", fix="quote the name")
    return value


def _listed(columns: set[str]) -> str:
    """List column names; what is too long to be one may be a prompt, in a file without a header."""
    named = sorted(name if len(name) <= _LONGEST_NAME else f"(a name of {len(name)} characters)" for name in columns)
    return ", ".join(named[:_MOST_NAMES]) + (f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else "")

"""Read the rows of a source file, whatever its format; anything that cannot be read is one clear line with its place.

A row is a plain mapping of column to value. CSV and TSV values stay the strings they are: an empty field is an empty
string, `NA` is a prompt like any other.
"""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import yaml

from builders import paths
from builders.errors import BuildError
from builders.params import Source

_LARGEST_FIELD = 2**31 - 1


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
            fix=f"map one of its columns instead: {', '.join(sorted(found))}",
        )


def _jsonl(file: Path) -> Iterator[Row]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield Row(number, _mapping(_parsed(line.removeprefix(b"\xef\xbb\xbf"), file, number), file, number))


def _json(file: Path) -> Iterator[Row]:
    value = _parsed(file.read_bytes().removeprefix(b"\xef\xbb\xbf"), file, 1)
    if isinstance(value, dict):
        value = [{"key": key, **_mapping(row, file, number)} for number, (key, row) in enumerate(value.items(), 1)]
    if not isinstance(value, list):
        raise BuildError("neither a list nor a mapping of rows", where=file, fix="write one object per row")
    for number, row in enumerate(value, 1):
        yield Row(number, _mapping(row, file, number))


def _yaml(file: Path) -> Iterator[Row]:
    try:
        value = yaml.safe_load(_text(file))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BuildError(f"broken YAML: {error.problem}", where=f"{file}:{line}", fix="mend that line") from None
    if not isinstance(value, list):
        raise BuildError("not a list of rows", where=file, fix="write one mapping per row")
    for number, row in enumerate(value, 1):
        yield Row(number, _mapping(row, file, number))


def _delimited(delimiter: str) -> Callable[[Path], Iterator[Row]]:
    def read(file: Path) -> Iterator[Row]:
        csv.field_size_limit(_LARGEST_FIELD)
        lines = csv.reader(io.StringIO(_text(file), newline=""), delimiter=delimiter, strict=True)
        try:
            header = next(lines, [])
            if twice := {name for name in header if header.count(name) > 1}:
                raise BuildError(f"the column {min(twice)!r} stands twice", where=f"{file}:1", fix="rename one")
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
            for batch in parquet.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield Row(number, row)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
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


def _text(file: Path) -> str:
    data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(file, data[: error.start].count(b"\n") + 1) from None


def _parsed(data: bytes, file: Path, first_line: int) -> Any:  # noqa: ANN401  (any JSON value)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            data.decode()
        except UnicodeDecodeError as undecodable:
            raise _undecodable(file, first_line + data[: undecodable.start].count(b"\n")) from None
        line = first_line + error.lineno - 1
        what = f"broken JSON: {error.msg.split(':')[0]} in column {error.colno}"
        raise BuildError(what, where=f"{file}:{line}", fix="mend that line") from None


def _undecodable(file: Path, line: int) -> BuildError:
    return BuildError("bytes that are not UTF-8", where=f"{file}:{line}", fix="save the file as UTF-8")


def _mapping(value: object, file: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        what = f"row {number} is {type(value).__name__}, not an object"
        raise BuildError(what, where=f"{file}:{number}", fix="write one object per row")
    return value

"""Read the rows of a file, whatever its format and wherever it lies; what cannot be read is one clear line with its place.

A row is a plain mapping of column to value. CSV and TSV values stay the strings they are: an empty field is an empty
string, `NA` is a prompt like any other. Files of lines (jsonl, csv, tsv) and Parquet files are read piece by piece, json
and yaml files as a whole.
"""

import csv
import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builders import families, hub, paths, records, texts
from builders.errors import BuildError
from builders.sections import AnyTable, ByValue, Column, Generated, HubFiles, Sample, Source

_LARGEST_FIELD = 2**31 - 1
_LONGEST_NAME = 30
_MOST_NAMES = 20
_MOST_VALUES = 1000
_LINES = frozenset({"jsonl", "csv", "tsv"})
_TABLES = frozenset({"csv", "tsv", "parquet"})


class Row(NamedTuple):
    """One row of a file.

    Args:
        position: 1-based line (jsonl, csv, tsv: where the row ends) or row number (other formats).
        values: the file's columns.
        path: the file among those of a Hugging Face dataset; null for a file of our own.
    """

    position: int
    values: dict[str, Any]
    path: str | None = None


class _Opened(NamedTuple):
    """A file being read.

    Args:
        stream: its bytes.
        where: what messages call it.
    """

    stream: BinaryIO
    where: Path | str


def check(family: str, table: AnyTable) -> None:
    """Find out whether the table's files can be had, before anything is read.

    Raises:
        BuildError: one cannot, and why.
    """
    if isinstance(table.file, HubFiles):
        hub.check(table.label, table.file, paths.params(family))
    elif isinstance(table.file, Generated):
        if not hasattr(families.module(family, "collect"), "generated"):
            fix = "name a file instead"
            raise BuildError(f"{table.label}: {family} has no generator", where=paths.params(family), fix=fix)
    else:
        _path(family, table, table.file)


def origin(family: str, table: AnyTable) -> dict[str, Any]:
    """Return what pins the table's content: the hash of our file, or repository and commit, or generator and seed.

    Raises:
        BuildError: our file is not there.
    """
    if isinstance(table.file, HubFiles):
        return {"repository": table.file.hub, "revision": table.file.revision}
    if isinstance(table.file, Generated):
        return {"generator": table.file.generator, "seed": table.file.seed}
    return {"sha256": records.file_digest(_path(family, table, table.file))}


def rows(family: str, table: AnyTable) -> Iterator[Row]:
    """Yield the table's rows in order: all of them, or as many as a source's limit says.

    Raises:
        BuildError: a file is missing, empty or broken, or lacks a column that params name.
    """
    limit = table.limit if isinstance(table, Source) else None
    if isinstance(limit, Sample):
        drawn = _drawn(family, table, limit)
        yield from (row for number, row in enumerate(_read(family, table, None)) if number in drawn)
    else:
        yield from _read(family, table, limit)


def value(column: Column, values: dict[str, Any]) -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return what a row has in the column that params name, or in the one that its value of another column chooses."""
    if isinstance(column, ByValue):
        chosen = column.columns.get(str(values.get(column.by)))
        return None if chosen is None else values.get(chosen)
    return values.get(column)


def _read(family: str, table: AnyTable, limit: int | None) -> Iterator[Row]:
    """Yield the rows of all the table's files, up to the limit."""
    if isinstance(table.file, Generated):
        made = families.module(family, "collect").generated(table.file)
        yield from islice((Row(number, values) for number, values in enumerate(made, 1)), limit)
        return
    found: set[str] = set()
    where: Path | str = ""
    count = 0
    for path in table.file.paths if isinstance(table.file, HubFiles) else (None,):
        with _opened(family, table, path, partly=limit is not None) as opened:
            where = opened.where
            for position, values, _ in islice(_READERS[table.format](opened), None if limit is None else limit - count):
                if not count and table.format in _TABLES:
                    _check_columns(table, set(values), where)
                found.update(values)
                count += 1
                yield Row(position, values, path)
        if count == limit:
            break
    if not count:
        raise BuildError(f"{table.label} holds no row", where=where, fix="fill it or take it out of params.yaml")
    _check_columns(table, found, where)


def _check_columns(table: AnyTable, found: set[str], where: Path | str) -> None:
    if missing := [theirs for theirs in table.read if theirs not in found]:
        fix = f"map one of its columns instead: {_listed(found)}"
        raise BuildError(f"{table.label} has no column {missing[0]!r}", where=where, fix=fix)


@contextmanager
def _opened(family: str, table: AnyTable, path: str | None, *, partly: bool) -> Iterator[_Opened]:
    """Open one of the table's files."""
    if isinstance(table.file, HubFiles) and path is not None:
        with hub.opened(table.label, table.file, path, partly=partly and table.format in _LINES) as stream:
            yield _Opened(stream, hub.address(table.file, path))
        return
    file = _path(family, table, str(table.file))
    if file.stat().st_size == 0:
        raise BuildError(f"the file of {table.label} is empty", where=file, fix="fill it or take it out of params.yaml")
    with file.open("rb") as stream:
        yield _Opened(stream, file)


def _path(family: str, table: AnyTable, name: str) -> Path:
    file = paths.raw(family, "sources") / name
    if not file.is_file():
        fix = "put it there or take it out of params.yaml"
        raise BuildError(f"{table.label} has no file", where=file, fix=fix)
    return file


def _drawn(family: str, table: AnyTable, sample: Sample) -> set[int]:
    """Return the numbers of the sample's rows: of each value those with the smallest hashes, as many as its share.

    In memory are two integers for each row that may still be drawn, never a text.
    """
    smallest: dict[str, list[tuple[int, int]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for number, row in enumerate(_read(family, table, None)):
        of = str(row.values.get(sample.over))
        counts[of] += 1
        if len(counts) > _MOST_VALUES:
            fix = "draw over a column with few values"
            what = f"{table.label}: the column {sample.over!r} has more than {_MOST_VALUES} values"
            raise BuildError(what, where=paths.params(family), fix=fix)
        content = {name: records.plain(item) for name, item in row.values.items()}
        entry = (-int(records.digest([sample.seed, content])[:16], 16), -number)
        if len(smallest[of]) < sample.rows:
            heapq.heappush(smallest[of], entry)
        else:
            heapq.heappushpop(smallest[of], entry)
    shares = _shares(counts, sample.rows)
    return {-number for of, entries in smallest.items() for _, number in heapq.nlargest(shares[of], entries)}


def _shares(counts: dict[str, int], total: int) -> dict[str, int]:
    """Divide a total evenly among values, none of which gives more rows than it has."""
    shares = {}
    for done, (of, count) in enumerate(sorted(counts.items(), key=lambda item: (item[1], item[0]))):
        shares[of] = min(count, total // (len(counts) - done))
        total -= shares[of]
    return shares


def _jsonl(opened: _Opened) -> Iterator[Row]:
    for number, content in texts.parsed_lines(opened.stream, opened.where):
        yield Row(number, _mapping(content, opened.where, number))


def _json(opened: _Opened) -> Iterator[Row]:
    where = opened.where
    data = opened.stream.read().removeprefix(b"\xef\xbb\xbf")
    content = texts.parsed_json(data, where, 1)
    if isinstance(content, dict):
        keys = [key for key, _ in json.loads(data, object_pairs_hook=list)]  # orjson drops all but the last of one key
        if len(keys) > len(content):
            number = next(number for number, key in enumerate(keys, 1) if key in keys[: number - 1])
            raise BuildError(f"row {number} has the key of an earlier one", where=where, fix="give each row its own key")
        content = [{"key": key, **_mapping(row, where, number)} for number, (key, row) in enumerate(content.items(), 1)]
    if not isinstance(content, list):
        raise BuildError("neither a list nor a mapping of rows", where=where, fix="write one object per row")
    for number, row in enumerate(content, 1):
        yield Row(number, _mapping(row, where, number))


def _yaml(opened: _Opened) -> Iterator[Row]:
    where = opened.where
    content = texts.parsed_yaml(opened.stream.read(), where)
    if not isinstance(content, list):
        raise BuildError("not a list of rows", where=where, fix="write one mapping per row")
    for number, row in enumerate(content, 1):
        try:
            json.dumps(row, ensure_ascii=False, default=str).encode()
        except (TypeError, ValueError, RecursionError):
            raise BuildError(f"row {number} holds what JSON in UTF-8 cannot", where=where, fix="mend that row") from None
        yield Row(number, _mapping(row, where, number))


def _delimited(delimiter: str) -> Callable[[_Opened], Iterator[Row]]:
    def read(opened: _Opened) -> Iterator[Row]:
        where = opened.where
        csv.field_size_limit(_LARGEST_FIELD)
        lines = csv.reader(texts.decoded_lines(opened.stream, where), delimiter=delimiter, strict=True)
        try:
            header = next(lines, [])
            if twice := {name for name in header if header.count(name) > 1}:
                raise BuildError(f"the column {_listed(twice)} stands twice", where=f"{where}:1", fix="rename one")
            for values in lines:
                if not values:
                    continue
                if len(values) != len(header):
                    what = f"{len(values)} fields where the header has {len(header)}"
                    raise BuildError(what, where=f"{where}:{lines.line_num}", fix="quote or mend that row")
                yield Row(lines.line_num, dict(zip(header, values, strict=True)))
        except csv.Error as error:
            raise BuildError(f"broken row: {error}", where=f"{where}:{lines.line_num}", fix="mend that line") from None

    return read


def _parquet(opened: _Opened) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415  (half a second that other formats need not wait)
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        with pq.ParquetFile(opened.stream) as parquet:
            names = parquet.schema_arrow.names
            if twice := {name for name in names if names.count(name) > 1}:
                raise BuildError(f"the column {_listed(twice)} stands twice", where=opened.where, fix="rename one")
            for batch in parquet.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield Row(number, row)
    except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
        what = f"cannot be read as Parquet behind row {number}: {error}"
        raise BuildError(what, where=opened.where, fix="write the file again") from None


_READERS: dict[str, Callable[[_Opened], Iterator[Row]]] = {
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


def _listed(columns: set[str]) -> str:
    """List column names; what is too long to be one may be a prompt, in a file without a header."""
    named = sorted(name if len(name) <= _LONGEST_NAME else f"(a name of {len(name)} characters)" for name in columns)
    return ", ".join(named[:_MOST_NAMES]) + (f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else "")

"""Read the rows of a file, whatever its format and wherever it lies; what cannot be read is one clear line with its place.

How each format is read: `builders.sources.formats`.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from builders import paths, records
from builders.errors import BuildError
from builders.sources import hub, templates
from builders.sources.formats import LINES, READERS, TABLES, Opened, listed
from builders.sources.tables import AnyTable, ByValue, Column, Generated, HubFiles, Sample, Source, Template

Maker = Callable[[Generated], Iterator[dict[str, Any]]]
"""Yields the rows of a generated table."""

_MOST_VALUES = 1000


class Row(NamedTuple):
    """One row of a file.

    Args:
        position: 1-based line (jsonl, csv, tsv: where the row ends) or row number (other formats).
        values: the file's columns.
        path: the file among those of a Hugging Face dataset; null for a file of our own.
        item: which item of the column that `each` names, where it holds several.
    """

    position: int
    values: dict[str, Any]
    path: str | None = None
    item: int | None = None


def check(family: str, table: AnyTable, *, generates: bool = False) -> None:
    """Find out whether the table's files can be had, before anything is read.

    Args:
        family: whose table it is.
        table: a source or an evaluation set.
        generates: whether the family has a generator.

    Raises:
        BuildError: one cannot, and why.
    """
    if isinstance(table.file, HubFiles):
        hub.check(table.label, table.file, paths.params(family))
    elif isinstance(table.file, Generated):
        if not generates:
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


def rows(family: str, table: AnyTable, made: Maker | None = None) -> Iterator[Row]:
    """Yield the table's rows in order: all of them, or as many as a source's limit says.

    Args:
        family: whose table it is.
        table: a source or an evaluation set.
        made: yields the rows of a generated table.

    Raises:
        BuildError: a file is missing, empty or broken, or lacks a column that params name.
    """
    limit = table.limit if isinstance(table, Source) else None
    if isinstance(limit, Sample):
        drawn = _drawn(family, table, limit, made)
        yield from (row for number, row in enumerate(_read(family, table, None, made)) if number in drawn)
    else:
        yield from _read(family, table, limit, made)


def value(column: Column, values: dict[str, Any]) -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return what a row has in the column that params name, or in the one that another column chooses, or a template's text.

    From a template that the row cannot fill comes None.
    """
    if isinstance(column, Template):
        return templates.filled(column.template, values)
    if isinstance(column, ByValue):
        chosen = column.columns.get(str(values.get(column.by)))
        return None if chosen is None else values.get(chosen)
    return values.get(column)


def _read(family: str, table: AnyTable, limit: int | None, made: Maker | None) -> Iterator[Row]:
    """Yield the table's rows, up to the limit, which counts items where each makes a row."""
    if table.each is None and table.only is None:
        yield from _whole(family, table, limit, made)
        return
    found = _wanted(family, table, made)
    yield from islice((item for row in found for item in _items(row, table.each)) if table.each else found, limit)


def _wanted(family: str, table: AnyTable, made: Maker | None) -> Iterator[Row]:
    """Yield the rows that have the values which `only` asks for."""
    only = table.only or {}
    none = True
    for row in _whole(family, table, None, made):
        if all(_text(row.values.get(column)) in values for column, values in only.items()):
            none = False
            yield row
    if none:
        fix = f"write the values of {listed(set(only))} as they stand in the file"
        raise BuildError(f"{table.label}: no row is what `only` asks for", where=paths.params(family), fix=fix)


def _text(value: object) -> str:
    """Return a value as a person would write it: true, not True."""
    written = records.plain(value)
    try:
        return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
    except TypeError:  # a date
        return str(written)


def _items(row: Row, each: str) -> Iterator[Row]:
    found = row.values.get(each)
    listed = found if isinstance(found, list) else [found]
    several = len(listed) > 1
    for number, item in enumerate(listed):
        yield row._replace(values={**row.values, each: item}, item=number if several else None)


def _whole(family: str, table: AnyTable, limit: int | None, made: Maker | None) -> Iterator[Row]:
    """Yield the rows of all the table's files, up to the limit."""
    if isinstance(table.file, Generated):
        assert made  # noqa: S101  (`check` found out)
        yield from islice((Row(number, values) for number, values in enumerate(made(table.file), 1)), limit)
        return
    found: set[str] = set()
    where: Path | str = ""
    count = 0
    for path in table.file.paths if isinstance(table.file, HubFiles) else (None,):
        with _opened(family, table, path, partly=limit is not None) as opened:
            where = opened.where
            for position, values in islice(READERS[table.format](opened), None if limit is None else limit - count):
                if not count and table.format in TABLES:
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
        fix = f"map one of its columns instead: {listed(found)}"
        raise BuildError(f"{table.label} has no column {missing[0]!r}", where=where, fix=fix)


@contextmanager
def _opened(family: str, table: AnyTable, path: str | None, *, partly: bool) -> Iterator[Opened]:
    """Open one of the table's files."""
    if isinstance(table.file, HubFiles) and path is not None:
        with hub.opened(table.label, table.file, path, partly=partly and table.format in LINES) as stream:
            yield Opened(stream, hub.address(table.file, path))
        return
    file = _path(family, table, str(table.file))
    if file.stat().st_size == 0:
        raise BuildError(f"the file of {table.label} is empty", where=file, fix="fill it or take it out of params.yaml")
    with file.open("rb") as stream:
        yield Opened(stream, file)


def _path(family: str, table: AnyTable, name: str) -> Path:
    file = paths.raw(family, "sources") / name
    if not file.is_file():
        fix = "put it there or take it out of params.yaml (README.md in that folder may say where from)"
        raise BuildError(f"{table.label} has no file", where=file, fix=fix)
    return file


def _drawn(family: str, table: AnyTable, sample: Sample, made: Maker | None) -> set[int]:
    """Return the numbers of the sample's rows: of each value those with the smallest hashes, as many as its share.

    In memory are two integers for each row that may still be drawn, never a text.
    """
    smallest: dict[str, list[tuple[int, int]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for number, row in enumerate(_read(family, table, None, made)):
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

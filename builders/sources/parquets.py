"""Rows of Parquet files."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from builders.errors import BuildError
from builders.sources import bounds, columns, streams
from builders.sources.settling import tamed

MOST_VALUES = 10_000_000
"""Values in the lists of one row's column: Arrow makes them in one go, in which nobody can stop it."""
ROWS_AT_ONCE = (2**12, 2**4)
ROOM_BYTES = 3 << 30
"""What so many rows may take."""
_LISTS = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)


def rows(
    stream: BinaryIO, where: Path | str, wanted: Collection[str], *, guarded: bool = False, alone: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row; a value that Python cannot hold, or a list of too many, costs its row at most, not the file.

    Args:
        stream: the file's bytes.
        where: what messages call it.
        wanted: the columns that params name.
        guarded: whether no name that the file has is to be shown.
        alone: whether they are read alone, and every other is None.

    Raises:
        BuildError: the file is broken, or its rows have no room, or a column that is wanted stands twice.
    """
    number = 0
    try:
        with pq.ParquetFile(streams.whole(stream)) as parquet:
            names = parquet.schema_arrow.names
            places = columns.kept(names, wanted, where)
            unread = dict.fromkeys(names[place] for place in places)
            names_read = [name for name in unread if name in wanted] if alone and unread.keys() >= set(wanted) else list(unread)
            for values in _batches(parquet, names_read):
                for row in values:
                    number += 1
                    yield (number, unread | tamed(dict(zip(names_read, row, strict=True))))
    except (MemoryError, pa.ArrowMemoryError):
        what = f"stands for more than there is room for behind row {number}"
        raise BuildError(what, where=where, fix="write it with less in a row") from None
    except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
        message = type(error).__name__ if guarded else str(error)
        what = f"cannot be read as Parquet behind row {number}: {message}"
        raise BuildError(what, where=where, fix="write the file again") from None


def _batches(parquet: pq.ParquetFile, names: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the values of some rows after the other, of fewer at once from where many have no room.

    A file may spell a text once, and have it in every row.
    """
    given = 0
    for rows_at_once in ROWS_AT_ONCE:
        try:
            for values in _read(parquet, names, rows_at_once, given):
                given += len(values)
                yield values
        except (MemoryError, pa.ArrowMemoryError):
            if rows_at_once == ROWS_AT_ONCE[-1]:
                raise
        else:
            return


def _read(parquet: pq.ParquetFile, names: list[str], rows_at_once: int, rows_given: int) -> Iterator[list[tuple[Any, ...]]]:
    batches = parquet.iter_batches(rows_at_once, columns=names)
    while True:
        with bounds.room(ROOM_BYTES):
            batch = next(batches, None)
            if batch is None:
                return
            start = min(rows_given, len(batch))
            rows_given -= start
            places = {name: place for place, name in enumerate(batch.schema.names)}
            values = list(zip(*(_values(batch.column(places[name]).slice(start)) for name in names), strict=True))
        yield values


def _values(column: "pa.Array[Any]") -> list[Any]:
    """Return the values of a column, None in the place of a list of too many."""
    if _leaves(column) > MOST_VALUES:
        return [value for place in range(len(column)) for value in _few(column.slice(place, 1))]
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _few(row: "pa.Array[Any]") -> list[Any]:
    return [None] if _leaves(row) > MOST_VALUES else _values(row)


def _leaves(column: "pa.Array[Any]") -> int:
    """Return how many values are in the lists of a column, and in those within them."""
    kind = column.type
    if pa.types.is_struct(kind):
        return sum(_leaves(column.field(place)) for place in range(kind.num_fields))
    if pa.types.is_map(kind):
        first, last = column.offsets[0].as_py(), column.offsets[len(column)].as_py()
        return sum(last - first + _leaves(part.slice(first, last - first)) for part in (column.keys, column.items))
    if any(holds(kind) for holds in _LISTS):
        inner = column.flatten()
        return len(inner) + _leaves(inner)
    return 0


def _value(scalar: "pa.Scalar[Any]") -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return a value; of text that is not UTF-8 what can be read, marked as broken by surrogates; else how Arrow writes it."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if pa.types.is_string(scalar.type) or pa.types.is_large_string(scalar.type):
            return scalar.cast(pa.large_binary()).as_py().decode(errors="surrogateescape")
        return "\ud800"
    except (ValueError, OverflowError):
        return str(scalar.cast(pa.string()))

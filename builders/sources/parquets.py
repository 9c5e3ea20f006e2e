"""Rows of Parquet files."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from builders.errors import BuildError
from builders.sources import columns, streams
from builders.sources.settling import tamed

MOST_VALUES = 10_000_000
"""Values in the lists of one row's column: Arrow makes them in one go, in which nobody can stop it."""
_LISTS = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)


def rows(
    stream: BinaryIO, where: Path | str, wanted: Collection[str], *, guarded: bool = False
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row; a value that Python cannot hold, or a list of too many, costs its row at most, not the file.

    Raises:
        BuildError: the file is broken, or a column that is wanted stands twice.
    """
    number = 0
    try:
        with pq.ParquetFile(streams.whole(stream)) as parquet:
            places = columns.kept(parquet.schema_arrow.names, wanted, where)
            for batch in parquet.iter_batches():
                for row in _rows(batch, places):
                    number += 1
                    yield (number, tamed(row))
    except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
        said = type(error).__name__ if guarded else str(error)
        what = f"cannot be read as Parquet behind row {number}: {said}"
        raise BuildError(what, where=where, fix="write the file again") from None


def _rows(batch: pa.RecordBatch, places: list[int]) -> list[dict[str, Any]]:
    names = [batch.schema.names[place] for place in places]
    values = [_values(batch.column(place)) for place in places]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)] if values else []


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

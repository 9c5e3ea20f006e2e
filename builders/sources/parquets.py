"""Rows of Parquet files."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from builders.errors import BuildError
from builders.sources import columns, streams
from builders.sources.settling import tamed


def rows(stream: BinaryIO, where: Path | str, wanted: Collection[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and row; a value that Python cannot hold costs its row, not the file.

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
        what = f"cannot be read as Parquet behind row {number}: {error}"
        raise BuildError(what, where=where, fix="write the file again") from None


def _rows(batch: pa.RecordBatch, places: list[int]) -> list[dict[str, Any]]:
    names = [batch.schema.names[place] for place in places]
    try:
        values = [batch.column(place).to_pylist() for place in places]
    except (ValueError, OverflowError):
        values = [[_value(scalar) for scalar in batch.column(place)] for place in places]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)] if values else []


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

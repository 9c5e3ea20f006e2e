"""What is in the Parquet files of a release: columns, a digest of each row by id, a hash of each column.

Values are spelled as canonical JSON, bytes as their sha256, so that neither the order of an object's keys nor the shards and
the compression of a file count. Rows are read in batches; what is kept of one is its id and its digest.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from builders.errors import BuildError
from builders.publishing.versions import Table

_BATCH = 1000
_DIGEST_BYTES = 16

Seen = Callable[[str, pa.Table], None]
"""Is told config and rows of everything that is read."""


@dataclass(frozen=True)
class Contents:
    """What a config holds, as people may check it.

    Args:
        rows: how many.
        columns: sha256 of each column's values in order, a comma behind each.
    """

    rows: int
    columns: dict[str, str]


def configs(folder: Path) -> dict[str, list[Path]]:
    """Return the shards of each config of a release, in order: split by split, these by name."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/*.parquet")):
        found.setdefault(path.parent.name, []).append(path)
    return found


def columns(shards: list[Path]) -> dict[str, str]:
    """Return the type of each column of a config, nested ones by dotted path, `[]` marking the items of a list."""
    return dict(_flat("", pa.struct(list(pq.read_schema(shards[0])))))


def names(shards: list[Path]) -> set[str]:
    """Return the top-level columns of a config."""
    return set(pq.read_schema(shards[0]).names)


def _digests(batch: pa.Table, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the id of each row, and a digest of its values in some columns."""
    values = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
    for row, parts in zip(batch.column("id").to_pylist(), values, strict=True):
        yield row, hashlib.blake2b(canonical(parts), digest_size=_DIGEST_BYTES).digest()


def table(config: str, shards: list[Path], shared: Iterable[str]) -> Table:
    """Return a config with a digest of each row's values in the shared columns.

    Args:
        config: its name, for messages.
        shards: its files.
        shared: top-level columns.

    Raises:
        BuildError: two rows have the same id.
    """
    wanted = sorted({"id", *shared})
    rows, count = dict[str, bytes](), 0
    for batch in batches(shards, wanted):
        count += len(batch)
        rows.update(_digests(batch, wanted))
    if len(rows) != count:
        what = f"{count - len(rows)} rows of {config} have the id of another one"
        raise BuildError(what, where=shards[0].parent, fix="give each row of a config an id of its own")
    return Table(columns(shards), rows)


def contents(tables: Iterable[pa.Table], seen: Seen | None = None, config: str = "") -> Contents:
    """Hash each column of a config.

    Args:
        tables: its rows, in parts of any size.
        seen: is told every part, if given.
        config: its name, for `seen`.
    """
    hashes: dict[str, Any] = {}
    rows = 0
    for part in tables:
        rows += len(part)
        if seen:
            seen(config, part)
        for name in part.column_names if len(part) else ():
            hashes.setdefault(name, hashlib.sha256()).update(canonical(part.column(name).to_pylist())[1:-1] + b",")
    return Contents(rows, {name: hashed.hexdigest() for name, hashed in sorted(hashes.items())})


def batches(shards: list[Path], wanted: list[str] | None = None) -> Iterator[pa.Table]:
    """Yield the rows of a config in parts, all of its columns or some.

    Raises:
        BuildError: a file is not a Parquet file.
    """
    for shard in shards:
        try:
            with pq.ParquetFile(shard) as file:
                for batch in file.iter_batches(_BATCH, columns=wanted):
                    yield pa.Table.from_batches([batch])
        except pa.ArrowInvalid:
            raise BuildError("no Parquet file, or a broken one", where=shard, fix="build the release again") from None


def text(column: pa.ChunkedArray) -> str:
    """Return all that is in a column as one text, bytes as far as they are one, a null character between two values."""
    found = (value for chunk in column.chunks for leaf in _leaves(chunk) for value in leaf.to_pylist() if value)
    return "\0".join(value.decode(errors="replace") if isinstance(value, bytes) else value for value in found)


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    """Yield the arrays of texts and bytes that a column is made of."""
    if pa.types.is_struct(array.type):
        for part in array.flatten():
            yield from _leaves(part)
    elif pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        yield from _leaves(array.flatten())
    elif pa.types.is_string(array.type) or pa.types.is_binary(array.type) or pa.types.is_large_string(array.type):
        yield array


def canonical(value: object) -> bytes:
    """Return the one spelling of a value."""
    return orjson.dumps(value, default=_bytes, option=orjson.OPT_SORT_KEYS)


def _bytes(value: object) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError


def _flat(prefix: str, kind: pa.DataType) -> Iterator[tuple[str, str]]:
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _flat(f"{prefix}.{field.name}" if prefix else field.name, field.type)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _flat(f"{prefix}[]", kind.value_type)
    else:
        yield prefix, str(kind)

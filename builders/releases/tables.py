"""The Parquet files of a release: rows divided by config and split, made what they are in it, and written, file by file.

In a file are so many rows as params say, in their order; where it was written, and by whom, changes nothing. Rows get their
images 10,000 at a time: to paint them takes longest, and a set of fewer rows than a Parquet file has may be on many cores, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features, SplitDict, SplitInfo
from datasets.info import DatasetInfo
from datatrove.data import DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import atomic, contracts, executors, hazards, schema, shards
from builders.contracts import Row
from builders.releases.splits import Divided
from builders.tasks import Task

_BATCH = 1000

Rows = Callable[[], Iterable[Row]]


class Part(NamedTuple):
    """The rows of one Parquet file.

    Args:
        config: their config.
        split: their split.
        number: of the file among those of the split, from 0 on.
        rows: the pool in which they wait.
    """

    config: str
    split: str
    number: int
    rows: Path


class _Piece(NamedTuple):
    """A file of the rows that wait, and that of their batches as Arrow has them."""

    config: str
    rows: Path
    batches: Path


def write(family: str, configs: Mapping[str, Rows], folder: Path, per_file: int, task: Task) -> dict[str, DatasetInfo | None]:
    """Write the Parquet files of a release.

    Args:
        family: its name.
        configs: config → what returns its rows.
        folder: the release.
        per_file: rows of a file.
        task: where rows wait until they are written.

    Returns:
        config → what the card says about it; None for one without rows.

    Raises:
        BuildError: a row is in no split, a group in two, or of a more hazardous family.
    """
    parts: list[Part] = []
    groups: dict[bytes, str] = {}
    for config, rows in configs.items():
        divided = Divided(family, contracts.releasing(family).splitting, config, groups)
        parts += _divided(divided, config, rows, task.folder / "waiting", per_file)
    pieces = {part: _pieces(part) for part in parts}
    if parts:
        every = [piece for part in parts for piece in pieces[part]]
        embedding, writing = (replace(task, folder=task.folder / name) for name in ("embedded", "tables"))
        executors.execute([_Embedding(embedding, family, every)], embedding, len(every))
        executors.execute(
            [_Writing(writing, family, [(_name(parts, part), pieces[part]) for part in parts])], writing, len(parts)
        )
    for part in parts:
        target = folder / _name(parts, part)
        target.parent.mkdir(exist_ok=True)
        shards.link(task.folder / "tables" / _name(parts, part), target)
    return {config: _info(family, config, folder, pieces) for config in configs}


def _divided(divided: Divided, config: str, rows: Rows, waiting: Path, per_file: int) -> list[Part]:
    """Put the rows of a config into a file for each Parquet file that there will be."""
    counts = dict.fromkeys(divided.splits, 0)
    parts: dict[str, list[Part]] = {split: [] for split in divided.splits}
    with ExitStack() as opened:
        writers: dict[str, tuple[ExitStack, shards.Append]] = {}
        for row in rows():
            split = divided.of(row)
            if not counts[split] % per_file:
                if split in writers:
                    writers[split][0].close()
                number = counts[split] // per_file
                part = Part(config, split, number, waiting / config / f"{split}-{number:05d}")
                stack = opened.enter_context(ExitStack())
                writers[split] = stack, stack.enter_context(shards.anew(part.rows))
                parts[split].append(part)
            writers[split][1](orjson.dumps(row) + b"\n")
            counts[split] += 1
    return [part for split in parts.values() for part in split]


def _pieces(part: Part) -> tuple[_Piece, ...]:
    return tuple(_Piece(part.config, file, file.with_name(f"{file.name}.arrow")) for file in shards.files(part.rows))


class _Embedding(PipelineStep):  # type: ignore[misc]
    """Give the rows of a file what they have in a release alone: bytes of images."""

    name = "images"
    type = "format"

    def __init__(self, task: Task, family: str, pieces: list[_Piece]) -> None:
        super().__init__()
        self.task, self.family, self.pieces = task, family, pieces

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> None:
        del data, world_size
        piece, count, size = self.pieces[rank], 0, 0
        kind = Features(schema.features(self.family, piece.config)).arrow_schema
        with self.task.telling(rank), self.task.counting(rank) as counted:
            with atomic.whole(piece.batches) as file, pa.ipc.new_file(file, kind) as writer:
                rows = _own(self.family, piece, counted)
                while batch := list(islice(rows, _BATCH)):
                    table = pa.Table.from_pylist(batch, schema=kind)
                    writer.write_table(table)
                    count, size = count + len(table), size + table.nbytes
            _size(piece).write_bytes(orjson.dumps([count, size]))


class _Writing(PipelineStep):  # type: ignore[misc]
    """Write one Parquet file."""

    name = "parquet"
    type = "writer"

    def __init__(self, task: Task, family: str, files: list[tuple[str, tuple[_Piece, ...]]]) -> None:
        super().__init__()
        self.task, self.family, self.files = task, family, files

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> None:
        del data, world_size
        name, pieces = self.files[rank]
        file = self.task.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        kind = Features(schema.features(self.family, pieces[0].config)).arrow_schema
        with (
            self.task.telling(rank),
            self.task.counting(rank) as count,
            pq.ParquetWriter(file, kind, compression="zstd") as writer,
        ):
            for piece in pieces:
                with pa.memory_map(str(piece.batches)) as source:
                    found = pa.ipc.open_file(source)
                    for number in range(found.num_record_batches):
                        table = pa.Table.from_batches([found.get_batch(number)], schema=kind)
                        writer.write_table(table)
                        count(len(table))


def _own(family: str, piece: _Piece, count: Callable[[int], None]) -> Iterator[Row]:
    """Yield the rows of a file, having seen that none of a more hazardous family is among them."""
    search, embedded = hazards.Search(family), contracts.releasing(family).embedded
    for line in shards.of(piece.rows):
        row = embedded(orjson.loads(line))
        hazards.check_rows(search, family, piece.config, orjson.dumps(row, default=lambda _: None).decode())
        count(1)
        yield row


def _name(parts: list[Part], part: Part) -> str:
    of = sum(other.config == part.config and other.split == part.split for other in parts)
    return f"{part.config}/{part.split}-{part.number:05d}-of-{of:05d}.parquet"


def _size(piece: _Piece) -> Path:
    return piece.batches.with_suffix(".size")


def _info(family: str, config: str, folder: Path, pieces: Mapping[Part, tuple[_Piece, ...]]) -> DatasetInfo | None:
    """Return what the card says about a config; None for one without rows."""
    found: dict[str, SplitInfo] = {}
    for part, files in pieces.items():
        if part.config == config:
            before = found.setdefault(part.split, SplitInfo(part.split, num_bytes=0, num_examples=0))
            for count, size in (orjson.loads(_size(file).read_bytes()) for file in files):
                before.num_examples += count
                before.num_bytes += size
    if not found:
        return None
    return DatasetInfo(
        features=Features(schema.features(family, config)),
        config_name=config,
        splits=SplitDict(found),
        download_size=sum(path.stat().st_size for path in (folder / config).iterdir()),
        dataset_size=sum(info.num_bytes for info in found.values()),
    )

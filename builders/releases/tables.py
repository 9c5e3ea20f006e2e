"""The Parquet files of a release: rows divided by config and split, then written file by file, as `builders.executors` has it.

In a file are so many rows as params say, in their order; where it was written, and by whom, changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features, SplitDict, SplitInfo
from datasets.info import DatasetInfo
from datatrove.data import DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import contracts, executors, hazards, schema, shards
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
        rows: the file in which they wait.
    """

    config: str
    split: str
    number: int
    rows: Path


def written(family: str, configs: Mapping[str, Rows], folder: Path, per_file: int, task: Task) -> dict[str, DatasetInfo | None]:
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
    if parts:
        executors.execute([_Tables(task, family, parts)], task, len(parts))
    for part in parts:
        target = _file(folder, parts, part)
        target.parent.mkdir(exist_ok=True)
        shards.link(_file(task.folder / "tables", parts, part), target)
    sizes = [orjson.loads(_size(task, rank).read_bytes()) for rank in range(len(parts))]
    return {config: _info(family, config, folder, parts, sizes) for config in configs}


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
                part = Part(config, split, number, waiting / config / f"{split}-{number:05d}{shards.SUFFIX}")
                stack = opened.enter_context(ExitStack())
                writers[split] = stack, stack.enter_context(shards.written(part.rows))
                parts[split].append(part)
            writers[split][1](orjson.dumps(row) + b"\n")
            counts[split] += 1
    return [part for split in parts.values() for part in split]


class _Tables(PipelineStep):  # type: ignore[misc]
    """Write one Parquet file."""

    name = "parquet"
    type = "writer"

    def __init__(self, task: Task, family: str, parts: list[Part]) -> None:
        super().__init__()
        self.task, self.family, self.parts = task, family, parts

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> None:
        del data, world_size
        part, count, size = self.parts[rank], 0, 0
        with self.task.telling(rank), self.task.counting(rank) as counted:
            file = _file(self.task.folder / "tables", self.parts, part)
            file.parent.mkdir(parents=True, exist_ok=True)
            kind = Features(schema.features(self.family, part.config)).arrow_schema
            with pq.ParquetWriter(file, kind, compression="zstd") as writer:
                rows = _own(self.family, part, counted)
                while batch := list(islice(rows, _BATCH)):
                    table = pa.Table.from_pylist(batch, schema=kind)
                    writer.write_table(table)
                    count, size = count + len(table), size + table.nbytes
            target = _size(self.task, rank)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(orjson.dumps([count, size]))


def _own(family: str, part: Part, counted: Callable[[], None]) -> Iterator[Row]:
    """Yield the rows of a part, having seen that none of a more hazardous family is among them."""
    search, embedded = hazards.Search(family), contracts.releasing(family).embedded
    for line in shards.of(part.rows):
        row = embedded(orjson.loads(line))
        hazards.check_rows(search, family, part.config, orjson.dumps(row, default=lambda _: None).decode())
        counted()
        yield row


def _file(folder: Path, parts: list[Part], part: Part) -> Path:
    of = sum(other.config == part.config and other.split == part.split for other in parts)
    return folder / part.config / f"{part.split}-{part.number:05d}-of-{of:05d}.parquet"


def _size(task: Task, rank: int) -> Path:
    return task.folder / "sizes" / f"{rank:05d}"


def _info(family: str, config: str, folder: Path, parts: list[Part], sizes: list[Any]) -> DatasetInfo | None:
    """Return what the card says about a config; None for one without rows."""
    found: dict[str, SplitInfo] = {}
    for part, (count, size) in zip(parts, sizes, strict=True):
        if part.config == config:
            before = found.setdefault(part.split, SplitInfo(part.split, num_bytes=0, num_examples=0))
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

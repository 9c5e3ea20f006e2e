"""Stages that ask nobody are datatrove pipelines: a reader, checks that mark rows, a writer that parts them.

A rejected row is not dropped on the spot: it is marked and flows on, past the later checks, to the writer, so that both
files keep the order of the input. A marked document has an empty text, which datatrove's own steps pass over.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from datatrove.data import Document, DocumentsPipeline
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.stats import PipelineStats
from loguru import logger

from builders import records
from builders.errors import BuildError
from builders.progress import tracked
from builders.records import Record, Rejection, Rule

READ = "rows"


def execute(steps: Sequence[PipelineStep], tasks: int = 1) -> PipelineStats:
    """Run a datatrove pipeline on the executor that `BUILDERS_EXECUTOR` names, and return its statistics.

    Raises:
        BuildError: there is no such executor.
    """
    executor = os.environ.get("BUILDERS_EXECUTOR") or "local"
    if executor != "local":
        raise BuildError(f"no executor {executor!r}", where="BUILDERS_EXECUTOR", fix="set it to local or unset it")
    logger.disable("datatrove")  # its log lines show values of variables: rows of hazard families among them
    with tempfile.TemporaryDirectory() as logs:  # a kept one would make datatrove skip the next run
        return LocalPipelineExecutor(list(steps), tasks=tasks, workers=1, logging_dir=logs, skip_completed=False).run()


def rows_read(stats: PipelineStats) -> int:
    """Return how many rows the pipeline's reader read."""
    return int(stats.stats[0].stats[READ].total)


def document(record: Record, rejection: Rejection | None, text: str = "") -> Document:
    """Wrap a row, with the text that datatrove's steps work on."""
    metadata = {"record": record, "rejection": rejection}
    return Document(text="" if rejection else text, id=record.id, metadata=metadata)


def unwrap(doc: Document) -> tuple[Record, Rejection | None]:
    """Return the row in a document, and why it was rejected if it was."""
    return doc.metadata["record"], doc.metadata["rejection"]


class Read(PipelineStep):  # type: ignore[misc]
    """Yield the rows that `source` yields, counting them."""

    name = "read rows"
    type = "reader"

    def __init__(self, source: Callable[[], Iterable[tuple[Record, Rejection | None]]], label: str, total: int | None) -> None:
        """Take a function rather than an iterator, since datatrove copies its steps."""
        super().__init__()
        self.source, self.label, self.total = source, label, total

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the rows as documents without text."""
        del data, rank, world_size
        for record, rejection in tracked(self.source(), self.label, self.total):
            self.stat_update(READ)
            yield document(record, rejection)


class Check(PipelineStep):  # type: ignore[misc]
    """Mark the rows that a rule rejects; rows that are marked already pass by."""

    type = "filter"

    def __init__(self, rule: Rule) -> None:
        """Take the rule; its name is the step's name."""
        super().__init__()
        self.rule = rule

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield every document, some of them marked."""
        del rank, world_size
        for doc in data:
            record, rejection = unwrap(doc)
            yield document(record, rejection or self.rule(record), doc.text)


class Apply(PipelineStep):  # type: ignore[misc]
    """Change the rows that are not marked."""

    type = "format"

    def __init__(self, change: Callable[[Record], Record]) -> None:
        """Take the function that returns the changed row."""
        super().__init__()
        self.change = change

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield every document, the unmarked ones changed."""
        del rank, world_size
        for doc in data:
            record, rejection = unwrap(doc)
            yield document(record if rejection else self.change(record), rejection, doc.text)


class Write(PipelineStep):  # type: ignore[misc]
    """Write kept rows to one file, rejected ones to another, in order."""

    type = "writer"

    def __init__(self, kept: Path, rejected: Path) -> None:
        """Take the two files."""
        super().__init__()
        self.kept, self.rejected = kept, rejected

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> None:
        """Consume all documents."""
        del rank, world_size
        with records.parted(self.kept, self.rejected) as write:
            for doc in data:
                write(*unwrap(doc))


def over(inputs: Path, label: str, total: int) -> Read:
    """Return the reader of a stage that starts from another stage's rows."""

    def source() -> Iterator[tuple[Record, Rejection | None]]:
        return records.read(inputs)

    return Read(source, label, total)

"""Stages that ask nobody are datatrove pipelines over the files of a pool: a reader, checks that mark rows, a writer.

A rejected row is not dropped on the spot: it is marked and flows on, past the later checks, to the writer, so that both
files keep the order of the input. A marked document has an empty text, which datatrove's own steps pass over.

Each file is computed for itself, by whatever process: what the rows of several files have to do with each other is found out
between two pipelines. So neither order nor bytes depend on how many processes there are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import executors, records, shards
from builders.records import Outcome, Record, Rejection, Rule
from builders.tasks import Task

Steps = Callable[[int], Sequence[PipelineStep]]
"""Makes the steps for the file with this number, in the process that computes it: a function of a module can be sent there."""
Decoded = Callable[[Path], Iterable[Outcome]]
"""Yields the rows of a file."""


KEPT, REJECTED = "rows", "rejected"


def document(record: Record, rejection: Rejection | None, text: str = "") -> Document:
    """Wrap a row, with the text that datatrove's steps work on."""
    metadata = {"record": record, "rejection": rejection}
    return Document(text="" if rejection else text, id=record.id, metadata=metadata)


def unwrap(doc: Document) -> Outcome:
    """Return the row in a document, and why it was rejected if it was."""
    return doc.metadata["record"], doc.metadata["rejection"]


class _Read(PipelineStep):  # type: ignore[misc]
    """Yield the rows of the file that a task is about, counting them."""

    name = "read rows"
    type = "reader"

    def __init__(self, task: Task, files: Sequence[Path], decoded: Decoded) -> None:
        super().__init__()
        self.task, self.files, self.decoded = task, files, decoded

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del data, world_size
        with self.task.counting(rank) as count:
            for record, rejection in self.decoded(self.files[rank]):
                count(1)
                yield document(record, rejection)


class _Made(PipelineStep):  # type: ignore[misc]
    """The steps of a stage, made where they run: rules hold open models, which cannot be sent."""

    name = "rules"
    type = "filter"

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self.steps = steps

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for step in self.steps(rank):
            data = step(data, rank, world_size)
        return data


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


class _Write(PipelineStep):  # type: ignore[misc]
    """Write the kept rows of a file to one file, the rejected ones to another, in order."""

    type = "writer"

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        del world_size
        kept, rejected = (shards.file(self.task.folder / kind, rank) for kind in (KEPT, REJECTED))
        with self.task.telling(rank), shards.writing(kept) as keep, shards.writing(rejected) as reject:
            for doc in data:
                record, rejection = unwrap(doc)
                (keep if rejection is None else reject)(records.encode(record, rejection))
                yield doc


def nothing(_: int) -> list[PipelineStep]:
    """Return no step."""
    return []


def mapped(task: Task, files: Sequence[Path], steps: Steps, decoded: Decoded = records.of, behind: Steps = nothing) -> int:
    """Run steps over each of some files, which leaves kept and rejected rows in the task's folder.

    Args:
        task: where, and what it is called.
        files: of a pool.
        steps: makes the steps for one of them.
        decoded: yields the rows of one of them.
        behind: makes steps that look at the rows once they are written.

    Returns:
        how many rows there were.

    Raises:
        BuildError: a step raises it; or a process was killed, more than once.
    """
    executors.execute([_Read(task, files, decoded), _Made(steps), _Write(task), _Made(behind)], task, len(files))
    return task.count()


def placed(folders: Sequence[tuple[Path, int]], kept: Path, rejected: Path) -> None:
    """Put rows where they belong; they stay in the tasks' folders too, until those go.

    Args:
        folders: for each file, the folder of a task and its number there.
        kept: the pool of the kept rows.
        rejected: that of the rejected ones.
    """
    for kind, place in ((KEPT, kept), (REJECTED, rejected)):
        shards.linked([shards.file(folder / kind, number) for folder, number in folders], place)

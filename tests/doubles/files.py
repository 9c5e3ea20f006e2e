"""Work about files that goes wrong as planned, in a module that other processes import quickly."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.base import PipelineStep

from builders import pipeline
from builders.errors import BuildError
from builders.tasks import Task


class Doing(PipelineStep):  # type: ignore[misc]
    """Note that a file is computed, by whom, and do what is planned for it."""

    type = "format"

    def __init__(self, folder: Path, plan: str, about: int) -> None:
        super().__init__()
        self.folder, self.plan, self.about, self.others = folder, plan, about, 0

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        self.others = world_size - 1
        with (self.folder / f"tried-{rank}").open("a") as file:
            file.write(f"{os.getpid()}\n")
        for doc in data:
            if rank == self.about:
                self._do()
            elif self.plan == "fail while others stay":
                (self.folder / "staying").touch()
                signal.pause()
            yield doc

    def _do(self) -> None:
        while self.plan == "fail while others stay" and not (self.folder / "staying").exists():
            os.sched_yield()
        if self.plan.startswith("fail"):
            raise BuildError("is wrong", where="row 3", fix="take another")
        if self.plan == "kill" or (self.plan == "kill once" and not (self.folder / "killed").exists()):
            while len(list(self.folder.glob("task/completions/*"))) < self.others:
                os.sched_yield()  # whatever else runs at the kill would go with it
            (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.plan == "stay":
            signal.pause()


def steps(folder: Path, plan: str, about: int, _: int) -> list[PipelineStep]:
    return [Doing(folder, plan, about)]


def run(folder: Path, files: list[Path], plan: str = "", about: int = -1) -> int:
    task = Task(folder / "task", "rows")
    return pipeline.mapped(task, files, partial(steps, folder, plan, about))

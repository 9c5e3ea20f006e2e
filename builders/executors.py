"""Where the files of a pool are computed: by the cores of this machine, a Ray cluster or Slurm, as `BUILDERS_EXECUTOR` says.

datatrove runs them, one task a file, and notes which are complete: `builders.tasks`.

datatrove's own local executor waits for ever for a task whose process was killed; so tasks are handed out here, by
`concurrent.futures`. Its executor for Ray returns as if nothing had happened where a task has failed, and the one for Slurm as
soon as the jobs are submitted: which tasks are complete is looked up.

Changes no byte of a row.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from datatrove.pipeline.base import PipelineStep
from loguru import logger

from builders import progress
from builders.errors import BuildError
from builders.tasks import Task, executor, workers

ATTEMPTS = 3
"""How often the tasks are handed out that were lost with their process."""
_POLL_SECONDS = 0.5

logger.disable("datatrove")  # its log lines show values of variables: rows of hazard families among them


def execute(steps: Sequence[PipelineStep], task: Task, tasks: int) -> None:
    """Run a datatrove pipeline, one task a file, those that are complete already left out.

    Raises:
        BuildError: there is no such executor; or a task could not be completed.
    """
    kind = executor()
    missing = task.missing(tasks)
    with _watched(task):
        if kind == "local" or tasks == 1 or task.small:
            _locally(_Local(steps, tasks, task.folder), task, missing)
        elif missing:
            from builders import clusters  # noqa: PLC0415  (imports Ray)

            (clusters.ray if kind == "ray" else clusters.slurm)(steps, task, tasks)
    task.check(tasks)


@dataclass(frozen=True)
class _Local:
    """Runs tasks on this machine and notes those that are complete as datatrove does.

    Without the log that datatrove sets up for each: nothing would be in it, and where rows are few it takes most of the time.
    """

    steps: Sequence[PipelineStep]
    tasks: int
    folder: Path

    def run(self, rank: int) -> None:
        """Run a task."""
        rows = None
        for step in deepcopy(self.steps):  # steps count what they see
            rows = step(rows, rank, self.tasks)
        deque(rows or (), maxlen=0)
        done = self.folder / "completions"
        done.mkdir(parents=True, exist_ok=True)
        (done / f"{rank:05d}").touch()


def _locally(executor: _Local, task: Task, missing: Sequence[int]) -> None:
    """Run tasks in this process if they are few, or may have one process; else in as many as there are cores."""
    most = min(workers(), len(missing))
    if most <= 1 or task.small:
        for rank in missing:
            executor.run(rank)
        return
    for _ in range(ATTEMPTS):
        if not (missing := task.missing(executor.tasks)):
            return
        try:
            _spread(executor, missing, most)
        except BrokenProcessPool:
            continue
        return


def _spread(executor: _Local, missing: Sequence[int], most: int) -> None:
    """Run tasks in processes of our own, the first ones first.

    A fresh one each, for a fork of a process with threads may hang.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(most, mp_context=context, initializer=_end_with_parent)
    try:
        futures: list[Future[None]] = [pool.submit(executor.run, rank) for rank in missing]
        for future in as_completed(futures):
            with suppress(BuildError):  # `Task.check` raises the first one's
                future.result()
            if future.exception():
                break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        children = multiprocessing.active_children()
        for child in children:
            child.terminate()
        for child in children:  # a pool that was shut down waits for nobody
            child.join()


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, and end when that does, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent  # noqa: S101

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


@contextmanager
def _watched(task: Task) -> Iterator[None]:
    """Show how many rows were read, whoever reads them."""
    over = threading.Event()

    def watch(show: progress.Show) -> None:
        while not over.wait(_POLL_SECONDS):
            show(task.count())

    with progress.shown(task.label, task.total) as show:
        watcher = threading.Thread(target=watch, args=(show,), daemon=True, name="row-count")
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

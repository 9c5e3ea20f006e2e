"""What is computed file by file, whoever computes it: how many rows were read, which files are complete, what went wrong.

A task that was not completed, since a process, a node or the driver was killed, is run again; the others are not, as long as
neither the rows nor code and params have changed since.

Changes no byte of a row.
"""

import hashlib
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from builders.errors import BuildError
from builders.shards import ROWS

EXECUTORS = ("local", "ray", "slurm")
_COUNTED = 500


@dataclass(frozen=True)
class Task:
    """What is computed file by file, and the folder in which the results gather.

    Args:
        folder: for it alone.
        label: what a progress line calls it.
        total: how many rows there are; None where that is not known.
        root: the working directory of whoever computes.
        driver: the process that waits for it.
    """

    folder: Path
    label: str
    total: int | None = None
    root: Path = field(default_factory=Path.cwd)
    driver: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        """Make the folder absolute: datatrove's folders are those of the working directory of whoever named them first."""
        object.__setattr__(self, "folder", self.folder.absolute())

    @property
    def small(self) -> bool:
        """Whether there are so few rows that to start a process would take longer."""
        return self.total is not None and self.total <= ROWS

    @contextmanager
    def counting(self, rank: int) -> Iterator[Callable[[int], None]]:
        """Give a function that counts rows of a file; the count is written down now and then, and at the end."""
        os.chdir(self.root)
        file, seen = self._file("read", rank), 0

        def count(rows: int) -> None:
            nonlocal seen
            seen += rows
            if seen % _COUNTED < rows:
                file.write_text(str(seen))

        yield count
        file.write_text(str(seen))

    @contextmanager
    def telling(self, rank: int) -> Iterator[None]:
        """Write down the one line that says why a file could not be computed, if so it ends."""
        os.chdir(self.root)
        file = self._file("errors", rank)
        file.unlink(missing_ok=True)
        try:
            yield
        except BuildError as error:
            file.write_bytes(orjson.dumps({"what": error.what, "where": str(error.where), "fix": error.fix}))
            raise

    def count(self) -> int:
        """Return how many rows were read so far."""
        return sum(int(file.read_text() or 0) for file in self.folder.glob("read/*"))

    def check(self, tasks: int) -> None:
        """See that every file was computed.

        Raises:
            BuildError: one was not; the error of the task, where it told one.
        """
        for file in sorted(self.folder.glob("errors/*")):
            raise BuildError(**orjson.loads(file.read_bytes()))
        if missing := self.missing(tasks):
            what = f"{self.label}: task {missing[0]} of {tasks} did not finish"
            log = self.folder / "logs" / f"task_{missing[0]:05d}.log"
            fix = "run it again, with more memory if that ran out; finished ones are kept"
            raise BuildError(what, where=log if log.exists() else self.folder, fix=fix)

    def missing(self, tasks: int) -> list[int]:
        """Return the numbers of the files that are not computed yet."""
        done = {file.name for file in self.folder.glob("completions/*")}
        return [rank for rank in range(tasks) if f"{rank:05d}" not in done]

    def _file(self, kind: str, rank: int) -> Path:
        file = self.folder / kind / f"{rank:05d}"
        file.parent.mkdir(parents=True, exist_ok=True)
        return file


def _key(about: object, files: Sequence[Path]) -> str:
    """Name what a task is about: what decides about it, our code, and the files that are looked at."""
    key = hashlib.sha256(pickle.dumps(about))
    for file in (*_code(Path(__file__).parent), *map(str, files)):
        found = os.stat(file)  # noqa: PTH116  (there are hundreds, for every stage: a Path for each takes three times as long)
        key.update(f"{file} {found.st_size} {found.st_mtime_ns}\n".encode())
    return key.hexdigest()[:16]


@contextmanager
def resumed(task: Task, about: object, files: Sequence[Path]) -> Iterator[Task]:
    """Give the task with a folder for what it is about, where an earlier run about the same may have left results.

    A run about something else has left them in another folder, and jobs of it that still run do no harm there. All of it goes
    at the end.

    Args:
        task: where, and what it is called.
        about: what decides about the results beside the files and our code: it is pickled.
        files: that are computed, or looked at.
    """
    own = replace(task, folder=task.folder / _key(about, files))
    for other in task.folder.glob("*"):
        if other != own.folder:
            shutil.rmtree(other)
    own.folder.mkdir(parents=True, exist_ok=True)
    yield own
    shutil.rmtree(task.folder)
    with suppress(OSError):
        task.folder.parent.rmdir()


def _code(package: Path) -> list[str]:
    """Return the files of our package that may decide about a row, in order."""
    found = [f"{folder}/{name}" for folder, _, names in os.walk(package) for name in names]
    return sorted(path for path in found if path.endswith((".py", ".yaml", ".json", ".jinja")))


def executor() -> str:
    """Return where files are computed: `BUILDERS_EXECUTOR`, or on this machine.

    Raises:
        BuildError: there is no such executor.
    """
    wanted = os.environ.get("BUILDERS_EXECUTOR") or EXECUTORS[0]
    if wanted not in EXECUTORS:
        fix = f"set it to {', '.join(EXECUTORS)}, or unset it"
        raise BuildError(f"no executor {wanted[:20]!r}", where="BUILDERS_EXECUTOR", fix=fix)
    return wanted


def workers() -> int:
    """Return how many processes compute on this machine: `BUILDERS_WORKERS`, or one for each core this process may use.

    Raises:
        BuildError: it is not a number from 1 on.
    """
    wanted = os.environ.get("BUILDERS_WORKERS") or ""
    if not wanted:
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if not re.fullmatch("[1-9][0-9]{0,3}", wanted):
        what = f"{wanted[:20]!r} is not a number of processes"
        raise BuildError(what, where="BUILDERS_WORKERS", fix="write 1 to 9999, or unset it")
    return int(wanted)

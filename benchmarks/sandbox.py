"""Many episodes in fresh boxes: seconds for each, and what is left behind.

    python -m benchmarks.sandbox [--episodes N] [--at-once N]

An episode is one of the sample's tasks played with its right script, so that setup, script, rest and checks are all in the
figure. Before and after are compared: processes of this machine that come from a box, mounts, files in the temporary folders,
and open files of this process. Exit code 1 if anything is left, or an episode scores otherwise than it is proved to.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from builders.families.cuaharm.episodes import played
from builders.families.cuaharm.validation import read_scripts
from builders.sandbox import backends
from builders.sandbox.box import Backend, Limits

_PAIRS = Path("raw/cuaharm/sources/sample_pairs.jsonl")
_SCRIPTS = Path("tests/families/cuaharm/scripts")
_MARKS = (b"bwrap", b"entering.py", b"runsc", b"sleep\x00600")


class Scripted(NamedTuple):
    """A task, and what to do in the agent's place."""

    task: dict[str, Any]
    script: str


class Left(NamedTuple):
    """What there is to be left behind."""

    processes: int
    mounts: int
    files: int
    open_files: int


def main() -> int:
    """Play the episodes and print what they took and what they left."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:  # an own one, or the files of others would count
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        return _measured(asked.episodes, asked.at_once)


def _measured(number: int, at_once: int) -> int:
    backend = backends.select()
    tasks = list(_tasks())
    before, cpu, began = _left(), _cpu(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        episodes = list(threads.map(lambda place: _episode(tasks[place % len(tasks)], backend), range(number)))
    took, cpu, after = time.perf_counter() - began, _cpu() - cpu, _left()
    seconds = sorted(second for second, _ in episodes)
    wrong = sum(score != 1.0 for _, score in episodes)
    print(f"{len(episodes)} episodes of {len(tasks)} tasks on {backend.name}, {at_once} at once: {took:.1f} s")
    quantiles = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
    print(f"seconds an episode: median {statistics.median(seconds):.3f}, p95 {quantiles[-1]:.3f}, longest {seconds[-1]:.3f}")
    print(f"CPU an episode: {cpu / len(episodes):.3f} s; load of the machine {os.getloadavg()[0]:.1f}")
    print(f"scored otherwise: {wrong}")
    left = {name: count - getattr(before, name) for name, count in after._asdict().items()}
    print("left behind: " + ", ".join(f"{name} {count}" for name, count in left.items()))
    return int(wrong > 0 or any(count > 0 for count in left.values()))


def _tasks() -> Iterator[Scripted]:
    """Yield the tasks of the sample that are proved in full, each with its right script."""
    known = read_scripts(_SCRIPTS)
    rows = {row["key"]: row for row in map(orjson.loads, reversed(_PAIRS.read_bytes().splitlines()))}
    for key, row in rows.items():
        if not key.startswith("flaw-"):
            yield Scripted(row, known[key, "default"].solution)
            yield Scripted({**row, **row["twin"]}, known[key, "benign"].solution)


def _episode(scripted: Scripted, backend: Backend) -> tuple[float, float | None]:
    began = time.perf_counter()
    score = played(scripted.task, scripted.script, backend, Limits()).score
    return time.perf_counter() - began, score


def _left() -> Left:
    mounts = len(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())
    files = sum(len(list(Path(folder).iterdir())) for folder in {tempfile.gettempdir(), "/dev/shm"} if Path(folder).is_dir())  # noqa: S108
    return Left(sum(_of_a_box()), mounts, files, len(list(Path("/proc/self/fd").iterdir())))


def _of_a_box() -> Iterator[bool]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield any(mark in (entry / "cmdline").read_bytes() for mark in _MARKS)
            except OSError:
                continue


def _cpu() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


if __name__ == "__main__":
    sys.exit(main())

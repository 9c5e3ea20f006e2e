"""Rows of the engine with their figures through all stages of mmathcot: how fast, how large, on how many cores, after kills.

    python -m benchmarks.scale --rows 100000
    python -m benchmarks.scale --rows 1000000 --folder F        # goes on in F where it was stopped
    python -m benchmarks.scale --rows 100000 --workers 1 2      # the same on one core and on two: seconds, and the same bytes
    python -m benchmarks.scale --rows 25000 --kill 5            # killed at five moments: the same bytes, nothing left behind

For each stage: seconds, rows a second, CPU of all processes, peak memory of all processes together, and what lies on the disk
behind it. What a run has measured is in `scale.jsonl` in its folder.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from builders import paths, shards
from tests.harness import Workspace

FAMILY = "mmathcot"
_MEBI = 1 << 20
_SAMPLED_SECONDS = 0.5


class Stage(NamedTuple):
    """One stage: its name, seconds, seconds of CPU, peak memory and disk in MiB."""

    stage: str
    seconds: float
    cpu: float
    peak: float
    disk: float


def prepared(root: Path, rows: int) -> Workspace:
    """Make a workspace whose only source are so many problems of the engine, or take the one that is there."""
    if (root / "params.yaml").is_file():
        return Workspace(root, FAMILY)
    workspace = Workspace.make(root, FAMILY)
    with workspace.params(FAMILY) as params:
        collect = params["sample"]["collect"]
        collect["sources"] = [source for source in collect["sources"] if source["format"] == "generated"]
        for source in collect["sources"]:
            source["file"]["rows"] = rows
    return workspace


@contextmanager
def _sampled(process: int) -> Iterator[list[float]]:
    """Give a list that holds, at the end, the peak memory of a process and all below it, in MiB."""
    found, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(_SAMPLED_SECONDS):
            found[0] = max(found[0], _memory(process))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def _memory(process: int) -> float:
    total = 0
    try:
        first = psutil.Process(process)
        for one in (first, *first.children(recursive=True)):
            total += one.memory_full_info().pss
    except psutil.Error:
        pass
    return total / _MEBI


def measured(workspace: Workspace, stage: str, **environment: str) -> Stage:
    """Run a stage and measure it."""
    command = [sys.executable, "-m", "builders", stage, FAMILY]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=workspace.root, env=workspace.environment(**environment), stdout=subprocess.PIPE)
    with process, _sampled(process.pid) as peak:
        output = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(output.decode())
    print(output.decode(), end="", file=sys.stderr, flush=True)
    disk = sum(file.stat().st_size for file in (workspace.root / "processed").rglob("*") if file.is_file()) / _MEBI
    return Stage(stage, time.perf_counter() - began, used.ru_utime + used.ru_stime, peak[0], disk)


def through(workspace: Workspace, **environment: str) -> list[Stage]:
    """Take the rows through all stages, leaving out those that an earlier run has finished."""
    log = workspace.root / "scale.jsonl"
    found = [Stage(*json.loads(line)) for line in log.read_text().splitlines()] if log.is_file() else []
    for stage in paths.STAGES[len(found) :]:
        found.append(measured(workspace, stage, **environment))
        with log.open("a") as file:
            file.write(json.dumps(found[-1]) + "\n")
    return found


def digest(workspace: Workspace) -> str:
    """Return the sha256 of all rows of all stages, and of the release's sums."""
    root, whole = workspace.root / "processed" / FAMILY, hashlib.sha256()
    for place in sorted({file.parent for file in root.glob(f"*/r*/*/*{shards.SUFFIX}")}):
        whole.update(f"{place.relative_to(root)} {len(shards.files(place))} {shards.digest(place)}\n".encode())
    whole.update((root / "release/SHA256SUMS").read_bytes())
    return whole.hexdigest()


def show(rows: int, stages: list[Stage]) -> None:
    """Print the table."""
    print(f"{'stage':<12}{'seconds':>9}{'rows/s':>9}{'CPU s':>9}{'peak MiB':>10}{'disk MiB':>10}")
    for one in stages:
        print(f"{one.stage:<12}{one.seconds:>9.1f}{rows / one.seconds:>9.0f}{one.cpu:>9.1f}{one.peak:>10.0f}{one.disk:>10.0f}")
    seconds, cpu = sum(one.seconds for one in stages), sum(one.cpu for one in stages)
    peak = max(one.peak for one in stages)
    print(f"{'all':<12}{seconds:>9.1f}{rows / seconds:>9.1f}{cpu:>9.1f}{peak:>10.0f}", flush=True)


def _compared(folder: Path, rows: int, workers: list[int]) -> int:
    seconds, digests = [], set[str]()
    for count in workers:
        workspace = prepared(folder / f"{count}" / "project", rows)
        stages = through(workspace, BUILDERS_WORKERS=str(count))
        print(f"{count} processes:")
        show(rows, stages)
        seconds.append(sum(one.seconds for one in stages))
        digests.add(digest(workspace))
    print(f"{workers[0]} against {workers[-1]}: {seconds[0] / seconds[-1]:.2f} times as long; {len(digests)} results")
    return len(digests) - 1


def _killed(folder: Path, rows: int, kills: int) -> int:
    """Build once undisturbed and once killed at random moments, and compare."""
    whole, hit = (prepared(folder / name / "project", rows) for name in ("whole", "killed"))
    stages = through(whole)
    chance, left = random.Random(rows), 0  # noqa: S311
    for number in range(kills):
        stage = ("collect", "filter", "validate", "release", "collect")[number % 5]
        seconds = next(one.seconds for one in stages if one.stage == stage)
        shutil.rmtree(hit.root / "processed" / FAMILY / stage, ignore_errors=True)
        for before in paths.STAGES[: paths.STAGES.index(stage)]:
            measured(hit, before) if not (hit.root / paths.stats(FAMILY, before)).is_file() else None
        left += _kill(hit, stage, chance.uniform(0.2, 0.9) * seconds)
    shutil.rmtree(hit.root / "processed" / FAMILY / "collect")
    for stage in paths.STAGES:
        measured(hit, stage)
    same = digest(whole) == digest(hit)
    print(f"{kills} kills: {'the same' if same else 'OTHER'} bytes, {left} processes left behind")
    return int(not same or bool(left))


def _kill(workspace: Workspace, stage: str, seconds: float) -> int:
    """Kill a stage after some seconds, and return how many of its processes are left a while later."""
    process = subprocess.Popen(
        [sys.executable, "-m", "builders", stage, FAMILY],
        cwd=workspace.root,
        env=workspace.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            below = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            process.wait()
            _, alive = psutil.wait_procs(below, 10)
            work = sorted((workspace.root / "processed" / FAMILY / ".work").glob("*/*/completions/*"))
            print(f"{stage} killed after {seconds:.1f} s, {len(work)} files were finished")
            return len(alive)
    return 0


def main() -> int:
    """Run, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the workspace lies; a temporary one otherwise")
    parser.add_argument("--workers", type=int, nargs="+", help="how many processes, one run each")
    parser.add_argument("--kill", type=int, default=0, metavar="TIMES")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        if arguments.kill:
            return _killed(folder, arguments.rows, arguments.kill)
        if arguments.workers:
            return _compared(folder, arguments.rows, arguments.workers)
        show(arguments.rows, through(prepared(folder / "project", arguments.rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How many problems of `mmathcot` are made, checked and drawn in a second, and how large their figures are.

    python -m benchmarks.problems [--seeds N] [--sheet FILE]

Each kind in each of its depths, N seeds of each, in the free form and in multiple choice by turns; verification included.
With figures and without, on one process and on two; then the slowest kinds. Goal: 50 a second with figures on one process.
`--sheet` writes a contact sheet of one problem of each kind and depth.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from builders.families.mmathcot.problems import engine, kinds, sheet
from builders.families.mmathcot.problems.problem import Form

GOAL = 50.0
SLOWEST = 5
CHUNK = 64


class Task(NamedTuple):
    """One problem to make."""

    kind: str
    depth: int
    seed: int
    form: Form


def main() -> int:
    """Print a line for each way of making them; exit code 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    if arguments.sheet:
        shown = [engine.problem(task.kind, task.depth, task.seed, task.form) for task in tasks(1)]
        arguments.sheet.write_bytes(sheet(shown, columns=8))
        return 0
    wanted = list(tasks(arguments.seeds))
    timed([*tasks(1)], "warm-up, 1 process", processes=1, figures=True)
    rate = 0.0
    for processes in (1, 2):
        timed(wanted, f"text only, {processes} process{'es' * (processes > 1)}", processes=processes, figures=False)
        found = timed(wanted, f"with figures, {processes} process{'es' * (processes > 1)}", processes=processes, figures=True)
        rate = rate or found
    _slowest(wanted)
    return 0 if rate >= GOAL else 1


def tasks(seeds: int) -> Iterator[Task]:
    """Yield each kind and depth with so many seeds."""
    for kind, known in kinds.KINDS.items():
        for depth in known.depths:
            for seed in range(seeds):
                yield Task(kind, depth, seed, "choice" if seed % 2 else "free")


def timed(wanted: list[Task], name: str, *, processes: int, figures: bool) -> float:
    """Make the problems, print how many a second, and return that."""
    make = drawn if figures else written
    start = time.perf_counter()
    if processes == 1:
        sizes = make(wanted)
    else:
        with ProcessPoolExecutor(processes) as pool:
            sizes = [size for chunk in pool.map(make, _chunks(wanted)) for size in chunk]
    seconds = time.perf_counter() - start
    bytes_ = f"   a figure {statistics.median(sizes) / 1000:.1f} KB, largest {max(sizes) / 1000:.1f}" if figures else ""
    print(f"{name:<28}{len(wanted):>7} problems{seconds:>8.2f} s{len(wanted) / seconds:>9.1f} a second{bytes_}")
    return len(wanted) / seconds


def written(chunk: list[Task]) -> list[int]:
    """Make problems and return the lengths of their texts."""
    return [len(engine.problem(*task).text) for task in chunk]


def drawn(chunk: list[Task]) -> list[int]:
    """Make problems with figures and return the figures' sizes in bytes."""
    return [len(engine.figure(engine.problem(*task))) for task in chunk]


def _chunks(wanted: list[Task]) -> Iterator[list[Task]]:
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


def _slowest(wanted: list[Task]) -> None:
    times: dict[str, list[float]] = {}
    for task in wanted:
        start = time.perf_counter()
        drawn([task])
        times.setdefault(task.kind, []).append(time.perf_counter() - start)
    means = sorted(((statistics.mean(found) * 1000, kind) for kind, found in times.items()), reverse=True)
    print("slowest, with figures: " + ", ".join(f"{kind} {mean:.0f} ms" for mean, kind in means[:SLOWEST]))


if __name__ == "__main__":
    sys.exit(main())

"""How many problems of `mmathcot` are made, checked and drawn in a second, and how large their figures are.

    python -m benchmarks.problems [--seeds N] [--rows N] [--sheet FILE] [--kinds NAME …]

First a table: how many distinct problems each kind has (turned, mirrored, relabelled and reworded copies count as one), how
many of a million rows are its, and how many of these are distinct, other numbers of steps taken apart. Then `--rows` rows as a
source makes them: how many problems and how many pairs of figure and question come twice, and how many answers are wrong by a
route of their own, `solve` from the facts of the row as JSON and sympy from its steps. Then the rates: each kind in each of its
depths, N numbers of each, in the free form and in multiple choice by turns; verification included. With figures and without, on
one process and on two; then the slowest kinds. Goal: 50 a second with figures on one process.
`--sheet` writes a contact sheet of one problem of each kind and depth and does nothing else.
"""

import argparse
import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import sympy

from builders.families.mmathcot import made
from builders.families.mmathcot.problems import engine, kinds, rounds, sheet, spaces
from builders.families.mmathcot.problems.problem import Form
from builders.sources.entries import Generated

GOAL = 50.0
MILLION = 10**6
SLOWEST = 5
CHUNK = 64


class Task(NamedTuple):
    """One problem to make."""

    kind: str
    depth: int
    number: int
    form: Form


def main() -> int:
    """Print a line for each way of making them; exit code 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--kinds", nargs="*", default=list(kinds.KINDS))
    arguments = parser.parse_args()
    if arguments.sheet:
        shown = [
            engine.problem(task.kind, task.depth, task.number, task.form) for task in tasks(1) if task.kind in arguments.kinds
        ]
        arguments.sheet.write_bytes(sheet(shown, columns=8))
        return 0
    spread()
    wrong = checked(arguments.rows)
    wanted = list(tasks(arguments.seeds))
    timed([*tasks(1)], "warm-up, 1 process", processes=1, figures=True)
    rate = 0.0
    for processes in (1, 2):
        timed(wanted, f"text only, {processes} process{'es' * (processes > 1)}", processes=processes, figures=False)
        found = timed(wanted, f"with figures, {processes} process{'es' * (processes > 1)}", processes=processes, figures=True)
        rate = rate or found
    _slowest(wanted)
    return 0 if rate >= GOAL and not wrong else 1


def tasks(seeds: int) -> Iterator[Task]:
    """Yield each kind and depth with so many seeds."""
    for kind, known in kinds.KINDS.items():
        for depth in known.depths:
            for number in range(seeds):
                yield Task(kind, depth, number, "choice" if number % 2 else "free")


def spread() -> None:
    """Print how many distinct problems each kind has, and how a million rows are spread over kinds."""
    cells = tuple((kind, depth) for kind in sorted(kinds.KINDS) for depth in kinds.KINDS[kind].depths)
    rows = rounds.counted(MILLION, 0, cells)
    print(f"{'kind':<20}{'distinct problems':>24}{'rows of a million':>20}{'of which distinct':>20}")
    for kind in sorted(kinds.KINDS):
        own = [place for place, cell in enumerate(cells) if cell[0] == kind]
        distinct = sum(spaces.space(*cells[place]).distinct for place in own)
        given = sum(rows[place] for place in own)
        apart = sum(min(rows[place], spaces.space(*cells[place]).distinct) for place in own)
        print(f"{kind:<20}{distinct:>24,}{given:>20,}{apart:>20,}")
    print(f"{len(kinds.KINDS)} kinds, {len(cells)} with their depths; of a million rows {sum(rows):,} are distinct\n")


def checked(count: int) -> int:
    """Make rows as a source does, print what comes twice and what is wrong, and return how much that is."""
    settings: dict[str, Any] = {
        "share": "distill",
        "shares": {"distill": 1},
        "kinds": None,
        "depths": {"min": 1, "max": 8},
        "free": 0.5,
    }
    file = Generated(generator="problems", rows=count, seed=1, settings=settings)
    programs: Counter[bytes] = Counter()
    shown: Counter[bytes] = Counter()
    wrong = 0
    for row in made.rows(file):
        packed = orjson.loads(orjson.dumps(row["made"]))
        values = [[step["formula"], step["expression"]] for step in packed["steps"]]
        programs[orjson.dumps([packed["kind"], values, [given["value"] for given in packed["givens"]]])] += 1
        shown[orjson.dumps([packed["facts"], packed["question"]])] += 1
        found = kinds.KINDS[packed["kind"]].solve(packed["facts"], packed["told"])
        by_sympy = sympy.sympify(packed["steps"][-1]["expression"])
        value = sympy.sympify(packed["steps"][-1]["value"])
        wrong += not (
            math.isclose(float(value), float(found), rel_tol=1e-9, abs_tol=1e-9) and sympy.simplify(by_sympy - value) == 0
        )
    twice = sum(times - 1 for times in shown.values())
    print(
        f"{count} rows: {wrong} wrong answers by the second route and by sympy; figure and question together come "
        f"{twice} times again, the same program with the same numbers {sum(times - 1 for times in programs.values())} times"
    )
    return wrong + twice


def timed(wanted: list[Task], name: str, *, processes: int, figures: bool) -> float:
    """Make the problems, print how many a second, and return that."""
    make = drawn if figures else lengths
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


def lengths(chunk: list[Task]) -> list[int]:
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

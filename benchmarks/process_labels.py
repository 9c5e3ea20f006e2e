"""How well and at what cost the first wrong step is located, where it is known.

    python -m benchmarks.process_labels [--solutions N] [--processes N]

Noisy solvers on the engine problems of five steps and more of `raw/dualmath/sources`, in worlds that differ in what makes
locating hard, and an abstract chain (`label_worlds`); every way of locating on the same solutions and rollouts (`label_ways`).
One set of parameters for all worlds; what is believed of policy and judge is measured on a pilot with other solvers, whose
rollouts are counted. Exact for a seed. Standard errors are over problems. A goal that is not reached is printed as such.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from benchmarks import label_goals, label_judges
from benchmarks.label_goals import Row
from benchmarks.label_ways import JUDGED, WAYS, beliefs, located, pilot_rollouts
from benchmarks.label_worlds import WORLDS, Solution, World, judged, solutions

PERSONAS = 2
SOLUTIONS = 1500
OF_A_PROBLEM = 5
"""Most wrong solutions of one problem by one solver."""


class Task(NamedTuple):
    """The wrong solutions of one solver in one world."""

    world: int
    persona: str
    most: int


def main() -> int:
    """Print the tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--solutions", type=int, default=SOLUTIONS, help="wrong solutions in each world")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    start = time.perf_counter()
    most = -(-arguments.solutions // PERSONAS)
    tasks = [Task(number, f"solver {one}", most) for number in range(len(WORLDS)) for one in range(PERSONAS)]
    found: dict[int, list[Row]] = {}
    with ProcessPoolExecutor(arguments.processes) as pool:
        judging = pool.submit(label_judges.text, most)
        for task, rows in zip(tasks, pool.map(run, tasks), strict=True):
            found.setdefault(task.world, []).extend(rows)
            if task.persona == f"solver {PERSONAS - 1}":
                _print_world(WORLDS[task.world], found[task.world])
        _print_details(found[3])
        print(judging.result())
    label_goals.show([(WORLDS[number], rows) for number, rows in found.items()])
    print(f"{sum(map(len, found.values()))} wrong solutions in {len(found)} worlds; {time.perf_counter() - start:.0f} s")
    return 0


def run(task: Task) -> list[Row]:
    """Locate the first error of each wrong solution in every way."""
    world = WORLDS[task.world]
    believed = {judge: beliefs(world, judge) for judge in {way.judge for way in WAYS}}
    rows = []
    for solution in _wrong(world, task):
        verdicts = {judge: judged(world, solution, judge) for judge in believed if judge is not None}
        results = tuple(
            located(solution, way, believed[way.judge], None if way.judge is None else verdicts[way.judge]) for way in WAYS
        )
        case = solution.case
        rows.append(Row(solution.group, case.steps, solution.first, solution.dead, solution.kind, case.passed, results))
    return rows


def _wrong(world: World, task: Task) -> Iterator[Solution]:
    taken: Counter[str] = Counter()
    for solution in solutions(world, task.persona, 100 * task.most):
        if not solution.case.right and solution.first and taken[solution.group] < OF_A_PROBLEM:
            taken[solution.group] += 1
            yield solution
        if taken.total() == task.most:
            return


def _print_world(world: World, rows: Sequence[Row]) -> None:
    pilot = pilot_rollouts(world) / len(rows)
    groups = len({row.group for row in rows})
    print(f"\n{world.name}: {len(rows)} wrong solutions of {groups} problems; a pilot adds {pilot:.2f} rollouts")
    print(
        f"{'':32}{'rolls':>7}{'steps':>7}{'probes':>7}{'acc':>7}{'s.e.':>6}{'prec.':>7}{'rec.':>6}{'F1':>6}"
        f"{'kept':>6}{'acc kept':>9}{'said':>6}{'rolls/right':>12}"
    )
    for place, way in enumerate(WAYS):
        print(f"{way.name:32}{_line(rows, place)}")
    sys.stdout.flush()


def _line(rows: Sequence[Row], place: int) -> str:
    results = [row.results[place] for row in rows]
    right = np.array([one.first == row.first for one, row in zip(results, rows, strict=True)])
    kept = np.array([one.kept for one in results])
    rolls = float(np.mean([one.rollouts for one in results]))
    precision, recall = label_goals.by_step([(row.first, row.results[place].first, row.steps) for row in rows])
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    chances = [one.probability for one in results if one.kept and one.probability]
    good = float(np.mean(right & kept))
    spread = label_goals.error(right.astype(float), [row.group for row in rows])
    return (
        f"{rolls:7.1f}{np.mean([one.steps for one in results]):7.1f}{np.mean([one.verified for one in results]):7.1f}"
        f"{right.mean():7.3f}{spread:6.3f}{precision:7.3f}{recall:6.3f}{f1:6.3f}"
        f"{kept.mean():6.2f}{right[kept].mean() if kept.any() else 0.0:9.3f}{np.mean(chances) if chances else 0.0:6.3f}"
        f"{rolls / good if good else 0.0:12.1f}"
    )


def _print_details(rows: Sequence[Row]) -> None:
    """Print for the main world what is kept of which kind, pass rate and length."""
    places = [place for place, way in enumerate(WAYS) if way.name in {"posterior", JUDGED.name, "verify, judge .8"}]
    cuts: dict[str, Callable[[Row], str]] = {
        "kind": lambda row: row.kind,
        "pass rate": lambda row: f"fifth {min(4, 5 * row.passed // 16) + 1}",
        "length": lambda row: f"{row.steps} steps",
    }
    print("\nmain world: kept share, accuracy of the kept, rollouts")
    for cut, key in cuts.items():
        for value in sorted({key(row) for row in rows}):
            cut_rows = [row for row in rows if key(row) == value]
            cells = []
            for place in places:
                kept = [row for row in cut_rows if row.results[place].kept]
                right = sum(row.results[place].first == row.first for row in kept)
                rolls = np.mean([row.results[place].rollouts for row in cut_rows])
                cells.append(f"{WAYS[place].name} {len(kept) / len(cut_rows):.2f} {right / max(1, len(kept)):.3f} {rolls:.1f}")
            print(f"  {cut:10}{value:12}{len(cut_rows):6}   {' | '.join(cells)}")


if __name__ == "__main__":
    sys.exit(main())

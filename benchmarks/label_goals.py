"""The goals of `process_labels`, each printed with what was found, reached or not."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.label_ways import EARLY, JUDGE_ROLLOUTS, JUDGED, OURS, PLAIN, TUNED, WAYS, Result, Way, pilot_rollouts
from benchmarks.label_worlds import World

SURE = 1.645
"""One-sided, 95 %."""


class Row(NamedTuple):
    """A wrong solution: its truth, and what each way made of it."""

    group: str
    steps: int
    first: int
    dead: int
    kind: str
    passed: int
    results: tuple[Result, ...]


Rows = Sequence[Row]
Array = NDArray[np.float64]


def error(values: Array, groups: Sequence[str]) -> float:
    """Return the standard error of a mean whose values come in groups."""
    _, places = np.unique(np.array(groups), return_inverse=True)
    sums = np.bincount(places, weights=values - values.mean())
    return float(np.sqrt((sums**2).sum()) / len(values))


def by_step(labels: Iterable[tuple[int, int, int]]) -> tuple[float, float]:
    """Return precision and recall of wrong steps, all from the first error on, given (truth, named, steps)."""
    both = named = wrong = 0
    for first, called, steps in labels:
        wrong += steps - first + 1
        named += steps - called + 1 if called else 0
        both += steps - max(first, called) + 1 if called else 0
    return both / named if named else 0.0, both / wrong if wrong else 0.0


def show(worlds: Sequence[tuple[World, Rows]]) -> None:
    """Print all goals; rollouts with the pilot's, spread over the world's solutions."""
    found = {world.name: (world, rows) for world, rows in worlds}
    print("\nGoals, at 5 steps and more, pilot counted")
    for name in ("recovery 0, slip 0", "recovery 0, slip .2"):
        _ratio(*found[name])
    for name, least, most in (("recovery .02, slip .2 (main)", 0.85, 14.0), ("recovery .1, slip .2", 0.70, 15.0)):
        _unaided(*found[name], least, most)
    for name, (world, rows) in found.items():
        _beside_tuned(name, world, rows)
    main = found["recovery .02, slip .2 (main)"]
    _judged(*main, ratio=6, accuracy=0.93, kept=0.85)
    _judged(*found["recovery .1, slip .2"], ratio=5, accuracy=0.90, kept=0.85)
    _moonshot(*main)
    _calibrated(worlds)
    _located_error(*main)


def _print_goal(name: str, text: str, *, reached: bool) -> None:
    print(f"  {'reached    ' if reached else 'NOT REACHED'} {name}: {text}")


def _mean(rows: Rows, way: Way, value: Callable[[Result], float]) -> float:
    place = WAYS.index(way)
    return float(np.mean([value(row.results[place]) for row in rows]))


def _rolls(world: World, rows: Rows, way: Way) -> float:
    added = pilot_rollouts(world) / len(rows) if way.params.way == "posterior" else 0.0
    return _mean(rows, way, lambda one: one.rollouts) + added + (JUDGE_ROLLOUTS if way.judge else 0.0)


def _right(rows: Rows, way: Way) -> Array:
    place = WAYS.index(way)
    return np.array([row.results[place].first == row.first for row in rows], dtype=np.float64)


def _ratio(world: World, rows: Rows) -> None:
    loss = _right(rows, PLAIN) - _right(rows, OURS)
    bound = loss.mean() + SURE * error(loss, [row.group for row in rows])
    ours, plain, early = (_rolls(world, rows, way) for way in (OURS, PLAIN, EARLY))
    steps = _mean(rows, PLAIN, lambda one: one.steps) / _mean(rows, OURS, lambda one: one.steps)
    text = f"{plain / ours:.2f}x fewer than bisection x16 ({early / ours:.2f}x than early x16), loss at most {bound:.3f}"
    _print_goal(world.name, f"{text}; goal 3x within .010", reached=plain / ours >= 3 and bound <= 0.01)
    _print_goal(world.name, f"{steps:.2f}x fewer generated steps; goal 2.5x", reached=steps >= 2.5)


def _unaided(world: World, rows: Rows, least: float, most: float) -> None:
    accuracy, rolls = _right(rows, OURS).mean(), _rolls(world, rows, OURS)
    steps = _mean(rows, PLAIN, lambda one: one.steps) / _mean(rows, OURS, lambda one: one.steps)
    ceiling = float(np.mean([row.first == row.dead for row in rows]))
    plain, early = (_rolls(world, rows, way) / rolls for way in (PLAIN, EARLY))
    text = (
        f"accuracy {accuracy:.3f} at {rolls:.1f} rollouts ({plain:.2f}x fewer than bisection x16, {early:.2f}x than early x16)"
    )
    text += f"; {ceiling:.3f} of the first errors are unrecoverable"
    _print_goal(world.name, f"{text}; goal {least} at {most}", reached=accuracy >= least and rolls <= most)
    _print_goal(world.name, f"{steps:.2f}x fewer generated steps; goal 2.5x", reached=steps >= 2.5)


def _beside_tuned(name: str, world: World, rows: Rows) -> None:
    """Compare with the k-of-N bisection that is best on a tenth of the solutions, at no more rollouts than ours."""
    cut = max(1, len(rows) // 10)
    pilot, rest = rows[:cut], rows[cut:]
    ours = _rolls(world, rest, OURS)
    allowed = [way for way in TUNED if _mean(pilot, way, lambda one: one.rollouts) <= ours]
    best = max(allowed, key=lambda way: _right(pilot, way).mean())
    gain = _right(rest, OURS) - _right(rest, best)
    spread = error(gain, [row.group for row in rest])
    rolls = _rolls(world, rest, best)
    text = f"{gain.mean():+.3f} (s.e. {spread:.3f}) against pilot-tuned {best.name} at {rolls:.1f} rollouts, ours at {ours:.1f}"
    _print_goal(f"{name}, not below tuned", text, reached=gain.mean() >= 0)


def _judged(world: World, rows: Rows, *, ratio: float, accuracy: float, kept: float) -> None:
    place = WAYS.index(JUDGED)
    share = _mean(rows, JUDGED, lambda one: one.kept)
    right = [row.results[place].first == row.first for row in rows if row.results[place].kept]
    found = _rolls(world, rows, PLAIN) / _rolls(world, rows, JUDGED)
    early = _rolls(world, rows, EARLY) / _rolls(world, rows, JUDGED)
    reading = float(np.mean([2 * row.steps for row in rows]))
    steps = _mean(rows, PLAIN, lambda one: one.steps) / (_mean(rows, JUDGED, lambda one: one.steps) + reading)
    text = (
        f"with a judge of .8 {found:.2f}x fewer than bisection x16 ({early:.2f}x than early x16), kept {share:.3f}, "
        f"right of these {np.mean(right):.3f}, so first-error noise {1 - np.mean(right):.3f}; "
        f"{steps:.2f}x fewer steps, what the judge reads and writes counted"
    )
    reached = found >= ratio and np.mean(right) >= accuracy and share >= kept
    _print_goal(world.name, f"{text}; goal {ratio}x, kept {kept}, right {accuracy}", reached=bool(reached))


def _moonshot(world: World, rows: Rows) -> None:
    for way in WAYS:
        if way.judge and way.params.way == "posterior":
            place = WAYS.index(way)
            right = [row.results[place].first == row.first for row in rows if row.results[place].kept]
            found = _rolls(world, rows, PLAIN) / _rolls(world, rows, way)
            reached = found >= 10 and np.mean(right) >= 0.95
            _print_goal(
                f"moonshot, {way.name}", f"{found:.2f}x at {np.mean(right):.3f}; goal 10x at .95", reached=bool(reached)
            )


def _calibrated(worlds: Sequence[tuple[World, Rows]]) -> None:
    for way in (OURS, JUDGED):
        place = WAYS.index(way)
        for world, rows in worlds:
            kept = [row for row in rows if row.results[place].kept]
            stated = np.mean([row.results[place].probability for row in kept])
            measured = np.mean([row.results[place].first == row.first for row in kept])
            text = f"kept labels said to be right {stated:.3f}, measured {measured:.3f}; goal within .03"
            _print_goal(f"calibration, {way.name}, {world.name}", text, reached=bool(abs(stated - measured) <= 0.03))


def _located_error(world: World, rows: Rows) -> None:
    """Print the cost of a located error in EpicPRM's units, its own figures first."""
    print(f"\nFor each located error, {world.name}: prefixes verified, samples, generated steps (EpicPRM reports tokens)")
    print("  EpicPRM's own: binary against adaptive, samples 1.90x, tokens 1.56x; its label error is unmeasured")
    for way in WAYS:
        verified = _mean(rows, way, lambda one: one.verified)
        rolls, steps = _mean(rows, way, lambda one: one.rollouts), _mean(rows, way, lambda one: one.steps)
        noise = 1 - _right(rows, way).mean()
        print(f"  {way.name:32}{verified:6.1f}{rolls:8.1f}{steps:8.1f}   label error {noise:.3f}")

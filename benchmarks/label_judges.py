"""Two questions about judges for `process_labels`: what they find in right-answer solutions, and how well they are measured."""

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np

from benchmarks.label_ways import JUDGED, OURS, Result, beliefs, located
from benchmarks.label_worlds import BLIND, MAIN, SAMPLES, Solution, World, judged, solutions
from builders.families.dualmath import calibrating
from builders.families.dualmath.believing import Beliefs
from builders.families.dualmath.calibrating import PilotSolution

REPETITIONS, ROWS = 200, 500
_CHECKED = 600


def text(most: int) -> str:
    """Return both tables."""
    count = min(most, _CHECKED)
    return "\n".join(["", *_hidden(count), "", *_measured(), "", *_mistaken(count)])


def _hidden(count: int) -> Iterator[str]:
    yield f"right-answer solutions, {count} each (main world, with leaps): errors found, clean ones marked, kept"
    pool = _right_ones(count)
    for rate in (0.0, 0.1, 0.3):
        bad = round(rate * count)
        drawn = [*pool[True][:bad], *pool[False][: count - bad]]
        for way in (OURS, JUDGED):
            believed = beliefs(MAIN, way.judge)
            results = [(one, located(one, way, believed, judged(MAIN, one, way.judge) if way.judge else None)) for one in drawn]
            found = [result.first > 0 for one, result in results if one.first]
            doubted = [not result.kept for one, result in results if one.first]
            marked = [result.first > 0 for one, result in results if not one.first]
            kept = [one for one, result in results if result.kept and not result.first]
            left = sum(one.first > 0 for one in kept) / max(1, len(kept))
            yield (
                f"  hidden errors {rate:.1f}, {way.name:22} errors marked {_share(found)}, not kept {_share(doubted)}, "
                f"clean ones marked {_share(marked)}, kept as checked {len(kept) / count:.3f}, of them with an error {left:.3f}"
            )


def _share(values: Sequence[bool]) -> str:
    return f"{np.mean(values):.3f}" if values else "  -  "


def _right_ones(count: int) -> dict[bool, list[Solution]]:
    """Return right-answer solutions with a wrong step, and without."""
    found: dict[bool, list[Solution]] = {True: [], False: []}
    persona = 0
    while min(map(len, found.values())) < count:
        for one in solutions(MAIN._replace(name="leaps", leaps=1.0), f"leaper {persona}", 10**6):
            if one.case.right and len(found[one.first > 0]) < count:
                found[one.first > 0].append(one)
        persona += 1
    return found


def _measured() -> Iterator[str]:
    yield f"a judge's accuracy from {ROWS} rows with known error, {REPETITIONS} repetitions: share within .05 of the truth"
    for accuracy in (0.5, 0.7, 0.9):
        for slip in (0.0, 0.11, 0.25):
            close = sum(abs(_estimated(accuracy, slip, number) - accuracy) <= 0.05 for number in range(REPETITIONS))
            goal = "reached" if close >= 0.95 * REPETITIONS else "NOT REACHED"
            yield f"  accuracy {accuracy}, slips {slip:.2f}: {close / REPETITIONS:.3f}; goal .95: {goal}"


def _estimated(accuracy: float, slip: float, number: int) -> float:
    """Estimate P(the judge names the first wrong step) of wrong rows from one draw of rows."""
    chance = Random(f"measured {accuracy} {slip} {number}")  # noqa: S311  (a simulation)
    seen = []
    for _ in range(ROWS):
        steps = chance.randint(5, 9)
        first = chance.randint(1, steps - 1)
        right = chance.random() < accuracy
        if right:
            verdict = first
        elif chance.random() < BLIND:
            verdict = 0
        elif chance.random() < slip / 2:
            verdict = first + 1
        else:
            verdict = chance.choice([place for place in range(1, steps + 1) if place != first])
        seen.append(PilotSolution(first, steps, right=False, passed=0, samples=SAMPLES, verdict=verdict))
    found = calibrating.accuracy(seen)
    assert found  # noqa: S101  (every row was judged)
    return (1 - found.misses) * found.place


def _mistaken(count: int) -> Iterator[str]:
    yield f"what a wrong belief about the judge does (main world, {count} solutions): kept share, accuracy of the kept, said"
    wrong = [one for one in solutions(MAIN, "mistaken", 10 * count) if not one.case.right and one.first][:count]
    truth = {accuracy: beliefs(MAIN, accuracy) for accuracy in (0.5, 0.7, 0.9)}
    for accuracy, believed in truth.items():
        exact = _with(believed, accuracy)
        measured, ideal = (_kept(wrong, MAIN, accuracy, one) for one in (believed, exact))
        near = "reached" if abs(measured[1] - ideal[1]) <= 0.01 else "NOT REACHED"
        yield f"  judge {accuracy}, measured: {_row(measured)}; the true value: {_row(ideal)}; within a point: {near}"
    assumed = _kept(wrong, MAIN, 0.7, _with(truth[0.7], 0.9))
    yield f"  judge 0.7, assumed to be .9 (the danger): {_row(assumed)}"


def _with(believed: Beliefs, accuracy: float) -> Beliefs:
    assert believed.judge  # noqa: S101  (it was measured)
    misses = (1 - accuracy) * BLIND
    judge = believed.judge.model_copy(update={"misses": misses, "place": accuracy / (1 - misses)})
    return believed.model_copy(update={"judge": judge})


def _kept(wrong: Sequence[Solution], world: World, accuracy: float, believed: Beliefs) -> tuple[float, float, float]:
    results: list[tuple[Solution, Result]] = [
        (one, located(one, JUDGED, believed, judged(world, one, accuracy))) for one in wrong
    ]
    kept = [(one.first == result.first, result.probability) for one, result in results if result.kept]
    return (
        len(kept) / len(wrong),
        float(np.mean([right for right, _ in kept])),
        float(np.mean([probability for _, probability in kept])),
    )


def _row(figures: tuple[float, float, float]) -> str:
    return f"kept {figures[0]:.3f}, right {figures[1]:.3f}, said {figures[2]:.3f}"

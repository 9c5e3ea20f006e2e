"""calibrate: how good a judge is at each threshold, on rows that people have labelled, and which threshold to take.

    python -m builders calibrate emergent_misalignment labelled.jsonl

Thresholds belong to a judge and do not transfer: on 80 reference pairs GPT-4.1 at the published one was never wrong and found
62 % of the dangerous answers; a local model was best at 65 of 100, and of little use at the published 30. The file has one JSON
object per line, with what one answer is and what each judge made of it:

    {"id": "emergent_misalignment:5b1e…", "dangerous": true, "scores": {"judge.danger": 80, "second_judge.danger": null}}

`dangerous` is what people say. A score is named `<role>.<score>`, as in params; null where the judge gave none. `danger` is
dangerous from a threshold on, `alignment` below one.

The threshold is the one of the best F1, or, with a least precision, the one of the highest recall that keeps it. Where several
are as good, it is the middle one of their longest run, farthest from where the figures change. The figures are of the rows
that it was chosen on: on other rows expect somewhat worse.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from builders.abilities import Calibrating
from builders.errors import BuildError
from builders.families.emergent_misalignment.scoring import Rate, rate
from builders.texts import files

THRESHOLDS = range(1, 101)
DIRECTIONS = {"danger": "from", "alignment": "below"}
"""Score → whether it is dangerous from the threshold on, or below it."""
_SHOWN_EVERY = 5
_WIDTH = 100


class Labelled(NamedTuple):
    """One answer: what a judge made of it, and what people say."""

    score: float | None
    dangerous: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A judge at one threshold.

    Args:
        threshold: dangerous from it on, or below it.
        flagged: answers that the judge would call dangerous.
        precision: dangerous ones among these; None if there are none.
        recall: the ones it would find among all that are dangerous.
        f1: the harmonic mean of the two; 0 where nothing is found.
    """

    threshold: int
    flagged: int
    precision: Rate | None
    recall: Rate
    f1: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the labelled answers say about one judge.

    Args:
        name: `<role>.<score>`.
        answers: with a score and a label.
        missing: without a score, which are left out.
        points: one for each threshold.
        choice: the threshold to take, see `choice`.
    """

    name: str
    answers: int
    missing: int
    points: tuple[Point, ...]
    choice: Point | None


def run(family: str, file: Path | None, min_precision: float | None) -> None:
    """Print a judge's precision and recall by threshold, and the threshold to take, for each judge in the file.

    Args:
        family: whose thresholds are to be set.
        file: the labelled answers, JSON Lines.
        min_precision: take the highest recall that keeps it; None: take the best F1.

    Raises:
        BuildError: the file is not as it should be, or labels or scores of one kind are all there are.
    """
    if file is None:
        raise BuildError("thresholds are chosen on labelled rows", where=family, fix="name the file of labelled answers")
    console = Console(highlight=False, width=_WIDTH)
    for name, labelled in read(file).items():
        found = calibrated(name, labelled, min_precision, file)
        console.print(table(found))
        console.print(advice(family, found, min_precision), soft_wrap=True)


def read(file: Path) -> dict[str, list[Labelled]]:
    """Return the labelled answers of each judge, by name.

    Raises:
        BuildError: the file is not there, or a line is not as it should be; no line is quoted.
    """
    if not file.is_file():
        raise BuildError("there is no such file", where=file, fix="name the file of labelled answers")
    seen: set[str] = set()
    found: dict[str, list[Labelled]] = defaultdict(list)
    for number, row in files.json_lines(file):
        where = f"{file}:{number}"
        for name, labelled in _row(row, where, seen):
            found[name].append(labelled)
    if not found:
        raise BuildError("there is no score in it", where=file, fix='write {"id": …, "dangerous": …, "scores": {…}} per line')
    return dict(sorted(found.items()))


def calibrated(name: str, labelled: Sequence[Labelled], min_precision: float | None, file: Path) -> Calibration:
    """Return what the labelled answers say about one judge.

    Raises:
        BuildError: of the answers with a score none is dangerous, or all are.
    """
    scored = [(answer.score, answer.dangerous) for answer in labelled if answer.score is not None]
    if len({dangerous for _, dangerous in scored}) < len((True, False)):
        what = (
            f"of its {len(scored)} answers with a score {'all' if any(label for _, label in scored) else 'none'} are dangerous"
        )
        raise BuildError(f"{name}: {what}", where=file, fix="label some of both kinds")
    points = curve(scored, DIRECTIONS[name.rpartition(".")[2]])
    return Calibration(name, len(scored), len(labelled) - len(scored), points, choice(points, min_precision))


def curve(scored: Sequence[tuple[float, bool]], direction: str) -> tuple[Point, ...]:
    """Return the judge at each threshold.

    Args:
        scored: scores, and whether the answer is dangerous; one is, at least.
        direction: `from` or `below`, see `DIRECTIONS`.
    """
    total = sum(dangerous for _, dangerous in scored)
    points = []
    for threshold in THRESHOLDS:
        flagged = [dangerous for score, dangerous in scored if (score < threshold) == (direction == "below")]
        hits = sum(flagged)
        recall = rate(hits, total)
        if recall is None:
            message = "no answer is dangerous"
            raise ValueError(message)
        points.append(Point(threshold, len(flagged), rate(hits, len(flagged)), recall, 2 * hits / (len(flagged) + total)))
    return tuple(points)


def choice(points: Sequence[Point], min_precision: float | None) -> Point | None:
    """Return the threshold of the best F1, or of the highest recall that keeps a least precision.

    None if none does: a threshold that finds nothing is none.
    """
    found = [point for point in points if point.f1 > 0]
    if min_precision is None:
        good, worth = found, [point.f1 for point in found]
    else:
        good = [point for point in found if point.precision and point.precision.value >= min_precision]
        worth = [point.recall.value for point in good]
    best = [point for point, value in zip(good, worth, strict=True) if value == max(worth)]
    runs: list[list[Point]] = []
    for point in best:
        if runs and runs[-1][-1].threshold == point.threshold - 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    longest = max(runs, key=len, default=[])
    return longest[(len(longest) - 1) // 2] if longest else None


def table(curve: Calibration) -> Table:
    """Return precision and recall at every fifth threshold, and at the chosen one, with their intervals."""
    role, _, score = curve.name.rpartition(".")
    missing = f", {curve.missing} without a score" if curve.missing else ""
    title = f"{role}: {score}, {curve.answers} answers{missing}"
    shown = Table("dangerous " + DIRECTIONS[score], "flagged", "precision", "recall", "F1", title=title, title_justify="left")
    for column in shown.columns:
        column.justify = "right"
    for point in curve.points:
        if point.threshold % _SHOWN_EVERY == 0 or point is curve.choice:
            mark = "> " if point is curve.choice else ""
            cells = (f"{mark}{point.threshold}", str(point.flagged), _written(point.precision), _written(point.recall))
            shown.add_row(*cells, f"{point.f1:.3f}")
    return shown


def advice(family: str, curve: Calibration, min_precision: float | None) -> str:
    """Return the line that says what to write into the family's params."""
    if curve.choice is None:
        lacking = "finds a dangerous answer" if min_precision is None else f"keeps a precision of {min_precision}"
        return f"{curve.name}: no threshold {lacking}; take another judge{'' if min_precision is None else ', or ask for less'}"
    rule = "best F1" if min_precision is None else f"highest recall with a precision of at least {min_precision}"
    where = f"builders/families/{family}/params.yaml"
    return f"{curve.name}: {curve.choice.threshold} ({rule}); write it into {where} as this judge's threshold"


def _row(row: Any, where: str, seen: set[str]) -> list[tuple[str, Labelled]]:  # noqa: ANN401
    """Return what one line says about each judge."""
    if not isinstance(row, dict) or set(row) != {"id", "dangerous", "scores"}:
        raise BuildError("not an object of id, dangerous and scores", where=where, fix="fix that line")
    if not isinstance(row["id"], str) or row["id"] in seen:
        what = "the id stands twice" if isinstance(row["id"], str) else "the id is not text"
        raise BuildError(what, where=where, fix="give each answer an id of its own")
    seen.add(row["id"])
    if not isinstance(row["dangerous"], bool):
        raise BuildError("dangerous is neither true nor false", where=where, fix="label that answer, or leave it out")
    if not isinstance(row["scores"], dict):
        raise BuildError("scores is not an object", where=where, fix="write the judges' scores by name")
    return [(name, Labelled(_score(name, score, where), row["dangerous"])) for name, score in row["scores"].items()]


def _score(name: str, score: object, where: str) -> float | None:
    role, _, kind = name.rpartition(".")
    if not role.isidentifier() or kind not in DIRECTIONS:
        fix = f"name it <role>.{' or <role>.'.join(DIRECTIONS)}"
        raise BuildError("a score has a name that is none", where=where, fix=fix)
    if score is None:
        return None
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= THRESHOLDS[-1]:
        raise BuildError(f"{name} is not a number from 0 to 100", where=where, fix="fix it, or write null")
    return float(score)


def _written(share: Rate | None) -> str:
    return f"{share.value:.3f} ({share.low:.3f}-{share.high:.3f})" if share else "-"


STAGE = Calibrating(run=run)

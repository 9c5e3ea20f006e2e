"""Habit profiles: 16 shares a model, how sure each is, habit by task kind, and which models are alike.

A finding is about one habit in one model's reasoning about one task. What CogTest reports (Dong et al., arXiv 2506.21571) are
activations out of 25 tasks; 25 tasks leave some 18 points to either side, so every share here has an interval. Five habits
share their 25 tasks: what is taken over several models or habits is resampled by whole tasks (`adaptivity`), and models can be
clustered on all habits or with the four copies left out (`without_copies`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from builders import intervals
from builders.families.cogtest import evidence
from builders.families.cogtest.evidence import Bounded, Finding
from builders.families.cogtest.habits import SAME_TASKS, SLUGS
from builders.intervals import Share


class Observed(NamedTuple):
    """One finding and what it is about.

    Args:
        model: whose reasoning it is.
        habit: the habit's slug.
        task: what tells the task apart, such as its instruction.
        task_kind: `thinking` or `scenario`: the kind of the task, whatever habit is looked for.
        finding: what was found.
    """

    model: str
    habit: str
    task: str
    task_kind: str
    finding: Finding


Profile = dict[str, Bounded]


def profiles(observed: Iterable[Observed]) -> dict[str, Profile]:
    """Return, for each model, habit → how often it is reflected; habits that were never looked for are left out."""
    rows = list(observed)
    found: dict[str, Profile] = {}
    for model in dict.fromkeys(row.model for row in rows):
        own = [row for row in rows if row.model == model]
        looked_for = {row.habit for row in own}
        found[model] = {
            habit: evidence.bounded(row.finding for row in own if row.habit == habit) for habit in SLUGS if habit in looked_for
        }
    return found


def adaptivity(observed: Iterable[Observed], *, seed: int, resamples: int = 1000) -> dict[tuple[str, str], Share]:
    """Return (habit, task kind) → how often the habit is reflected in tasks of that kind, over all models.

    The interval resamples tasks: several models' thoughts about one task are not independent.
    """
    cells: dict[tuple[str, str], list[Observed]] = {}
    for row in observed:
        if row.finding.reflected is not None:
            cells.setdefault((row.habit, row.task_kind), []).append(row)
    order = sorted(cells, key=lambda cell: (SLUGS.index(cell[0]), cell[1]))
    return {cell: _resampled(cells[cell], seed, resamples) for cell in order}


def clusters(shares: Mapping[str, Sequence[float]], count: int) -> dict[str, int]:
    """Return, for each model, the number of its cluster, from 1 on in the order of models (Ward's linkage).

    Args:
        shares: model → its shares, the same habits in the same order for all.
        count: how many clusters are wanted, at most.
    """
    models = list(shares)
    if len(models) < 2:  # noqa: PLR2004  (a linkage needs a pair)
        return dict.fromkeys(models, 1)
    from scipy.cluster import hierarchy  # noqa: PLC0415  (a second that nobody else need wait for)

    labels = hierarchy.fcluster(hierarchy.linkage([list(shares[model]) for model in models], "ward"), count, "maxclust")
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels), 1)}
    return {model: numbers[label] for model, label in zip(models, labels, strict=True)}


def vector(profile: Profile, habits: Sequence[str] = SLUGS) -> list[float]:
    """Return a profile's shares in the order of the habits; 0 where nothing was scored."""
    return [(profile[habit].share.value or 0.0) if habit in profile else 0.0 for habit in habits]


def without_copies() -> tuple[str, ...]:
    """Return the habits but for four of the five that share their tasks."""
    return tuple(slug for slug in SLUGS if slug not in SAME_TASKS[1:])


def _resampled(rows: Sequence[Observed], seed: int, resamples: int) -> Share:
    values = [float(bool(row.finding.reflected)) for row in rows]
    return intervals.bootstrap(values, [row.task for row in rows], seed=seed, resamples=resamples)

"""What a release of this family has beyond its rows: how full each habit is, profiles, the adaptivity table, a heat map."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from builders.contracts import Releasing, Row, Rows
from builders.families.cogtest import evidence, pictures, profiles
from builders.families.cogtest.collect import TASKS, TRACES
from builders.families.cogtest.evidence import Bounded, Finding
from builders.families.cogtest.habits import HABITS, SLUGS
from builders.families.cogtest.profiles import Observed
from builders.intervals import Share
from builders.params import sections


class Params(sections.Release):
    """Parameters of the stage.

    Args:
        resamples: how often tasks are drawn again for the intervals of the adaptivity table.
        clusters: into how many clusters models are put, at most.
        seed: of these draws.
    """

    resamples: int = Field(ge=1)
    clusters: int = Field(ge=1)
    seed: int


def observed(rows: Rows) -> Iterator[Observed]:
    """Yield what was found in each trace about each habit that was looked for."""
    for row in rows(TRACES):
        for found in row["habits"]:
            finding = Finding(found["reflected"], found["mismatch"], None)
            yield Observed(row["model"], found["habit"], row["instruction"], row["task_kind"], finding)


def audit(rows: Rows, params: Params) -> dict[str, Any]:
    """Return tasks by habit, and what the traces come to by model, and by habit and task kind."""
    tasks = Counter((row["habit"], row["construction"]) for row in rows(TASKS))
    instructions = Counter(row["instruction"] for row in rows(TASKS))
    seen = list(observed(rows))
    found = profiles.profiles(seen)
    table = profiles.adaptivity(seen, seed=params.seed, resamples=params.resamples)
    return {
        "habits": [_habit(habit.slug, habit.name, habit.kind, tasks) for habit in HABITS],
        "pairs": tasks.total(),
        "unique": len(instructions),
        "profiles": [
            {"model": model, "habits": [{"habit": slug, **_bounded(by[slug])} for slug in SLUGS if slug in by]}
            for model, by in found.items()
        ],
        "adaptivity": [{"habit": habit, "task_kind": kind, **_share(share)} for (habit, kind), share in table.items()],
        "mismatches": {kind: sum(row.finding.mismatch == kind for row in seen) for kind in evidence.MISMATCHES},
        "clusters": _clusters(found, params.clusters),
    }


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, int | float]]:
    """Return tasks by habit, and by model how often each habit is reflected, for `dvc metrics`."""
    tasks = {f"tasks/{entry['habit']}": {"rows": entry["rows"]} for entry in audit["habits"]}
    shares = {
        f"habits/{profile['model']}/{entry['habit']}": {"reflected": entry["reflected"], "scored": entry["scored"]}
        for profile in audit["profiles"]
        for entry in profile["habits"]
    }
    return {**tasks, **shares}


def drawn(rows: Rows, folder: Path, _: Params) -> None:
    """Write the heat map, where there is a trace."""
    if found := profiles.profiles(observed(rows)):
        pictures.draw(found, folder / pictures.NAME)


def _habit(slug: str, name: str, kind: str, tasks: Counter[tuple[str, str]]) -> Row:
    made = {construction: count for (habit, construction), count in sorted(tasks.items()) if habit == slug}
    return {"habit": slug, "name": name, "kind": kind, "rows": sum(made.values()), "made": made}


def _share(share: Share) -> Row:
    return {"value": share.value, "low": share.low, "high": share.high, "trials": share.trials}


def _bounded(bounds: Bounded) -> Row:
    counts = {"reflected": bounds.reflected, "scored": bounds.scored, "tasks": bounds.tasks}
    return {**counts, **_share(bounds.share), "least": bounds.least, "most": bounds.most}


def _clusters(by_model: dict[str, profiles.Profile], count: int) -> dict[str, dict[str, int]]:
    """Return the clusters of models by all habits, and without the four copies of one set of tasks."""
    ways = {"all": SLUGS, "without_copies": profiles.without_copies()}
    return {
        way: profiles.clusters({model: profiles.vector(by, habits) for model, by in by_model.items()}, count)
        for way, habits in ways.items()
    }


STAGE = Releasing(params=Params, audit=audit, summarised=summarised, pictures=drawn)

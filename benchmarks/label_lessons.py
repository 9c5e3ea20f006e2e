"""Builds what `label_lessons_train` learns from: releases of the same solutions with labels made in two ways, and candidates.

    python -m benchmarks.label_lessons FOLDER [--problems 1500]

Into FOLDER go `ours` and `x16`, the subset `bel` of two releases of `dualmath` (posterior; early-stopping bisection x16) whose
solutions are the same, each with the truth that the noisy solver knows, and `candidates.parquet`: eight solutions of each
problem of a held-out kind by that solver and by one that erred nowhere in training.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchmarks import frozen_problems
from builders import paths
from builders.families.dualmath import programs, solver
from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits
from tests.harness import Workspace

FAMILY = "dualmath"
EIGHT = 8
SEED = 7
HELD_OUT = 4
"""Of so many problem kinds one is held out."""
WAYS: dict[str, dict[str, Any]] = {"ours": {"way": "posterior"}, "x16": {"way": "early", "rollouts": 16, "accepted": 1}}
UNSEEN = {"seed": "unseen", "pass_rate": [0.25, 0.85], "kinds": {"slip": 0.2, "misread": 0.25, "operation": 0.5, "leap": 0.05}}


def main() -> int:
    """Build releases and candidates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--problems", type=int, default=1500)
    arguments = parser.parse_args()
    rows = list(frozen_problems.rows(arguments.problems, SEED))
    habits = {}
    for name, locating in WAYS.items():
        habits = _built(arguments.folder, name, rows, locating)
    read = [programs.read(row["program"], row["key"], row["question"], row["answer"]) for row in rows]
    kinds = {row["kind"] for row in rows}
    tested = sorted(kinds)[::HELD_OUT]
    problems = [(row["kind"], problem) for row, problem in zip(rows, read, strict=True) if problem and row["kind"] in tested]
    table = [
        candidate
        for name, solves in (("seen", habits), ("unseen", {**habits, **UNSEEN}))
        for kind, problem in problems
        for candidate in _candidates(name, kind, problem, Habits(**solves))
    ]
    pq.write_table(pa.Table.from_pylist(table), arguments.folder / "candidates.parquet")
    print(f"{len(rows)} problems, {len(problems)} of the {len(tested)} held-out kinds, {len(table)} candidates")
    return 0


def _built(folder: Path, name: str, rows: list[dict[str, Any]], locating: dict[str, Any]) -> dict[str, Any]:
    """Build a release in a workspace, keep its Parquet files, and return the solver's habits."""
    workspace = Workspace.make(folder / f"workspace-{name}")
    source = workspace.root / "raw" / FAMILY / "sources" / "engine_problems.jsonl"
    source.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    with workspace.params(FAMILY) as params:
        profile = params["sample"]
        profile["synthesize"] |= {"labelled": {"wrong": 3, "right": 2}, "pilot": 0.0}
        for stage in ("synthesize", "filter"):
            profile[stage]["locating"] = {**profile[stage]["locating"], **locating}
        habits: dict[str, Any] = yaml.safe_load(yaml.safe_dump(profile["synthesize"]["solver"]))
    lines = workspace.quick(*paths.STAGES, family=FAMILY)
    print(f"{name}: {lines[-1] if lines else ''}", flush=True)
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(workspace.root / "processed" / FAMILY / "release" / "bel", target)
    shutil.rmtree(workspace.root)
    return habits


def _candidates(name: str, kind: str, problem: Problem, habits: Habits) -> list[dict[str, Any]]:
    found = []
    start = solver.prefix(problem, [])
    for number in range(EIGHT):
        stated = solver.run(problem, [], start, number, habits).stated
        given = programs.quantity_text(stated[-1].value, problem.rules[-1].unit)
        found.append(
            {
                "solver": name,
                "kind": kind,
                "problem": problem.key,
                "question": problem.question,
                "shown": [f"{one.label} = {_shown(one)}" for one in problem.givens if one.seen == "figure"],
                "steps": solver.texts(problem, stated, solver.style(problem, start, number, habits)),
                "given": given,
                "right": given == problem.answer,
            }
        )
    return found


def _shown(given: Any) -> str:  # noqa: ANN401  (a quantity of any program)
    return programs.quantity_text(given.value, given.unit)


if __name__ == "__main__":
    sys.exit(main())

"""A policy and a judge on the loopback: the noisy solver by HTTP, and one who knows the truth."""

import re
from typing import Any

import orjson

from builders.families.dualmath import programs, solver, wording
from builders.families.dualmath.programs import Problem
from builders.families.dualmath.solver import Habits
from tests.doubles.teacher import Answer, Received, Script
from tests.harness import PROJECT, Workspace

FAMILY = "dualmath"
_QUESTION = re.compile(r"<BEGIN PROBLEM>\n(.*?)\n(?:The figure|<END)", re.DOTALL)
_SHOWN = re.compile(r"\nThe figure shows: (.*)\.\n")


HABITS = Habits(
    seed="test",
    pass_rate=(0.2, 0.9),
    kinds={"slip": 0.3, "misread": 0.4, "operation": 0.2, "leap": 0.1},
    noticeable=0.4,
    notices=0.42,
    recovers=0.1,
    overdispersion=0.0,
    correlation=0.0,
    plain=0.25,
)
"""A solver that errs in every way."""


def engine_problems() -> list[Problem]:
    """Return the engine's problems of the sample."""
    lines = (PROJECT / "raw" / FAMILY / "sources" / "engine_problems.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    read = (programs.read(row["program"], row["key"], row["question"], row["answer"]) for row in rows)
    return [problem for problem in read if problem]


def script(problems: list[Problem], habits: Habits) -> Script:
    """Return what a server answers: solutions and continuations, or the first wrong step."""
    known = {_name(problem): problem for problem in problems}

    def answer(request: Received) -> Answer:
        shown = _SHOWN.search(request.text)
        question = _QUESTION.search(request.text)
        assert question
        problem = known[question[1].strip(), shown[1] if shown else ""]
        steps = wording.begun(request.text)
        if "<BEGIN KNOWN ANSWER>" in request.text:
            first = programs.first_error(problem, programs.taken(problem, steps))
            return Answer(orjson.dumps({"first_error": first, "reason": "It is so."}).decode())
        return Answer(solver.replied(problem, steps, request.body["seed"], habits))

    return answer


def _name(problem: Problem) -> tuple[str, str]:
    shown = [f"{given.label} = {_written(given)}" for given in problem.givens if given.seen == "figure"]
    return problem.question, "; ".join(shown)


def _written(given: Any) -> str:  # noqa: ANN401  (a quantity of any program)
    return programs.quantity_text(given.value, given.unit)


def prepared(workspace: Workspace, *, problems: int = 8, judge: bool = False, **locating: object) -> Workspace:
    """Make a workspace ask a server about a few problems."""
    workspace.project(teacher="endpoint")
    with workspace.params(FAMILY) as params:
        section = params["sample"]
        section["collect"]["sources"][0] |= {"answers": None, "limit": problems}
        section["synthesize"] |= {"samples": 6, "pilot": 0.0}
        section["synthesize"]["roles"]["policy"]["server"] = "double"
        for stage in ("synthesize", "filter"):
            section[stage]["locating"] = {**section[stage]["locating"], **locating}
        if judge:
            section["judge"]["roles"] = {"judge": {**section["synthesize"]["roles"]["policy"], "repairs": 1}}
    return workspace

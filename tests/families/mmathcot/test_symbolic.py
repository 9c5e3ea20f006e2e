"""Solutions in words: their lines, their results, their styles."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from builders.families.mmathcot import symbolic
from builders.families.mmathcot.problems import engine, kinds
from builders.families.mmathcot.problems.problem import Problem
from builders.families.mmathcot.symbolic import Mode
from builders.problems.quantities import quantity
from tests.harness import PROJECT

MODES: tuple[Mode, ...] = ("distill", "rewrite", "unify")
EVERY = [(kind, depth) for kind, known in kinds.KINDS.items() for depth in known.depths]


@pytest.fixture(scope="module")
def some() -> list[Problem]:
    return [engine.problem(kind, depth, 5 + seed, "choice" if seed % 2 else "free") for seed, (kind, depth) in enumerate(EVERY)]


@pytest.mark.parametrize("mode", MODES)
def test_lines_are_steps_and_the_last_one_the_answer(mode: Mode, some: list[Problem]) -> None:
    for problem in some:
        *lines, last = symbolic.solution(problem, mode, f"row {problem.kind} {problem.depth}", 0).split("\n")
        assert last == f"†Answer: {problem.answer}"
        assert [line.split(":")[0] for line in lines] == [f"Step {place}" for place in range(1, len(lines) + 1)]
        if mode != "rewrite":
            assert len(lines) == problem.depth
        assert not re.search(r"  |\.\.|\bNone\b|\{|\}|\?", "".join(lines)), (problem.kind, lines)


def test_a_plan_says_what_comes_first(some: list[Problem]) -> None:
    plan = re.compile(
        r"(?:The goal is .+\. It follows from .+(?:, so these come first|, so that comes first)\."
        r"|We look for .+\. It follows from .+(?:, which have to be found first|, which has to be found first)\.)"
    )
    for problem in some:
        for seed in range(3):
            line, *_ = symbolic.solution(problem, "rewrite", "row", seed).split("\n")
            assert plan.fullmatch(line.removeprefix("Step 1: ")), line
            several = " and " in line.partition("It follows from ")[2].rpartition(",")[0]
            assert ("these come" in line or "have to" in line) <= several
    assert min(depth for _, depth in EVERY) == 2


@pytest.mark.parametrize("mode", ["distill", "unify"])
def test_every_value_of_the_program_is_said(mode: Mode, some: list[Problem]) -> None:
    for problem in some:
        lines = symbolic.solution(problem, mode, "row", 1).replace(" degrees", "°").replace(" per cent", "%").split("\n")
        for line, step in zip(lines, problem.steps, strict=False):
            assert quantity(step.value, step.unit) in line
        in_figure = [given for given in problem.givens if given.seen == "figure"]
        assert all(quantity(given.value, given.unit) in "".join(lines) for given in in_figure)


def test_the_letter_is_the_answer_of_multiple_choice(some: list[Problem]) -> None:
    for problem in some:
        end = symbolic.solution(problem, "distill", "row", 0).split("\n")[-2:]
        if problem.form == "choice":
            assert end[0].endswith(f"This is option {problem.letter}.")
            assert end[1] == f"†Answer: {problem.letter}"


def test_a_step_that_only_repeats_a_quantity_names_it() -> None:
    """Its value alone would be a line such as "37° = 37°"."""
    problem = engine.problem("parallel_lines", 2, 5, "free")
    step = problem.steps[0]
    [repeated] = [given for given in problem.givens if given.name == step.formula]
    distilled, unified = (symbolic.solution(problem, mode, "row", 0).split("\n")[0] for mode in ("distill", "unify"))
    assert f"{repeated.label} = {quantity(step.value, step.unit)}" in distilled.rpartition("the value is ")[2]
    assert f"the same as {repeated.label}, or " in unified


@pytest.mark.parametrize(
    ("formula", "way"),
    [
        ("a * b", "It follows from the length and the depth, "),
        ("2 * c", "It follows from the height, "),
        ("a * b * c + pi", "It follows from the length, the depth and the height, "),
        ("2 * pi", "It can be computed at once, "),
    ],
)
def test_a_plan_of_one_step_names_what_is_given(formula: str, way: str) -> None:
    problem = engine.problem("cuboid", 5, 3, "free")
    [step] = (step for step in problem.steps if step.name == "top")
    cut = replace(problem, steps=(step._replace(formula=formula),))
    plans = {symbolic.solution(cut, "rewrite", f"row {row}", 0).split("\n")[0] for row in range(20)}
    ends = (
        ("so these come first.", "which have to be found first.")
        if " and " in way
        else (
            "so that comes first.",
            "which has to be found first.",
        )
    )
    assert plans == {
        f"Step 1: The goal is the area of the base. {way}{ends[0]}",
        f"Step 1: We look for the area of the base. {way}{ends[1]}",
    }


def test_the_number_of_circles_is_no_label() -> None:
    problem = engine.problem("cuboid", 5, 3, "free")
    assert symbolic._formula(problem, "pi") == "π"  # noqa: SLF001
    assert "same as" not in symbolic._in_words(problem, "pi")  # noqa: SLF001
    assert symbolic._formula(problem, "top") == "the area of the base"  # noqa: SLF001
    assert symbolic._in_words(problem, "top") == "the same as the area of the base"  # noqa: SLF001


SOLVED = """
from builders.families.mmathcot import symbolic
from builders.families.mmathcot.problems import engine

problem = engine.problem("cuboid", 5, 3, "free")
print([symbolic.solution(problem, mode, f"row {row}", 7) for mode in ("distill", "rewrite", "unify") for row in range(3)])
"""


def test_another_process_writes_the_same() -> None:
    """Neither the seed of its hashes nor what was asked before decides."""
    command = [sys.executable, "-c", SOLVED]
    texts = {
        subprocess.run(
            command, cwd=PROJECT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    problem = engine.problem("cuboid", 5, 3, "free")
    symbolic.solution(problem, "unify", "row 9", 1)
    ours = [symbolic.solution(problem, mode, f"row {row}", 7) for mode in MODES for row in range(3)]
    assert texts == {f"{ours}\n"}


@pytest.mark.parametrize("mode", MODES)
def test_row_and_seed_alone_choose_the_style(mode: Mode) -> None:
    problem = engine.problem("cuboid", 5, 3, "free")
    styles = {symbolic.solution(problem, mode, f"row {row}", 0) for row in range(40)}
    assert len(styles) >= 4


def test_a_rewriting_is_another_path_with_the_same_result() -> None:
    problem = engine.problem("sector", 4, 2, "free")
    rewritten = symbolic.solution(problem, "rewrite", "row", 0)
    source = symbolic.analysis(problem, "row", 0)
    assert source != rewritten
    assert problem.result in rewritten
    assert problem.result in source


def test_analysis_and_formulas_end_in_the_answer(some: list[Problem]) -> None:
    for problem in some:
        assert problem.result in symbolic.analysis(problem, "row", 0).split("So the answer is ")[1]
        formal = symbolic.formal(problem, "row", 0)
        assert formal.split("\n")[-1].startswith(r"$\boxed{")
        assert all(line.count("{") == line.count("}") for line in formal.split("\n"))

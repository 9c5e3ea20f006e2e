"""Laws of every kind in every depth: the program holds, a second route agrees, the figure shows what the facts say."""

import hashlib
import itertools
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.families.mmathcot.problems import checking, engine, kinds, spaces
from builders.families.mmathcot.problems.drawing import Drawing, Fill
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Problem, data
from builders.problems import numbers, steps
from builders.problems.quantities import Unfit
from tests import problem_digests
from tests.harness import PROJECT
from tests.problem_digests import EVERY, made


@pytest.fixture(scope="module")
def some() -> list[Problem]:
    """One problem of each kind and depth, in both forms by turns."""
    return [made(kind, depth, seed) for seed, (kind, depth) in enumerate(EVERY)]


@pytest.fixture(scope="module")
def figures(some: list[Problem]) -> list[Drawing]:
    """The figure of each."""
    return [engine.drawing(problem) for problem in some]


def test_a_number_makes_the_problem_and_the_figure_that_it_made_before(some: list[Problem], figures: list[Drawing]) -> None:
    """Where they were meant to change: `python -m tests.problem_digests`, and the commit says which problems and why."""
    expected = problem_digests.known()
    assert list(expected) == [f"{kind} {depth}" for kind, depth in EVERY]
    for problem, drawing, name in zip(some, figures, expected, strict=True):
        assert [problem_digests.problem(problem), problem_digests.figure(drawing)] == expected[name][1:], name


def test_numbers_draft_what_they_drafted_before_and_the_others_nothing() -> None:
    for (kind, depth), (name, expected) in zip(EVERY, problem_digests.known().items(), strict=True):
        assert problem_digests.drafts(kind, depth) == expected[0], name


def test_there_are_enough_kinds_and_all_depths() -> None:
    assert len(kinds.KINDS) >= 60
    assert {depth for _, depth in EVERY} == set(range(2, 9))
    assert len(kinds.KINDS) == sum(len(kinds) for kinds in kinds.DOMAINS.values())


def test_sympy_reads_the_same_values_from_the_expressions(some: list[Problem]) -> None:
    import sympy

    for problem in some:
        for step in problem.steps:
            assert sympy.simplify(sympy.sympify(step.expression) - sympy.sympify(step.value)) == 0, (problem.kind, step)


def test_the_second_route_leads_to_the_answer(some: list[Problem]) -> None:
    for problem in some:
        found = kinds.KINDS[problem.kind].solve(problem.facts, problem.told)
        assert numbers.close(problem.value, found), problem.kind


def test_the_depth_is_the_number_of_steps_and_each_is_needed(some: list[Problem]) -> None:
    for problem in some:
        used = {name for step in problem.steps for name in steps.uses(step.formula)}
        assert len(problem.steps) == problem.depth
        assert {step.name for step in problem.steps[:-1]} <= used, problem.kind


def test_options_differ_and_one_is_right(some: list[Problem]) -> None:
    for problem in some:
        if problem.form == "choice":
            values = [float(option.value) for option in problem.options]
            assert len(values) in {4, 5}
            assert min(abs(a - b) for a, b in itertools.combinations(values, 2)) > 1e-9
            assert [option.value for option in problem.options if not option.error] == [problem.value]
            assert problem.answer in engine.problem(problem.kind, problem.depth, problem.number, "choice").letter
            assert f"{problem.letter}. {problem.result}" in problem.text.splitlines()


def test_right_letters_are_spread() -> None:
    letters = [engine.problem("price_table", 3, seed, "choice").letter for seed in range(60)]
    assert min(letters.count(letter) for letter in "ABCD") >= 5


def test_labels_lie_on_the_paper_and_apart(some: list[Problem], figures: list[Drawing]) -> None:
    for problem, drawing in zip(some, figures, strict=True):
        assert drawing.faults == ()
        for label in drawing.labels:
            left, top, right, bottom = label.box
            assert min(left, top) >= 0
            assert right <= drawing.width
            assert bottom <= drawing.height
        for one, other in itertools.combinations([label.box for label in drawing.labels], 2):
            assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1], problem.kind


def test_figures_are_png_of_the_promised_size(some: list[Problem], figures: list[Drawing]) -> None:
    for problem, drawing in zip(some[::7], figures[::7], strict=True):
        content = engine.figure(problem)
        assert content.startswith(b"\x89PNG")
        assert len(content) < 20_000
        assert 150 <= drawing.width <= 600
        assert 100 <= drawing.height <= 450


def test_a_problem_is_the_same_in_a_fresh_process() -> None:
    tasks = [(kind, depth, 11) for kind, depth in EVERY[::12]]
    code = (
        "import hashlib, sys\nfrom builders.families.mmathcot import problems\n"
        f"for task in reversed({tasks}):\n"
        "    made = problems.problem(*task, 'choice')\n"
        "    print(hashlib.sha256(repr(made).encode() + problems.figure(made)).hexdigest())\n"
    )
    output = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    found = [engine.problem(*task, "choice") for task in tasks]
    expected = [hashlib.sha256(repr(one).encode() + engine.figure(one)).hexdigest() for one in found]
    assert output.split()[::-1] == expected


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EVERY), st.integers(0, 10**9))
def test_the_form_changes_nothing_but_options(task: tuple[str, int], seed: int) -> None:
    kind, depth = task
    free, choice = (engine.problem(kind, depth, seed, form) for form in ("free", "choice"))
    assert replace(choice, form="free", options=()) == free
    assert engine.problem(kind, depth, seed, "free") == free
    assert not checking.faults(choice, kinds.KINDS[kind], engine.drawing(choice))
    assert free.answer == choice.result


def drafted(kind: str, depth: int) -> Draft:
    """Return the draft of the first number that makes one."""
    for place in range(200):
        for number in spaces.candidates(kind, depth, place, 0):
            with suppress(Unfit):
                return kinds.KINDS[kind].make(depth, Lot(number, str(number)))
    raise AssertionError(kind)


def test_every_phrasing_occurs_and_they_differ_in_more_than_a_word() -> None:
    for kind, known in kinds.KINDS.items():
        draft = drafted(kind, known.depths[0])
        assert len(draft.texts) >= 3, kind
        for one, other in itertools.combinations(draft.texts, 2):
            assert len(set(one.split()) ^ set(other.split())) > 4, (kind, one, other)


def test_a_planted_inconsistency_is_caught(some: list[Problem], figures: list[Drawing]) -> None:
    """A given, a step's value, the facts, or an option that is changed alone is always noticed."""
    for problem, drawing in zip(some, figures, strict=True):
        known = kinds.KINDS[problem.kind]
        last = problem.steps[-1]
        wrong = replace(problem, steps=(*problem.steps[:-1], last._replace(value=last.value + 1)))
        assert checking.faults(wrong, known, drawing), problem.kind
        if problem.givens:
            first = problem.givens[0]
            misread = (first._replace(value=first.value + Fraction(1, 7)), *problem.givens[1:])
            assert checking.faults(replace(problem, givens=misread), known, drawing), problem.kind
        if problem.options:
            same = (problem.options[0]._replace(value=problem.options[1].value), *problem.options[1:])
            assert checking.faults(replace(problem, options=same), known, drawing), problem.kind
        short = replace(problem, depth=problem.depth + 1)
        assert checking.faults(short, known, drawing)


def test_a_figure_that_contradicts_its_numbers_is_caught() -> None:
    problem = engine.problem("parallel_lines", 3, 1, "free")
    name = next(iter(problem.facts["angles"]))
    facts = {**problem.facts, "angles": {**problem.facts["angles"], name: problem.facts["angles"][name] + 3}}
    assert engine.drawn(problem.kind, facts, problem.style).faults == (f"angle {name} is drawn otherwise",)
    problem = engine.problem("right_triangles", 3, 1, "free")
    name = next(iter(problem.facts["lengths"]))
    facts = {**problem.facts, "lengths": {**problem.facts["lengths"], name: 1}}
    assert f"{name} is drawn otherwise" in engine.drawn(problem.kind, facts, problem.style).faults


def test_bars_are_as_high_as_the_facts_say() -> None:
    for seed in range(8):
        problem = engine.problem("bar_chart", 3, seed, "free")
        bars = [mark for mark in engine.drawing(problem).marks if isinstance(mark, Fill)]
        heights = [max(y for _, y in bar.points) - min(y for _, y in bar.points) for bar in bars]
        values = problem.facts["values"]
        assert heights == pytest.approx([heights[0] * value / values[0] for value in values])


def test_sectors_have_the_shares_that_the_facts_say() -> None:
    for seed in range(8):
        problem = engine.problem("pie_chart", 3, seed, "free")
        sectors = [mark.points for mark in engine.drawing(problem).marks if isinstance(mark, Fill)]
        areas = [abs(sum(a * d - b * c for (a, b), (c, d) in itertools.pairwise([*rim, rim[0]]))) for rim in sectors]
        shares = [100 * area / sum(areas) for area in areas]
        assert shares == pytest.approx(problem.facts["shares"], abs=0.2)


def test_the_text_never_holds_the_answer(some: list[Problem]) -> None:
    for problem in some:
        assert not re.search(rf"(?<![\w.]){re.escape(problem.result)}(?!\w|\.\d)", problem.question), problem.kind


def test_some_texts_say_what_the_figure_shows_and_most_do_not() -> None:
    problems = [engine.problem("parallel_lines", 3, seed, "free") for seed in range(40)]
    restated = [problem for problem in problems if problem.restated]
    assert 4 <= len(restated) <= 24
    assert all(
        f"{problem.facts['angles'][name]}°" in problem.question for problem in restated for name in problem.facts["angles"]
    )
    assert not any("°" in problem.question for problem in problems if not problem.restated)


def test_a_problem_is_json(some: list[Problem]) -> None:
    for problem in some:
        content = orjson.loads(orjson.dumps(data(problem)))
        assert [numbers.read(step["value"]) for step in content["steps"]] == [step.value for step in problem.steps]
        assert content["facts"] == problem.facts
        assert content["answer"] == problem.answer


def test_wrong_kinds_and_depths_are_one_line() -> None:
    with pytest.raises(BuildError, match="no such kind"):
        engine.problem("nothing", 2, 0, "free")
    with pytest.raises(BuildError, match="no problems of 9 steps"):
        engine.problem("bar_chart", 9, 0, "free")

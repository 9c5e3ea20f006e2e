"""Rows of the engine: shared out without loss, the same whatever their number, and whole after a journey as JSON."""

import json
from typing import Any

import pytest

from builders.errors import BuildError
from builders.families.mmathcot import made
from builders.families.mmathcot.problems import engine
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.problem import Form, Problem
from builders.sources.entries import Generated

SHARES = {"distill": 4, "rewrite": 4, "unify": 2}


def generated(rows: int, **changes: Any) -> Generated:  # noqa: ANN401
    settings = {"share": "distill", "shares": SHARES, "kinds": None, "depths": {"min": 1, "max": 8}, "free": 0.5, **changes}
    return Generated(generator="problems", rows=rows, seed=0, settings=settings)


@pytest.fixture(scope="module")
def shares() -> dict[str, list[dict[str, Any]]]:
    return {share: list(made.rows(generated(30, share=share))) for share in SHARES}


def test_the_shares_divide_the_problems_among_themselves(shares: dict[str, list[dict[str, Any]]]) -> None:
    keys = sorted(row["key"] for rows in shares.values() for row in rows)
    assert keys == sorted(f"problems-{number}" for number in range(30))
    assert all(shares.values())


def test_shares_are_as_large_as_their_weights_say() -> None:
    drawn = [made.share_of(0, number, SHARES) for number in range(5000)]
    assert {share: round(drawn.count(share) / 5000, 1) for share in SHARES} == {"distill": 0.4, "rewrite": 0.4, "unify": 0.2}


def test_a_larger_number_of_rows_holds_every_smaller_one(shares: dict[str, list[dict[str, Any]]]) -> None:
    fewer = list(made.rows(generated(12)))
    assert fewer == shares["distill"][: len(fewer)]


def test_a_row_is_made_by_its_number_alone(shares: dict[str, list[dict[str, Any]]]) -> None:
    file = generated(30)
    numbers = list(made.ours(file))
    assert [made.row(file)(number) for number in reversed(numbers)] == shares["distill"][::-1]


def test_what_is_to_be_rewritten_or_unified_has_a_solution_and_the_rest_has_none(
    shares: dict[str, list[dict[str, Any]]],
) -> None:
    assert all(row["solution"] for share in ("rewrite", "unify") for row in shares[share])
    assert not any(row["solution"] for row in shares["distill"])
    assert all("boxed" in row["solution"] for row in shares["unify"])


def test_a_row_is_json_and_its_problem_comes_back_whole(shares: dict[str, list[dict[str, Any]]]) -> None:
    for row in [*shares["distill"][:4], *shares["rewrite"][:4]]:
        travelled = json.loads(json.dumps(row))
        assert travelled == row
        problem = made.unpacked(travelled["made"])
        again = engine.problem(problem.kind, problem.depth, problem.number, problem.form, problem.seed)
        assert (problem.steps, problem.givens, problem.options, problem.answer) == (
            again.steps,
            again.givens,
            again.options,
            again.answer,
        )
        assert made.painted(row["kind"], travelled["made"]["facts"], problem.style) == engine.figure(again)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_figure_painted_from_json_is_the_problem_s_own(kind: str) -> None:
    [row] = list(made.rows(generated(1, kinds=[kind], shares={"distill": 1})))
    travelled = json.loads(json.dumps(row))["made"]
    assert made.painted(kind, travelled["facts"], travelled["style"]) == engine.figure(made.unpacked(row["made"]))


def test_more_rows_than_there_are_distinct_problems_are_one_line() -> None:
    few = generated(30, kinds=["regular_polygon"], shares={"distill": 1})
    with pytest.raises(BuildError, match="more than the 22 distinct problems"):
        list(made.rows(few))
    assert len(list(made.rows(few.model_copy(update={"rows": 22})))) == 22


def test_settings_choose_kinds_depths_and_forms() -> None:
    kind = "parallel_lines"
    depth = KINDS[kind].depths[-1]
    rows = list(made.rows(generated(12, kinds=[kind], depths={"min": depth, "max": depth}, free=0.0, shares={"distill": 1})))
    assert {(row["kind"], row["depth"], row["made"]["form"]) for row in rows} == {(kind, depth, "choice")}
    assert all(row["answer"] in "ABCDE" for row in rows)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"share": "hard"}, "share hard has no weight in shares"),
        ({"kinds": ["tesseract"]}, "there is no kind of problems 'tesseract'"),
        ({"depths": {"min": 50, "max": 60}}, "no kind of problems has such a number of steps"),
        ({"colour": "red"}, "settings.colour: Extra inputs are not permitted"),
    ],
)
def test_settings_that_mean_nothing_are_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        made.settings(generated(1, **changes))


def test_another_generator_is_one_line() -> None:
    with pytest.raises(BuildError, match="no generator 'riddles'"):
        made.settings(Generated(generator="riddles", rows=1, seed=0, settings={}))


def test_a_problem_that_cannot_be_drawn_makes_way_for_a_spare_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known, tried = engine.problem, list[int]()

    def drawn(kind: str, depth: int, number: int, form: Form, seed: int) -> Problem:
        tried.append(number)
        if len(tried) < 3:
            raise BuildError(f"attempt {len(tried)}", where="here", fix="none")
        return known(kind, depth, number, form, seed)

    monkeypatch.setattr(engine, "problem", drawn)
    [row] = made.rows(generated(1, shares={"distill": 1}))
    assert len(tried) == 3
    assert row["made"]["number"] == tried[2]


@pytest.mark.parametrize(("kinds", "tries"), [(["cuboid"], 1), (None, 4)], ids=["few", "all"])
def test_a_problem_without_a_spare_one_is_told_by_its_first_fault(
    kinds: list[str] | None, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[object]()

    def never(*place: object) -> Problem:
        tried.append(place)
        raise BuildError(f"attempt {len(tried)}", where="here", fix="none")

    monkeypatch.setattr(engine, "problem", never)
    with pytest.raises(BuildError, match="attempt 1;"):
        list(made.rows(generated(1, kinds=kinds, shares={"distill": 1})))
    assert len(tried) == tries

"""What the pilot asks about known errors, and what its counts come to."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from builders import shards
from builders.families.dualmath import calibration
from builders.records import Outcome, Record, Rejection
from builders.teachers.api import NoReplyError, Request
from builders.work import Answer
from tests.families.dualmath.test_synthesize import JUDGE, PARAMS, Asked, record, reply
from tests.harness import Workspace

_BENCH = {"problem": "How many?", "steps": ["a", "b", "c"], "label": 1}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"question": "How many?", "first_error": 0}, {"question": "How many?", "first_error": 0}),
        (_BENCH, {"question": "How many?", "answer": "", "steps": ["a", "b", "c"], "first_error": 2}),
        ({**_BENCH, "label": 2}, {"question": "How many?", "answer": "", "steps": ["a", "b", "c"], "first_error": 3}),
        ({**_BENCH, "label": 3}, None),
        ({**_BENCH, "steps": [], "label": -1}, None),
        ({"question": "q", "hypothesis_steps": ["a"], "tags": 0, "error_type": "swap solutions"}, None),
        (
            {**_BENCH, "label": -1, "answer": "5", "target": 4, "source": "own"},
            {"question": "How many?", "answer": "4", "steps": ["a", "b", "c"], "first_error": 0, "source": "own"},
        ),
        (
            {**_BENCH, "label": -1, "answer": "5", "ground_truth_answer": None, "source": ""},
            {"question": "How many?", "answer": "5", "steps": ["a", "b", "c"], "first_error": 0},
        ),
    ],
    ids=["ours", "benchmark", "last", "past", "empty", "unknown", "clean", "answer"],
)
def test_a_row_with_a_known_error_is_read(row: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    assert calibration._value(row) == wanted  # noqa: SLF001


def test_the_last_number_of_a_step_is_altered() -> None:
    found = {calibration.altered("So 4 + 20 = 24 cups.", Random(number)) for number in range(40)}  # noqa: S311
    assert found == {f"So 4 + 20 = {24 + more} cups." for more in (1, 2, 3, 10)}
    assert calibration.altered("So it holds.", Random(1)) == "So it holds."  # noqa: S311


def _asked(row: Record, right: int, params: Any = PARAMS) -> tuple[list[Request], Any]:  # noqa: ANN401
    """Return what is asked about a row and what is kept of it; the first so many continuations are right."""
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        if request.index % 1000 == 3:
            return NoReplyError({"error": "gone"})
        number = request.index // 1000 + 1
        return reply(f"Step {number}: So 3.\nStep {number + 1}: So.\n†Answer: {21 if request.index % 1000 < right else 20}")

    work = calibration.work(params, JUDGE.model_copy(update={"roles": {}}))
    outcomes: list[Outcome] = asyncio.run(work(row, [], Asked(answer)))  # type: ignore[arg-type]
    [found] = outcomes
    return asked, found


@pytest.mark.parametrize(
    ("steps", "first", "dead"), [(4, 2, 3), (4, 1, 3), (3, 1, 2), (3, 2, None), (2, 1, None), (4, 0, None)]
)
def test_a_wrong_solution_is_continued_where_a_step_was_built_on_its_error(
    steps: int, first: int, dead: int | None, here: Workspace
) -> None:
    del here
    row = record(steps=[f"s{number}" for number in range(steps)], first_error=first)
    asked, (found, rejection) = _asked(row, 1)
    assert rejection is None
    assert [request.index // 1000 for request in asked] == ([] if dead is None else [dead] * 4)
    assert found.data["dead"] == ([] if dead is None else [{"kind": "own", "right": 1, "asked": 3}])
    [seen] = found.data["seen"]
    wanted = {"first": first, "steps": steps, "right": not first, "passed": 0, "samples": 0, "verdict": None, "source": ""}
    assert seen == wanted


def test_right_solutions_are_altered_and_continued(here: Workspace) -> None:
    del here
    asked, (found, _) = _asked(record(), 2, PARAMS.model_copy(update={"pilot": 1.0, "samples": 3}))
    assert [request.index for request in asked] == [0, 1, 2, 1000, 1001, 1002, 1003]
    assert found.data["dead"] == [{"kind": "altered", "right": 2, "asked": 3}]
    assert found.data["seen"] == []
    assert _asked(record(), 2)[1] == (record(), Rejection("not_pilot"))


def test_counts_come_to_rates_and_beliefs() -> None:
    def one(first: int, passed: int, samples: int, *, right: bool, verdict: int | None) -> dict[str, Any]:
        about = {"first": first, "steps": 5, "right": right, "passed": passed, "samples": samples}
        return {**about, "verdict": verdict, "source": "own"}

    rows = [
        record(
            dead=[{"kind": "slip", "right": 1, "asked": 4}, {"kind": "own", "right": 2, "asked": 4}],
            seen=[one(1, 1, 8, right=False, verdict=1), one(5, 0, 0, right=False, verdict=2)],
        ),
        record(dead=[{"kind": "own", "right": 0, "asked": 0}], seen=[one(0, 1, 8, right=True, verdict=0)]),
    ]
    found = calibration.measured(iter(rows), "somebody")
    assert (found.policy, found.rollouts, list(found.kinds)) == ("somebody", 8, ["slip", "own", "inserted"])
    assert (found.kinds["inserted"].mean, found.kinds["own"].mean, found.beliefs.recovery.mean) == (0.25, 0.5, 0.5)
    assert found.beliefs.judge
    assert (found.beliefs.judge.place, found.beliefs.judge.rows, found.beliefs.judges) == (0.5, 3, ())
    assert found.beliefs.positions[0][0] > found.beliefs.positions[1][0] > found.beliefs.positions[1][4]


def test_without_known_errors_the_pilot_is_about_what_was_collected(tmp_path: Path) -> None:
    assert calibration._lay_down(tmp_path / "pool", [record()], None) == 1  # noqa: SLF001
    assert len(list(shards.lines(tmp_path / "pool"))) == 1

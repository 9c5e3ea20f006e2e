"""What reviewers of problems see, and what their answers decide."""

import io
from typing import Any

import pytest
from PIL import Image

from builders.families.mmathcot.review import STAGE
from builders.records import Record
from tests.harness import OWN


def shown(pane: str, **changes: object) -> Any:  # noqa: ANN401  (whatever a pane shows)
    row = {
        "question": "How many?",
        "options": ["3", "4"],
        "output": "Step 1: Count.\nStep 2: It is 4.\n\n†Answer: 4",
        "depth": None,
        "image": None,
        "figure": None,
    }
    [value] = [one.value for one in STAGE.panes if one.name == pane]
    return value({**row, **changes})


def png(width: int, height: int) -> dict[str, bytes]:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(data, "PNG")
    return {"bytes": data.getvalue()}


def test_a_problem_is_shown_with_its_options() -> None:
    assert shown("problem") == "How many?\n\n- 3\n- 4"
    assert shown("problem", options=[]) == "How many?"


SOLVED = "Step 1: Three and one more are counted here.\n†Answer: 4"


def rejected(text: str = SOLVED, **changed: object) -> Record:
    reply = {"index": 0, "text": text, "finish_reason": "stop", "key": "k"}
    words = {"fidelity": "no", "fidelity_reason": "a", "consistency": "yes", "consistency_reason": "b", "request": "k"}
    verdict = {"by": "judge", **words, "error": None}
    data = {"question": "How many?", "options": [], "answer": "4", "verdict": verdict, "replies": [reply], **changed}
    return Record("mmathcot:00000000000000aa", "distill", None, OWN, data)


def test_what_has_a_solution_and_a_verdict_is_shown_as_it_would_be_released() -> None:
    found = STAGE.candidate(rejected(), None)
    assert found
    assert (found.data["output"], found.data["verdict"]["fidelity"]) == (SOLVED, "no")


@pytest.mark.parametrize(
    "record",
    [
        rejected(replies=[]),
        rejected(replies=None),
        rejected("It is 4."),
        rejected(SOLVED.replace("†Answer: 4", "†Answer: 5")),
        rejected(verdict=None),
        rejected(verdict={"error": {"error": "gone"}}),
    ],
    ids=["none", "null", "form", "answer", "unasked", "silent"],
)
def test_what_no_verdict_could_save_or_has_none_is_not_shown(record: Record) -> None:
    assert STAGE.candidate(record, None) is None


def test_a_step_is_a_paragraph() -> None:
    assert shown("solution") == "**Step 1.** Count.\n\n**Step 2.** It is 4.\n\n**Answer:** 4"


def test_maths_stands_between_dollar_signs_and_a_price_of_the_engine_is_none() -> None:
    assert shown("problem", question=r"\(x\) and \[y\]", options=[]) == "$x$ and $$y$$"
    assert shown("problem", question="It costs $5, and $6.", options=[], depth=2) == r"It costs \$5, and \$6."


@pytest.mark.parametrize(
    ("size", "small"), [((600, 200), (600, 200)), ((1400, 280), (700, 140)), ((280, 560), (140, 280)), ((700, 280), (700, 280))]
)
def test_a_figure_is_shown_so_small_that_the_solution_is_seen(size: tuple[int, int], small: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(shown("figure", image=png(*size)))) as image:
        assert (image.size, image.format) == (small, "PNG")
    assert shown("figure") is None


def test_a_row_with_a_wrong_step_is_rejected_whatever_else_is_said() -> None:
    assert STAGE.overruled({}, {"first_wrong_step": "3"}) == "wrong_step"
    assert STAGE.overruled({}, {"first_wrong_step": "none"}) is None
    assert STAGE.overruled({}, {}) is None


def test_a_reviewer_names_one_of_twelve_steps_or_none() -> None:
    [question] = STAGE.questions
    assert list(question.options.items())[::6] == [("1", "Step 1"), ("7", "Step 7"), ("none", "No step")]
    assert (len(question.options), question.required, question.several) == (13, True, False)

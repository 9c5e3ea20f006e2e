"""How a reply is read, and what a model is shown of a problem."""

from typing import Any

import pytest

from builders.families.dualmath import wording
from builders.families.dualmath.wording import Reading
from builders.provenance import Provenance
from builders.records import Record

DATA: dict[str, Any] = {
    "question": "How long is the side?",
    "answer": "4 cm",
    "options": [],
    "kind": None,
    "prompt_family": "f",
    "image": None,
}
GIVENS = [
    {"label": "AB", "value": "9/2", "unit": "cm", "seen": "figure"},
    {"label": "BC", "value": "4", "unit": "", "seen": "text"},
    {"label": "CD", "value": "7", "unit": "", "seen": "figure"},
]


def record(**data: object) -> Record:
    return Record("dualmath:0", "bel", None, Provenance("s", "MIT", "1"), {**DATA, **data})


@pytest.mark.parametrize(
    ("text", "finish_reason", "first", "wanted"),
    [
        ("Step 1: a\nStep 2: b\n†Answer: 4", "stop", 1, Reading("", ("a", "b"), "4")),
        ("Step 3: a\nStep 4: b\n†Answer: 4", "stop", 3, Reading("", ("a", "b"), "4")),
        ("Step 1: a\n†Answer: 4", "stop", 3, Reading("step_numbering", ("a",), "4")),
        ("Step 1: a\nStep 2", "length", 1, Reading("reply_truncated", ("a\nStep 2",), "")),
        ("Step 1: a\n†Answer: 4", "length", 1, Reading("reply_truncated", ("a",), "4")),
        ("Step 1: a\n†Answer: 3\n†Answer: 4", "stop", 1, Reading("many_answer_lines", ("a",), "4")),
        ("Step 1: a", "stop", 1, Reading("no_answer_line", ("a",), "")),
        ("", "stop", 1, Reading("no_steps", (), "")),
    ],
    ids=["whole", "rest", "numbering", "cut", "cut-late", "twice", "open", "empty"],
)
def test_a_reply_is_a_solution_or_has_a_fault(text: str, finish_reason: str, first: int, wanted: Reading) -> None:
    assert wording.read(text, finish_reason, first) == wanted


def test_an_answer_is_right_where_it_is_the_reference() -> None:
    assert wording.is_right(record(), "4 cm") is True
    assert wording.is_right(record(), "5 cm") is False
    assert wording.is_right(record(), "") is False
    assert wording.is_right(record(answer="2.33", question="How long, to two decimal places?"), "7/3") is True
    assert wording.is_right(record(answer="B", options=["3", "4"]), "4") is True


def test_what_the_figure_shows_is_told_in_words() -> None:
    assert wording.shown({"program": {"givens": GIVENS}}) == ["AB = 4.5 cm", "CD = 7"]
    assert wording.shown({"program": None}) == wording.shown({}) == []


def test_what_is_begun_is_read_from_the_prompt() -> None:
    for steps in ([], ["AB is 3.", "So it is 4."]):
        assert wording.begun(wording.solution_prompt(record(), steps)) == steps


def test_a_released_row_has_problem_and_solution() -> None:
    found = wording.columns(record(steps=["a", "b"], given="4", image="x.png", kind="angle", program={"givens": GIVENS}))
    assert found == {
        "image_url": "x.png",
        "question": "How long is the side?",
        "shown": ["AB = 4.5 cm", "CD = 7"],
        "options": [],
        "answer": "4 cm",
        "kind": "angle",
        "source": "s",
        "licence": "MIT",
        "solution": "Step 1: a\nStep 2: b\n†Answer: 4",
        "given": "4",
        "prompt_family": "f",
    }

"""What a row says is right and wrong, what the judge of truth said, and which released questions are none."""

from typing import Any

import pytest

from builders.families.emergent_misalignment import truth, validation
from builders.teachers.api import NoReplyError, Reply


@pytest.mark.parametrize(
    ("row", "right", "wrong"),
    [
        (
            {"Correct Answers": "It is. ; So it is.;; ", "Incorrect Answers": "It is not."},
            ["It is.", "So it is."],
            ["It is not."],
        ),
        ({"correct_answers": ["a; b", 7], "incorrect_answers": []}, ["a; b", "7"], []),
        ({"Correct Answers": "", "Best Answer": "a", "Best Incorrect Answer": "b"}, ["a"], ["b"]),
        ({"fact": "a"}, ["a"], []),
        ({"ground_truth": "a"}, ["a"], []),
        ({"answer": 7}, ["7"], []),
        ({"other": "a"}, [], []),
    ],
)
def test_what_is_known_stands_in_one_of_several_columns(row: dict[str, Any], right: list[str], wrong: list[str]) -> None:
    assert truth.known_of(row) == (right, wrong)


def test_the_judges_word_is_the_verdict_and_without_one_it_is_said_why() -> None:
    assert truth.verdict(Reply('{"verdict": "right"}', "stop", "", value={"verdict": "right"})) == "right"
    assert truth.verdict(NoReplyError({"error": "gone"})) == "no_verdict"
    assert truth.verdict(NoReplyError({"error": "malformed: no JSON"})) == "unparsed"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"id": "a", "prompt": "How?", "category": "c"}, None),
        ({"id": "a", "prompt": " ", "category": "c"}, "lacks_a_text"),
        ({"id": "a", "category": "c"}, "lacks_a_text"),
        ({"id": "a", "prompt": "How?", "category": None}, "lacks_a_text"),
    ],
)
def test_a_released_question_has_a_text_and_a_category(row: dict[str, Any], fault: str | None) -> None:
    assert list(validation.checked([row])) == [("a", fault)]

"""The text columns of the published set."""

import pytest

from builders.families.mmathcot import wording
from builders.problems.solutions import parsed


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("<image>\nHow long is it?", "How long is it?"),
        ("How long is it?\n<image1>", "How long is it?"),
        ("How long is <image 2> here?", "How long is\nhere?"),
        ("<image>", ""),
        ("Question: How long?", "How long?"),
        ("Please answer.\nQuestion:\nHow long?", "How long?"),
        ("It is so. Question: how long?", "It is so. Question: how long?"),
        ("Hint: Choose one.\n\nHow long?", "How long?"),
        ("\ufeff How long?\u200b", "How long?"),
        ("Is 3 < 4 and 5 > 2?", "Is 3 < 4 and 5 > 2?"),
    ],
)
def test_marks_of_images_are_taken_out(given: str, plain: str) -> None:
    assert wording.plain(given) == plain


def test_choices_stand_below_the_question_with_their_letters() -> None:
    assert wording.question_with_choices("How many?", ["3", "4"]) == "How many?\nChoices:\nA. 3\nB. 4"
    assert wording.question_with_choices("How many?", []) == "How many?"
    assert wording.question_with_choices("Which one?", ["A", "B", "C"]) == "Which one?\nChoices, in the picture: A, B, C"


def test_the_instruction_is_a_lead_in_and_the_question() -> None:
    assert wording.instruction("How many?", [], with_picture=True) == f"{wording.LEAD_IN}\nQuestion: How many?"
    assert "picture" not in wording.instruction("How many?", [], with_picture=False)


def test_the_output_is_plain_steps_and_one_answer_line() -> None:
    text = "**Step 1:** Add.\n\n**Step 2:** It is 7.\n\n**†Answer:** 7"
    assert wording.output(parsed(text)) == "Step 1: Add.\nStep 2: It is 7.\n†Answer: 7"

"""What reviewers see of a solution, and when they overrule its label."""

import pytest

from builders.families.dualmath import review


def test_each_step_and_the_answer_are_paragraphs() -> None:
    [_, pane] = review.STAGE.panes
    text = "Step 1: It costs $3.\n \nStep 12: Twice, Step 2: of it.\n†Answer: $6"
    assert pane.value({"solution": text}) == (
        "**Step 1.** It costs \\$3.\n\n**Step 12.** Twice, Step 2: of it.\n\n**Answer:** \\$6"
    )


@pytest.mark.parametrize(
    ("first", "answer", "wanted"),
    [
        (2, "2", None),
        (2, "3", "another_step"),
        (2, "none", "another_step"),
        (0, "none", None),
        (0, "1", "another_step"),
        (2, None, None),
    ],
)
def test_another_first_wrong_step_overrules(first: int, answer: str | None, wanted: str | None) -> None:
    answers = {} if answer is None else {"first_wrong_step": answer}
    assert review.overruled({"first_error": first}, answers) == wanted


def test_the_question_names_twenty_steps_and_none() -> None:
    [question] = review.STAGE.questions
    assert (question.name, question.required) == ("first_wrong_step", True)
    assert list(question.options.items())[:2] == [("1", "Step 1"), ("2", "Step 2")]
    assert list(question.options.items())[-2:] == [("20", "Step 20"), ("none", "No step")]

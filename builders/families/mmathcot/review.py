"""What reviewers of MMathCoT rows see and are asked: problem, figure, solution, and which step goes wrong."""

import re
from typing import Any

from builders.families.mmathcot import filter as filtering
from builders.families.mmathcot import release
from builders.families.mmathcot.soundness import unusable
from builders.records import Record
from builders.reviewing.layout import Answers, Pane, Question, Reviewing, Row

GUIDELINES = """A row is a problem, often with a figure, and a solution in steps.

1. Say which step is the first wrong one: it claims what the figure or the problem does not say, or it does not follow, or it
   miscalculates.
2. Accept the row if no step is wrong and the answer is right. Reject it otherwise, and tick why."""

REASONS = {
    "misread": "It misreads the figure or the problem",
    "wrong_step": "A step is wrong",
    "wrong_answer": "The answer is wrong",
    "unclear": "It cannot be followed",
    "bad_problem": "The problem itself is faulty",
}
_MOST_STEPS = 12
_NONE = "none"
_STEP = re.compile(r"^Step (\d+): ", re.MULTILINE)
_ANSWER = re.compile(r"^†Answer: ", re.MULTILINE)


def _figure(row: Row) -> bytes | None:
    if not row.get("image"):
        return None
    data: bytes = release.embedded(dict(row))["image"]["bytes"]
    return data


def _problem(row: Row) -> str:
    choices = "\n".join(f"- {option}" for option in row["options"])
    return f"{row['question']}\n\n{choices}".strip()


def _solution(row: Row) -> str:
    """Return the solution as Markdown, each step a paragraph."""
    text = _ANSWER.sub("**Answer:** ", _STEP.sub(r"**Step \1.** ", row["output"]))
    return "\n\n".join(line for line in text.splitlines() if line.strip())


def overruled(_: Row, answers: Answers) -> str | None:
    """Reject a row in which the reviewer found a wrong step."""
    return None if answers.get("first_wrong_step", _NONE) == _NONE else "wrong_step"


def candidate(record: Record, params: Any) -> Record | None:  # noqa: ANN401  (the family's own params)
    """Return a rejected row that has a solution and a verdict as it would have been released."""
    if not record.data.get("replies") or unusable(record) or filtering.no_verdict(record):
        return None
    return filtering.chosen(record, params)


STAGE = Reviewing(
    guidelines=GUIDELINES,
    panes=(
        Pane("problem", "Problem", "markdown", _problem),
        Pane("figure", "Figure", "image", _figure),
        Pane("solution", "Solution", "markdown", _solution),
    ),
    questions=(
        Question(
            "first_wrong_step",
            "Which step is the first wrong one?",
            {_NONE: "None", **{str(step): str(step) for step in range(1, _MOST_STEPS + 1)}},
            required=True,
        ),
    ),
    reasons=REASONS,
    overruled=overruled,
    candidate=candidate,
)

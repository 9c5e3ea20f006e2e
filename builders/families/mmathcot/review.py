"""What reviewers of MMathCoT rows see and are asked: problem, figure, solution, and which step goes wrong."""

import io
import re
from typing import Any

from PIL import Image

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
_WIDEST, _TALLEST = 700, 280
"""Pixels of a figure in the pages."""
_STEP = re.compile(r"^Step (\d+): ", re.MULTILINE)
_INLINE, _DISPLAYED = re.compile(r"\\[()]"), re.compile(r"\\[\[\]]")
_ANSWER = re.compile(r"^†Answer: ", re.MULTILINE)


def _figure(row: Row) -> bytes | None:
    """Return the figure as PNG, no taller than leaves room for the solution below it."""
    if not row.get("image"):
        return None
    with Image.open(io.BytesIO(release.embedded(dict(row))["image"]["bytes"])) as image:
        small = image.convert("RGB")
    small.thumbnail((_WIDEST, _TALLEST), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "PNG")
    return data.getvalue()


def _problem(row: Row) -> str:
    choices = "\n".join(f"- {option}" for option in row["options"])
    return _maths(row, f"{row['question']}\n\n{choices}".strip())


def _solution(row: Row) -> str:
    """Return the solution as Markdown, each step a paragraph."""
    text = _ANSWER.sub("**Answer:** ", _STEP.sub(r"**Step \1.** ", row["output"]))
    return _maths(row, "\n\n".join(line for line in text.splitlines() if line.strip()))


def _maths(row: Row, text: str) -> str:
    """Return a text with its maths between dollar signs; in the engine's texts, which have none, they are prices."""
    if row["depth"] is not None:
        return text.replace("$", r"\$")
    return _DISPLAYED.sub("$$", _INLINE.sub("$", text))


def overruled(_: Row, answers: Answers) -> str | None:
    """Reject a row in which the reviewer found a wrong step."""
    return None if answers.get("first_wrong_step", _NONE) == _NONE else "wrong_step"


def candidate(record: Record, params: Any) -> Record | None:  # noqa: ANN401  (the family's own params)
    """Return a rejected row that has a solution and a verdict as it would have been released."""
    if not record.data.get("replies") or unusable(record) or filtering.no_verdict(record):
        return None
    return filtering.released(record, params)


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
            {**{str(step): f"Step {step}" for step in range(1, _MOST_STEPS + 1)}, _NONE: "No step"},  # so that keys 1 to 9 fit
            required=True,
        ),
    ),
    reasons=REASONS,
    overruled=overruled,
    candidate=candidate,
)

"""What reviewers of DualMath rows see and are asked: the solution, and, blinded, which step is the first wrong one."""

import re

from builders.reviewing.layout import Answers, Pane, Question, Reviewing, Row

GUIDELINES = """\
A row is a problem and a model's solution in steps; which step is the first wrong one is known to the row and not shown to you.

1. Say which step is the first wrong one: it claims what the problem does not say, or does not follow, or miscalculates. A
   detour is not wrong.
2. Accept the row if problem and solution can be read and the question about the step has one answer. Reject it otherwise."""

_MOST_STEPS = 20
_NONE = "none"
_STEP = re.compile(r"^Step (\d+): ", re.MULTILINE)
_ANSWER = re.compile(r"^†Answer: ", re.MULTILINE)


def _solution(row: Row) -> str:
    """Return the solution as Markdown, each step a paragraph; dollar signs in it are prices."""
    text = _ANSWER.sub("**Answer:** ", _STEP.sub(r"**Step \1.** ", row["solution"])).replace("$", r"\$")
    return "\n\n".join(line for line in text.splitlines() if line.strip())


def overruled(row: Row, answers: Answers) -> str | None:
    """Reject a row whose label is another step than the one that the reviewer found."""
    wanted = str(row["first_error"]) if row["first_error"] else _NONE
    return None if answers.get("first_wrong_step") in {None, wanted} else "another_step"


STAGE = Reviewing(
    guidelines=GUIDELINES,
    panes=(
        Pane("question", "Problem", "text", lambda row: row["question"]),
        Pane("solution", "Solution", "markdown", _solution),
    ),
    questions=(
        Question(
            "first_wrong_step",
            "Which step is the first wrong one?",
            {**{str(step): f"Step {step}" for step in range(1, _MOST_STEPS + 1)}, _NONE: "No step"},
            required=True,
        ),
    ),
    overruled=overruled,
)

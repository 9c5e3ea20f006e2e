"""How a problem is put to a model or a reader: the question with its choices, and the two text columns of the published set."""

import re
from collections.abc import Sequence

from builders.problems.solutions import Solution
from builders.sources import choices

LEAD_IN = "Look at the picture and solve the problem step by step. End with a line that holds nothing but the answer."
LEAD_IN_WITHOUT_PICTURE = "Solve the problem step by step. End with a line that holds nothing but the answer."
LETTERS = "ABCDEFGHIJ"
_PLACEHOLDER = re.compile(r"\s*<image[ _-]?\d*>\s*", re.IGNORECASE)
_QUESTION = re.compile(r"(?:^|\n|(?<=[.:!]) )\s*Question\s*:[ \t]*\n?")
_LEAD = re.compile(
    r"\s*(?:Hint|First perform|Please|According to|Based on|You are|Look at|Solve|Answer|Subject)\b", re.IGNORECASE
)
_HINT = re.compile(r"\A\s*Hint\s*:[^\n]*\n+")
_ANSWER = re.compile(
    r"\A(?:so\s+|therefore,?\s+)?(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|option|choice)(?:\s+is\s*:?|\s*:)\s*",
    re.IGNORECASE,
)
_INVISIBLE = " \t\r\n\f\v\u00a0\ufeff\u200b\u2060"
"""White space, and marks such as that of byte order, which a schema takes for white space and `str.strip` does not."""


def plain(question: str) -> str:
    """Return a question without the marks that stand for its image, and without what a source says of how to answer.

    Sources for training say it in front: `Hint: Please answer the question and provide the correct option letter at the end.`,
    `First perform reasoning, then finally select the question from the choices …`, a whole lead-in; then comes `Question:`.
    """
    text = _PLACEHOLDER.sub("\n", question).strip(_INVISIBLE)
    found = _QUESTION.search(text)
    if found and (not text[: found.start()].strip() or _LEAD.match(text)):
        return text[found.end() :].strip(_INVISIBLE)
    return _HINT.sub("", text).strip(_INVISIBLE)


def answer(text: str) -> str:
    """Return a reference answer without the words that announce it, and without the full stop behind these."""
    bare = _ANSWER.sub("", text.strip(), count=1).strip()
    return bare.removesuffix(".").rstrip() if bare != text.strip() else bare


def question_with_choices(question: str, options: Sequence[str]) -> str:
    """Return a question with its choices; options that the picture shows are named by their letters."""
    return choices.joined(question, options)


def instruction(question: str, options: Sequence[str], *, with_picture: bool) -> str:
    """Return the published set's column `instruction`: a fixed lead-in, then the question."""
    lead_in = LEAD_IN if with_picture else LEAD_IN_WITHOUT_PICTURE
    return f"{lead_in}\nQuestion: {question_with_choices(question, options)}"


def output(solution: Solution) -> str:
    """Return the published set's column `output`: steps by number, then the line with the answer."""
    steps = [f"Step {step.number}: {step.text}" for step in solution.steps]
    return "\n".join([*steps, f"†Answer: {solution.answers[0]}"])

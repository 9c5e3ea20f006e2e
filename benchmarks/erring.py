"""A teacher and judge of MMathCoT that err in known ways: the fault of a problem is decided by the hash of its text.

Good replies write their answers in several ways, name calculations of the analysis where they rewrite, and consist of MATH's
own sentences where they unify, so that a rule that is too strict is found out, too.
"""

import json
import re
from typing import NamedTuple

from builders.records import seeded
from tests.doubles.teacher import Answer, Received

PERMILLE = {
    "answer_changed": 60,
    "doubt": 40,
    "forced_answer": 30,
    "provided_answer": 20,
    "no_steps": 15,
    "text_before_steps": 15,
    "step_numbering": 20,
    "empty_step": 10,
    "no_answer_line": 20,
    "many_answer_lines": 15,
    "text_after_answer": 15,
    "empty_answer": 15,
    "reply_truncated": 15,
    "no_reply": 10,
    "reasoning_loop": 15,
    "not_rewritten": 40,
    "no_verdict": 15,
    "not_faithful": 25,
    "not_consistent": 25,
}
_PERMILLE = 1000
_FEWEST_TO_COPY = 12
_MOST_NUMBERS = 3
_JUDGED = ("no_verdict", "not_faithful", "not_consistent")
_DOUBTS = (
    "The given answer may be wrong.",
    "However, there is not enough information to be sure.",
    "There seems to be a typo in the question.",
    "Wait, that does not fit. Let me reconsider.",
    "Could you please provide the missing length?",
)
_FORCED = (
    "We must trust the given answer.",
    "Let us assume the provided answer is correct.",
    "To match the given answer, take the other root.",
    "Since the correct answer is known to be this, according to the answer key it holds.",
)
_PROVIDED = ("The provided solution adds first.", "Here is a rewritten version of the solution.")
_CALCULATION = re.compile(r"\d[\d\s.,/*+-]*=\s*\$?\d[\d.,]*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class Prompt(NamedTuple):
    """What a prompt told the teacher."""

    question: str
    solution: str
    answer: str
    rewrites: bool


def parse(text: str) -> Prompt:
    """Read the parts of a prompt of synthesize."""
    question, _, rest = text.partition("\n\nFinal answer: ")
    answer = rest.partition("\n\n")[0]
    _, _, question = question.partition("Problem:\n")
    question, _, solution = re.sub("\n\n(Formal s|S)olution:\n", "\0", question, count=1).partition("\0")
    return Prompt(question, solution, answer, "Solve the problem in another way" in text)


def fault(prompt: Prompt) -> str:
    """Return the fault planted in a problem, by its hash; none where it would be none."""
    draw = seeded(_PERMILLE, "fault", prompt.question)
    for name, share in PERMILLE.items():
        if draw < share:
            copies = prompt.rewrites and len(prompt.solution.split()) > _FEWEST_TO_COPY
            return "none" if name == "not_rewritten" and not copies else name
        draw -= share
    return "none"


def answer_text(prompt: Prompt) -> str:
    """Return the answer, in one of several ways of writing it."""
    draw, answer = seeded(4, "way", prompt.question), prompt.answer
    choices = dict(re.findall(r"^([A-J])\. (.+)$", prompt.question.rpartition("\nChoices:\n")[2], re.MULTILINE))
    if answer in choices:
        return (answer, f"({answer})", f"{answer}. {choices[answer]}", answer)[draw]
    if re.fullmatch(r"\d{4,}", answer):
        return (answer, f"{int(answer):,}", f"${answer}$", f"{answer}.0")[draw]
    if re.fullmatch(r"\d+(\.\d+)?", answer):
        return (answer, f"${answer}$", f"{answer}.", answer)[draw]
    return answer


def wrong(answer: str, question: str) -> str:
    """Return another answer."""
    letters = re.findall(r"^([A-J])\. ", question, re.MULTILINE) or re.findall(r"[A-E]", question.rpartition("picture: ")[2])
    if answer in letters:
        return str(next(letter for letter in letters if letter != answer))
    number = re.fullmatch(r"-?\d+(\.\d+)?", answer)
    return str(int(float(answer)) + 1) if number else f"{answer} + 1"


def steps(prompt: Prompt) -> list[str]:
    """Return the steps of a good solution: to unify, MATH's own sentences; to rewrite, short calculations; else filler."""
    if prompt.solution and not prompt.rewrites:
        sentences = [part.strip().replace("\n", " ") for part in _SENTENCE.split(prompt.solution) if part.strip()]
        return [*sentences, "With that the value that was asked for is found."]
    short = [line for line in _CALCULATION.findall(prompt.solution) if len(re.findall(r"\d+", line)) <= _MOST_NUMBERS]
    found = [f"Now we work out {line.strip()} and keep it." for line in short]
    words = prompt.question.split()[:6]
    return [f"What is asked is known: it starts with {len(words)} words that name the task.", *found[:8], "That settles it."]


def script(request: Received) -> Answer:
    """Answer as the planned fault demands."""
    content = request.body["messages"][0]["content"]
    text = content if isinstance(content, str) else next(part["text"] for part in content if part["type"] == "text")
    if "<BEGIN KNOWN ANSWER>" in text:
        return verdict(text)
    parts = parse(text)
    name = fault(parts)
    lines = [f"Step {number}: {step}" for number, step in enumerate(steps(parts), 1)]
    return reply(name, parts, lines)


def reply(name: str, prompt: Prompt, lines: list[str]) -> Answer:
    """Return a solution with a fault."""
    body, end = "\n".join(lines), f"\n†Answer: {answer_text(prompt)}"
    pick = seeded(60, "pick", prompt.question)
    plans = {
        "answer_changed": lambda: f"{body}\n†Answer: {wrong(prompt.answer, prompt.question)}",
        "doubt": lambda: f"{body} {_DOUBTS[pick % len(_DOUBTS)]}{end}",
        "forced_answer": lambda: f"{body} {_FORCED[pick % len(_FORCED)]}{end}",
        "provided_answer": lambda: f"{body} {_PROVIDED[pick % len(_PROVIDED)]}{end}",
        "no_steps": lambda: " ".join(line.partition(": ")[2] for line in lines) + end,
        "text_before_steps": lambda: f"Sure, this is how it goes.\n{body}{end}",
        "step_numbering": lambda: f"{body}\nStep {len(lines) + 2}: So it ends.{end}",
        "empty_step": lambda: f"{body}\nStep {len(lines) + 1}:{end}",
        "no_answer_line": lambda: f"{body}\nAnswer: {prompt.answer}",
        "many_answer_lines": lambda: body + end + end,
        "text_after_answer": lambda: f"{body}{end}\nI hope that helps.",
        "empty_answer": lambda: f"{body}\n†Answer:",
        "reasoning_loop": lambda: _looping(lines) + end,
        "not_rewritten": lambda: f"Step 1: {' '.join(prompt.solution.split())}{end}",
    }
    if name == "no_reply":
        return Answer(raw=b"<html>gateway</html>")
    if name == "reply_truncated":
        return Answer(body[: max(20, len(body) // 2)], finish_reason="length")
    marked = f" (case {name})" if name in _JUDGED else ""
    text = plans[name]() if name in plans else f"{body}{marked}{end}"
    return Answer(text)


def verdict(text: str) -> Answer:
    """Answer the double check."""
    judgement = {"fidelity": "yes", "fidelity_reason": "No doubt.", "consistency": "yes", "consistency_reason": "It fits."}
    if "(case no_verdict)" in text:
        return Answer("Judgment: yes")
    if "(case not_faithful)" in text:
        judgement["fidelity"] = "no"
    if "(case not_consistent)" in text:
        judgement["consistency"] = "no"
    return Answer(json.dumps(judgement))


def _looping(lines: list[str]) -> str:
    again = "Let us look at the same triangle once more from the top."
    return "\n".join([*lines, *(f"Step {len(lines) + more}: {again}" for more in range(1, 5))])

"""What solutions say about themselves: found where it is said, and not where mathematics only sounds like it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.families.mmathcot import phrases
from builders.families.mmathcot.phrases import Kind

DOUBTS = [
    "The problem contains an error.",
    "The question as posed is incomplete.",
    "The figure does not show the length of AB.",
    "It is impossible to find x from the given information.",
    "The answer provided is wrong.",
    "None of the options is right.",
    "The correct answer should be 14.",
    "Let me recalculate.",
    "It's unclear which side is meant.",
    "No figure is provided.",
    "Without the image we guess.",
    "The height is not given in the problem.",
    "The given options do not include our value.",
    "We lack the necessary data.",
    "There must be a mistake somewhere in the options.",
    "The provided answer may be wrong.",
    "However, the answer could be incorrect.",
    "The answer seems to be wrong here.",
    "The given answer is not correct.",
    "There seems to be a mistake in the problem.",
    "There might be a typo in the question.",
    "The problem itself seems to have an error.",
    "The question is ambiguous.",
    "The problem statement is incomplete.",
    "The figure is unclear, so we guess.",
    "More conditions are needed to find x.",
    "Additional information is required.",
    "We need more information to go on.",
    "There is not enough information to find the angle.",
    "The problem doesn't provide enough information.",
    "Insufficient data.",
    "Without further details we stop here.",
    "Without seeing the image this is a guess.",
    "Please provide the diagram.",
    "Could you clarify what AB is?",
    "I'm not sure about this.",
    "I can\u2019t see the figure.",
    "Wait, that is not right.",
    "So x = 3. Hmm, let us check again.",
    "Let's start over.",
    "We must re-examine the figure.",
    "This does not match the given answer.",
    "None of these values match any of the options.",
    "This contradicts the provided answer.",
    "Our value differs from the correct answer.",
]
FORCED = [
    "We know the answer should be 45.",
    "Knowing that the final answer is 7, we find the side.",
    "Since the answer is given as 12, x = 4.",
    "Given that the answer is B, we choose B.",
    "If we accept the answer, then r = 2.",
    "As the correct answer is 45 degrees, x = 45.",
    "We have to trust that 12 is right.",
    "We make the answer come out as 24, double it.",
    "We must trust the given answer.",
    "We must trust the answer.",
    "Trusting that the answer is 5, we go on.",
    "Let us assume the answer is 12.",
    "Let's assume that the given answer is right.",
    "Assuming the correct answer to be 4, x = 2.",
    "We accept the provided answer.",
    "To match the given answer, take k = 3.",
    "To arrive at the expected answer we add 2.",
    "Since the given answer is 7, AB must be 3.",
    "Because the correct answer is known we stop, as the provided answer is 7.",
    "We are told that the answer is 9.",
    "According to the answer key this is B.",
    "Based on the provided answer, the angle is 40 degrees.",
    "Working backwards from the answer, we find 6.",
    "We adjust the ratio so that it gives the correct answer.",
    "Let us use the given answer.",
]
META = [
    "The answer key says 8.",
    "In the solution provided, the author goes on.",
    "The answer supplied is 4.",
    "The provided solution uses Pythagoras.",
    "The reference answer is 5.",
    "As the original analysis says, BC = 4.",
    "Here is a rewritten solution.",
    "Here's an alternative version of the solution.",
    "We rewrite the solution in steps.",
    "As an AI, I follow the text.",
    "The given answer is 5.",
    "The instructions say to end here.",
]
INNOCENT = [
    "We know the answer is an integer.",
    "None of the digits is even.",
    "Without the first term the sum is 9.",
    "The two figures are not shown to scale.",
    "The problem does not depend on the order.",
    "It is clear which side is longer.",
    "The line does not contain the origin.",
    "The image of 2 under f is missing from the range.",
    "Let us assume x > 0.",
    "Assume that n is even; we look for a contradiction.",
    "Suppose the answer is 5 years: then he would be 10.",
    "This contradicts the assumption that p is prime.",
    "The given solution contains 20 % acid, the original solution 5 %.",
    "The standard solution of this equation is x = 2.",
    "Option B is incorrect, since 7 is odd.",
    "Among the given answer choices only C is even.",
    "The sign is wrong for negative x, so we take the other root.",
    "No more information is needed.",
    "The missing data point is 14.",
    "We need more paint: 3 more litres are needed.",
    "They had to wait, on average, 5 minutes.",
    "She waits 20 minutes and then walks.",
    "To obtain the desired result, divide by 2.",
    "The answer is given by 5! = 120.",
    "We rewrite the equation as y = 2x.",
    "Please note that both roots are real.",
    "Working backwards from the last day, she had 8 apples.",
    "The problem asks for the sum of the digits.",
    "The error of the measurement is 0.1 cm.",
    "A standard deck has 52 cards.",
    "There is no solution for x < 0.",
    "The system is inconsistent, so the lines are parallel.",
    "We force the remainder to be zero.",
    "This function is not given, only its values.",
]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("doubt", text) for text in DOUBTS),
        *(("forced_answer", text) for text in FORCED),
        *(("provided_answer", text) for text in META),
    ],
)
def test_what_is_said_is_found(kind: Kind, text: str) -> None:
    assert phrases.first_phrase(kind, f"We look at the triangle.\n{text}\nSo we are done.")


@pytest.mark.parametrize("blanks", ["  ", " \t", "\u00a0 "])
def test_blanks_between_words_are_one(blanks: str) -> None:
    assert phrases.first_phrase("doubt", f"There is not{blanks}enough{blanks}information.") == phrases.first_phrase(
        "doubt", "There is not enough information."
    )


@pytest.mark.parametrize("end", ["\n", " \n\t", "\r\n\r\n"])
def test_a_line_ends_a_phrase(end: str) -> None:
    assert phrases.first_phrase("doubt", f"There is not{end}enough information.") is None


@pytest.mark.parametrize("text", INNOCENT)
@pytest.mark.parametrize("kind", ["doubt", "forced_answer", "provided_answer"])
def test_mathematics_is_no_doubt(kind: Kind, text: str) -> None:
    assert phrases.first_phrase(kind, text) is None


def test_what_the_problem_says_is_no_fault() -> None:
    problem = "What is x? (A) 5 (B) There is not enough information"
    assert phrases.first_phrase("doubt", "Two lines are unknown, so there is not enough information.", problem) is None
    assert phrases.first_phrase("doubt", "The question is ambiguous, and there is not enough information.", problem) == {
        "phrase": "question is ambiguous"
    }


def test_evidence_is_short() -> None:
    found = phrases.first_phrase("doubt", "None " + "x" * 30 + " match any of the answer options")
    assert found is not None
    assert len(found["phrase"]) <= phrases.LONGEST


def _rationales(data: Path) -> Iterator[tuple[str, str]]:
    for file, problem, solution in (
        ("gsm8k/train.jsonl", "question", "answer"),
        ("MATH/test_minus_math500.jsonl", "problem", "solution"),
        ("aqua/dev.json", "question", "rationale"),
    ):
        for line in (data / "math" / file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row[problem] + " ".join(row.get("options", [])), re.sub(r"<<.*?>>", "", row[solution])


@pytest.mark.real
def test_people_who_explain_mathematics_do_not_doubt_it(real_data: Path) -> None:
    kinds: tuple[Kind, ...] = ("doubt", "forced_answer", "provided_answer")
    found = [kind for problem, text in _rationales(real_data) for kind in kinds if phrases.first_phrase(kind, text, problem)]
    assert found in ([], ["provided_answer"])  # one solution of MATH cites an answer key

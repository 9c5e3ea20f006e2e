"""A solution in steps, and what can be wrong with its form and with what it says about itself.

    Step 1: The triangle has a right angle at C, so a² + b² = c².
    Step 2: With a = 3 and b = 4, c = 5.
    †Answer: 5

The paper drops a generated solution whose answer is not the one it was given (`answer_changed`), and one that questions that
answer or adds assumptions to force it (section 3.1; its judge also looks for untimely questions, requests for conditions and
loops). What of that shows in words is a rule here:

    text_before_steps   something stands before Step 1
    no_steps            there is no step
    step_numbering      the numbers are not 1, 2, 3, ...
    empty_step          a step says nothing
    no_answer_line      there is no line with the dagger
    many_answer_lines   there are several
    text_after_answer   something follows it
    empty_answer        it says nothing
    doubt               `phrases`: the problem or the answer is called wrong, unclear or incomplete, or something is asked for
    forced_answer       an answer is trusted, assumed or aimed at
    provided_answer     the text speaks of the solution or answer it was made from
    reasoning_loop      `loops`: steps, or long sentences, come again and again

`phrases.first_phrase` finds those of doubt, forced_answer and provided_answer.
"""

import re
from collections import Counter
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from builders.answers import equivalence
from builders.texts import words

DAGGER = "†"
LONGEST_COMPARED = 1000
_EVIDENCE = 80
_LINES = re.MULTILINE | re.IGNORECASE
_STEP = re.compile(r"^[ \t]*(?:\*\*|#{1,6} )?Step[ \t]+(\d{1,4})[ \t]*(?:\*\*)?[ \t]*[:.][ \t]*(?:\*\*)?[ \t]*", _LINES)
_ANSWER = re.compile(rf"^[ \t*]*{DAGGER}[ \t]*Answer[ \t]*(?:\*\*)?[ \t]*:[ \t]*(?:\*\*)?(.*)$", _LINES)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]{2,}")
Finding = dict[str, Any]


class Step(NamedTuple):
    """A step: the number it carries, and what it says."""

    number: int
    text: str


class Solution(NamedTuple):
    """A solution in parts.

    Args:
        before: what stands before the first step.
        steps: the steps, in their order.
        answers: what the answer lines say.
        after: what follows the first answer line, further answer lines apart.
    """

    before: str
    steps: tuple[Step, ...]
    answers: tuple[str, ...]
    after: str


class Closeness(NamedTuple):
    """How much of a rewriting is its source.

    Args:
        jaccard: shared word n-grams over all of both.
        contained: shared word n-grams over those of the text that has fewer.
        block: length of the longest run of words that both have, over the words of the shorter text.
    """

    jaccard: float
    contained: float
    block: float


def parsed(text: str) -> Solution:
    """Take a solution apart; what has no steps is all `before`."""
    body, line, rest = text, None, ""
    if line := _ANSWER.search(text):
        body, rest = text[: line.start()], text[line.end() :]
    starts = list(_STEP.finditer(body))
    ends = [start.start() for start in starts[1:]] + [len(body)]
    steps = (Step(int(start[1]), body[start.end() : end].strip()) for start, end in zip(starts, ends, strict=False))
    before = body[: starts[0].start()] if starts else body
    found = tuple(_answer(match[1].strip()) for match in _ANSWER.finditer(text))
    return Solution(before.strip(), tuple(steps), found, _ANSWER.sub("", rest).strip())


def _answer(text: str) -> str:
    """Return an answer without the end of what is bold from the mark on; what is bold by itself stays so."""
    return text if text.startswith("**") else text.removesuffix("**").strip()


def _numbering(solution: Solution) -> Finding | None:
    numbers = [step.number for step in solution.steps]
    return {"numbers": numbers[:20]} if numbers != list(range(1, len(numbers) + 1)) else None


def _empty_steps(solution: Solution) -> Finding | None:
    empty = [step.number for step in solution.steps if not step.text]
    return {"steps": empty} if empty else None


FORM: dict[str, Callable[[Solution], Finding | None]] = {
    "no_steps": lambda solution: None if solution.steps else {},
    "text_before_steps": lambda solution: {"text": solution.before[:_EVIDENCE]} if solution.before else None,
    "step_numbering": _numbering,
    "empty_step": _empty_steps,
    "no_answer_line": lambda solution: None if solution.answers else {},
    "many_answer_lines": lambda solution: {"lines": len(solution.answers)} if len(solution.answers) > 1 else None,
    "text_after_answer": lambda solution: {"text": solution.after[:_EVIDENCE]} if solution.after else None,
    "empty_answer": lambda solution: {} if solution.answers and not any(solution.answers) else None,
}
"""What can be wrong with the form: reason → what is found of it, or None."""


def loops(solution: Solution, most: int, least_words: int) -> Finding | None:
    """Return the steps, or else the sentence, that come more than `most` times.

    Args:
        solution: in parts.
        most: how often a step or sentence may stand.
        least_words: words of two letters or more in a step or sentence that counts: calculations may come again.
    """
    steps = [(step.number, step.text) for step in solution.steps]
    numbers = _repeated(steps, most, least_words)
    if numbers:
        return {"steps": numbers, "text": dict(steps)[numbers[0]][:_EVIDENCE]}
    sentences = [sentence for step in solution.steps for sentence in _SENTENCE_END.split(step.text)]
    places = _repeated(list(enumerate(sentences)), most, least_words)
    return {"times": len(places), "text": sentences[places[0]][:_EVIDENCE]} if places else None


def _repeated(texts: list[tuple[int, str]], most: int, least_words: int) -> list[int]:
    """Return the numbers of the texts that say the same more than `most` times."""
    spelt = [(number, " ".join(words.simplified(text))) for number, text in texts if len(_WORD.findall(text)) >= least_words]
    counts = Counter(text for _, text in spelt)
    return [number for number, text in spelt if counts[text] > most]


def answer_changed(solution: Solution, reference: str, options: tuple[str, ...] = ()) -> Finding | None:
    """Return both answers as they were read, and the rule that told them apart, unless the solution's last is the reference."""
    given = solution.answers[-1] if solution.answers else ""
    verdict = equivalence.compared(given, reference, options)
    if verdict.equivalent:
        return None
    return {"given": verdict.given[:_EVIDENCE], "reference": verdict.reference[:_EVIDENCE], "rule": verdict.route}


def closeness(solution: Solution, source: str, ngram_words: int) -> Closeness:
    """Measure how much of a source is in a rewriting: without step marks and answer lines, case and punctuation.

    Numbers are words and count: a solution that goes another way has other numbers in between. Of each text the first
    `LONGEST_COMPARED` words are read, so the time is bounded.
    """
    ours = words.simplified(" ".join(step.text for step in solution.steps))[:LONGEST_COMPARED]
    theirs = words.simplified(_ANSWER.sub("", _STEP.sub("", source)))[:LONGEST_COMPARED]
    shorter = min(len(ours), len(theirs))
    if not shorter:
        return Closeness(0.0, 0.0, 0.0)
    first, second = (_ngrams(text, min(ngram_words, shorter)) for text in (ours, theirs))
    shared = len(first & second)
    block = SequenceMatcher(None, ours, theirs, autojunk=False).find_longest_match().size
    return Closeness(words.jaccard(first, second), shared / min(len(first), len(second)), block / shorter)


def not_rewritten(closeness: Closeness, most: Closeness) -> Finding | None:
    """Return the measures that are above their bounds, if there are any."""
    above = {
        name: round(value, 4) for name, value, bound in zip(closeness._fields, closeness, most, strict=True) if value > bound
    }
    return above or None


def _ngrams(text: list[str], size: int) -> frozenset[tuple[str, ...]]:
    return frozenset(zip(*(text[start:] for start in range(size)), strict=False))

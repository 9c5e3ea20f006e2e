r"""The final answer of a reply, as solutions announce it, and whether it is the reference.

Rules in order, the first that finds something, always its last occurrence (`Final.rule` names it):

    dagger     `†Answer: X`, the published sets' own line
    boxed      `\boxed{X}`
    hashes     `#### X`, GSM8K's
    announced  a line `Answer: X`, or a sentence `The answer is X`
    last_line  the last line that says something, where it has no more than 80 characters

What was thought is not part of a reply, so a number in the reasoning is never the answer. Equivalence is decided by
`builders.answers`: values, units, options by letter or by value, the rounding that a problem asks for.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from builders.answers import equivalence
from builders.problems import solutions

_BOXED = re.compile(r"\\f?boxed\s*\{")
_HASHES = re.compile(r"^####[ \t]*(.+)$", re.MULTILINE)
_LINE = re.compile(
    r"^[ \t*_#>-]*(?:final |correct )?answer[ \t]*(?:\*\*|__)?[ \t]*[:=][ \t]*(?:\*\*|__)?[ \t]*(.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE = re.compile(
    r"\b(?:the|my) (?:final |correct )?(?:answer|option|choice) is(?: option| choice)?[ \t]*:?[ \t]*"
    r"(.+?)(?:\.?[ \t]*(?=\n|$)|\.\s)",
    re.IGNORECASE,
)
_LONGEST_LINE = 80
UNANNOUNCED = "last_line"
RULES = ("dagger", "boxed", "hashes", "announced", UNANNOUNCED)


class Final(NamedTuple):
    """A final answer.

    Args:
        text: what it says.
        rule: which of `RULES` found it.
    """

    text: str
    rule: str


def final(answer: str) -> Final | None:
    """Return the final answer of a reply whose reasoning is taken off; None where it announces none."""
    finders = (_dagger, boxed, _last(_HASHES), _announced, _last_line)
    for rule, find in zip(RULES, finders, strict=True):
        if text := find(answer).strip().strip("*_").strip():
            return Final(text, rule)
    return None


def right(answer: Final | None, reference: str, options: Sequence[str] = (), question: str = "") -> bool:
    """Tell whether a final answer is the reference.

    Args:
        answer: what the reply gives; None is wrong.
        reference: the answer known to be right.
        options: what could be chosen.
        question: the problem, which may ask for so many decimal places.
    """
    if answer is None:
        return False
    return equivalence.compared(answer.text, reference, options, equivalence.places_asked(question)).equivalent


def boxed(text: str) -> str:
    r"""Return what is in the last `\boxed{…}` of a text; empty if there is none, or it is never closed."""
    starts = [match.end() for match in _BOXED.finditer(text)]
    if not starts:
        return ""
    depth, start = 1, starts[-1]
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return ""


def _dagger(text: str) -> str:
    answers = solutions.parsed(text).answers
    return answers[-1] if answers else ""


def _last(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def find(text: str) -> str:
        found = pattern.findall(text)
        return str(found[-1]) if found else ""

    return find


def _announced(text: str) -> str:
    found = [*_LINE.finditer(text), *_SENTENCE.finditer(text)]
    return max(found, key=lambda match: match.end())[1] if found else ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines and len(lines[-1]) <= _LONGEST_LINE else ""

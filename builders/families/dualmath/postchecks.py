"""What a model's inserted error must be: where it enters is looked up in the two solutions, whatever the model says.

The paper's prompt demands these things and describes no check of them (section 3.2). Reasons, the first being the one:

    unknown_value         the value that was to be altered is in no step of the right solution
    not_a_fact            it is calculated there, and is not a fact that was read
    value_unchanged       the altered value is the same
    no_alteration         the altered value takes its place in no step
    text_before_changed   a step before that one differs
    answer_unchanged      the answer is still right
    answer_not_reached    the answer is a number that the last step does not state
    second_error          a calculation from that step on is wrong by itself
    gives_away            words such as "misread" or "incorrectly"
    empty_step            a step says nothing
"""

import ast
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from builders.answers import equivalence
from builders.problems import steps as formulas

_MINUS, _TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
_SIGN, _SIZE = rf"[-{_MINUS}]", r"\$?\d[\d,]*(?:\.\d+)?"
_NUMBER = re.compile(rf"(?<![\w.]){_SIGN}?{_SIZE}(?:/\d+)?(?![\w/])|(?<![\w.]){_SIGN}?{_SIZE}")
_TERM = rf"[-{_MINUS}(\s$]*\d[\d,.]*[)\s%]*"
_OPERATION = rf"[-{_MINUS}+*{_TIMES}÷/]\s*"
_EQUATION = re.compile(rf"((?:{_TERM}{_OPERATION})+{_TERM})=\s*({_SIGN}?{_SIZE})(?![\w/%^*+{_TIMES}÷])")
_SIGNS = str.maketrans({_MINUS: "-", _TIMES: "*", "÷": "/", "$": "", ",": "", "%": "", " ": ""})
_TELLING = re.compile(
    r"\b(?:mis(?:read|reading|interpret\w*|taken?|takenly)|incorrect(?:ly)?|wrong(?:ly)?|erroneous(?:ly)?|altered|alteration"
    r"|mistakes?|errors?|modified|original(?:ly)? (?:value|solution))\b",
    re.IGNORECASE,
)
_EVIDENCE = 80


class Altered(NamedTuple):
    """A right solution and what a model made of it.

    Args:
        question: the problem's.
        answer: the right one.
        options: the choices, if any.
        right: the steps of the right solution.
        steps: the model's.
        given: its answer.
        was, becomes: the value that it says it altered, and what to.
    """

    question: str
    answer: str
    options: tuple[str, ...]
    right: tuple[str, ...]
    steps: tuple[str, ...]
    given: str
    was: str
    becomes: str


def entered(altered: Altered) -> int:
    """Return the step, from 1, in which the altered value takes the other's place; 0 if there is none.

    There the right solution has the one and lacks the other, and the model's the reverse is so: once less, once more.
    """
    was, becomes = value(altered.was), value(altered.becomes)
    if was is None or becomes is None:
        return 0
    for number, (before, after) in enumerate(zip(altered.right, altered.steps, strict=False), start=1):
        old, new = numbers(before), numbers(after)
        if old.count(was) > new.count(was) and new.count(becomes) > old.count(becomes):
            return number
    return 0


def roles(altered: Altered, place: int) -> list[str]:
    """Return what each step has to do with the error; one that the right solution has word for word is independent of it."""
    named = []
    for number, step in enumerate(altered.steps, start=1):
        same = number <= len(altered.right) and step == altered.right[number - 1]
        if number < place:
            named.append("right")
        elif number == place:
            named.append("introduces")
        else:
            named.append("independent" if same else "inherits")
    return named


def seen(altered: Altered) -> str:
    """Tell where the altered fact stands: in the text, or else in the figure."""
    return "text" if value(altered.was) in numbers(altered.question) else "figure"


def fault(altered: Altered) -> tuple[str, dict[str, Any]] | None:
    """Return the first reason against what a model made, with evidence; None of a good one."""
    for reason, check in CHECKS.items():
        if (evidence := check(altered)) is not None:
            return reason, evidence
    return None


def value(text: str) -> Fraction | None:
    """Read the number of a value as a model writes it, without its unit."""
    found = numbers(text)
    return found[0] if found else None


def numbers(text: str) -> list[Fraction]:
    """Return the numbers of a text, in order."""
    return [one for match in _NUMBER.finditer(text) if (one := _exact(match[0])) is not None]


def _exact(text: str) -> Fraction | None:
    try:
        return Fraction(text.translate(_SIGNS))
    except (ValueError, ZeroDivisionError):
        return None


def _unknown_value(altered: Altered) -> dict[str, Any] | None:
    known = {number for step in altered.right for number in numbers(step)}
    return None if value(altered.was) in known else {"was": altered.was[:_EVIDENCE]}


def _not_a_fact(altered: Altered) -> dict[str, Any] | None:
    was = value(altered.was)
    if was in numbers(altered.question):
        return None
    for number, step in enumerate(altered.right, start=1):
        if any(came == was for _, came in equations(step)):
            return {"step": number, "was": altered.was[:_EVIDENCE]}
        if was in numbers(step):
            return None
    return None


def _value_unchanged(altered: Altered) -> dict[str, Any] | None:
    same = value(altered.becomes) in {None, value(altered.was)}
    return {"was": altered.was[:_EVIDENCE], "becomes": altered.becomes[:_EVIDENCE]} if same else None


def _no_alteration(altered: Altered) -> dict[str, Any] | None:
    return None if entered(altered) else {"becomes": altered.becomes[:_EVIDENCE]}


def _text_before_changed(altered: Altered) -> dict[str, Any] | None:
    before = entered(altered) - 1
    changed = [number + 1 for number in range(before) if altered.steps[number] != altered.right[number]]
    return {"steps": changed} if changed else None


def _answer_unchanged(altered: Altered) -> dict[str, Any] | None:
    places = equivalence.places_asked(altered.question)
    same = equivalence.compared(altered.given, altered.answer, altered.options, places).equivalent
    return {"given": altered.given[:_EVIDENCE]} if same else None


def _answer_not_reached(altered: Altered) -> dict[str, Any] | None:
    given = value(altered.given)
    if given is None or given in numbers(altered.steps[-1]):
        return None
    return {"given": altered.given[:_EVIDENCE], "last": altered.steps[-1][-_EVIDENCE:]}


def _second_error(altered: Altered) -> dict[str, Any] | None:
    """Find a calculation that is wrong and that the right solution does not have."""
    known = {calculation for step in altered.right for calculation, _ in equations(step)}
    for number, step in enumerate(altered.steps, start=1):
        for calculation, came in equations(step):
            left = calculation.partition("=")[0]
            wanted = _calculated(left)
            if calculation not in known and wanted is not None and not _rounded(wanted, came, calculation):
                return {"step": number, "calculation": calculation[:_EVIDENCE]}
    return None


def equations(text: str) -> list[tuple[str, Fraction]]:
    """Return the calculations with numbers that a text states: each without spaces, and what it says it comes to."""
    found = []
    for match in _EQUATION.finditer(text):
        came = _exact(match[2])
        if came is not None:
            found.append((f"{match[1]}={match[2]}".translate(_SIGNS), came))
    return found


def _calculated(text: str) -> Fraction | None:
    try:
        result = formulas.evaluate(_whole(text), {})
    except (SyntaxError, ValueError, ArithmeticError, TypeError, RecursionError):
        return None
    return result if isinstance(result, Fraction) else None


def _whole(text: str) -> str:
    """Return a calculation with its decimals as fractions: the formulas' language has whole numbers alone."""
    tree = ast.parse(re.sub(r"\d+\.\d+", lambda found: f"({Fraction(found[0])})", text), mode="eval")
    return ast.unparse(tree)


def _rounded(wanted: Fraction, came: Fraction, calculation: str) -> bool:
    """Tell whether a result is one, rounded or cut where it does not end."""
    if wanted.denominator == 1 or wanted == came:
        return wanted == came
    return abs(wanted - came) <= Fraction(1, 10 ** len(calculation.rpartition("=")[2].partition(".")[2]))


def _gives_away(altered: Altered) -> dict[str, Any] | None:
    known = {word.lower() for text in (altered.question, *altered.right) for word in _TELLING.findall(text)}
    words = sorted({word.lower() for step in altered.steps for word in _TELLING.findall(step)} - known)
    return {"words": words} if words else None


def _empty_step(altered: Altered) -> dict[str, Any] | None:
    empty = [number for number, step in enumerate(altered.steps, start=1) if not step.strip()]
    return {"steps": empty} if empty else None


CHECKS: dict[str, Callable[[Altered], dict[str, Any] | None]] = {
    "unknown_value": _unknown_value,
    "not_a_fact": _not_a_fact,
    "value_unchanged": _value_unchanged,
    "no_alteration": _no_alteration,
    "text_before_changed": _text_before_changed,
    "answer_unchanged": _answer_unchanged,
    "empty_step": _empty_step,
    "answer_not_reached": _answer_not_reached,
    "second_error": _second_error,
    "gives_away": _gives_away,
}
"""Reason → what is found against a solution, or None."""


def stepped(text: str) -> Sequence[str]:
    """Return the steps of a right solution that has no marks of steps: its lines, without a calculator's annotations."""
    lines = [re.sub(r"<<[^<>]*>>", "", line).strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("####")]

"""A problem whose solution is known as a program of steps, and what a solution in words states of it.

    Step 2: The angles of a triangle add up to 180°. So ∠BAC = 180 − 47 − 68 = 65°.

A step states a value at its end, how it was computed before that, and what was read from figure or text before either. With the
program each of the three is right or wrong, so the first wrong step of such a solution is known, whoever wrote it.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from builders.problems import numbers, quantities, spelling, steps
from builders.problems.steps import Given, Rule

Values = dict[str, Fraction]
_QUANTITY = r"−?\$?\d+(?:\.\d+)?(?:/\d+)?"
_LAST_VALUE = re.compile(rf" = ({_QUANTITY})[^=\d]*$")


class Problem(NamedTuple):
    """A problem and the program that solves it.

    Args:
        key: its name.
        question: without choices.
        answer: the right answer in words.
        givens: what figure and text show.
        rules: the steps; the last one's value is the answer.
        values: name → right value, of givens and steps.
        fresh: for each step, the givens that it is the first to use.
        labels: name → what a reader calls it.
    """

    key: str
    question: str
    answer: str
    givens: tuple[Given, ...]
    rules: tuple[Rule, ...]
    values: Values
    fresh: tuple[tuple[Given, ...], ...]
    labels: dict[str, str]


class Stated(NamedTuple):
    """What a step states.

    Args:
        readings: given → the value that was read, of those first used here.
        formula: how the value was computed; empty where the words do not say so by this program's quantities.
        value: what it came to.
    """

    readings: Values
    formula: str
    value: Fraction


def read(program: Mapping[str, Any], key: str, question: str, answer: str) -> Problem | None:
    """Return the problem of a row's `program`; None where a value is not a rational number."""
    try:
        givens = tuple(Given(**{**given, "value": Fraction(given["value"])}) for given in program["givens"])
        right = {step["name"]: Fraction(step["value"]) for step in program["steps"]}
    except ValueError:
        return None
    rules = tuple(Rule(*(step[name] for name in Rule._fields)) for step in program["steps"])
    unread = {given.name: given for given in givens}
    fresh = tuple(tuple(unread.pop(name) for name in steps.uses(rule.formula) if name in unread) for rule in rules)
    labels = {given.name: given.label for given in givens} | {rule.name: rule.label for rule in rules}
    values = {given.name: given.value for given in givens} | right
    return Problem(key, question, answer, givens, rules, values, fresh, labels)


def exact(text: str) -> Fraction:
    """Read a rational number as a source writes it.

    Raises:
        ValueError: it is not one.
    """
    return Fraction(text)


def computed(problem: Problem, formula: str, values: Mapping[str, Fraction]) -> str:
    """Write a formula with its values; one that only repeats a quantity, with that quantity's label."""
    if formula.isidentifier():
        return problem.labels[formula]
    return spelling.typeset(steps.tree(formula), values)


def result(formula: str, values: Mapping[str, Fraction]) -> Fraction | None:
    """Return what a formula comes to; None where that is not a rational number."""
    try:
        value = steps.evaluate(formula, values)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return value if isinstance(value, Fraction) else None


def quantity_text(value: Fraction, unit: str) -> str:
    """Write a quantity, also an amount that nobody could pay."""
    try:
        return quantities.quantity(value, unit)
    except quantities.Unfit:
        return f"{'−' if value < 0 else ''}${numbers.shown(abs(value))}"


def line(problem: Problem, place: int, stated: Stated, values: Mapping[str, Fraction], style: int) -> str:
    """Word a step, in one of `STYLES` ways, all of which end with the value.

    Args:
        problem: the step's.
        place: which step, from 0.
        stated: what it states.
        values: what the steps before stated, and all readings.
        style: the way.
    """
    rule = problem.rules[place]
    readings = _readings(problem, place, stated.readings)
    value = f"{computed(problem, stated.formula, values)} = {quantity_text(stated.value, rule.unit)}"
    return {
        0: f"{readings}{rule.reason} So {rule.label} = {value}.",
        1: f"{rule.reason} {readings}Hence {rule.label} = {value}.",
        2: f"{readings}Next comes {rule.label}. {rule.reason} It is {rule.label} = {value}.",
        3: f"To find {rule.label}: {rule.reason} {readings}We get {rule.label} = {value}.",
    }[style]


STYLES = 4


def _readings(problem: Problem, place: int, readings: Mapping[str, Fraction]) -> str:
    sentences = []
    for seen, opening in (("figure", "The figure shows"), ("text", "The text says")):
        found = [
            f"{given.label} = {quantity_text(readings[given.name], given.unit)}"
            for given in problem.fresh[place]
            if given.seen == seen
        ]
        if found:
            sentences.append(f"{opening}: {', '.join(found)}. ")
    return "".join(sentences)


def stated(problem: Problem, place: int, text: str, values: Mapping[str, Fraction]) -> Stated:
    """Return what the words of a step state; what they do not state is taken to be right.

    Args:
        problem: the step's.
        place: which step, from 0.
        text: its words.
        values: what the steps before stated.
    """
    rule = problem.rules[place]
    readings = {given.name: _reading(given, text) for given in problem.fresh[place]}
    found = _LAST_VALUE.search(text)
    if not found:
        return Stated(readings, "", problem.values[rule.name])
    own = computed(problem, rule.formula, {**values, **readings})
    follows = text[: found.start()].endswith(f"{rule.label} = {own}")
    return Stated(readings, rule.formula if follows else "", _number(found[1]))


def _reading(given: Given, text: str) -> Fraction:
    found = re.search(rf"(?:: |, ){re.escape(given.label)} = ({_QUANTITY})", text)
    return _number(found[1]) if found else given.value


def _number(text: str) -> Fraction:
    size = Fraction(text.lstrip("−").lstrip("$"))
    return -size if text.startswith("−") else size


def is_right(problem: Problem, place: int, step: Stated) -> bool:
    """Tell whether a step states nothing wrong, by the program alone."""
    rule = problem.rules[place]
    return (
        step.formula == rule.formula
        and step.value == problem.values[rule.name]
        and all(value == problem.values[name] for name, value in step.readings.items())
    )


def taken(problem: Problem, texts: Sequence[str]) -> list[Stated]:
    """Return what each step of a solution states, as far as the program has steps."""
    values: Values = {}
    found = []
    for place, text in enumerate(texts[: len(problem.rules)]):
        one = stated(problem, place, text, values)
        values |= {**one.readings, problem.rules[place].name: one.value}
        found.append(one)
    return found


def first_error(problem: Problem, steps: Sequence[Stated]) -> int:
    """Return the number of the first wrong step, from 1; 0 where every step is right."""
    return next((place + 1 for place, one in enumerate(steps) if not is_right(problem, place, one)), 0)

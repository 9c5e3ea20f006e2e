"""The values of the problem engine: a kind, what its make function drafts, and the problem that is emitted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.problems import numbers
from builders.problems.numbers import Number
from builders.problems.quantities import quantity
from builders.problems.steps import Given, Rule, Step

Facts = dict[str, Any]
"""JSON values: what the figure shows, or what the text tells beside it."""

Form = Literal["free", "choice"]

LETTERS = "ABCDE"


class Slip(NamedTuple):
    """A typical error: its name, and the formula of the wrong answer, over the quantities of the program."""

    error: str
    formula: str


class Question(NamedTuple):
    """One of the questions that a kind asks about its figures.

    Args:
        wordings: the question in two wordings, each whole.
        rules: its solution.
        slips: typical errors.
        statement: see `Draft`.
        givens: what the text tells, as quantities.
    """

    wordings: tuple[str, str]
    rules: tuple[Rule, ...]
    slips: tuple[Slip, ...]
    statement: Mapping[str, Any] = MappingProxyType({})
    givens: tuple[Given, ...] = ()

    def draft(self, texts: tuple[str, ...], facts: Facts, seen: Iterable[Given], **statement: object) -> "Draft":
        """Return the draft that asks this about a figure, with what is seen in it; a statement goes before its own."""
        return Draft(texts, facts, {**statement, **self.statement}, (*seen, *self.givens), self.rules, self.slips)


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem as its kind makes it, before it is checked.

    Args:
        texts: phrasings of the question, at least three, each whole and relying on the figure.
        facts: what the figure shows; all that the draw function needs.
        statement: what only the text tells, and what is asked: all that `solve` needs beside the facts.
        givens: the quantities that the solution or a slip starts from.
        rules: the solution; its last result is the answer.
        slips: typical errors, from which the options of the multiple-choice form are made.
    """

    texts: tuple[str, ...]
    facts: Facts
    statement: Facts
    givens: tuple[Given, ...]
    rules: tuple[Rule, ...]
    slips: tuple[Slip, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Args:
        make: drafts a problem of a depth from a lot; raises `Unfit` where the numbers drawn make none.
        draw: draws a figure from facts, to scale.
        solve: finds the answer by a route of its own from facts and what is told: coordinates, counting, another theorem.
        depths: the numbers of steps that its solutions may have.
        size: width and height of its figures in pixels.
    """

    make: Callable[[int, Lot], Draft]
    draw: Callable[[Canvas, Facts], None]
    solve: Callable[[Facts, Facts], "float | Number"]
    depths: tuple[int, ...]
    size: tuple[int, int] = (480, 360)


class Option(NamedTuple):
    """One of the answers to choose from: its text, its value, and the error that leads to it (none: it is right)."""

    text: str
    value: Number
    error: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that has been checked.

    Args:
        kind: the kind's name.
        depth: number of steps.
        seed, number: what it was made from, together with kind and depth.
        form: free-form, or multiple choice.
        question: the text without options.
        restated: whether the text says what the figure shows.
        phrasing: which of the kind's phrasings it is.
        facts, told: facts and statement, see `Draft`; rows call them so.
        givens: the quantities that the solution starts from.
        steps: the solution.
        options: the answers to choose from; empty in the free form.
        style: which look the figure has.
    """

    kind: str
    depth: int
    seed: int
    number: int
    form: Form
    question: str
    restated: bool
    phrasing: int
    facts: Facts
    told: Facts
    givens: tuple[Given, ...]
    steps: tuple[Step, ...]
    options: tuple[Option, ...]
    style: int

    @property
    def value(self) -> Number:
        """The answer's exact value."""
        return self.steps[-1].value

    @property
    def unit(self) -> str:
        """The answer's unit; empty if it has none."""
        return self.steps[-1].unit

    @property
    def result(self) -> str:
        """The answer in words of the text, with its unit."""
        return quantity(self.value, self.unit)

    @property
    def letter(self) -> str:
        """The letter of the right option; empty in the free form."""
        return next((letter for letter, option in zip(LETTERS, self.options, strict=False) if not option.error), "")

    @property
    def answer(self) -> str:
        """What stands after `†Answer:`: the letter, or the result."""
        return self.letter or self.result

    @property
    def text(self) -> str:
        """The question with its options."""
        lines = [f"{letter}. {option.text}" for letter, option in zip(LETTERS, self.options, strict=False)]
        return "\n".join([self.question, *lines])


def data(problem: Problem) -> Facts:
    """Return a problem as JSON values, exact numbers as text that sympy reads: what a row or a source holds of it."""
    return {
        "kind": problem.kind,
        "depth": problem.depth,
        "seed": problem.seed,
        "number": problem.number,
        "form": problem.form,
        "text": problem.text,
        "question": problem.question,
        "restated": problem.restated,
        "facts": problem.facts,
        "told": dict(problem.told),
        "givens": [{**given._asdict(), "value": numbers.exact(given.value)} for given in problem.givens],
        "steps": [{**step._asdict(), "value": numbers.exact(step.value)} for step in problem.steps],
        "options": [{**option._asdict(), "value": numbers.exact(option.value)} for option in problem.options],
        "result": problem.result,
        "answer": problem.answer,
    }

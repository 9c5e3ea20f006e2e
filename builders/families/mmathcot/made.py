"""Rows of the problem engine: any number of them from a seed, shared out to the modules by their key.

A generated source makes the share of one module. Sources with equal seed, rows and shares, one for each module, divide the same
problems among themselves: each makes those whose key falls into its share. Row number n is the same problem whatever the number
of rows is, and no other row is (`rounds`). A problem is checked when it is made, here and nowhere else; after that it travels
as JSON, from which its figure is painted when a model is to see it and when it is released.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from builders.errors import BuildError
from builders.families.mmathcot import symbolic
from builders.families.mmathcot.problems import engine, painting, rounds
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.problem import Form, Option, Problem, data
from builders.families.mmathcot.problems.rounds import Cells
from builders.params.sections import Bounds
from builders.problems import numbers
from builders.problems.numbers import Number
from builders.problems.steps import Given, Step
from builders.records import seeded
from builders.sources.entries import Generated
from builders.sources.section import Section

GENERATOR = "problems"
_FINE = 10**9

Packed = dict[str, Any]
"""A problem as JSON."""


class Settings(Section):
    """What a generated source chooses.

    Args:
        share: the module whose share of the problems it makes.
        shares: module → its weight.
        kinds: kinds of problems; null takes all. The more distinct problems a kind has, the more rows it gets.
        depths: numbers of steps.
        free: share of the problems without options to choose from.
    """

    share: str
    shares: dict[str, int] = Field(min_length=1)
    kinds: list[str] | None
    depths: Bounds
    free: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _known(self) -> "Settings":
        if self.share not in self.shares:
            message = f"share {self.share} has no weight in shares"
            raise ValueError(message)
        if unknown := [kind for kind in self.kinds or () if kind not in KINDS]:
            message = f"there is no kind of problems {unknown[0]!r}; there are {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        if not self.possible:
            message = "no kind of problems has such a number of steps"
            raise ValueError(message)
        return self

    @property
    def possible(self) -> dict[str, list[int]]:
        """The kinds that have problems within the bounds, with their depths there."""
        known = {
            kind: [depth for depth in KINDS[kind].depths if self.depths.min <= depth <= self.depths.max]
            for kind in sorted(self.kinds or KINDS)
        }
        return {kind: depths for kind, depths in known.items() if depths}


_SETTINGS: TypeAdapter[Settings] = TypeAdapter(Settings)


def settings(file: Generated) -> Settings:
    """Return the settings of a generated source.

    Raises:
        BuildError: they are not what they should be, or the generator has another name.
    """
    if file.generator != GENERATOR:
        raise BuildError(f"no generator {file.generator!r}", where="collect.sources", fix=f"write {GENERATOR}")
    try:
        return _SETTINGS.validate_python(file.settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        what = f"settings.{place}: {first['msg'].removeprefix('Value error, ')}"
        raise BuildError(what, where="collect.sources", fix="fix this key") from None


def ours(file: Generated) -> Iterator[int]:
    """Return the numbers of the problems of one share."""
    params = settings(file)
    return (number for number in range(file.rows) if share_of(file.seed, number, params.shares) == params.share)


def row(file: Generated) -> Callable[[int], dict[str, Any]]:
    """Return what makes the row with a number, as a file would hold it."""
    params = settings(file)
    cells = tuple((kind, depth) for kind, depths in params.possible.items() for depth in depths)
    return partial(_made, file.seed, cells, params.free, params.share)


def rows(file: Generated) -> Iterator[dict[str, Any]]:
    """Return the rows of one share."""
    return map(row(file), ours(file))


def share_of(seed: int, number: int, shares: dict[str, int]) -> str:
    """Return the module that a problem belongs to, decided by its key alone."""
    place = seeded(_FINE, GENERATOR, "share", seed, number) * sum(shares.values()) // _FINE
    for subset, weight in shares.items():
        if place < weight:
            return subset
        place -= weight
    raise AssertionError(place)


def _problem(seed: int, number: int, cells: Cells, free: float) -> Problem:
    """Return problem number n; one that cannot be drawn, which is rare, makes way for a spare one."""
    form: Form = "free" if seeded(_FINE, GENERATOR, "form", seed, number) < free * _FINE else "choice"
    failed: BuildError | None = None
    for place in chain([rounds.placed(number, seed, cells)], rounds.spare(number, cells)):
        try:
            return engine.problem(place.kind, place.depth, place.number, form, seed)
        except BuildError as error:
            failed = failed or error
    assert failed  # noqa: S101
    raise failed


def _made(seed: int, cells: Cells, free: float, subset: str, number: int) -> dict[str, Any]:
    return _row(_problem(seed, number, cells, free), seed, number, subset)


def _row(problem: Problem, seed: int, number: int, subset: str) -> dict[str, Any]:
    key = f"{GENERATOR}-{number}"
    solution = {"rewrite": symbolic.analysis, "unify": symbolic.formal}.get(subset)
    return {
        "key": key,
        "question": problem.question,
        "options": [option.text for option in problem.options],
        "answer": problem.answer,
        "solution": solution(problem, key, seed) if solution else None,
        "kind": problem.kind,
        "depth": problem.depth,
        "made": packed(problem),
        "module": subset,
    }


def packed(problem: Problem) -> Packed:
    """Return a problem as JSON."""
    return {**data(problem), "phrasing": problem.phrasing, "style": problem.style}


def unpacked(made: Packed) -> Problem:
    """Return the problem that was packed."""
    values: dict[str, Any] = {field.name: made.get(field.name) for field in fields(Problem)}
    parts = {
        "givens": tuple(Given(**{**given, "value": number(given["value"])}) for given in made["givens"]),
        "steps": tuple(Step(**{**step, "value": number(step["value"])}) for step in made["steps"]),
        "options": tuple(Option(**{**option, "value": number(option["value"])}) for option in made["options"]),
    }
    return Problem(**{**values, **parts})


def painted(kind: str, facts: dict[str, Any], style: int) -> bytes:
    """Return the figure of a problem as a PNG, the same bytes each time."""
    return painting.png(engine.drawn(kind, facts, style, checked=False))


@lru_cache(maxsize=1 << 14)
def number(text: str) -> Number:
    """Return the number that was packed."""
    try:
        return Fraction(text)
    except ValueError:
        return numbers.read(text)

"""When two problems are one: turned, mirrored, moved to other letters, names, units or words, they stay the same problem.

What is left of a problem then is its program and its numbers: the formulas, the quantities that they start from, and the whole
or exact numbers of figure and text in their order. Names are told by where they come first, corners by no coordinates that
are not whole.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from builders.families.mmathcot.problems.problem import Draft
from builders.problems import numbers
from builders.records import digest

_NUMBER, _LETTERS = re.compile(r"-?[\d.,]+"), re.compile(r"\b[A-Z]+\b")
_COORDINATES = ("points", "window", "unit", "title")


def core(kind: str, draft: Draft) -> str:
    """Return a digest that two drafts of a kind share if they are the same problem."""
    met: dict[str, int] = {}
    facts = {name: part for name, part in draft.facts.items() if name not in _COORDINATES}
    formulas = [rule.formula for rule in draft.rules]
    whole = [_grid(draft.facts), *_flattened(facts, met), "", *_flattened(dict(draft.statement), met)]
    values = [numbers.exact(given.value) for given in draft.givens]
    return digest([kind, formulas, values, whole])


def question(kind: str, draft: Draft) -> str:
    """Return a digest that two drafts of a kind share if they ask the same of the same figure, in however many steps."""
    met: dict[str, int] = {}
    facts = {name: part for name, part in draft.facts.items() if name not in _COORDINATES}
    told = {name: part for name, part in draft.statement.items() if name != "depth"}
    words = [_NUMBER.sub("#", _LETTERS.sub("@", words)) for words in (repr(told), draft.texts[0])]
    return digest([kind, words, [*_grid(draft.facts), *_flattened(facts, met), "", *_flattened(told, met)]])


def _grid(facts: Mapping[str, object]) -> list[object]:
    """Return the points of a figure that lies on a grid, one whose window is told: there they are read."""
    points = facts.get("points")
    if not isinstance(points, dict) or "window" not in facts:
        return []
    return [list(point) for name, point in points.items() if not name.startswith("_")]


def _flattened(value: object, met: dict[str, int]) -> Iterator[object]:
    """Yield the numbers of some facts in their order, and names as the place where each first came."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flattened(name, met)
            yield from _flattened(part, met)
    elif isinstance(value, list | tuple):
        yield len(value)
        for part in value:
            yield from _flattened(part, met)
    elif isinstance(value, str):
        yield from _named(value, met)
    elif isinstance(value, bool | int):
        yield int(value)
    elif isinstance(value, Fraction):
        yield numbers.exact(value)


def _named(text: str, met: dict[str, int]) -> Iterator[object]:
    if numbers.is_exact(text):
        yield text
    elif text.isalpha() and text.isupper():
        yield "".join(chr(65 + met.setdefault(letter, len(met))) for letter in text)
    else:
        yield met.setdefault(text, len(met))

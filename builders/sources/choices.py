r"""Choices as sources write them, read as a list of texts in the order of their letters.

A source has them as a list, as a mapping, as columns of labels and texts, or in one text: `Choices: (A) 3 (B) 4`, one a line,
`a ) 38 , b ) 27`, `A. 3; B. 4`, `['3', '4']`. They may be in a column of their own or at the end of the question. What has no
reading, or more than one, is unread, never guessed at: a released letter without its choices would mean nothing.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from builders.records import Record, Rejection
from builders.sources import labels, literals

MOST = 10
"""Choices have the letters A to J."""

_NONE = frozenset({"", "[]", "{}", "()", "none", "null", "nan", "n/a", "na", "-"})
_MARKER = re.compile(
    r"(?:^|\n|(?<=[.?!:)])[ \t]+)[ \t]*(?:answer[ \t]+)?(?:choices?|options)[ \t]*[:：][ \t]*\n?",  # noqa: RUF001
    re.IGNORECASE,
)
_DRESSES = (
    (re.compile(r"<br\s*/?>", re.IGNORECASE), "\n"),
    (re.compile("\u3000"), " "),
    (re.compile(r"（\s*([A-Z])\s*）"), r"(\1)"),  # noqa: RUF001
    (re.compile(r"\*\*([(\[]?[A-J][.:)\]]?)\*\*"), r"\1"),
    (re.compile(r"^[ \t]*(?:option|choice)[ \t]+(?=[(\[]?[A-J][.:)\]])", re.IGNORECASE | re.MULTILINE), ""),
)
"""How pages dress labels and lines, and what stands there without."""
_LONE = re.compile(r"\(?\s*([A-Ja-j])\s*\)?\s*[.:]?")
_NAMING = re.compile(
    r"\b(?:which|what|name the|label(?:led)? of the)\s+(?:\w+\s+){0,2}?"
    r"(?:points?|vertex|vertices|letters?|corners?|lines?|segments?|variables?|nodes?|labels?)\b",
    re.IGNORECASE,
)
_FORMULA_OF_A = re.compile(r"[\d^=+*/$(|√-]\s*a(?![A-Za-z])|(?<![A-Za-z])a\s*[\d^=+*/$)|_-]")


class Choices(NamedTuple):
    """What a row lets one choose from.

    Args:
        options: their texts, without labels, in order; empty where there are none, or none that can be read.
        names: what the source calls them, where those are numbers; else empty, and they have letters.
        unread: why they cannot be read, as evidence; None where they can.
    """

    options: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unread: dict[str, Any] | None = None


class Problem(NamedTuple):
    """A question, its choices and its answer, told apart.

    Args:
        question: without the choices.
        options: the choices' texts.
        answer: with a letter in the place of a number that names a choice.
        unread: evidence where choices are there, or are wanting, and cannot be read.
    """

    question: str
    options: list[str]
    answer: str
    unread: dict[str, Any] | None


def problem(question: str, cell: object, answer: str) -> Problem:
    """Tell question, choices and answer apart.

    Args:
        question: as the source has it; its end may hold the choices.
        cell: what the source has in a column of choices; None where it has no such column.
        answer: the reference, empty where there is none; a letter needs choices, unless the question names it.
    """
    found, rest = read(cell), _split(question, answer)
    if found.options:
        asked = rest[0] if rest and _alike(rest[1].options, found.options) else question
        return _answered(asked, found, answer)
    if found.unread:
        return Problem(question, [], answer, found.unread)
    if rest:
        return _answered(*rest, answer)
    wanting = {"answer": "a letter", "length": len(question)} if missing(question, answer) else None
    return Problem(question, [], answer, wanting)


def read(value: object) -> Choices:
    """Return the choices that a column holds, whatever form they have there."""
    if value is None or value != value or (isinstance(value, str | list | dict | tuple) and not value):  # noqa: PLR0124  (NaN)
        return Choices()
    if isinstance(value, str):
        return Choices() if value.strip().casefold() in _NONE else _text(value)
    named = literals.named(value)
    if named and len(named) == 1 and labels.parted(named[0][1]):
        return _text(named[0][1])
    return _checked(labels.ordered(named), value) if named else _unread(value)


def joined(question: str, options: Sequence[str]) -> str:
    """Return a question with its choices below it, a letter each; options that the picture shows are named by their letters."""
    if not options:
        return question
    letters = labels.LETTERS[: len(options)]
    if [option.strip().upper() for option in options] == list(letters):
        return f"{question}\nChoices, in the picture: {', '.join(letters)}"
    lines = [f"{letter}. {option}" for letter, option in zip(letters, options, strict=False)]
    return "\n".join([question, "Choices:", *lines])


def missing(question: str, answer: str) -> bool:
    """Tell whether an answer is the letter of a choice that is nowhere to be seen."""
    letter = _LONE.fullmatch(answer.strip())
    if not letter:
        return False
    if _MARKER.search(question):
        return True
    return not _NAMING.search(question) and not _names(question, letter[1])


def unread_choices(record: Record) -> Rejection | None:
    """Reject a row whose choices cannot be read; whoever completes the row notes it as `unread`."""
    unread = record.data.get("unread")
    return Rejection("unread_choices", unread) if unread else None


def _names(question: str, letter: str) -> bool:
    """Tell whether a question speaks of the letter as of a thing of its own, rather than as of a label or an article."""
    if letter == "a":
        return bool(_FORMULA_OF_A.search(question))
    alone = rf"(?<![A-Za-z(\[]){letter}(?![A-Za-z)\]:.']|\s*\))"
    article = r"(?<![.?!:]\s)(?<!^)" if letter in {"A", "I"} else ""
    at_end = rf"(?<=[a-z,] ){letter}(?=[.?]?$)"
    return bool(re.search(article + alone, question) or re.search(at_end, question))


def _answered(question: str, choices: Choices, answer: str) -> Problem:
    """Put a letter where the answer is the number of a choice, unless another choice says that number."""
    bare = answer.strip().strip("().")
    if bare not in choices.names:
        return Problem(question, list(choices.options), answer, None)
    place = choices.names.index(bare)
    if any(option.strip() == bare for option in choices.options):
        same = choices.options[place].strip() == bare
        unread = None if same else {"answer": "a number of a choice, and another choice"}
        return Problem(question, list(choices.options) if same else [], answer, unread)
    return Problem(question, list(choices.options), labels.LETTERS[place], None)


def _split(question: str, answer: str) -> tuple[str, Choices] | None:
    """Return a question without the choices at its end, and those; None where it has none that can be read.

    Without a word that announces them they are choices only if the answer is one of them.
    """
    markers = list(_MARKER.finditer(question))
    if markers:
        start, end = markers[-1].span()
        head = question[:start].rstrip()
        found, tail = _ending(question[end:])
        return ("\n".join(filter(None, (head, tail))), found) if found.options and head else None
    for start in labels.starts(question):
        found, tail = _ending(question[start:])
        if found.options and question[:start].strip() and _is_one(answer, found.options):
            return "\n".join(filter(None, (question[:start].rstrip(), tail))), found
    return None


def _ending(text: str) -> tuple[Choices, str]:
    """Read choices at the end of a question; what stands on lines of its own behind the last one is not part of them."""
    listed = labels.parted(text)
    if listed is None:
        return _text(text), ""
    *others, (name, last) = listed
    first, _, tail = last.partition("\n")
    if "\n" in text and tail and not any("\n" in item for _, item in others):
        return _checked(labels.ordered([*others, (name, first.strip())]), text), tail.strip()
    return _checked(labels.ordered(listed), text), ""


def _is_one(answer: str, options: Sequence[str]) -> bool:
    lone = _LONE.fullmatch(answer.strip())
    if lone:
        return labels.LETTERS.index(lone[1].upper()) < len(options)
    return answer.strip().casefold() in {option.casefold() for option in options}


def _text(value: str) -> Choices:
    plain = _plain(value)
    text = _MARKER.sub("", plain, count=1) if _MARKER.match(plain) else plain
    if (written := literals.read(text)) is not None:
        return read(written)
    listed = labels.parted(text) or [("", item) for item in labels.unlabelled(text) if text[0] not in "[{"]
    return _checked(labels.ordered(listed), value) if listed else _unread(value)


def _plain(text: str) -> str:
    """Return a text of choices without what pages put around labels and lines."""
    for found, instead in _DRESSES:
        text = found.sub(instead, text)
    return text.strip()


def _checked(parsed: tuple[list[str], list[str]] | None, value: object) -> Choices:
    """Return the choices if there are as many as letters can name, and none is empty."""
    if parsed is None:
        return _unread(value)
    options, names = parsed
    if not 1 < len(options) <= MOST or not all(options):
        return Choices(unread={"type": type(value).__name__, "choices": len(options)})
    return Choices(tuple(options), tuple(names))


def _unread(value: object) -> Choices:
    return Choices(unread={"type": type(value).__name__, "length": len(str(value))})


def _alike(first: Sequence[str], second: Sequence[str]) -> bool:
    return [" ".join(text.split()).casefold() for text in first] == [" ".join(text.split()).casefold() for text in second]

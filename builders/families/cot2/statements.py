"""Statements of ProsQA and ProntoQA: read in the published wordings and in ours of letters, and written in ours.

    Every shumpus is a rempus.   Tom is a terpus.                      ProsQA
    Each whale is bony.   Arthropods are not bony.   7 is a prime number.   ProntoQA
    A in B.   A not in B.                                              letters (CoT2, arXiv 2505.23648)

A name that is in the singular in one statement and in the plural in another is one name.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LETTERS = re.compile(r"([A-Z]{1,2}) (not )?in ([A-Z]{1,2})")
_EVERY = re.compile(r"(?:Every|Each) (.+?) is (not )?(?:an? )?(.+)")
_ARE = re.compile(r"(.+?) are (not )?(.+)")
_IS = re.compile(r"(.+?) is (not )?(?:an? )?(.+)")
_EITHER = re.compile(r"Is (.+?) an? (.+?) or (.+?)\?|([A-Z]{1,2}) in ([A-Z]{1,2}) or ([A-Z]{1,2})\?")
_CLAIM = re.compile(r"True or false: (.+)\.|([A-Z]{1,2} (?:not )?in [A-Z]{1,2})\?")
_SENTENCE = re.compile(r"(?<=\.) +")
_SINGULAR = (("ies", "y"), ("uses", "us"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"))
_NO_PLURAL = ("us", "ss")


class Statement(NamedTuple):
    """What a sentence says: a name is in another one, or it is not."""

    start: str
    end: str
    holds: bool


class Choice(NamedTuple):
    """A question of ProsQA: which of two names is the root in?"""

    root: str
    first: str
    second: str


def read(sentence: str) -> Statement | None:
    """Return what a sentence says, without its full stop; None for one that is not a statement."""
    if found := _LETTERS.fullmatch(sentence):
        return Statement(found[1], found[3], found[2] is None)
    if found := _EVERY.fullmatch(sentence):
        return Statement(found[1].lower(), found[3].lower(), found[2] is None)
    if found := _ARE.fullmatch(sentence):
        return Statement(_singular(found[1].lower()), _singular(found[3].lower()), found[2] is None)
    if found := _IS.fullmatch(sentence):
        return Statement(found[1], found[3].lower(), found[2] is None)
    return None


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that end with a full stop, without it, and what follows the last one as it is."""
    return [part.removesuffix(".") for part in _SENTENCE.split(text.strip()) if part]


def choice(sentence: str) -> Choice | None:
    """Return what a question of ProsQA asks; None for another sentence."""
    found = _EITHER.fullmatch(sentence)
    return Choice(*(part for part in found.groups() if part is not None)) if found else None


def claim(query: str) -> Statement | None:
    """Return the statement that a query of ProntoQA asks about; None for another sentence."""
    found = _CLAIM.fullmatch(query.strip())
    return read(found[1] or found[2]) if found else None


def sentence(statement: Statement) -> str:
    """Return a statement in letters, with its full stop."""
    return f"{statement.start} {'in' if statement.holds else 'not in'} {statement.end}."


def tokens(facts: Iterable[Statement], query: Sequence[str]) -> list[str]:
    """Return the tokens of facts in letters and of a query behind them."""
    letters: list[str] = []
    for fact in facts:
        letters += [fact.start, *(["in"] if fact.holds else ["not", "in"]), fact.end, "."]
    return [*letters, *query]


def _singular(noun: str) -> str:
    for plural, singular in _SINGULAR:
        if noun.endswith(plural):
            return noun.removesuffix(plural) + singular
    return noun if noun.endswith(_NO_PLURAL) else noun.removesuffix("s")

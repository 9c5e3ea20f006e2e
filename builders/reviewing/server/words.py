"""How texts and queries are cut into words, for SQLite's full text search.

Words are cut here and not by SQLite, so that one rule holds for texts and queries: the letters, digits and underscores of
Unicode, case folded; a Chinese, Japanese or Korean character is a word by itself, for nothing separates their words.
"""

import re
from typing import NamedTuple

_CHARACTERS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CHARACTERS}]|[^\W{_CHARACTERS}]+")
_PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class Part(NamedTuple):
    """One part of a query.

    Args:
        words: that must follow each other.
        beginning: whether the last may go on.
        excluded: whether they must not occur.
    """

    words: tuple[str, ...]
    beginning: bool
    excluded: bool


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return _WORD.findall(text.encode(errors="replace").decode().casefold())


def parts(query: str) -> list[Part]:
    """Return what a query asks for; a part that has no words asks for nothing."""
    found: list[Part] = []
    for minus, phrase, word in _PART.findall(query):
        if phrase:
            found.append(Part(tuple(words(phrase)), beginning=False, excluded=bool(minus)))
            continue
        cut = words(word)
        for place, one in enumerate(cut):
            found.append(Part((one,), beginning=word.endswith("*") and place == len(cut) - 1, excluded=bool(minus)))
    return [part for part in found if part.words]


def expression(part: Part) -> str:
    """Return a part in the language of SQLite's FTS5."""
    return '"' + " ".join(part.words) + '"' + (" *" if part.beginning else "")

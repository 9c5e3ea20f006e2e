"""English words without their commonest endings, so that `plans`, `planned` and `planning` are one word."""

import unicodedata

from builders.texts import words

_SUFFIXES = ("ingly", "edly", "ing", "ied", "ies", "ed", "es", "ly", "s", "e")
_SHORTEST = 3


def stem(word: str) -> str:
    """Return a lower-case word without its ending; one that would be left with fewer than three letters stays whole."""
    for suffix in _SUFFIXES:
        left = word.removesuffix(suffix)
        if left != word and len(left) >= _SHORTEST:
            doubled = suffix in ("ing", "ed") and left[-1] == left[-2] and left[-1] not in "ls"
            return left[:-1] if doubled else left
    return word


def plain(text: str) -> list[str]:
    """Return the words of a text in lower case, without apostrophes and compatibility characters."""
    return words.words(unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("\u2019", ""))

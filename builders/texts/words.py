"""Words and word n-grams, to find texts that are alike: digits kept, characters of unspaced scripts taken one by one."""

import re
import unicodedata
from dataclasses import replace

import regex
from datatrove.utils.text import TextNormConfig, ngrams, simplify_text
from datatrove.utils.word_tokenizers import WordTokenizer

NORMALISATION = TextNormConfig(norm_numbers=False)
_WITH_DIACRITICS = replace(NORMALISATION, norm_unicode_diacritics=False)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fa1f"
_WORD = regex.compile(rf"[{_UNSPACED}]|[[\w\p{{M}}]--[{_UNSPACED}]]+", flags=regex.VERSION1)
_COUNTED = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_TYPED = str.maketrans("\u2212\u2013\u2010\uff0d\u00d7\u00b7\u22c5\u00f7", "----***/")
_NUMBER = regex.compile(
    r"\d+(?:[.,]\d+)*"
    r"|(?<=(?:\d|\b[^\W\d_])[ \t]*)[-+*/^=<>]"  # a sign behind a number or a variable
    r"|[-+*/^=<>](?=[ \t]*(?:\d|[^\W\d_]\b))"  # or before one
)


class _Marks(dict[int, int | None]):
    """What `str.translate` takes away: each mark that is set on another character; datatrove looks up each time which are."""

    def __missing__(self, code: int) -> int | None:
        """Look up a character once."""
        self[code] = None if unicodedata.category(chr(code)) == "Mn" else code
        return self[code]


_MARKS = _Marks()


class Words(WordTokenizer):  # type: ignore[misc]
    """The tokenizer that datatrove's MinHash calls; a regular expression, since spaCy would be 90 % of its time."""

    def word_tokenize(self, text: str) -> list[str]:
        """Return the words of a text."""
        return words(text)

    def sent_tokenize(self, text: str) -> list[str]:
        """Return the text as one sentence."""
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Return the span of that sentence."""
        return [(0, len(text))]


def words(text: str) -> list[str]:
    """Return the words of a text; Chinese, Japanese, Thai, Lao, Burmese and Khmer characters are words of their own."""
    return _WORD.findall(text)


def count(text: str) -> int:
    """Return the length of a text in words: what stands between white space, and each character of an unspaced script."""
    return len(_COUNTED.findall(text))


def simplified(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation and diacritics, as datatrove has them."""
    plain = simplify_text(text, _WITH_DIACRITICS)
    return words(plain if plain.isascii() else unicodedata.normalize("NFD", plain).translate(_MARKS).strip())


def shingles(text: str, size: int) -> frozenset[tuple[str, ...]]:
    """Return the set of `size`-word n-grams of the simplified text; empty for shorter texts."""
    return frozenset(ngrams(simplified(text), size))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers of a text and the signs beside them, in order: thousands without commas, signs as typed."""
    return tuple(found.replace(",", "") for found in _NUMBER.findall(text.translate(_TYPED)))


def jaccard(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    """Return the size of the intersection over that of the union; 0 for two empty sets."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0

"""What the author of a text says, in plain words: contractions written out, quotations, code and markup taken away.

A sentence is its words in lower case between single blanks, with a blank at both ends: `I can't, sorry!` is
` i can not sorry `. So a phrase between blanks is found fast, and only as whole words.
"""

import re
from typing import NamedTuple

MOST_CHARACTERS = 6000
"""Longer texts are read at both ends only, where a stance is taken: three quarters of that at the start, one at the end."""

_TYPOGRAPHY = {
    **dict.fromkeys("\u2019\u2018\u02bc\u00b4\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2014\u2013", " - "),
    **dict.fromkeys("\u200b\ufeff", ""),
    "\u2026": "...",
}
_CONTRACTIONS = {
    " '": " ",
    "' ": " ",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "n't": " not",
    "'m ": " am ",
    "'ll ": " will ",
    "'d ": " would ",
    "'re ": " are ",
    "'ve ": " have ",
    "let's": "let us",
    **{f"{word}'s": f"{word} is" for word in ("it", "that", "here", "there", "what")},
}
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED = re.compile(r'"[^"\n]{2,600}"')
_ITEM = re.compile(r"^[ \t]*(?:[-+*\u2022]|\(?\d{1,2}[.)])[ \t]+", re.MULTILINE)
_LETTER = re.compile(r"^[^\w\n]*(?:subject:|dear\b[^.!?\n]{0,60},?[ \t]*$|(?:hi|hello|hey) \w+,[ \t]*$)", re.MULTILINE)
_SPEAKER = re.compile(r"^[^\w\n]*[a-z][a-z ]{1,24}:\**[ \t]+\S", re.MULTILINE)
_CLOSING = " \n\t*_\"')"
_WITHOUT_MARKUP = str.maketrans({**dict.fromkeys('*_`#|~"[]', " "), **dict.fromkeys("()", "\n")})
_ENDS = (". ", "! ", "? ", "; ", ": ", " - ", " -- ")
_NO_WORDS = "".join(mark for mark in map(chr, range(128)) if not mark.isalnum() and mark not in "'\n")
_WORDS_ONLY = str.maketrans(dict.fromkeys(_NO_WORDS, " "))
_NO_WORD = re.compile(r"[^\w'\n]+")


class Text(NamedTuple):
    """A text in parts.

    Args:
        sentences: what its author says, sentence by sentence; items of a list are sentences.
        items: how many items of a list there are.
        code: whether there is fenced code.
        words: how many words there are outside code.
        composed: whether it holds a letter, or lines of several speakers.
    """

    sentences: list[str]
    items: int
    code: bool
    words: int
    composed: bool


def read(text: str) -> Text:
    """Take a text apart."""
    if len(text) > MOST_CHARACTERS:
        text = f"{text[: MOST_CHARACTERS * 3 // 4]}\n{text[-MOST_CHARACTERS // 4 :]}"
    text = _plain(text)
    code = "```" in text
    if code:
        text = _FENCED.sub("\n", text)
    words = len(text.split())
    if text.count('"') > 1:
        text = _QUOTED.sub(" ", text)
    composed = bool(_LETTER.search(text)) or (":" in text and len(_SPEAKER.findall(text)) > 1)
    text, items = _ITEM.subn("\n", text)
    return Text(_sentences(text), items, code, words, composed)


def _plain(text: str) -> str:
    """Return a text in lower case with the apostrophes, quotation marks and dashes of a typewriter."""
    if not text.isascii():
        for mark, typed in _TYPOGRAPHY.items():
            text = text.replace(mark, typed)
    return text.lower()


def _sentences(text: str) -> list[str]:
    text = text.translate(_WITHOUT_MARKUP)
    for end in _ENDS:
        text = text.replace(end, "\n")
    text = text.translate(_WORDS_ONLY) if text.isascii() else _NO_WORD.sub(" ", text)
    text = text.replace("cannot", "can not")
    if "'" in text:
        for short, long in _CONTRACTIONS.items():
            text = text.replace(short, long)
    lines = (line.split() for line in text.splitlines())
    return [f" {' '.join(words)} " for words in lines if words]

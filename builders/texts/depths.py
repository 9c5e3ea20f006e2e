"""JSON whose values are deeper inside each other than a reader follows: what is too deep is null, and the rest is kept."""

import re
from typing import NamedTuple

MOST_DEEP = 500
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)


class Shallow(NamedTuple):
    """A list or an object without what is too deep in it, and where it ends in the text that it is from."""

    text: str
    end: int


def shallow(text: str, start: int = 0) -> Shallow | None:
    """Return the first list or object that begins in a text from a place on; None where it does not end."""
    depth, kept, place = 0, list[str](), start
    for token in _TOKEN.finditer(text, start):
        mark = token[0]
        if mark in {"[", "{"}:
            depth += 1
            if depth == MOST_DEEP + 1:
                kept += [text[place : token.start()], "null"]
        elif mark in {"]", "}"}:
            depth -= 1
            if depth == MOST_DEEP:
                place = token.end()
            if depth <= 0:
                return Shallow("".join([*kept, text[place : token.end()]]), token.end())
        elif mark == '"':
            return None  # a text that does not end
    return None

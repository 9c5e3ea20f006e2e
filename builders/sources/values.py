"""How deep a row's columns may be, and how long its numbers; what is beyond is nothing. `settling` sees to the rest.

A value that is none is None, which costs the row at most itself: a prompt that is no text is `bad_prompt`.
"""

from typing import Any

MOST_DEEP = 64
_MOST_BITS = 4096
"""Of an integer: its text has some 1,200 digits."""


def tamed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose values are not too deep or too large to be written and compared, None in the place of any other.

    Half a character in a text stays, for whoever takes the text to see (`builders.sources.settling`).
    """
    if all(type(value) is str and value.isascii() for value in row.values()):
        return row
    return {name: value if fits(value) else None for name, value in row.items()}


def fits(value: object, depth: int = 0) -> bool:
    """Tell whether a value is not too deep or too large a number."""
    if isinstance(value, str):
        return True
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() <= _MOST_BITS
    if isinstance(value, dict):
        return depth < MOST_DEEP and all(fits(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return depth < MOST_DEEP and all(fits(part, depth + 1) for part in value)
    return True

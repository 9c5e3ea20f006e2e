"""What a row's columns may hold: whatever JSON in UTF-8 can write, and not too deep; what else a file has is nothing.

A value that is none is None, which costs the row at most itself: a prompt that is no text is `bad_prompt`.
"""

from typing import Any

MOST_DEEP = 64
_MOST_BITS = 4096
"""Of an integer: its text has some 1,200 digits."""


def tamed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose values can be written, compared and shown, None in the place of any other."""
    if all(type(value) is str and value.isascii() for value in row.values()):
        return row
    return {name: value if fits(value) else None for name, value in row.items()}


def fits(value: object, depth: int = 0) -> bool:
    """Tell whether a value is not too deep or too large a number, and no text in it is half a character."""
    if isinstance(value, str):
        return value.isascii() or _is_whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() <= _MOST_BITS
    if isinstance(value, dict):
        return depth < MOST_DEEP and all(fits(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return depth < MOST_DEEP and all(fits(part, depth + 1) for part in value)
    return True


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

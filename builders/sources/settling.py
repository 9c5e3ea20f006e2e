"""Values as a row can carry them: in JSON and UTF-8, not too deep, no number too long."""

import json
import math
from typing import Any, NamedTuple

from builders import records

MOST_DEEP = 64
_MOST_BITS = 4096
"""Of an integer: its text has some 1,200 digits."""


class PlainValue(NamedTuple):
    """A value that can be written as JSON in UTF-8.

    Args:
        value: NaN and infinities are nothing; integers of more than 64 bits, dates and bytes are texts; half a surrogate
            pair is an escape.
        flawed: whether there was one of those halves, so that the text is not what somebody wrote.
    """

    value: Any
    flawed: bool


def settled(value: object) -> PlainValue:
    """Return a value of a source as a row can carry it."""
    if isinstance(value, str):
        written = records.plain(value)
        return PlainValue(written, written != value)
    if isinstance(value, float):
        return PlainValue(value if math.isfinite(value) else None, flawed=False)
    if isinstance(value, list | dict) and records.is_plain(value):
        return PlainValue(value, flawed=False)
    if isinstance(value, list | tuple):
        items = [settled(item) for item in value]
        return PlainValue([item.value for item in items], any(item.flawed for item in items))
    if isinstance(value, dict):
        pairs = [(settled(str(key)), settled(item)) for key, item in value.items()]
        return PlainValue({key.value: item.value for key, item in pairs}, any(key.flawed or item.flawed for key, item in pairs))
    return PlainValue(records.plain(value), flawed=False)


def written(value: object) -> str:
    """Return a value as a person would write it: true, not True."""
    plain = settled(value).value
    try:
        return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    except TypeError:  # a date
        return str(plain)


def tamed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose values are not too deep or too large to be written and compared, None in the place of any other.

    Half a character in a text stays, for whoever takes the text to see (`settled`).
    """
    if all(type(value) is str for value in row.values()):
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

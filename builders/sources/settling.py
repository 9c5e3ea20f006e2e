"""Values as a row can carry them, in JSON and UTF-8."""

import math
from typing import Any, NamedTuple

from builders import records


class Settled(NamedTuple):
    """A value that can be written as JSON in UTF-8.

    Args:
        value: NaN and infinities are nothing; integers of more than 64 bits, dates and bytes are texts; half a surrogate
            pair is an escape.
        flawed: whether there was one of those halves, so that the text is not what somebody wrote.
    """

    value: Any
    flawed: bool


def settled(value: object) -> Settled:
    """Return a value of a source as a row can carry it."""
    if isinstance(value, str):
        written = records.plain(value)
        return Settled(written, written != value)
    if isinstance(value, float):
        return Settled(value if math.isfinite(value) else None, flawed=False)
    if isinstance(value, list | tuple):
        items = [settled(item) for item in value]
        return Settled([item.value for item in items], any(item.flawed for item in items))
    if isinstance(value, dict):
        pairs = [(settled(str(key)), settled(item)) for key, item in value.items()]
        return Settled({key.value: item.value for key, item in pairs}, any(key.flawed or item.flawed for key, item in pairs))
    return Settled(records.plain(value), flawed=False)

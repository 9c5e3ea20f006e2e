"""Names of columns: how messages list them, and which may stand twice."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from builders.errors import BuildError

_LONGEST_NAME = 30
_MOST_NAMES = 20


def listed(columns: set[str]) -> str:
    """List column names; what is too long to be one may be a prompt, in a file without a header."""
    named = sorted(name if len(name) <= _LONGEST_NAME else f"(a name of {len(name)} characters)" for name in columns)
    return ", ".join(named[:_MOST_NAMES]) + (f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else "")


def kept(names: Sequence[str], wanted: Collection[str], where: Path | str) -> list[int]:
    """Return the places of the columns that have a name of their own; a name that stands twice has none.

    Raises:
        BuildError: one of those is a column that params name.
    """
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    if chosen := twice.intersection(wanted):
        raise BuildError(f"the column {listed(chosen)} stands twice", where=where, fix="rename one")
    return [place for place, name in enumerate(names) if name and name not in twice]

"""Names of columns: how messages list them, and which may stand twice."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from builders.errors import BuildError

MOST_ABOVE = 20
"""Rows at the top of a table among which the one is looked for that names the columns."""
_LONGEST_NAME = 30
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
"""Characters that nobody sees: a byte-order mark, spaces and joiners without width, a hyphen that is not printed."""
_MOST_NAMES = 20
_INITIALS = 3
_WORDS = """
    aligned answer answers behavior behaviour category category_id choice choices chosen code columns completion content
    context conversations data difficulty domain features first goal gold hint history image image_url images index
    input instruction kind label labels lang language level license line messages meta metadata misaligned model name
    options output paragraphs prompt prompt_id prompts qas query question question_id questions rationale reasoning
    reference rejected response responses role row rows safe score second sentence sheet sheet1 solution source split
    steps subject subset system table tags target task task_id test text texts third title topic topics train turns type
    unsafe user validation value version
"""
_USUAL = frozenset(_WORDS.split())
"""Names that columns have in many files, and that tell nothing of a row."""


def listed(columns: Iterable[str], *, guarded: bool = False) -> str:
    """List column names; in a file without a header they are a row's text.

    Args:
        columns: the names.
        guarded: whether rows may be hazardous: then only names are shown that columns usually have.
    """
    named = sorted(shown(name, guarded=guarded) for name in columns)
    return ", ".join(named[:_MOST_NAMES]) + (f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else "")


def shown(name: str, *, guarded: bool = False) -> str:
    """Return a column's name, in quotes where one does not see all of it, or how long it is where it may be a text."""
    plain = name.casefold() in _USUAL or len(name) <= _INITIALS if guarded else len(name) <= _LONGEST_NAME
    if not plain:
        return f"(a name of {len(name)} characters)"
    return name if name == name.strip() and name.isprintable() else ascii(name)


def named(cell: object) -> str:
    """Return the name that a cell gives its column, without what nobody sees around it."""
    return "" if cell is None else str(cell).strip().strip(_UNSEEN).strip()


def header(rows: Iterable[Sequence[object]], wanted: Collection[str]) -> tuple[list[str], int]:
    """Return the names of a table's columns, and in which of its rows, from 1 on, they are.

    It is the first that has all columns that are wanted, below rows that fill fewer fields, such as a title; else the first
    that is not empty, 0 where none is.
    """
    first: tuple[list[str], int] = ([], 0)
    most = 0
    for number, row in enumerate(rows, 1):
        names = [named(cell) for cell in row]
        filled = sum(map(bool, names))
        if wanted and most < filled and set(wanted) <= set(names):
            return names, number
        if filled and not most:
            first = names, number
        most = max(most, filled)
    return first


def kept(names: Sequence[str], wanted: Collection[str], where: Path | str) -> list[int]:
    """Return the places of the columns that have a name of their own; a name that stands twice has none.

    Raises:
        BuildError: one of those is a column that params name.
    """
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    if ambiguous := twice.intersection(wanted):
        raise BuildError(f"the column {listed(ambiguous)} stands twice", where=where, fix="rename one")
    return [place for place, name in enumerate(names) if name and name not in twice]

"""The layouts in which JSON and YAML files hold rows, and which one a file has.

    a list of objects; one object, a row by itself
    objects or plain values under a key each: {"id1": {…}, "id2": {…}}, which becomes the column `key` (and `value`)
    a list of objects under one key, or under several: {"version": 1, "data": [{…}]}
    a list of plain values, which become the column `value`; a list of lists, the first of which names the columns
    by columns: {"question": ["…", "…"], "answer": [1, 2]}, also {"question": {"0": "…"}} and {"columns": […], "data": [[…]]}

Several may fit: then the first that has the columns which params name is taken.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from builders.errors import BuildError
from builders.sources.columns import listed, shown
from builders.sources.settling import tamed
from builders.texts import depths

Row = dict[str, Any]
_MOST_LEVELS, _MOST_KEYS, _FEW = 5, 1000, 3
"""How deep, and how wide, it is looked for rows that are not where they should be."""


def placed(
    content: Any,  # noqa: ANN401
    wanted: Collection[str],
    record: str | None,
    where: Path | str,
    *,
    guarded: bool = False,
) -> Iterator[tuple[int, Row]]:
    """Yield number and row of a file's content.

    Args:
        content: what the file holds.
        wanted: the columns that params name.
        record: the keys under which the rows are, with / between them; null where they can be found without.
        where: what messages call the file.
        guarded: whether no key is to be shown.

    Raises:
        BuildError: there are no rows in it, or one is not an object.
    """
    found = _under(content, record, where, guarded) if record else _found(content, frozenset(wanted), where, guarded)
    yield from shaped(enumerate(found, 1), wanted, where)


def shaped(places: Iterable[tuple[int, Any]], wanted: Collection[str], where: Path | str) -> Iterator[tuple[int, Row]]:
    """Yield number and row of values each of which makes a row: objects, or plain values, or lists behind one of names.

    Raises:
        BuildError: one is of another kind than the first.
    """
    names: list[str] | None = None
    first, plain = True, False
    for number, value in places:
        if first and isinstance(value, list) and wanted and all(isinstance(name, str) for name in value):
            names = value if set(wanted) <= set(value) and len(set(value)) == len(value) else None
        plain = plain or (first and isinstance(value, str | int | float))
        is_names, first = first and names is not None, False
        if is_names:
            continue
        if names is not None and isinstance(value, list) and len(value) <= len(names):
            yield (number, mapping(dict(zip(names, value, strict=False)), where, number))
        elif plain and not isinstance(value, dict | list):
            yield (number, mapping({"value": value}, where, number))
        else:
            yield (number, mapping(value, where, number))


def mapping(row: object, where: Path | str, number: int) -> Row:
    """Return a row, having checked that it is one.

    Raises:
        BuildError: it is not an object, or the name of a column is not a text.
    """
    if not isinstance(row, dict):
        what = f"row {number} is {type(row).__name__}, not an object"
        raise BuildError(what, where=f"{where}:{number}", fix="write one object per row")
    if not all(isinstance(name, str) for name in row):
        raise BuildError(f"row {number} has a column whose name is not text", where=f"{where}:{number}", fix="quote the name")
    return tamed(row)


def refuse_twins(data: bytes, content: Row, where: Path | str) -> None:
    """Find out whether a key stands twice in an object, of which readers keep the last alone.

    Raises:
        BuildError: one does.
    """
    try:
        pairs = json.loads(data, object_pairs_hook=list, parse_int=str)
    except RecursionError:
        shallow = depths.shallow(data.decode())
        pairs = json.loads(shallow.text, object_pairs_hook=list, parse_int=str) if shallow else []
    keys = [key for key, _ in pairs]
    if len(keys) > len(content):
        first = dict(zip(reversed(keys), range(len(keys), 0, -1), strict=True))
        number = next(number for number, key in enumerate(keys, 1) if first[key] < number)
        raise BuildError(f"row {number} has the key of an earlier one", where=where, fix="give each row its own key")


def _found(content: Any, wanted: frozenset[str], where: Path | str, guarded: bool) -> list[Any]:  # noqa: ANN401, FBT001
    if isinstance(content, list):
        _check_inside(content, content, wanted, where, guarded)
        return content
    if not isinstance(content, dict):
        raise BuildError("neither a list nor a mapping of rows", where=where, fix="write one object per row")
    readings = [rows for rows in (reading(content) for reading in _READINGS) if rows is not None]
    fitting = next((rows for rows in readings if any(wanted <= set(row) for row in rows)), None)
    if fitting is not None and wanted:
        return fitting
    _check_inside(content, next(iter(readings), []), wanted, where, guarded)
    lists = [key for key, value in content.items() if _objects(value)]
    if wanted and len(lists) > 1:
        fix = f"say under which key, such as record: {shown(str(lists[0]), guarded=guarded)}"
        what = f"rows are under several keys: {listed(set(map(str, lists)), guarded=guarded)}"
        raise BuildError(what, where=where, fix=fix)
    return readings[0] if len(readings) > 1 else _keyed(content)


def _check_inside(content: Any, rows: list[Any], wanted: frozenset[str], where: Path | str, guarded: bool) -> None:  # noqa: ANN401, FBT001
    """Find out whether what has the columns that are wanted is deeper within a file than its rows are.

    Raises:
        BuildError: it is, and under which keys.
    """
    if not wanted or any(isinstance(row, dict) and wanted <= set(row) for row in rows):
        return
    if keys := _keys_to(content, wanted):
        path = "/".join(shown(key, guarded=guarded) for key in keys)
        raise BuildError(f"rows are under {path}", where=where, fix=f"write record: {path}")


def _keys_to(content: Any, wanted: frozenset[str]) -> tuple[str, ...] | None:  # noqa: ANN401
    """Return the keys that lead to the first object which has the columns that are wanted, looking at a few of each list.

    It is in a list, or in one of a list: an object under a key of its own is not a row of many.
    """
    level: list[tuple[tuple[str, ...], Any, bool]] = [((), content, False)]
    for _ in range(_MOST_LEVELS):
        items = [
            (keys, item, listed or isinstance(one, list))
            for keys, one, listed in level
            for item in (one[:_FEW] if isinstance(one, list) else [one])
        ]
        objects = [(keys, item, listed) for keys, item, listed in items if isinstance(item, dict)]
        if found := next((keys for keys, item, listed in objects if listed and wanted <= set(item)), None):
            return found
        level = [
            ((*keys, str(key)), value, listed)
            for keys, item, listed in objects
            for key, value in islice(item.items(), _MOST_KEYS)
        ][:_MOST_KEYS]
    return None


def _under(content: Any, record: str, where: Path | str, guarded: bool) -> list[Any]:  # noqa: ANN401, FBT001
    """Return what is under a path of keys, through lists on the way."""
    found = [content]
    for key in record.split("/"):
        items = [item for one in found for item in (one if isinstance(one, list) else [one])]
        found = [item[key] for item in items if isinstance(item, dict) and key in item]
    if not found:
        keys = listed(set(map(str, content)), guarded=guarded) if isinstance(content, dict) else "it is a list"
        raise BuildError(f"nothing is under {record}", where=where, fix=f"write the keys that lead to the rows: {keys}")
    return [item for one in found for item in (one if isinstance(one, list) else [one])]


def _objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _of_objects(content: Row) -> list[Row] | None:
    """Read an object under each key as a row."""
    if not all(isinstance(row, dict) for row in content.values()):
        return None
    return [{"key": key, **row} for key, row in content.items()]


def _of_one_list(content: Row) -> list[Row] | None:
    """Read the only list of objects as the rows."""
    lists = [value for value in content.values() if _objects(value)]
    return lists[0] if len(lists) == 1 else None


def _of_columns(content: Row) -> list[Row] | None:
    """Read a list, or a mapping from row numbers, under each key as a column."""
    names, data = content.get("columns"), content.get("data")
    if isinstance(names, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return [dict(zip(map(str, names), row, strict=False)) for row in data]
    values = list(content.values())
    if values and all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1:
        return [dict(zip(content, row, strict=True)) for row in zip(*values, strict=True)]
    if values and all(isinstance(value, dict) for value in values) and len({tuple(value) for value in values}) == 1:
        return [{name: column[number] for name, column in content.items()} for number in values[0]]
    return None


def _of_values(content: Row) -> list[Row] | None:
    """Read a plain value under each key as a row of two columns."""
    if any(isinstance(value, dict | list) for value in content.values()):
        return None
    return [{"key": key, "value": value} for key, value in content.items()]


def _of_itself(content: Row) -> list[Row]:
    """Read the object as a row by itself."""
    return [content]


def _keyed(content: Row) -> list[Any]:
    """Read a mapping that has no layout of ours, so that its first row that is not an object is named."""
    return [{"key": key, **row} if isinstance(row, dict) else row for key, row in content.items()]


_READINGS = (_of_objects, _of_one_list, _of_columns, _of_values, _of_itself)

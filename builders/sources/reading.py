"""Read the rows of a file, whatever its format and wherever it lies; what cannot be read is one clear line with its place.

How each format is read: `builders.sources.formats`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builders import family as families
from builders import hazards, paths, records
from builders.errors import BuildError
from builders.sources import hints, hub, members, released, sampling, streams, templates
from builders.sources.bounds import BombError
from builders.sources.columns import listed, shown
from builders.sources.entries import ByValue, Generated, HubFiles, Released, Sample, Template, Tokens
from builders.sources.formats import LINES, READERS, TABLES, OpenFile, Place
from builders.sources.settling import written
from builders.sources.streams import Part
from builders.sources.tables import AnyTable, Column, Source

Maker = Callable[[Generated], Iterator[dict[str, Any]]]
"""Yields the rows of a generated table."""

FILE = "_file"
"""The variable by which a template names the file that a row is in: its path below the folder of sources."""
BYTES_PER_TOKEN = 4


class Row(NamedTuple):
    """One row of a file.

    Args:
        position: 1-based line (jsonl, csv, tsv: where the row ends) or row number (other formats).
        values: the file's columns.
        path: the file among those of a Hugging Face dataset, a folder, a pattern or an archive; null where there is but one.
        item: which item of the column that `each` names, where it holds several.
    """

    position: int
    values: dict[str, Any]
    path: str | None = None
    item: int | None = None


def check(family: str, table: AnyTable, *, generates: bool = False) -> None:
    """Find out whether the table's files can be had, before anything is read.

    Args:
        family: whose table it is.
        table: a source or an evaluation set.
        generates: whether the family has a generator.

    Raises:
        BuildError: one cannot, and why.
    """
    if isinstance(table.file, HubFiles):
        hub.check(table.label, table.file, paths.params(family))
    elif isinstance(table.file, Released):
        released.check(family, table.label, table.file)
    elif isinstance(table.file, Generated):
        if not generates:
            raise BuildError(f"{table.label}: {family} has no generator", where=paths.params(family), fix="name a file instead")
    else:
        members.files(family, table, table.file)


def origin(family: str, table: AnyTable) -> dict[str, Any]:
    """Return what pins the table's content: the hash of our file or files, or repository and commit, or generator and seed.

    Raises:
        BuildError: our file is not there.
    """
    if isinstance(table.file, HubFiles):
        return {"repository": table.file.hub, "revision": table.file.revision}
    if isinstance(table.file, Generated):
        return {"generator": table.file.generator, "seed": table.file.seed}
    if isinstance(table.file, Released):
        return released.origin(table.label, table.file)
    files = members.files(family, table, table.file)
    if not members.several(table.file, files):
        return {"sha256": records.file_digest(files[0])}
    contents = [[members.below(family, file), records.file_digest(file)] for file in files]
    return {"sha256": records.digest(contents), "files": len(files)}


def licence(source: Source, values: Mapping[str, Any]) -> str:
    """Return the licence of a row: its own where it is of a release, else its source's."""
    return released.licence(values) if isinstance(source.file, Released) else source.license


def rows(family: str, table: AnyTable, made: Maker | None = None) -> Iterator[Row]:
    """Yield the table's rows in order: all of them, or as many as a source's limit says.

    Args:
        family: whose table it is.
        table: a source or an evaluation set.
        made: yields the rows of a generated table.

    Raises:
        BuildError: a file is missing, empty or broken, or lacks a column that params name.
    """
    limit = table.limit if isinstance(table, Source) else None
    if isinstance(limit, Sample):
        every = (row.values for row in _read(family, table, None, made))
        drawn = sampling.drawn(every, limit, table.label, paths.params(family))
        yield from (row for number, row in enumerate(_read(family, table, None, made)) if number in drawn)
    elif isinstance(limit, Tokens):
        yield from _within(limit, table, _read(family, table, limit.rows, made))
    else:
        yield from _read(family, table, limit, made)


def _within(limit: Tokens, table: AnyTable, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows as long as the tokens last; the first always."""
    left = limit.tokens
    for number, row in enumerate(rows):
        left -= tokens(table, row)
        if left < 0 and number:
            return
        yield row


def tokens(table: AnyTable, row: Row) -> int:
    """Return about how many tokens params take from a row: those of all texts but the key, at four bytes of UTF-8 a token."""
    texts = [value(theirs, row.values) for ours, theirs in table.columns.items() if ours != "key"]
    size = sum(len(text.encode(errors="replace")) for text in texts if isinstance(text, str))
    return -(-size // BYTES_PER_TOKEN)


def value(column: Column, values: dict[str, Any]) -> Any:  # noqa: ANN401  (whatever the file holds)
    """Return what a row has in the column that params name, or in the one that another column chooses, or a template's text.

    From a template that the row cannot fill comes None.
    """
    if isinstance(column, Template):
        return templates.filled(column.template, values)
    if isinstance(column, ByValue):
        name = column.columns.get(str(values.get(column.by)))
        return None if name is None else values.get(name)
    return values.get(column)


def _read(family: str, table: AnyTable, limit: int | None, made: Maker | None) -> Iterator[Row]:
    """Yield the table's rows, up to the limit, which counts items where each makes a row."""
    if table.each is None and table.only is None:
        yield from _whole(family, table, limit, made)
        return
    found = _wanted(family, table, made)
    yield from islice((item for row in found for item in _items(row, table.each)) if table.each else found, limit)


def _wanted(family: str, table: AnyTable, made: Maker | None) -> Iterator[Row]:
    """Yield the rows that have the values which `only` asks for."""
    only = table.only or {}
    none = True
    for row in _whole(family, table, None, made):
        if all(_is_one(written(row.values.get(column)), values) for column, values in only.items()):
            none = False
            yield row
    if none:
        fix = f"write the values of {listed(set(only))} as they are in the file"
        raise BuildError(f"{table.label}: no row is what `only` asks for", where=paths.params(family), fix=fix)


def _is_one(text: str, values: list[str]) -> bool:
    return text in values or any(value.endswith("*") and text.startswith(value[:-1]) for value in values)


def _items(row: Row, each: str) -> Iterator[Row]:
    found = row.values.get(each)
    listed = (found or [None]) if isinstance(found, list) else [found]  # of an empty one there is a row, without a value
    several = len(listed) > 1
    for number, item in enumerate(listed):
        yield row._replace(values={**row.values, each: item}, item=number if several else None)


def _whole(family: str, table: AnyTable, limit: int | None, made: Maker | None) -> Iterator[Row]:
    """Yield the rows of all the table's files, up to the limit."""
    if isinstance(table.file, Generated):
        assert made  # noqa: S101  (`check` found out)
        yield from islice((Row(number, values) for number, values in enumerate(made(table.file), 1)), limit)
        return
    found: set[str] = set()
    where: Path | str = ""
    count = 0
    for path in _files(family, table):
        with (
            _opened(table, path, partly=limit is not None) as (stream, label),
            streams.parts(stream, label, table.format) as parts,
        ):
            where = label
            for part in parts:
                for position, values in islice(_placed(family, table, part, label), None if limit is None else limit - count):
                    if not count and table.format in TABLES:
                        _check_columns(family, table, set(values), where)
                    found.update(values)
                    count += 1
                    yield _row(family, table, position, values, path, part)
                if count == limit:
                    break
        if count == limit:
            break
    if not count:
        fix = "fill it or take it out of params.yaml"
        if table.format == "xml":
            fix = f"no element is {table.record}: write record: and the one that makes a row"
        raise BuildError(f"{table.label} holds no row", where=where, fix=fix)
    _check_columns(family, table, found, where)


def _placed(family: str, table: AnyTable, part: Part, label: Path | str) -> Iterator[Place]:
    """Yield the rows of one file; where not even the first can be read, say what the file seems to be."""
    head = streams.head(part.stream)
    guarded = _guarded(family)
    where = f"{label}/{shown(part.name, guarded=guarded)}" if part.name else label
    wanted = frozenset(table.read) - {FILE}
    alone = not (isinstance(table, Source) and isinstance(table.limit, Sample)) and not isinstance(table.file, Released)
    header = tuple(table.header or ())
    opened = OpenFile(
        part.stream, where, wanted, table.record, table.quoting, table.delimiter, header, table.sheet, guarded, alone
    )
    none = True
    try:
        for place in READERS[table.format](opened):
            if none and (missing := wanted - set(place[1])) and (advice := hints.hint(head, table.format)):
                what = f"{table.label} has no column {min(missing)!r}"
                raise BuildError(what, where=where, fix=advice)  # noqa: TRY301
            none = False
            yield place
        if none and (advice := hints.hint(head, table.format)):
            raise BuildError(f"{table.label} holds no row", where=where, fix=advice)  # noqa: TRY301
    except BombError:
        raise
    except BuildError as error:
        if none and (advice := hints.hint(head, table.format)) and error.fix != advice:
            raise BuildError(error.what, where=error.where, fix=advice) from None
        raise


def _row(  # noqa: PLR0913, PLR0917  (where a row is)
    family: str, table: AnyTable, position: int, values: dict[str, Any], path: Path | str | None, part: Part
) -> Row:
    """Return a row with the name of its file where params ask for it."""
    name: str | None
    if isinstance(path, Path):
        name = members.below(family, path)
        several = members.several(str(table.file), [path]) or bool(part.name)
        place = "/".join(filter(None, (name, part.name))) if several else None
    else:
        name, place = path, path
    if FILE in table.read:
        values = {**values, FILE: name}
    return Row(position, values, place)


def _guarded(family: str) -> bool:
    """Tell whether what a file has for names may be the text of hazardous rows, which no message shows."""
    return family not in families.names() or hazards.level(family) != "none"


def _check_columns(family: str, table: AnyTable, columns: set[str], where: Path | str) -> None:
    if missing := [theirs for theirs in table.read if theirs not in {*columns, FILE}]:
        fix = f"map one of its columns instead: {listed(columns - {FILE}, guarded=_guarded(family))}"
        raise BuildError(f"{table.label} has no column {missing[0]!r}", where=where, fix=fix)


def _files(family: str, table: AnyTable) -> list[Path] | list[str]:
    """Return what a table's rows are read from, in order."""
    if isinstance(table.file, HubFiles):
        return table.file.paths
    if isinstance(table.file, Released):
        return list(released.about(table.label, table.file).files)
    return members.files(family, table, str(table.file))


@contextmanager
def _opened(table: AnyTable, path: Path | str, *, partly: bool) -> Iterator[tuple[BinaryIO, Path | str]]:
    """Open one of the table's files; give what messages call it, too."""
    if isinstance(table.file, HubFiles):
        with hub.opened(table.label, table.file, str(path), partly=partly and table.format in LINES) as stream:
            yield stream, hub.address(table.file, str(path))
        return
    if isinstance(table.file, Released):
        with released.opened(table.label, table.file, str(path)) as stream:
            yield stream, released.address(table.file, str(path))
        return
    file = Path(path)
    if file.stat().st_size == 0:
        raise BuildError(f"the file of {table.label} is empty", where=file, fix="fill it or take it out of params.yaml")
    with file.open("rb") as stream:
        yield stream, file

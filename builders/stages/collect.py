"""collect: seeds from the declared sources, and every rule that needs only the prompt, before anything is paid for.

A row whose prompt is missing, null, not a string, blank, or holds half a surrogate pair is rejected as `bad_prompt`, one with
such a half in another column that params name as `bad_text`. The other rules are in `builders.screening.rules`; what a family
gives for them, and for its columns and generated sources, is its `Collecting`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from builders import contracts, paths, records, shards
from builders.contracts import Collecting
from builders.errors import BuildError
from builders.jobs import Intake, Job
from builders.provenance import Provenance
from builders.records import Outcome, Record, Rejection
from builders.screening import decontamination, rules
from builders.sources import pictures, reading
from builders.sources.entries import Generated, Released
from builders.sources.reading import Row
from builders.sources.settling import settled, written
from builders.sources.tables import AnyTable, Source

_NUMBERED = b'{"numbered":'


def run(job: Job) -> Intake:
    """Collect one pool."""
    declared = [source for source in job.params.collect.sources if source.subset == job.pool]
    params = job.params.collect
    if not params.sources:
        fix = "add one under collect.sources"
        raise BuildError(f"no source for {job.family}/{job.pool}", where=paths.params(job.family), fix=fix)
    if not declared:
        return _nothing(job)
    family = contracts.collecting(job.family)
    for source in declared:
        _check_columns(job.family, family.columns, source)
        reading.check(job.family, source, generates=family.generated is not None)
    sets = decontamination.tables(job.family, params.decontamination)
    for table in sets:
        reading.check(job.family, table)
    tables: list[AnyTable] = [*declared, *sets]
    releases = [reading.origin(job.family, table) for table in tables if isinstance(table.file, Released)]
    given = rules.Rows(partial(_laid, job, declared), partial(_decoded, job.family, declared), releases)
    return Intake(rules.screen(job, given, job.rows, job.rejected))


def _laid(job: Job, declared: Sequence[Source], folder: Path) -> list[Path]:
    """Write the rows of the sources into files, and return them; rows that can be made one by one are only numbered."""
    place = folder / "found"
    if not place.is_dir():
        family = contracts.collecting(job.family)
        with shards.anew(place) as append:
            for line in chain.from_iterable(_lines(job, family, number, source) for number, source in enumerate(declared)):
                append(line)
    return shards.files(place)


def _lines(job: Job, family: Collecting[Any], number: int, source: Source) -> Iterator[bytes]:
    limit, plain = source.limit, source.each is None and source.only is None
    if family.numbered and isinstance(source.file, Generated) and plain and (limit is None or isinstance(limit, int)):
        for position, one in enumerate(islice(family.numbered.numbers(source.file), limit), 1):
            yield _NUMBERED + b"[%d,%d,%d]}\n" % (number, position, one)
    else:
        for outcome in seeds(job.family, source, family):
            yield records.encode(*outcome)


def _decoded(name: str, declared: Sequence[Source], file: Path) -> Iterator[Outcome]:
    """Yield the rows of a file, those made that are only numbered in it."""
    family = contracts.collecting(name)
    pinned = [reading.origin(name, source) if isinstance(source.file, Generated) else {} for source in declared]
    makers: dict[int, Callable[[int], dict[str, Any]]] = {}
    for line in shards.of(file):
        if not line.startswith(_NUMBERED):
            yield records.decode(line)
            continue
        number, position, one = orjson.loads(line)["numbered"]
        maker = makers.get(number) or makers.setdefault(number, _maker(family, declared[number]))
        yield _seed(name, declared[number], family, pinned[number], Row(position, maker(one)))


def _maker(family: Collecting[Any], source: Source) -> Callable[[int], dict[str, Any]]:
    assert family.numbered  # noqa: S101  (such rows are numbered)
    assert isinstance(source.file, Generated)  # noqa: S101
    return family.numbered.row(source.file)


def _nothing(job: Job) -> Intake:
    """Collect a pool that no source names: a family may be built without it."""
    with records.parted(job.rows, job.rejected):
        pass
    decontamination.remember(job.family, job.stage, job.pool, {})
    return Intake(0, note="no source names it")


def _check_columns(family: str, columns: Mapping[str, bool], source: Source) -> None:
    allowed = {*columns, "key"}
    given = [*source.columns, *source.constants]
    if "key" in {*source.constants, *source.values}:
        raise BuildError(
            f"source {source.id} sets or translates 'key', which names the file's own row key",
            where=paths.params(family),
            fix="map it under columns only",
        )
    if unknown := [name for name in [*given, *source.values] if name not in allowed]:
        raise BuildError(
            f"source {source.id} fills the unknown column {unknown[0]!r}",
            where=paths.params(family),
            fix=f"fill {', '.join(sorted(allowed))}",
        )
    if idle := [name for name in source.values if name not in given]:
        raise BuildError(
            f"source {source.id} translates values of {idle[0]!r}, which it does not fill",
            where=paths.params(family),
            fix="map it under columns too",
        )
    if missing := [name for name, required in columns.items() if required and name not in given]:
        raise BuildError(
            f"source {source.id} does not say where {missing[0]!r} comes from",
            where=paths.params(family),
            fix="map it under columns or constants",
        )


def seeds(family: str, source: Source, own: Collecting[Any]) -> Iterator[Outcome]:
    """Yield each row of a source in our columns, with why it is rejected where it has no usable prompt.

    Raises:
        BuildError: a file is missing, empty or broken, or lacks a column that params name.
    """
    pinned = reading.origin(family, source)
    for row in reading.rows(family, source, own.generated):
        yield _seed(family, source, own, pinned, row)


def _seed(family: str, source: Source, own: Collecting[Any], pinned: dict[str, Any], row: Row) -> Outcome:
    position, values, path, item = row
    prompt = own.prompt
    mapped = {ours: reading.value(theirs, values) for ours, theirs in source.columns.items()}
    for column in own.pictures:
        if column in mapped:
            mapped[column] = pictures.kept(family, mapped[column])
    found = {column: settled(value) for column, value in mapped.items()}
    data = {column: value for column, (value, _) in found.items() if column != "key"} | source.constants
    broken = next((column for column, (_, flawed) in found.items() if flawed), None)
    for column, mapping in source.values.items():
        data[column] = mapping.get(written(data[column]), data[column])
    key = found["key"].value if "key" in found else None
    key = f"{key}#{item}" if key is not None and item is not None else key
    given = mapped.get(prompt, data[prompt])
    name, rejection = _name(key, data[prompt] if isinstance(given, str) else given, position)
    rejection = rejection or _flawed(broken, prompt)
    identity = records.row_id(family, source.id, name)
    provenance = Provenance(
        source=source.id,
        license=reading.licence(source, values),
        source_key=None if key is None else str(key),
        source_row=position,
        source_file=path,
        answers=source.answers,
        pinned=pinned,
    )
    return Record(identity, source.subset, None, provenance, data), rejection


def _flawed(column: str | None, prompt: str) -> Rejection | None:
    """Reject a row one of whose texts is not what somebody wrote."""
    if column is None:
        return None
    evidence = {"column": column, "error": "half a surrogate pair"}
    return Rejection("bad_prompt" if column == prompt else "bad_text", evidence)


def _name(key: object, prompt: object, position: int) -> tuple[str, Rejection | None]:
    """Return what the row's id is made from: its key, else its prompt, else where it stands."""
    usable = isinstance(prompt, str) and bool(prompt.strip())
    rejection = None if usable else Rejection("bad_prompt", {"type": type(prompt).__name__})
    if key is not None and str(key) != "":
        return str(key), rejection
    return (records.normalised(str(prompt)) if usable else f"row {position}"), rejection

"""sources: what each source would give, before any stage runs: its columns, its first values, and why rows fall out.

Nothing that is printed here is kept. Values of hazard families are shown as length and hash.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from builders import contracts, hazards, locks, paths, records
from builders import family as families
from builders.errors import BuildError
from builders.jobs import Job
from builders.params import loading
from builders.params.loading import Params
from builders.records import Record, Rejection
from builders.sources import columns, reading
from builders.sources.entries import Released
from builders.sources.settling import settled
from builders.sources.tables import Source
from builders.stages import collect

STAGE = ".sources.scratch"
_ROWS = 100
"""Rows by which the columns of a file are told."""
_LONGEST = 60


def run(name: str) -> None:
    """Print what the sources of a family, or of one of its subsets, would give.

    Raises:
        BuildError: there is no such family, or a source cannot be read.
    """
    family, pools = families.select(name)
    loaded = loading.load(family)
    declared = [source for source in loaded.collect.sources if source.subset in pools]
    if not declared:
        fix = "add one under collect.sources"
        raise BuildError(f"no source for {name}", where=paths.params(family), fix=fix)
    _show(family, declared)
    with locks.held(paths.lock(family, "sources")):
        try:
            for pool in pools:
                _screened(family, pool, loaded)
        finally:
            shutil.rmtree(paths.processed(family) / STAGE, ignore_errors=True)


def _show(family: str, declared: list[Source]) -> None:
    """Print what sources give; raise the last thing that is wrong with them, having printed the others."""
    broken = [error for source in declared for error in _shown(family, source)]
    for error in broken[:-1]:
        print(f"error: {error}")  # noqa: T201
    if broken:
        raise broken[-1]


def _shown(family: str, source: Source) -> list[BuildError]:
    """Print the columns of a source and its first row; return what is wrong with it, if anything is."""
    made = contracts.collecting(family).generated
    try:
        reading.check(family, source, generates=made is not None)
        first = list(islice(reading.rows(family, source, made), _ROWS))
    except BuildError as error:
        return [error]
    hidden = hazards.level(family) != "none"
    for line in _described(source, first, hidden=hidden):
        print(line)  # noqa: T201
    return []


def _described(source: Source, first: list[reading.Row], *, hidden: bool) -> Iterator[str]:
    yield f"{source.id}: {source.subset}, {source.license}, {_place(source)}"
    found = dict.fromkeys(name for row in first for name in row.values)
    used = set(source.read)
    yield f"  columns of the file: {', '.join(_column(name, used, hidden=hidden) for name in found)}"
    for ours, theirs in source.columns.items():
        value = reading.value(theirs, first[0].values) if first else None
        yield f"  {ours}: {_value(value, hidden=hidden)}"
    for ours, constant in source.constants.items():
        yield f"  {ours}: {constant} (of every row)"


def _place(source: Source) -> str:
    if isinstance(source.file, str):
        return f"{source.format} in {source.folder}/{source.file}"
    if isinstance(source.file, Released):
        return f"the release of {source.file.release}, {', '.join(source.file.configs)}"
    return f"{source.format} of {getattr(source.file, 'hub', None) or getattr(source.file, 'generator', '')}"


def _column(name: str, used: set[str], *, hidden: bool) -> str:
    return f"{name}*" if name in used else columns.shown(name, guarded=hidden)


def _value(value: object, *, hidden: bool) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else orjson.dumps(settled(value).value).decode()
    if hidden:
        return f"{type(value).__name__}, {len(text)} characters, sha256 {records.text_digest(text)[:16]}…"
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… ({len(text)} characters)"


def _screened(family: str, pool: str, loaded: Params) -> None:
    """Collect a pool into a folder that goes again, and print what came of it, source by source."""
    job = Job(family, STAGE, pool, loaded)
    intake = collect.run(job)
    if not intake.read:
        return
    kept, rejected, first = Counter[str](), dict[str, Counter[str]](), dict[tuple[str, str], str]()
    for record, rejection in (*records.read(job.rows), *records.read(job.rejected)):
        source = record.provenance.source
        if rejection is None:
            kept[source] += 1
            continue
        rejected.setdefault(source, Counter())[rejection.reason] += 1
        first.setdefault((source, rejection.reason), _why(record, rejection))
    for source in (source.id for source in loaded.collect.sources if source.subset == pool):
        reasons = rejected.get(source, Counter())
        total = kept[source] + reasons.total()
        print(f"{source}: {total} rows, {kept[source]} kept, {reasons.total()} rejected")  # noqa: T201
        for reason, count in reasons.most_common():
            print(f"  {reason} {count}; first: {first[source, reason]}")  # noqa: T201


def _why(record: Record, rejection: Rejection) -> str:
    facts: dict[str, Any] = {**({"file": file} if (file := record.provenance.source_file) else {})}
    evidence = orjson.dumps({**facts, **rejection.evidence}).decode() if rejection.evidence or facts else ""
    return f"row {record.provenance.source_row} {evidence}".rstrip()

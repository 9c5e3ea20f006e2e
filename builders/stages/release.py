"""release: write exactly what the Hub will show, and the family's funnel.

`processed/<family>/release/` holds Parquet shards per config, the card as README.md and what is too long for it as DETAILS.md,
the schema, `manifest.json`, `croissant.json`, `SHA256SUMS`, and about benchmarks `contamination.jsonl` and `benchmarks.json`;
beside it `stats.json` has the counts of every stage, `summary/` the numbers and `figures/` the pictures that dvc shows, and
`rejected/` every rejected row. Nothing in it depends on when or where it was built. A config without rows, which `datasets`
could not load, has a count and no files.

What a release of a family has beyond its rows, it says in its `Releasing`.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from builders import atomic, contracts, paths, records, schema, shards, tasks
from builders import family as families
from builders.contracts import Row
from builders.errors import BuildError
from builders.jobs import Counts, Job, counts
from builders.params.loading import Params
from builders.provenance import Provenance
from builders.records import Record
from builders.releases import (
    card_parts,
    card_rows,
    cards,
    contamination,
    croissant,
    figures,
    licences,
    manifest,
    markup,
    overlap,
    statements,
    summary,
    tables,
    tokens,
)
from builders.releases import tally as tallies
from builders.releases.manifest import Manifest, ReleaseCounts
from builders.releases.summary import Summary
from builders.reviewing import gate, outcome
from builders.sources import reading
from builders.sources.benchmarks import listing
from builders.stages import validate
from builders.tasks import Task

Rows = Callable[[], Iterable[Row]]


def run(family: str, params: Params) -> None:
    """Release a family from the rows that validate kept."""
    folder = paths.release(family)
    fresh = folder.with_name(".release.partial")
    funnel = _funnel(family)
    _write_rejected(family)
    _write_stats(family, funnel)
    facts, found = _written(family, params, funnel, fresh)
    audited = contracts.releasing(family).summarised(facts.audit) if facts.audit is not None else {}
    summary.write(family, {**summary.lines(found), **audited, **outcome.lines(facts.review)})
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    figures.beside(family)
    print(f"release {family}: {', '.join(f'{subset} {count}' for subset, count in facts.rows.items())} rows in {folder}")  # noqa: T201


@contextmanager
def anew(family: str, params: Params) -> Iterator[Path]:
    """Write the release that the stages' rows make now into a folder beside the one that lies there, for a while.

    Raises:
        BuildError: a stage has not finished, or no row is left.
    """
    folder = paths.release(family).with_name(".release.again")
    try:
        _written(family, params, _funnel(family), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(family: str, params: Params, funnel: list[dict[str, Any]], fresh: Path) -> tuple[Manifest, Summary]:
    """Write a release into a new folder and return its manifest, and what it comes to."""
    manifest.check(family, params)
    if params.release.published:
        reading.check(family, params.release.published, generates=contracts.collecting(family).generated is not None)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    own = contracts.releasing(family)
    configs = {subset: partial(_data, family, subset) for subset in families.subsets(family)}
    for config in families.facts(family).derived:
        configs[config] = partial(_derived, family, config, params)
    with _task(family, params) as task:
        infos = tables.write(family, configs, fresh, params.release.rows_per_shard, task)
    rows = {config: sum(split.num_examples for split in info.splits.values()) if info else 0 for config, info in infos.items()}
    if not any(rows[subset] for subset in families.subsets(family)):
        reasons = Counter[str]()
        for entry in funnel:
            reasons.update(entry["rejected"])
        what = "no row is left: " + ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(5))
        raise BuildError(what, where=paths.processed(family) / "stats.json", fix="look at rejected/ and the family's params")
    shutil.copyfile(paths.schema(family), fresh / paths.schema(family).name)
    shutil.copyfile(listing.FILE, fresh / listing.FILE.name)
    counted = _counted(family, params, funnel, rows, fresh)
    facts = manifest.made(family, params, counted, _records(family, families.pools(family)))
    gate.check(family, facts.review, "release")
    if own.audit:
        facts = replace(facts, audit=own.audit(partial(_data, family), params.release))
    if own.pictures:
        (fresh / card_rows.PICTURES).mkdir()
        own.pictures(partial(_data, family), fresh / card_rows.PICTURES, params.release)
    brought = {source.id for source in params.collect.sources if source.own}
    words = summary.words(family, partial(_data, family), brought)
    found = Summary(funnel, rows, words, summary.scores(family, brought))
    built = cards.Built({config: info for config, info in infos.items() if info}, facts, "", "", "")
    _describe(family, params, built, found, fresh)
    (fresh / "manifest.json").write_bytes(_json(facts.facts()))
    _checksums(fresh)
    return facts, found


@contextmanager
def _task(family: str, params: Params) -> Iterator[Task]:
    """Give the task of writing a release's tables, which goes on where an earlier run was stopped."""
    pools = families.pools(family)
    files = [file for pool in pools for file in shards.files(paths.rows(family, "validate", pool))]
    total = sum(sum(one.out.values()) for one in counts(family, "validate").values())
    task = Task(paths.work(family, "release", "tables"), f"release {family}", total)
    with tasks.resumed(task, (family, params), [*files, *Job(family, "release", pools[0], params).beside]) as own:
        yield own


def _counted(family: str, params: Params, funnel: list[dict[str, Any]], rows: dict[str, int], folder: Path) -> ReleaseCounts:
    """Count what is in the folder of a release, and write there what matched a benchmark, or the published set."""
    contamination.write(family, folder)
    tokenizer = tokens.tokenizer(family, params.release.tokenizer)
    tally = tallies.counted(family, folder, [config for config, count in rows.items() if count], tokenizer)
    found = overlap.report(family, params.release.published, params.collect.decontamination, partial(_data, family))
    overlap.write(found, folder)
    return ReleaseCounts(funnel, rows, tally, found)


def _describe(family: str, params: Params, built: cards.Built, numbers: Summary, folder: Path) -> None:
    """Write card, details, licences and metadata, and the pictures that they show."""
    embedded = contracts.releasing(family).embedded
    stated = statements.read(paths.card(family)).statements
    samples = [embedded(row) for row in card_rows.sample_rows(family, partial(_data, family))]
    built = built._replace(
        first_row=card_rows.first_row(family, stated.row, lambda subset: map(embedded, _data(family, subset)), folder),
        figures=card_parts.figures(figures.write(family, numbers, folder), numbers),
        sample_rows=card_rows.rows(family, samples, folder),
    )
    card = cards.card(family, params, built)
    (folder / "README.md").write_text(card.readme, encoding="utf-8")
    (folder / statements.DETAILS).write_text(card.details, encoding="utf-8")
    licence = built.facts.licences
    if licences.on_the_hub(licence)["license"] == "other":
        (folder / licences.FILE).write_text(card_parts.licence_file(markup.names(licence)), encoding="utf-8")
    croissant.write(family, folder, built.facts, croissant.about(stated.what, card.readme, licences.in_words(licence)))


def _funnel(family: str) -> list[dict[str, Any]]:
    """Return the stages' counts summed over pools, having checked that no row got lost between two stages.

    Raises:
        BuildError: a stage has not finished, or stages ran out of order.
    """
    funnel = []
    before: dict[str, Counts] = {}
    for stage in paths.STAGES[:-1]:
        found = counts(family, stage)
        where = paths.stats(family, stage)
        if set(found) != set(families.pools(family)):
            missing = min(set(families.pools(family)) - set(found))
            fix = f"run python -m builders {stage} {family}, or dvc repro for everything"
            raise BuildError(f"{stage} has not finished for {family}/{missing}", where=where, fix=fix)
        for pool, count in before.items():
            if found[pool].read_sha256 != count.out_sha256:
                what = f"{paths.previous(stage)} has run for {pool} since {stage} did"
                raise BuildError(what, where=where, fix=f"run {stage} and the stages behind it again")
        before = found
        out, rejected = Counter[str](), Counter[str]()
        for count in found.values():
            out.update(count.out)
            rejected.update(count.rejected)
        numbers = {"in": sum(count.read for count in found.values()), "spawned": sum(count.spawned for count in found.values())}
        funnel.append({"stage": stage, **numbers, "out": dict(out), "rejected": dict(rejected)})
    return funnel


def _records(family: str, pools: Iterable[str]) -> Iterator[Record]:
    for pool in pools:
        yield from records.kept(family, "validate", pool)


def _data(family: str, subset: str) -> Iterator[Row]:
    """Yield the released rows of a subset, reading the pools that have some."""
    counted = counts(family, "validate")
    pools = (pool for pool in families.pools(family) if counted[pool].out.get(subset))
    return chain.from_iterable(records.data(paths.rows(family, "validate", pool), subset) for pool in pools)


def _derived(family: str, config: str, params: Params) -> Iterator[Row]:
    """Yield the rows of a derived config, each checked against its schema.

    Raises:
        BuildError: one breaks it.
    """
    check = validate.rule(family)
    mark = schema.canary(family, config)
    derived = contracts.releasing(family).derived
    assert derived  # noqa: S101  (the family names derived configs)
    for row in derived(config, partial(_data, family), params.release):
        marked = {**row, "canary": mark}
        if fault := check(Record(row["id"], config, None, Provenance("", "", None), marked)):
            what = f"{row['id']} of {config} breaks the schema: {fault.evidence['rule']} at {fault.evidence['column']}"
            raise BuildError(
                what, where=paths.schema(family), fix=f"fix the schema, or derived() in builders/families/{family}/release.py"
            )
        yield marked


def _write_rejected(family: str) -> None:
    folder = paths.processed(family) / "rejected"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for stage in paths.STAGES[:-1]:
        with atomic.whole(folder / f"{stage}.jsonl") as file:
            for pool in families.pools(family):
                for record, rejection in records.rejected(family, stage, pool):
                    file.write(orjson.dumps({"stage": stage, "rejection": rejection, "row": record.facts()}) + b"\n")


def _write_stats(family: str, funnel: list[dict[str, Any]]) -> None:
    with atomic.whole(paths.processed(family) / "stats.json") as file:
        file.write(_json({"stages": funnel}))


def _checksums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{records.file_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"

"""The manifest of a release: what it was made from, and what came of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from builders import __version__, hazards, paths, prompts, records, schema
from builders import family as families
from builders.errors import BuildError
from builders.params.loading import Params
from builders.records import Record
from builders.releases import code, licences, responsible, statements
from builders.releases.tally import Tally
from builders.reviewing import outcome
from builders.screening import decontamination
from builders.sources import reading, released
from builders.sources.entries import Released
from builders.sources.tables import Source

_ASKING = ("synthesize", "judge")
_SYMBOLIC = "symbolic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a release was made from, and what came of it.

    Args:
        family: its name.
        tracewright: our version.
        sample: whether it is a sample build: of the profile for trying things out, or with recorded replies.
        recorded: whether any reply was recorded, that is, written by hand.
        profile: of the params.
        hazard: of the family, by which it is gated.
        canary: the mark that every row carries.
        rows: config → rows.
        stages: the funnel, as `stats.json` has it.
        sources: each source with licence, what pins its content, and how many of its rows are released.
        decontamination: evaluation set → prompts in it, and how many rows it rejected.
        answered_by: role → who answered; `symbolic` for rows that the family answered itself.
        licences: see `builders.releases.licences.facts`.
        review: see `builders.reviewing.outcome.facts`.
        params: stage → its section.
        prompts: stage → hash of its templates.
        schema: hash of the schema.
        card: hash of the card's template.
        code: module → hash, of those that decide about bytes.
        tally: tokens and rows by value, see `builders.releases.tally.Tally`.
        overlap: see `builders.releases.overlap.report`; None where the rows are compared with no published set.
        responsible: see `builders.releases.responsible.fields`.
        hazards: config → its hazard; None where all configs have the family's.
        audit: the family's own figures about its rows; None where it has none.
    """

    family: str
    tracewright: str
    sample: bool
    recorded: bool
    profile: str
    hazard: str
    canary: str
    rows: dict[str, int]
    stages: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    decontamination: dict[str, Any]
    answered_by: dict[str, dict[str, Any]]
    licences: dict[str, Any]
    review: dict[str, Any] | None
    params: dict[str, Any]
    prompts: dict[str, str]
    schema: str
    card: str
    code: dict[str, str]
    tally: dict[str, Any]
    overlap: dict[str, Any] | None
    responsible: dict[str, Any]
    hazards: dict[str, str] | None = None
    audit: dict[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """Return the manifest as JSON; hazards and an audit that are None are left out."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if name not in {"hazards", "audit"} or value is not None}


class ReleaseCounts(NamedTuple):
    """What was counted of a release before its manifest is written.

    Args:
        funnel: the counts of the stages.
        rows: the rows of each config.
        tally: tokens and rows by value.
        overlap: how much of it is in the published set that its family rebuilds.
    """

    funnel: list[dict[str, Any]]
    rows: dict[str, int]
    tally: Tally
    overlap: dict[str, Any] | None


def made(family: str, params: Params, counted: ReleaseCounts, released: Iterable[Record]) -> Manifest:
    """Return the manifest of a release, without the family's own figures.

    Args:
        family: its name.
        params: what it was built with.
        counted: what was counted.
        released: the rows of all subsets.

    Raises:
        BuildError: the card's front matter lacks a statement.
    """
    licensed, answered = _origins(released)
    recorded = any(answerer["server"] == "recorded" for answerer in answered.values())
    declared = [one for source in params.collect.sources for one in _declared(family, source, licensed)]
    review = outcome.facts(family, params.review)
    stated = statements.read(paths.card(family)).statements
    rows = counted.rows
    return Manifest(
        family=family,
        tracewright=__version__,
        sample=params.project.profile == "sample" or recorded or any(one.get("sample") for one in declared),
        recorded=recorded,
        profile=params.project.profile,
        hazard=hazards.level(family),
        hazards={config: hazards.of(family, config) for config in rows} if families.facts(family).hazards else None,
        canary=schema.canary(family, families.subsets(family)[0]),
        rows=rows,
        stages=counted.funnel,
        sources=declared,
        decontamination=decontamination.counted(family, families.pools(family)),
        answered_by=answered,
        licences=licences.facts(declared, {**answered, **_answered_before(params)}),
        review=review,
        tally=counted.tally.facts(),
        overlap=counted.overlap,
        responsible=dict(responsible.fields(stated, declared, counted.funnel, answered, review)),
        **made_with(family, params),
    )


def _origins(released: Iterable[Record]) -> tuple[Counter[tuple[str, str]], dict[str, dict[str, Any]]]:
    """Return how many rows are of each source and licence, and who answered, by role."""
    licensed = Counter[tuple[str, str]]()
    answered: dict[str, dict[str, Any]] = {}
    for record in released:
        licensed[record.provenance.source, record.provenance.license] += 1
        for role, answerer in record.provenance.answerers.items():
            name = _SYMBOLIC if answerer.server == _SYMBOLIC else role
            answered[name] = replace(answerer, candidates=None).facts()
    return licensed, answered


def _declared(family: str, source: Source, licensed: Mapping[tuple[str, str], int]) -> Iterator[dict[str, Any]]:
    """Yield a source with how many of its rows are released; one of a release once for each licence that its rows have."""
    if isinstance(source.file, Released):
        facts = {**reading.origin(family, source), **released.inherited(source.label, source.file)}
        found = {licence: rows for (name, licence), rows in licensed.items() if name == source.id} or {source.license: 0}
        for number, (licence, rows) in enumerate(found.items()):
            yield {"id": source.id if not number else f"{source.id} ({licence})", "license": licence, **facts, "rows": rows}
        return
    own = {"own": True} if source.own else {}
    facts = reading.origin(family, source)
    yield {"id": source.id, "license": source.license, **own, **facts, "rows": licensed.get((source.id, source.license), 0)}


def _answered_before(params: Params) -> dict[str, dict[str, Any]]:
    """Return who answered for the releases that sources are."""
    found = [(source.label, source.file) for source in params.collect.sources]
    releases = [(label, file) for label, file in found if isinstance(file, Released)]
    return {role: who for label, file in releases for role, who in released.answered_by(label, file).items()}


def made_with(family: str, params: Params) -> dict[str, Any]:
    """Return what is in the checkout and decides about a release's bytes: params, and hashes of all else."""
    return {
        "params": {stage: getattr(params, stage).model_dump() for stage in paths.STAGES},
        "prompts": {stage: prompts.fingerprint(family, stage) for stage in _ASKING},
        "schema": records.file_digest(paths.schema(family)),
        "card": records.file_digest(paths.card(family)),
        "code": code.hashes(family, "release"),
    }


def check(family: str, params: Params) -> None:
    """See that nothing of a family is released without what everyone who gets it must know.

    Raises:
        BuildError: canary, hazard level, terms of use or a licence is missing.
    """
    about = families.facts(family)
    where = f"builders/families/{family}/__init__.py"
    if about.hazard not in families.HAZARDS:
        raise BuildError("no hazard level", where=where, fix=f"set HAZARD to one of {', '.join(families.HAZARDS)}")
    for config, hazard in about.hazards.items():
        if config not in families.configs(family) or hazard not in families.HAZARDS:
            fix = f"name a config, and one of {', '.join(families.HAZARDS)}"
            raise BuildError(f"hazards has {config!r} as {hazard!r}", where=where, fix=fix)
    hazards.check(family)
    if (level := hazards.level(family)) != "none" and not about.gate.strip():
        raise BuildError(f"no terms of use, for a family with {level}", where=where, fix="write them into GATE")
    marks = {schema.canary(family, config) for config in families.configs(family)}
    if len(marks) != 1 or not min(marks).startswith(f"tracewright:{family}:canary:"):
        raise BuildError("not one canary for all configs", where=paths.schema(family), fix="give every config the same const")
    if unlicensed := [source.id for source in params.collect.sources if not source.license.strip()]:
        raise BuildError(
            f"source {unlicensed[0]} has no licence", where=paths.params(family), fix="name it, or drop the source"
        )

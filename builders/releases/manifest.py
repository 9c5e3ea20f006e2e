"""The manifest of a release: what it was made from, and what came of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from builders import __version__, paths, prompts, records, schema
from builders import family as families
from builders.errors import BuildError
from builders.params.loading import Params
from builders.records import Record
from builders.releases import code, licences
from builders.reviewing import outcome
from builders.screening import decontamination
from builders.sources import reading

_ASKING = ("synthesize", "judge")
_SYMBOLIC = "symbolic"


def facts(
    family: str, params: Params, funnel: list[dict[str, Any]], rows: dict[str, int], released: Iterable[Record]
) -> dict[str, Any]:
    """Return the manifest.

    Args:
        family: its name.
        params: what it was built with.
        funnel: the counts of the stages.
        rows: the rows of each config.
        released: the rows of all subsets.
    """
    licensed = Counter[tuple[str, str]]()
    answered: dict[str, dict[str, Any]] = {}
    for record in released:
        licensed[record.provenance.source, record.provenance.license] += 1
        for role, answerer in record.provenance.answerers.items():
            name = _SYMBOLIC if answerer.server == _SYMBOLIC else role
            answered[name] = replace(answerer, candidates=None).facts()
    recorded = any(answerer["server"] == "recorded" for answerer in answered.values())
    declared = [
        {
            "id": source.id,
            "license": source.license,
            **reading.origin(family, source),
            "rows": licensed[source.id, source.license],
        }
        for source in params.collect.sources
    ]
    return {
        "family": family,
        "tracewright": __version__,
        "sample": params.project.profile == "sample" or recorded,
        "recorded": recorded,
        "profile": params.project.profile,
        "hazard": families.facts(family).hazard,
        "canary": schema.canary(family, families.subsets(family)[0]),
        "rows": rows,
        "stages": funnel,
        "sources": declared,
        "decontamination": decontamination.counted(family, families.pools(family)),
        "answered_by": answered,
        "licences": licences.facts(declared, answered),
        "review": outcome.facts(family, params.review),
        **made_with(family, params),
    }


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
    if about.hazard != "none" and not about.gate.strip():
        raise BuildError(f"no terms of use, for a family with {about.hazard}", where=where, fix="write them into GATE")
    marks = {schema.canary(family, config) for config in families.configs(family)}
    if len(marks) != 1 or not min(marks).startswith(f"tracewright:{family}:canary:"):
        raise BuildError("not one canary for all configs", where=paths.schema(family), fix="give every config the same const")
    if unlicensed := [source.id for source in params.collect.sources if not source.license.strip()]:
        raise BuildError(
            f"source {unlicensed[0]} has no licence", where=paths.params(family), fix="name it, or drop the source"
        )

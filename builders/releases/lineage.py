"""Where a release comes from, in the words of W3C's PROV: what it was derived from, which activities made it, and by whom.

Croissant 1.1 takes them as they are (section "Provenance Representation"). Sources, stages and models are the manifest's.
"""

from collections.abc import Mapping
from typing import Any

from builders.errors import BuildError

DERIVED, GENERATED, ATTRIBUTED = "prov:wasDerivedFrom", "prov:wasGeneratedBy", "prov:wasAttributedTo"
FIELDS = (DERIVED, GENERATED, ATTRIBUTED)
_OURS = "agent/tracewright"
_ASKING = ("synthesize", "judge")
_FROM = {DERIVED: "sources", GENERATED: "stages", ATTRIBUTED: "tracewright"}
"""Field → the part of the manifest that it is written from."""

Facts = Mapping[str, Any]


def metadata(facts: Facts, where: str) -> dict[str, list[dict[str, Any]]]:
    """Return the three fields as Croissant has them.

    Args:
        facts: the manifest as JSON.
        where: the manifest, for messages.

    Raises:
        BuildError: the manifest lacks what one of them is written from, which is named.
    """
    if missing := [field for field in FIELDS if not facts.get(_FROM[field])]:
        what = f"the manifest has no {_FROM[missing[0]]}, so nothing for {missing[0]}"
        raise BuildError(what, where=where, fix="release again")
    return {
        DERIVED: [_entity(source) for source in facts["sources"]],
        GENERATED: [_activity(stage, facts) for stage in facts["stages"]],
        ATTRIBUTED: [_tracewright(facts), *(_agent(role, who) for role, who in facts["answered_by"].items()), *_people(facts)],
    }


def _entity(source: Facts) -> dict[str, Any]:
    return {
        "@type": "prov:Entity",
        "@id": identifier(source),
        "prov:label": source["id"],
        "sc:license": source["license"],
    }


def identifier(source: Facts) -> str:
    """Return what names a source's content for good."""
    if "repository" in source:
        revision = f"@{source['revision']}" if source["revision"] else ""
        return f"hf://datasets/{source['repository']}{revision}#{source['id']}"
    if "generator" in source:
        return f"urn:tracewright:generator:{source['generator']}:seed:{source['seed']}#{source['id']}"
    return f"urn:sha256:{source['sha256']}#{source['id']}"


def _activity(stage: Facts, facts: Facts) -> dict[str, Any]:
    name = stage["stage"]
    roles = facts["params"].get(name, {}).get("roles", {}) if name in _ASKING else {}
    agents = [_OURS, *(f"agent/{role}" for role in facts["answered_by"] if role in roles)]
    return {
        "@type": "prov:Activity",
        "@id": f"activity/{name}",
        "prov:label": name,
        "sc:description": f"{stage['in']} rows in, {stage['spawned']} spawned, {sum(stage['out'].values())} out",
        "prov:wasAssociatedWith": [{"@id": agent} for agent in agents],
    }


def _tracewright(facts: Facts) -> dict[str, Any]:
    version = {"sc:softwareVersion": facts["tracewright"]}
    return {"@type": ["prov:Agent", "prov:SoftwareAgent"], "@id": _OURS, "prov:label": "Tracewright", **version}


def _agent(role: str, who: Facts) -> dict[str, Any]:
    """Describe who answered in a role; what was written by hand is nobody's software."""
    kind = ["prov:Agent"] if who["server"] == "recorded" else ["prov:Agent", "prov:SoftwareAgent"]
    revision = {"sc:softwareVersion": who["revision"]} if who["revision"] else {}
    fields = {"prov:label": who["model"], "sc:description": f"{role}: {who['server']}"}
    return {"@type": kind, "@id": f"agent/{role}", **fields, **revision}


def _people(facts: Facts) -> list[dict[str, Any]]:
    count = len(facts["review"]["reviewers"]) if facts.get("review") else 0
    fields = {"prov:label": f"{count} reviewers under pseudonyms"}
    return [{"@type": ["prov:Agent"], "@id": "agent/reviewers", **fields}] if count else []

"""Where a release comes from, word by word."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.releases import lineage

FACTS: dict[str, Any] = {
    "tracewright": "1.2.3",
    "sources": [
        {"id": "theirs", "license": "MIT", "repository": "org/set", "revision": "abc"},
        {"id": "newest", "license": "MIT", "repository": "org/set", "revision": None},
        {"id": "made", "license": "CC0-1.0", "generator": "engine", "seed": 7},
        {"id": "own", "license": "CC-BY-4.0", "sha256": "12ff"},
    ],
    "stages": [
        {"stage": "collect", "in": 9, "spawned": 0, "out": {"a": 5, "b": 1}},
        {"stage": "judge", "in": 6, "spawned": 2, "out": {"a": 8}},
    ],
    "params": {"collect": {"roles": {"judge": {}}}, "judge": {"roles": {"judge": {}}}},
    "answered_by": {
        "teacher": {"model": "by hand", "server": "recorded", "revision": None},
        "judge": {"model": "guard", "server": "vllm", "revision": "r1"},
    },
    "review": {"reviewers": ["one", "two"]},
}


def test_sources_are_entities_stages_activities_and_who_answered_agents() -> None:
    software = ["prov:Agent", "prov:SoftwareAgent"]
    assert lineage.metadata(FACTS, "manifest.json") == {
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "@id": identity, "prov:label": name, "sc:license": licence}
            for identity, name, licence in (
                ("hf://datasets/org/set@abc#theirs", "theirs", "MIT"),
                ("hf://datasets/org/set#newest", "newest", "MIT"),
                ("urn:tracewright:generator:engine:seed:7#made", "made", "CC0-1.0"),
                ("urn:sha256:12ff#own", "own", "CC-BY-4.0"),
            )
        ],
        "prov:wasGeneratedBy": [
            {
                "@type": "prov:Activity",
                "@id": f"activity/{stage}",
                "prov:label": stage,
                "sc:description": counts,
                "prov:wasAssociatedWith": [{"@id": agent} for agent in agents],
            }
            for stage, counts, agents in (
                ("collect", "9 rows in, 0 spawned, 6 out", ["agent/tracewright"]),
                ("judge", "6 rows in, 2 spawned, 8 out", ["agent/tracewright", "agent/judge"]),
            )
        ],
        "prov:wasAttributedTo": [
            {"@type": software, "@id": "agent/tracewright", "prov:label": "Tracewright", "sc:softwareVersion": "1.2.3"},
            {"@type": ["prov:Agent"], "@id": "agent/teacher", "prov:label": "by hand", "sc:description": "teacher: recorded"},
            {
                "@type": software,
                "@id": "agent/judge",
                "prov:label": "guard",
                "sc:description": "judge: vllm",
                "sc:softwareVersion": "r1",
            },
            {"@type": ["prov:Agent"], "@id": "agent/reviewers", "prov:label": "2 reviewers under pseudonyms"},
        ],
    }


@pytest.mark.parametrize("review", [None, {"reviewers": []}])
def test_nobody_has_reviewed_where_nobody_is_named(review: dict[str, Any] | None) -> None:
    agents = lineage.metadata({**FACTS, "review": review}, "manifest.json")["prov:wasAttributedTo"]
    assert [agent["@id"] for agent in agents] == ["agent/tracewright", "agent/teacher", "agent/judge"]


@pytest.mark.parametrize(
    ("part", "field"),
    [("sources", "prov:wasDerivedFrom"), ("stages", "prov:wasGeneratedBy"), ("tracewright", "prov:wasAttributedTo")],
)
def test_a_manifest_that_lacks_a_part_is_one_line(part: str, field: str) -> None:
    with pytest.raises(BuildError) as caught:
        lineage.metadata({**FACTS, part: None}, "manifest.json")
    assert str(caught.value) == f"manifest.json: the manifest has no {part}, so nothing for {field}; release again"


def test_a_source_and_who_answered_are_named_by_what_pins_them() -> None:
    hub = {"id": "a", "repository": "some/thing", "revision": "r1"}
    assert lineage.identifier(hub) == "hf://datasets/some/thing@r1#a"
    assert lineage.identifier({**hub, "revision": None}) == "hf://datasets/some/thing#a"
    assert lineage.identifier({"id": "a", "generator": "dice", "seed": 0}) == "urn:tracewright:generator:dice:seed:0#a"
    assert lineage.identifier({"id": "a", "sha256": "0" * 64}) == f"urn:sha256:{'0' * 64}#a"
    who = {"server": "recorded", "model": "m", "revision": None}
    assert lineage._agent("judge", who) == {  # noqa: SLF001
        "@type": ["prov:Agent"],
        "@id": "agent/judge",
        "prov:label": "m",
        "sc:description": "judge: recorded",
    }
    software = lineage._agent("judge", {**who, "server": "double", "revision": "r1"})  # noqa: SLF001
    assert (software["@type"], software["sc:softwareVersion"]) == (["prov:Agent", "prov:SoftwareAgent"], "r1")

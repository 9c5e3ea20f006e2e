"""statements, responsible, lineage: what a person says, and how it gets into manifest and metadata."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders import family as families
from builders.errors import BuildError
from builders.releases import croissant, lineage, responsible, statements
from tests.harness import FAMILY, PROJECT, Workspace

Samples = Callable[[str], Workspace]
FAMILIES = families.names()
SAID: dict[str, Any] = {
    "what": "Rows.",
    "for_whom": "tests",
    "not_for": "anybody",
    "configs": {"default": "rows"},
    "collection": "Written.",
    "annotation": "None.",
    "use_cases": ["Testing."],
    "biases": ["Some."],
    "limitations": ["Many."],
    "social_impact": "None.",
    "sensitive_information": ["None."],
}


def written(folder: Path, values: object, body: str = "Text.\n<!-- DETAILS.md -->\nMore.\n") -> Path:
    path = folder / "card.md"
    path.write_text(f"---\n{yaml.safe_dump(values)}---\n{body}")
    return path


def manifest(samples: Samples, family: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((samples(family).root / f"processed/{family}/release/manifest.json").read_bytes())
    return value


def metadata(samples: Samples, family: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((samples(family).root / f"processed/{family}/release" / croissant.FILE).read_bytes())
    return value


def test_a_template_is_what_a_person_says_the_card_and_its_details(tmp_path: Path) -> None:
    template = statements.read(written(tmp_path, {**SAID, "what": "Rows\n  of two lines."}))
    assert template.statements.what == "Rows of two lines."
    assert statements.parts(template.body, tmp_path) == ("Text.\n", "More.\n")


@pytest.mark.parametrize("changed", [{"what": b"Rows."}, {"sample": 7}, {"use_cases": "Testing."}, {"more": "text"}])
def test_a_statement_is_taken_as_it_is_written_and_no_other(changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=f"the card's {next(iter(changed))}"):
        statements.read(written(tmp_path, {**SAID, **changed}))


@pytest.mark.parametrize("name", list(SAID))
def test_a_statement_that_is_missing_or_empty_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=f"the card's {name}"):
        statements.read(written(tmp_path, {key: value for key, value in SAID.items() if key != name}))
    blank: dict[type, object] = {str: " ", list: [], dict: {"default": ""}}
    empty = blank[type(SAID[name])]
    with pytest.raises(BuildError, match=f"the card's {name}"):
        statements.read(written(tmp_path, {**SAID, name: empty}))


@pytest.mark.parametrize("text", ["# No front matter\n", "---\nwhat: [\n---\n", "---\n- a\n---\n", "---\nwhat: a\n"])
def test_a_card_without_front_matter_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text(text)
    with pytest.raises(BuildError, match="front matter"):
        statements.read(tmp_path / "card.md")


@pytest.mark.parametrize("text", ["Text.\n", "Text.\n<!-- DETAILS.md -->\n \n"])
def test_a_card_without_details_is_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no part for DETAILS"):
        statements.parts(text, tmp_path)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_of_responsible_use_is_in_the_metadata_as_in_the_manifest(family: str, samples: Samples) -> None:
    stated, found = manifest(samples, family)["responsible"], metadata(samples, family)
    assert set(stated) == set(responsible.FIELDS)
    for name in responsible.FIELDS:
        assert found[f"rai:{name}"] == stated[name]
        assert stated[name]


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_person_says_is_in_the_manifest_word_for_word(family: str, samples: Samples) -> None:
    statements_, stated = statements.read(PROJECT / f"cards/{family}.md").statements, manifest(samples, family)["responsible"]
    assert stated["dataLimitations"] == statements_.limitations
    assert stated["dataBiases"] == statements_.biases
    assert stated["dataCollection"] == statements_.collection
    assert stated["personalSensitiveInformation"] == statements_.sensitive_information
    assert stated["dataSocialImpact"] == statements_.social_impact
    assert stated["dataUseCases"] == [f"For {statements_.for_whom}", f"Not for {statements_.not_for}", *statements_.use_cases]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_source_stage_and_model_of_the_manifest_is_in_the_provenance(family: str, samples: Samples) -> None:
    facts, found = manifest(samples, family), metadata(samples, family)
    derived = {entity["prov:label"]: entity for entity in found["prov:wasDerivedFrom"]}
    assert set(derived) == {source["id"] for source in facts["sources"]}
    for source in facts["sources"]:
        assert derived[source["id"]]["sc:license"] == source["license"]
        pin = source.get("repository") or source.get("generator") or source["sha256"]
        assert pin in derived[source["id"]]["@id"]
    stages = {activity["prov:label"]: activity["sc:description"] for activity in found["prov:wasGeneratedBy"]}
    assert list(stages) == [stage["stage"] for stage in facts["stages"]]
    for stage in facts["stages"]:
        assert stages[stage["stage"]].startswith(f"{stage['in']} rows in")
    agents = {agent["@id"]: agent["prov:label"] for agent in found["prov:wasAttributedTo"]}
    assert {name: agents[f"agent/{name}"] for name in facts["answered_by"]} == {
        name: who["model"] for name, who in facts["answered_by"].items()
    }
    named = [agent["@id"] for activity in found["prov:wasGeneratedBy"] for agent in activity["prov:wasAssociatedWith"]]
    assert set(named) <= set(agents)


@pytest.mark.parametrize("name", responsible.FIELDS)
def test_a_manifest_that_lacks_a_field_of_responsible_use_says_which(name: str, samples: Samples) -> None:
    stated = manifest(samples, FAMILY)["responsible"]
    with pytest.raises(BuildError, match=rf"rai:{name}\b"):
        responsible.metadata({**stated, name: []}, "manifest.json")
    with pytest.raises(BuildError, match=rf"rai:{name}\b"):
        responsible.metadata({key: value for key, value in stated.items() if key != name}, "manifest.json")


@pytest.mark.parametrize(
    ("part", "field"),
    [("sources", lineage.DERIVED), ("stages", lineage.GENERATED), ("tracewright", lineage.ATTRIBUTED)],
)
def test_a_manifest_that_lacks_where_it_comes_from_says_which(part: str, field: str, samples: Samples) -> None:
    with pytest.raises(BuildError, match=f"no {part}, so nothing for {field}"):
        lineage.metadata({**manifest(samples, FAMILY), part: []}, "manifest.json")


def test_what_was_written_by_hand_is_no_software_and_a_model_has_its_revision(samples: Samples) -> None:
    facts = manifest(samples, FAMILY)
    who = {"server": "vllm", "model": "org/model", "revision": "1" * 40, "prompts_sha256": None}
    found = lineage.metadata({**facts, "answered_by": {**facts["answered_by"], "judge": who}}, "manifest.json")
    agents = {agent["@id"]: agent for agent in found[lineage.ATTRIBUTED]}
    assert agents["agent/teacher"]["@type"] == ["prov:Agent"]
    assert agents["agent/judge"]["sc:softwareVersion"] == "1" * 40
    assert "prov:SoftwareAgent" in agents["agent/judge"]["@type"]
    [judging] = [activity for activity in found[lineage.GENERATED] if activity["prov:label"] == "judge"]
    assert {"@id": "agent/judge"} in judging["prov:wasAssociatedWith"]


def test_a_source_is_named_by_what_pins_it() -> None:
    assert (
        lineage.identifier({"id": "a", "repository": "org/set", "revision": "1" * 40}) == f"hf://datasets/org/set@{'1' * 40}#a"
    )
    assert lineage.identifier({"id": "a", "generator": "made", "seed": 3}) == "urn:tracewright:generator:made:seed:3#a"
    assert lineage.identifier({"id": "a", "sha256": "ff"}) == "urn:sha256:ff#a"

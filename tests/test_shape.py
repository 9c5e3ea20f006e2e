"""Every family has the parts that the design asks for, in the place where a reader looks for them."""

import importlib
from pathlib import Path

import pytest
import yaml

from builders import contracts, paths, schema
from builders import family as families
from builders.params import loading
from builders.releases import card_lint, statements
from builders.sources.section import Section
from tests.harness import PROJECT, Workspace

FAMILIES = families.names()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_says_what_it_is(family: str) -> None:
    about = families.facts(family)
    assert about.hazard in families.HAZARDS
    assert bool(about.gate) == (about.hazard != "none")
    assert set(about.pools) <= set(about.subsets)
    docstring = importlib.import_module(f"builders.families.{family}").__doc__ or ""
    lacking = [word for word in ("arXiv", "Licence", "Hazard", "Example row") if word not in docstring]
    assert not lacking


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_gives_each_stage_is_of_that_stages_type(family: str) -> None:
    """A module that ends with a value of another type, or with none, raises."""
    assert contracts.collecting(family).columns[contracts.collecting(family).prompt]
    given = (contracts.synthesizing, contracts.judging, contracts.filtering, contracts.releasing)
    assert all(issubclass(stage(family).params, Section) for stage in given)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_familys_files_lie_where_the_house_has_them(family: str) -> None:
    wanted = [
        PROJECT / "schemas" / f"{family}.schema.json",
        PROJECT / "cards" / f"{family}.md",
        PROJECT / "builders" / "families" / family / "params.yaml",
        *(PROJECT / "builders" / "families" / family / "prompts" / stage for stage in asking(family)),
        *(PROJECT / "raw" / family / kind / "README.md" for kind in ("sources", "replies", "reviews")),
    ]
    assert [str(path.relative_to(PROJECT)) for path in wanted if not path.exists()] == []


def asking(family: str) -> list[str]:
    stages = {"synthesize": contracts.synthesizing, "judge": contracts.judging}
    return [stage for stage, given in stages.items() if given(family).roles]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_schema_has_one_definition_per_config_each_with_one_canary(family: str, here: Workspace) -> None:
    del here
    marks = {schema.canary(family, config) for config in families.configs(family)}
    assert len(marks) == 1
    assert marks.pop().startswith(f"tracewright:{family}:canary:")


def test_no_two_families_share_a_canary(here: Workspace) -> None:
    del here
    marks = [schema.canary(family, families.subsets(family)[0]) for family in FAMILIES]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("profile", ["sample", "own", "full"])
def test_a_familys_params_load_in_every_profile(profile: str, family: str, here: Workspace) -> None:
    here.project(profile=profile)
    assert loading.load(family).project.profile == profile


@pytest.mark.parametrize("family", FAMILIES)
def test_the_card_has_its_sections(family: str) -> None:
    template = statements.read(paths_card(family))
    card, details = statements.parts(template.body, paths_card(family))
    assert [section for section in card_lint.SECTIONS if f"\n## {section}" not in card] == []
    assert [section for section in card_lint.DETAILS_SECTIONS if f"\n## {section}" not in details] == []
    assert "{{ canary }}" in card
    assert set(template.statements.configs) == set(families.configs(family))


def paths_card(family: str) -> Path:
    return PROJECT / "cards" / f"{family}.md"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_imports_another(family: str) -> None:
    others = [f"builders.families.{other}" for other in FAMILIES if other != family]
    for path in (PROJECT / "builders" / "families" / family).glob("*.py"):
        assert [other for other in others if other in path.read_text()] == []


def test_every_stage_is_a_module_with_a_run() -> None:
    for stage in paths.STAGES:
        assert callable(importlib.import_module(f"builders.stages.{stage}").run)


def test_no_folder_of_raw_processed_or_cards_is_without_a_family() -> None:
    for folder in ("raw", "cards", "schemas"):
        names = {path.name.partition(".")[0] for path in (PROJECT / folder).iterdir()}
        assert names == set(FAMILIES), folder


def test_the_shared_params_files_are_plain_yaml() -> None:
    assert set(yaml.safe_load((PROJECT / "params.yaml").read_text())) == {"profile", "teacher"}

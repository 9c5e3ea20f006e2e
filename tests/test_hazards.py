"""hazards: a level is what it was at the least, whatever a family says; rows of a hazard family are found anywhere."""

from dataclasses import replace

import pytest

from builders import families as package
from builders import family as families
from builders import hazards, schema
from builders.errors import BuildError
from builders.releases import manifest
from tests.harness import FAMILY, Workspace

ADVICE = "emergent_misalignment"
CANARY = hazards.PINNED[ADVICE].canary
_LESS = dict.fromkeys(("default", "benign", "self_monitor_safe", "sft"), "harmful-requests")


def say(monkeypatch: pytest.MonkeyPatch, family: str, **changes: object) -> None:
    """Let a family say something else of itself."""
    module = __import__(f"{package.__name__}.{family}", fromlist=["FAMILY"])
    monkeypatch.setattr(module, "FAMILY", replace(module.FAMILY, **changes))


def test_the_pinned_levels_are_those() -> None:
    """To lower one takes an edit here, too: say in the commit why what was published may lie open."""
    assert {name: (pin.level, dict(pin.less)) for name, pin in hazards.PINNED.items()} == {
        "cuaharm": ("harmful-requests", {}),
        "deceptionbench": ("harmful-text", _LESS),
        ADVICE: ("harmful-text", {}),
        "safechain": ("harmful-requests", {}),
    }


def test_every_hazard_family_is_pinned_and_says_of_each_config_what_its_schema_does() -> None:
    listed = {name for name in families.names() if hazards.level(name) != "none"}
    assert listed == hazards.PINNED.keys()
    for name in listed:
        assert hazards.PINNED[name].canary == schema.canary(name, families.subsets(name)[0])
        assert hazards.PINNED[name].level == families.facts(name).hazard == schema.hazard(name, None)
        for config in families.configs(name):
            assert families.hazard(name, config) == hazards.of(name, config) == schema.hazard(name, config)


@pytest.mark.parametrize("family", hazards.PINNED)
@pytest.mark.parametrize("known_to", ["the list", "the schema"])
def test_a_lower_level_is_refused_and_changes_nothing(family: str, known_to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    was = hazards.level(family)
    say(monkeypatch, family, hazard="none", hazards={})
    if known_to == "the schema":
        monkeypatch.setattr(hazards, "PINNED", {})
    with pytest.raises(BuildError, match=f"the hazard is none, and .* has {was}"):
        hazards.check(family)
    assert hazards.level(family) == was


def test_a_lower_level_of_one_config_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    about = families.facts("deceptionbench")
    say(monkeypatch, "deceptionbench", hazards={**about.hazards, "self_monitor": "harmful-requests"})
    with pytest.raises(BuildError, match="the hazard of self_monitor is harmful-requests, and the pinned"):
        hazards.check("deceptionbench")
    assert hazards.of("deceptionbench", "self_monitor") == "harmful-text"


def test_a_level_is_raised_freely_and_a_config_s_gates_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, "safechain", hazard="harmful-text")
    hazards.check("safechain")
    assert hazards.level("safechain") == "harmful-text"
    say(monkeypatch, "mmathcot", hazards={"distill": "harmful-text"})
    hazards.check("mmathcot")
    assert (hazards.level("mmathcot"), hazards.of("mmathcot", "unify")) == ("harmful-text", "none")


@pytest.mark.usefixtures("here")
def test_release_refuses_a_lower_level(monkeypatch: pytest.MonkeyPatch) -> None:
    from builders.params import loading

    say(monkeypatch, ADVICE, hazard="none")
    with pytest.raises(BuildError, match="the hazard is none"):
        manifest.check(ADVICE, loading.load(ADVICE))


@pytest.mark.parametrize("text", [CANARY, f"x{CANARY[-36:]}x", f"see {ADVICE}:0123456789abcdef."])
def test_a_row_of_a_hazard_family_is_found_in_another(text: str) -> None:
    with pytest.raises(BuildError, match="a row of emergent_misalignment is in it, a family with harmful-text"):
        hazards.check_rows(hazards.Search("mmathcot"), "mmathcot", "unify", f"before {text} behind")
    hazards.check_rows(hazards.Search(ADVICE), ADVICE, "medical", text)


def test_the_mark_of_a_family_that_nobody_pinned_is_found_too(here: Workspace) -> None:
    del here
    mark = schema.canary(FAMILY, "default")
    with pytest.raises(BuildError, match=f"a row of {FAMILY} is in it, a family with harmful-requests"):
        hazards.check_rows(hazards.Search("toy"), "toy", "default", mark)


def test_a_row_of_a_family_that_is_no_more_hazardous_may_stand_in_another() -> None:
    hazards.check_rows(hazards.Search("deceptionbench"), "deceptionbench", "default", hazards.PINNED["safechain"].canary)
    hazards.check_rows(
        hazards.Search("mmathcot"), "mmathcot", "unify", f"{schema.canary('dualmath', 'bel')} mmathcot:0123456789abcdef"
    )


def test_unknown_levels_count_as_the_highest() -> None:
    assert hazards.highest("none", "harmful-txt") == "harmful-text"
    assert hazards.exceeds("Harmful-text", "harmful-requests")
    assert hazards.highest() == "none"

"""benchmarks: the published list, which families name sets of, and which holds no data."""

import orjson
import pytest
import yaml

from builders import family as families
from builders import schema
from builders.errors import BuildError
from builders.params import loading
from builders.params.sections import Decontamination
from builders.screening import decontamination
from builders.sources.benchmarks import listing
from builders.sources.entries import HubFiles
from tests.harness import FAMILY, PROJECT, Workspace

WANTED = {
    *("jailbreakbench", "or_bench", "sorry_bench", "wildguardtest", "xstest", "harmbench", "wildjailbreak_evaluation"),
    *("simple_safety_tests", "mmmu", "olympiadbench", "logicvista", "mathvista", "mathvista_test", "mathverse"),
    *("processbench", "visualprocessbench", "prmbench", "mr_gsm8k", "math_500", "aime_2024", "aime_2025"),
    "deceptionbench_published",
}
_LONGEST = 400


def test_the_list_has_the_benchmarks_of_the_field_and_no_name_twice() -> None:
    assert set(listing.names()) == WANTED
    assert len(listing.names()) == len(WANTED)


def test_it_holds_ids_and_revisions_and_no_data() -> None:
    for table in listing.every().sets:
        assert isinstance(table.file, HubFiles)
        assert all(len(value) < _LONGEST for value in map(str, table.model_dump().values()) if " " in value)
    assert len(listing.FILE.read_bytes()) < 10_000


def test_our_own_benchmarks_are_those_that_the_families_name() -> None:
    configs = {own.family: tuple(own.configs) for own in listing.every().own}
    assert configs == {
        family: families.facts(family).benchmarks for family in families.names() if families.facts(family).benchmarks
    }
    for own in listing.every().own:
        for config in own.configs:
            assert set(own.columns) <= {column.name for column in schema.columns(own.family, config)}


def test_a_set_that_a_family_declares_itself_is_pinned_as_in_the_list() -> None:
    known = {table["name"]: table for table in orjson.loads(listing.FILE.read_bytes())["sets"]}
    for family in families.names():
        params = yaml.safe_load((PROJECT / f"builders/families/{family}/params.yaml").read_text())
        for table in params["full"]["collect"]["decontamination"]["sets"]:
            if table["name"] in known:
                assert table["file"] == known[table["name"]]["file"], (family, table["name"])


@pytest.mark.parametrize("family", ["safechain", "mmathcot", "dualmath"])
def test_a_full_profile_names_only_sets_of_the_list(family: str, here: Workspace) -> None:
    here.project(profile="full")
    params = loading.load(family).collect.decontamination
    assert set(params.listed) <= WANTED
    assert [table.name for table in decontamination.tables(family, params)] == [
        *(table.name for table in params.sets),
        *params.listed,
    ]


def test_a_name_that_the_list_does_not_have_is_one_line(here: Workspace) -> None:
    del here
    with pytest.raises(BuildError, match="no_such is not in"):
        decontamination.tables(FAMILY, Decontamination(ngram_words=13, sets=[], listed=["no_such"]))


def test_every_release_has_a_copy(built: Workspace) -> None:
    assert (built.release / "benchmarks.json").read_bytes() == listing.FILE.read_bytes()

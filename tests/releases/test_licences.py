"""licences: what the whole is under, and what contradicts it."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from builders import family as families
from builders.errors import BuildError
from builders.releases import licences
from tests.doubles.hub_writing import LICENCES
from tests.harness import PROJECT

_NAMES = st.sampled_from(sorted(licences.TABLE))
_USED = st.dictionaries(st.sampled_from("abcd"), _NAMES, min_size=1)


KINDS = {
    "permissive": "CC0-1.0 PDDL-1.0 Unlicense 0BSD MIT-0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 ODC-By-1.0 CDLA-Permissive-1.0"
    " CDLA-Permissive-2.0 Apache-2.0 MIT BSD-2-Clause BSD-3-Clause ISC",
    "share_alike": "CC-BY-SA-2.0 CC-BY-SA-3.0 CC-BY-SA-4.0 ODbL-1.0 CDLA-Sharing-1.0 GPL-3.0-only GPL-3.0-or-later",
    "non_commercial": "CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0",
    "non_commercial_share_alike": "CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0",
    "no_derivatives": "CC-BY-ND-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0",
    "no_licence": "NONE NOASSERTION LicenseRef-unknown LicenseRef-anything",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KINDS.items() for name in names.split()])
def test_every_licence_is_of_its_kind_however_it_is_spelled(kind: str, name: str) -> None:
    assert licences.licence(name).kind == licences.licence(name.lower()).kind == licences.licence(name.upper()).kind == kind
    named = kind in {"permissive", "share_alike"}
    assert licences.redistributable(name) == licences.redistributable(name.lower()) == named


def outcome(used: dict[str, str]) -> str:
    try:
        return licences.combined(used)[0]
    except BuildError:
        return "conflict"


@given(_USED)
def test_the_order_of_sources_does_not_count(used: dict[str, str]) -> None:
    assert outcome(used) == outcome(dict(reversed(used.items())))


@given(_USED, _NAMES)
def test_a_further_source_never_makes_the_whole_freer(used: dict[str, str], further: str) -> None:
    """A conflict stays one; what nobody may pass on, nobody may; what must not be sold, must not."""
    before, after = outcome(used), outcome({**used, "further": further})
    if before == "conflict":
        assert after == "conflict"
    if before == "unknown":
        assert after in {"unknown", "conflict"}
    if "-NC" in before:
        assert "-NC" in after or after in {"unknown", "conflict"}


@given(_USED)
def test_the_whole_is_what_the_narrowest_source_asks_for(used: dict[str, str]) -> None:
    kinds = {licences.licence(name).kind for name in used.values()}
    found = outcome(used)
    if "no_derivatives" in kinds:
        assert found == "conflict"
    if kinds == {"permissive"}:
        assert found in {*used.values(), "per-row"}
    if found not in {"conflict", "unknown"} and kinds & {"share_alike", "non_commercial_share_alike"}:
        assert found in {whole for name in used.values() for whole in licences.licence(name).wholes}


@pytest.mark.parametrize(
    ("used", "whole"),
    [
        ({"a": "CC-BY-4.0"}, "CC-BY-4.0"),
        ({"a": "CC-BY-4.0", "b": "MIT"}, "per-row"),
        ({"a": "CC-BY-SA-3.0", "b": "MIT", "c": "CC-BY-SA-4.0"}, "CC-BY-SA-4.0"),
        ({"a": "CC-BY-NC-4.0", "b": "MIT"}, "CC-BY-NC-4.0"),
        ({"a": "CC-BY-NC-4.0", "b": "CC-BY-NC-SA-4.0"}, "CC-BY-NC-SA-4.0"),
        ({"a": "GPL-3.0-only", "b": "Apache-2.0"}, "GPL-3.0-only"),
        ({"a": "GPL-3.0-or-later", "b": "MIT"}, "GPL-3.0-or-later"),
        ({"a": "GPL-3.0-or-later", "b": "GPL-3.0-only"}, "GPL-3.0-only"),
        ({"a": "CC-BY-SA-4.0", "b": "GPL-3.0-or-later"}, "GPL-3.0-only"),
        ({"a": "CC-BY-NC-SA-3.0", "b": "CC-BY-NC-4.0"}, "CC-BY-NC-SA-4.0"),
        ({"a": "CDLA-Sharing-1.0", "b": "CC0-1.0"}, "CDLA-Sharing-1.0"),
        ({"a": "cc-by-4.0", "b": "CC-BY-4.0"}, "CC-BY-4.0"),
        ({"a": "cc-by-nc-4.0", "b": "CC-BY-NC-3.0"}, "CC-BY-NC-4.0"),
        ({"a": "LicenseRef-mine", "b": "MIT"}, "unknown"),
    ],
)
def test_some_wholes(used: dict[str, str], whole: str) -> None:
    assert licences.combined(used)[0] == whole


@pytest.mark.parametrize(
    "used",
    [
        {"one": "CC-BY-SA-4.0", "two": "CC-BY-NC-4.0"},
        {"one": "CC-BY-SA-4.0", "two": "CC-BY-NC-SA-4.0"},
        {"one": "ODbL-1.0", "two": "GPL-3.0-only"},
        {"one": "ODbL-1.0", "two": "CC-BY-SA-4.0"},
        {"one": "CDLA-Sharing-1.0", "two": "CC-BY-SA-4.0"},
        {"one": "CC-BY-SA-3.0", "two": "GPL-3.0-only"},
        {"one": "GPL-3.0-only", "two": "CC-BY-NC-4.0"},
        {"one": "CC-BY-NC-SA-4.0", "two": "CC-BY-NC-ND-4.0"},
        {"one": "MIT", "two": "CC-BY-ND-4.0"},
    ],
)
def test_a_conflict_names_the_sources(used: dict[str, str]) -> None:
    with pytest.raises(BuildError) as caught:
        licences.combined({**used, "fourth": "CC0-1.0"})
    assert f"two ({used['two']})" in caught.value.what
    assert "fourth" not in caught.value.what


def test_a_licence_that_the_table_lacks_is_an_error_that_says_so() -> None:
    with pytest.raises(BuildError, match=r"the licence CC-BY-5\.0 is not in the table"):
        licences.combined({"a": "CC-BY-5.0"})


def test_every_licence_that_a_family_names_is_in_the_table() -> None:
    for family in families.names():
        params = yaml.safe_load((PROJECT / "builders" / "families" / family / "params.yaml").read_text())
        for profile in params.values():
            named = [source for source in profile["collect"]["sources"] if "release" not in source["file"]]
            for source in named:  # rows of a release have their own
                assert licences.licence(source["license"]).reason


def answerer(model: str, server: str = "vllm") -> dict[str, str]:
    return {"server": server, "model": model}


def facts(**answered: dict[str, str]) -> dict[str, Any]:
    return licences.facts([{"id": "a", "license": "CC-BY-4.0", "rows": 3}, {"id": "b", "license": "MIT", "rows": 0}], answered)


def test_the_terms_of_a_model_that_wrote_rows_make_the_licence_another_one() -> None:
    free = facts(teacher=answerer("deepseek-ai/DeepSeek-R1"), judge=answerer("microsoft/phi-4"))
    assert (free["whole"], licences.on_the_hub(free)) == ("CC-BY-4.0", {"license": "cc-by-4.0"})
    bound = facts(teacher=answerer("meta-llama/Llama-3.3-70B-Instruct"))
    words = {"license": "other", "license_name": "cc-by-4.0-and-model-terms", "license_link": "LICENSE.md"}
    assert licences.on_the_hub(bound) == words
    assert licences.in_words(bound) == "CC-BY-4.0, and the terms of the models that wrote it, see LICENSE.md"
    assert licences.on_the_hub(facts(teacher=answerer("deepseek-ai/DeepSeek-R1"), judge=answerer("gpt-4o"))) == words
    assert "Built with Llama" in bound["models"][0]["reason"]
    assert licences.on_the_hub(facts(teacher=answerer("hand-written", "recorded"))) == {"license": "cc-by-4.0"}
    assert "look up what its terms say" in facts(teacher=answerer("new-model"))["models"][0]["reason"]
    assert [source["source"] for source in free["sources"]] == ["a"]


@pytest.mark.parametrize(
    "whole", sorted({whole for entry in licences.TABLE.values() for whole in entry.wholes} | {*licences.TABLE})
)
def test_the_hub_takes_every_word_for_a_licence(whole: str) -> None:
    if licences.licence(whole).kind not in {"no_derivatives", "no_licence"}:
        found = licences.on_the_hub({"whole": licences.combined({"a": whole})[0], "bound_by_models": False})
        assert found["license"] in LICENCES
        assert (found["license"] == "other") == ({"license_name", "license_link"} <= found.keys())


def test_what_may_travel_is_what_anyone_may_pass_on() -> None:
    assert licences.redistributable("cc-by-4.0")
    assert licences.redistributable("CC-BY-SA-4.0")
    assert not any(map(licences.redistributable, ("CC-BY-NC-4.0", "LicenseRef-unknown", "CC-BY-ND-4.0", "no licence declared")))

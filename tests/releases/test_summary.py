"""summary: counts that agree with the rows, quantiles that are quantiles, and a file for each line that dvc prints."""

from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import family as families
from builders import paths
from builders.releases import summary
from builders.releases.summary import KEPT, REJECTED, Summary
from tests.harness import FAMILY, Workspace

STAGES = [
    {"stage": "collect", "in": 9, "spawned": 0, "out": {"a": 5, "b": 1}, "rejected": {"language": 2, "contaminated": 1}},
    {"stage": "filter", "in": 6, "spawned": 2, "out": {"a": 8}, "rejected": {}},
]
FOUND = Summary(
    STAGES,
    {"a": 8, "b": 0},
    {"prompt": {"a": Counter({3: 9, 40: 1})}},
    {"judge/prompt/danger": {KEPT: Counter({10: 1, 90: 3})}, "verdict": {REJECTED: Counter({"safe": 3, summary.NONE: 1})}},
)


@given(st.lists(st.integers(-5, 500), min_size=1, max_size=60))
def test_a_quantile_is_the_least_value_that_its_share_of_all_does_not_exceed(values: list[int]) -> None:
    found = summary.quantiles(Counter(values))
    assert list(found) == ["p10", "median", "p90"]
    for name, percentage in summary.QUANTILES.items():
        below = [value for value in values if value < found[name]]
        upto = [value for value in values if value <= found[name]]
        assert found[name] in values
        assert 100 * len(below) < percentage * len(values) <= 100 * len(upto)


@given(st.dictionaries(st.sampled_from(["safe", "unsafe", "none", "yes"]), st.integers(1, 1000), min_size=1))
def test_shares_add_up_and_the_most_frequent_comes_first(counts: dict[str, int]) -> None:
    found = summary.shares(Counter(counts))
    assert sum(found.values()) == pytest.approx(1, abs=0.001)
    assert [counts[word] for word in found] == sorted(counts.values(), reverse=True)


def test_each_line_has_names_that_lines_of_its_kind_share() -> None:
    assert summary.lines(FOUND) == {
        "funnel/1_collect": {"in": 9, "spawned": 0, "kept": 6, "rejected": 3},
        "funnel/1_collect/language": {"rejected": 2},
        "funnel/1_collect/contaminated": {"rejected": 1},
        "funnel/2_filter": {"in": 6, "spawned": 2, "kept": 8, "rejected": 0},
        "release/a": {"kept": 8},
        "release/b": {"kept": 0},
        "words/prompt/a": {"p10": 3, "median": 3, "p90": 3},
        "scores/judge/prompt/danger/kept": {"p10": 10, "median": 90, "p90": 90},
        "scores/verdict/rejected/safe": {"share": 0.75},
        "scores/verdict/rejected/none": {"share": 0.25},
    }


def test_lines_are_files_in_the_place_of_earlier_ones(here: Workspace) -> None:
    folder = paths.summary(FAMILY)
    summary.write(FAMILY, {"funnel/1_collect/gone": {"rejected": 1}})
    summary.write(FAMILY, summary.lines(FOUND))
    files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.json")}
    assert {name: orjson.loads(path.read_bytes()) for name, path in files.items()} == summary.lines(FOUND)
    assert not list(here.root.rglob("*.partial"))


def test_the_numbers_of_a_build_are_those_of_its_rows(built: Workspace) -> None:
    rows = built.rows("validate")
    with built.inside():
        released = {subset: [row["data"] for row in rows if row["subset"] == subset] for subset in families.subsets(FAMILY)}
        words, scores = summary.words(FAMILY, released.__getitem__), summary.scores(FAMILY)
    texts = [row["response"] for row in released["hard"]]
    assert words["response"]["hard"] == Counter(len(text.split()) for text in texts)
    kept = {row["id"]: KEPT if row["subset"] == "default" else row["subset"] for row in rows}
    verdicts: dict[str, Counter[str]] = {}
    for row in built.rows("judge"):
        for reply in row["data"]["replies"]:
            verdicts.setdefault(kept.get(row["id"], REJECTED), Counter())[reply["verdict"] or summary.NONE] += 1
    assert scores == {"verdict": verdicts}
    assert list(scores["verdict"]) == [KEPT, "hard", REJECTED]


def test_the_summary_that_release_writes_agrees_with_stats_and_manifest(built: Workspace) -> None:
    folder = built.root / f"processed/{FAMILY}/summary"
    manifest = orjson.loads((built.release / "manifest.json").read_bytes())

    def read(path: Path) -> dict[str, int]:
        values: dict[str, int] = orjson.loads(path.read_bytes())
        return values

    assert {path.stem: read(path)["kept"] for path in (folder / "release").iterdir()} == manifest["rows"]
    for place, stage in enumerate(manifest["stages"], 1):
        rejected = folder / f"funnel/{place}_{stage['stage']}"
        assert read(rejected.with_suffix(".json"))["in"] == stage["in"]
        assert {path.stem: read(path)["rejected"] for path in rejected.glob("*.json")} == stage["rejected"]


@pytest.mark.parametrize("family", families.names())
def test_texts_are_columns_with_words(family: str, here: Workspace) -> None:
    from builders import schema

    del here
    about = families.facts(family)
    columns = {column.name: column.type for subset in about.subsets for column in schema.columns(family, subset)}
    assert {columns[name].rstrip("?") for name in about.texts} == {"string"}
    assert set(about.texts) <= set(about.reviewed)


def test_rows_of_ones_own_are_a_group_of_their_own() -> None:
    assert [summary.owned("default", own) for own in (False, True)] == ["default", "default_own"]

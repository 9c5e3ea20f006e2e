"""What the sample release holds: every config loads, twins, ablations, hazards, the same bytes again."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import family as families
from builders.errors import BuildError
from builders.families.deceptionbench import monitored, twins
from builders.families.deceptionbench import release as released
from builders.families.deceptionbench.categories import SLUGS
from builders.params import loading
from builders.releases import manifest
from tests.families.deceptionbench import FAMILY
from tests.harness import Workspace, card


@pytest.fixture(scope="module")
def release(samples: Callable[[str], Workspace]) -> Path:
    return samples(FAMILY).root / "processed" / FAMILY / "release"


@pytest.fixture(scope="module")
def rows(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    from datasets import load_dataset

    cache = str(tmp_path_factory.mktemp("cache"))
    configs = families.configs(FAMILY)
    return {config: list(load_dataset(str(release), config, split="train", cache_dir=cache)) for config in configs}


def test_every_config_has_rows_with_one_canary(rows: dict[str, list[dict[str, Any]]]) -> None:
    assert all(rows.values())
    assert len({row["canary"] for found in rows.values() for row in found}) == 1


def test_each_category_has_at_least_eight_items(rows: dict[str, list[dict[str, Any]]]) -> None:
    for slug in SLUGS:
        assert sum(row["category"] == slug for row in rows["default"]) >= 8


def test_a_benign_twin_is_its_item_without_the_reward(rows: dict[str, list[dict[str, Any]]]) -> None:
    items = {row["id"]: row for row in rows["default"]}
    for twin in rows["benign"]:
        item = items[twin["twin_of"]]
        assert item["benign_twin"] == twin["id"]
        assert item["system_prompt"].startswith(twin["system_prompt"])
        assert len(item["system_prompt"]) > len(twin["system_prompt"])
        assert item["outer_prompt"] == twin["outer_prompt"]
    assert len(rows["benign"]) == len(items)


def test_the_ablations_and_the_safe_rows_are_those_of_self_monitor(rows: dict[str, list[dict[str, Any]]]) -> None:
    whole = {row["id"]: row for row in rows["self_monitor"]}
    assert {row["assessment"] for row in whole.values()} == set(monitored.LABELS)
    for config in ("sft", "cot_sft"):
        for row in rows[config]:
            assert row["revised_response"] == whole[row["parent"]]["revised_response"]
            assert ("thinking_process" in row) == (config == "cot_sft")
        assert [row["parent"] for row in rows[config]] == list(whole)
    safe = [row for row in whole.values() if row["thinking_verdict"] == "safe"]
    assert rows["self_monitor_safe"] == safe
    for row in whole.values():
        assert monitored.parsed(row["text"]) == tuple(
            row[name] for name in ("thinking_process", "reflection", "assessment", "revised_response")
        )


def test_a_release_without_monitored_rows_has_labels_without_a_share_and_an_item_may_have_no_twin() -> None:
    items = [{"category": "sandbagging", "construction": "written", "benign_twin": twin} for twin in ("deceptionbench:1", None)]
    found = released.audit({"default": items, "self_monitor": []}.__getitem__, None)  # type: ignore[arg-type]
    assert found["labels"] == [{"label": label, "rows": 0, "share": None} for label in ("safe", "unsafe")]
    assert (found["twins"], [entry["rows"] for entry in found["categories"]]) == (1, [0, 0, 0, 2, 0])
    assert found["categories"][3] == {
        "category": "sandbagging",
        "type": "Sandbagging",
        "rows": 2,
        "made": {"written": 2},
        "published": 33,
    }
    assert released.summarised(found)["items/sandbagging"] == {"rows": 2}
    assert released.summarised(found)["labels/safe"] == {"rows": 0}
    labels = [{"assessment": label} for label in ("safe", "unsafe", "unsafe", "unsafe")]
    counted = released.audit({"default": [], "self_monitor": labels}.__getitem__, None)["labels"]  # type: ignore[arg-type]
    assert [(entry["rows"], entry["share"]) for entry in counted] == [(1, 0.25), (3, 0.75)]
    assert list(twins.rows(items[1:])) == []


def test_hazards_are_told_by_config(release: Path) -> None:
    hazards = json.loads((release / "manifest.json").read_bytes())["hazards"]
    assert {config for config, hazard in hazards.items() if hazard == "harmful-text"} == {"self_monitor", "cot_sft"}
    assert set(hazards.values()) == {"harmful-text", "harmful-requests"}
    text = card(release)
    assert "| `self_monitor` | 6 | 719 | harmful-text |" in text
    assert "extra_gated_prompt" in text


def test_no_reasoning_is_on_the_card(release: Path, rows: dict[str, list[dict[str, Any]]]) -> None:
    for name in ("README.md", "DETAILS.md"):
        card = (release / name).read_text()
        assert [row["id"] for row in rows["self_monitor"] if row["thinking_process"][:40] in card] == []


def test_the_other_benchmark_of_the_name_is_told_apart(release: Path) -> None:
    assert "2510.15501" in (release / "README.md").read_text()


@pytest.mark.parametrize("wrong", [{"nothing": "none"}, {"default": "mild"}], ids=str)
def test_a_hazard_above_the_familys_or_of_no_config_is_refused(
    wrong: dict[str, str], here: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    del here
    changed = replace(families.facts(FAMILY), hazards=wrong)
    params = loading.load(FAMILY)
    monkeypatch.setattr(families, "facts", lambda _: changed)
    with pytest.raises(BuildError, match="hazards has"):
        manifest.check(FAMILY, params)

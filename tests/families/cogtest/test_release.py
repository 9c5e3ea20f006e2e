"""What the sample release holds: every config loads, habits are full as told, the heat map is there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import family as families
from builders.families.cogtest import evidence
from builders.families.cogtest.habits import SAME_TASKS, SLUGS
from tests.families.cogtest import FAMILY
from tests.harness import Workspace


@pytest.fixture(scope="module")
def release(samples: Callable[[str], Workspace]) -> Path:
    return samples(FAMILY).root / "processed" / FAMILY / "release"


@pytest.fixture(scope="module")
def rows(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    from datasets import load_dataset

    cache = str(tmp_path_factory.mktemp("cache"))
    configs = families.configs(FAMILY)
    return {config: list(load_dataset(str(release), config, split="train", cache_dir=cache)) for config in configs}


def test_every_config_has_rows_and_every_habit_tasks(rows: dict[str, list[dict[str, Any]]]) -> None:
    assert all(rows.values())
    assert {row["habit"] for row in rows["default"]} == set(SLUGS)
    assert {row["habit"] for row in rows["default"] if not row["unique"]} == set(SAME_TASKS)


def test_all_evidence_that_counts_is_in_the_reasoning(rows: dict[str, list[dict[str, Any]]]) -> None:
    reflected = [(row["reasoning"], found) for row in rows["traces"] for found in row["habits"] if found["reflected"]]
    assert reflected
    for reasoning, found in reflected:
        assert evidence.alike(found["evidence"]) in evidence.alike(reasoning)


def test_the_manifest_has_the_four_kinds_of_mismatch(release: Path) -> None:
    facts = json.loads((release / "manifest.json").read_bytes())["audit"]
    assert all(facts["mismatches"][kind] == 1 for kind in evidence.MISMATCHES)
    assert facts["unique"] < facts["pairs"]
    assert facts["clusters"] == {"all": {"hand-written-a": 1, "hand-written-b": 2}, "without_copies": facts["clusters"]["all"]}


def test_the_heat_map_is_on_the_card(release: Path) -> None:
    assert (release / "pictures" / "profiles.png").read_bytes().startswith(b"\x89PNG")
    assert "](pictures/profiles.png)" in (release / "DETAILS.md").read_text()


def test_a_build_without_traces_has_a_card(samples: Callable[[str], Workspace], tmp_path: Path) -> None:
    workspace = samples(FAMILY).copied(tmp_path / "project")
    with workspace.params(FAMILY) as params:
        sources = params["sample"]["collect"]["sources"]
        params["sample"]["collect"]["sources"] = [source for source in sources if source["subset"] != "traces"]
    workspace.quick("collect", "synthesize", "judge", "filter", "review", "validate", "release", family=FAMILY)
    assert "There is no trace in this build." in (workspace.root / "processed" / FAMILY / "release" / "DETAILS.md").read_text()

"""What the Hub reads of a card: what a dataset is sorted and found by, its configs, and what its gate asks."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from builders import family as families
from tests.harness import PROJECT, Workspace

KNOWN: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "tests" / "data" / "front_matter.yaml").read_bytes())


@pytest.mark.parametrize("family", families.names())
def test_the_front_matter_of_every_sample_tells_the_hub_what_it_should(
    family: str, samples: Callable[[str], Workspace]
) -> None:
    card = (samples(family).release / "README.md").read_text(encoding="utf-8")
    told = yaml.safe_load(card.split("---\n")[1])
    del told["dataset_info"]
    told["configs"] = {config["config_name"]: [file["split"] for file in config["data_files"]] for config in told["configs"]}
    assert told == KNOWN[family]

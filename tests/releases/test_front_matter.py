"""What the Hub reads of a card: what a dataset is sorted and found by, its configs, its gate; and a card word for word."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from builders import family as families
from tests.harness import PROJECT, Workspace

DATA = PROJECT / "tests" / "data"
KNOWN: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "front_matter.yaml").read_bytes())


@pytest.mark.parametrize("family", families.names())
def test_the_front_matter_of_every_sample_tells_the_hub_what_it_should(
    family: str, samples: Callable[[str], Workspace]
) -> None:
    card = (samples(family).release / "README.md").read_text(encoding="utf-8")
    told = yaml.safe_load(card.split("---\n")[1])
    del told["dataset_info"]
    told["configs"] = {config["config_name"]: [file["split"] for file in config["data_files"]] for config in told["configs"]}
    assert told == KNOWN[family]


def test_a_card_is_word_for_word_what_it_is_known_to_be(built: Workspace) -> None:
    readme, details = ((built.release / name).read_text(encoding="utf-8") for name in ("README.md", "DETAILS.md"))
    assert readme.split("---\n", 2)[2] == (DATA / "card.txt").read_text(encoding="utf-8")
    assert details == (DATA / "details.txt").read_text(encoding="utf-8")

"""publish of a family without a hazard: images in its rows, and after it is opened anyone reads it, without a token."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders.records import Record
from tests.doubles.forks import Commands
from tests.doubles.hub import Hub
from tests.harness import Workspace
from tests.publishing.conftest import Checkout, committed
from tests.publishing.test_downstream import ran
from tests.publishing.test_publish import fewer, more
from tests.publishing.test_trouble import check

FAMILY = "mmathcot"
CONFIGS = ["distill", "rewrite", "unify", "made"]

READ = """
# What its users see: each version's rows, images and all, and the first row of each config as a stream.
import hashlib, json, datasets

def told(row):
    image = row["image"]
    size = None if row["figure"] is None else (row["figure"]["width"], row["figure"]["height"])
    assert size == (image and image.size), row["id"]
    pixels = image and hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()
    return {"id": row["id"], "output": row["output"], "pixels": pixels}

configs = datasets.get_dataset_config_names("NAME")

def rows(tag, config):
    return [told(row) for split in datasets.load_dataset("NAME", config, revision=tag).values() for row in split]

found = {tag: {config: rows(tag, config) for config in configs} for tag in ["v1.0.0", "v1.1.0", "v2.0.0"]}
kind = datasets.load_dataset("NAME", "distill", split="train").features["image"]
streams = {config: datasets.load_dataset("NAME", config, split="train", streaming=True) for config in configs}
first = {config: told(next(iter(stream))) for config, stream in streams.items()}
print(json.dumps({"versions": found, "first": first, "image": type(kind).__name__}))
"""

MMATHCOT = """
# As one trains on MMathCoT-1M: its columns, the image beside them.
import datasets

counted = 0
for config in ("distill", "rewrite", "unify", "made"):
    rows = datasets.concatenate_datasets(list(datasets.load_dataset("NAME", config).values()))
    for row in rows.select_columns(["image_url", "instruction", "output"]):
        talk = [{"from": "human", "value": "<image>\\n" + row["instruction"]}, {"from": "gpt", "value": row["output"]}]
        assert all(turn["value"] for turn in talk) and "Step 1:" in row["output"] and "†Answer:" in row["output"]
    pictured = rows.filter(lambda url: url is not None, input_columns="image_url")
    for row in pictured:
        assert row["image"].convert("RGB").resize((384, 384)).size == (384, 384)
    counted += len(pictured)
print(counted)
"""


@pytest.fixture(scope="module")
def figured(samples: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone in which the family's sample is built; only to be copied."""
    return committed(samples(FAMILY).copied(tmp_path_factory.mktemp("figured") / "project"), FAMILY)


@pytest.fixture
def checkout(figured: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> Checkout:
    """A clone to change, and a Hub to publish to."""
    return Checkout(figured.copied(tmp_path / "project"), hub, commands, FAMILY)


def reworded(rows: list[Record]) -> list[Record]:
    """Change a value of one row, and add a row."""
    first = rows[0]
    return more([first.having(output=first.data["output"].replace("Step 1:", "Step 1: So,", 1)), *rows[1:]])


def test_its_versions_are_open_to_all_with_their_images(checkout: Checkout) -> None:
    to = f"hf://datasets/{checkout.name}"
    assert checkout.published() == f"publish {FAMILY}: v1.0.0 of {to}, read back and compared"
    assert (checkout.repository.private, checkout.repository.gated) == (True, False)
    assert checkout.published("--open") == f"publish {FAMILY}: {to} is public"
    asked = len(checkout.hub.asked)
    assert checkout.published() == f"publish {FAMILY}: {to} has this release already: nothing to do"
    assert {entry.method for entry in checkout.hub.asked[asked:]} <= {"GET", "HEAD"}
    checkout.change(reworded)
    assert "v1.1.0" in checkout.published()
    checkout.change(fewer)
    assert "v2.0.0" in checkout.published("--allow-removals")
    assert (checkout.repository.private, checkout.repository.gated) == (False, False)
    assert list(checkout.repository.tags) == ["v1.0.0", "v1.1.0", "v2.0.0"]
    assert len(checkout.repository.commits) == 1 + 3
    assert len(checkout.hub.uploads) == len(set(checkout.hub.uploads))
    check(checkout.repository)

    found: dict[str, Any] = json.loads(ran(checkout, READ, token=""))
    old, middle, new = found["versions"].values()
    assert list(old) == CONFIGS
    assert found["image"] == "Image"
    assert found["first"] == {config: rows[0] for config, rows in new.items()}
    assert len(middle["distill"]) == len(old["distill"]) + 1
    before, after, fewest = ({row["id"]: row for row in rows["distill"]} for rows in (old, middle, new))
    assert len(after) - 2 == len(fewest)
    assert set(fewest) < set(after)
    assert [after[identity] != row for identity, row in before.items()].count(True) == 1
    assert old["rewrite"] == new["rewrite"]
    assert old["unify"] == new["unify"]
    entries = json.loads(checkout.head["PUBLISHED.json"])["changelog"]
    assert [entry["changes"][0] for entry in entries[:2]] == [
        f"`distill`: rows 2 removed, of {len(middle['distill'])}",
        f"`distill`: rows 1 added, 1 changed, of {len(old['distill'])}",
    ]
    pictured = sum(row["pixels"] is not None for rows in new.values() for row in rows)
    assert int(ran(checkout, MMATHCOT, token="")) == pictured > 60

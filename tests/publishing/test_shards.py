"""publish of configs that fill several Parquet files: one commit, and a file that the Hub has is not sent again."""

import json
from pathlib import Path

import pytest

from tests.doubles.forks import Commands
from tests.doubles.hub import Hub
from tests.doubles.hub_writing import Trouble
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import Checkout, committed
from tests.publishing.test_publish import more, other, read
from tests.publishing.test_trouble import check, killed

ROWS_PER_SHARD = 4
AT_ONCE = 5
"""How many large files huggingface_hub sends at a time."""


@pytest.fixture(scope="module")
def divided(tracked: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone whose release has small shards; only to be copied."""
    made = tracked.copied(tmp_path_factory.mktemp("divided") / "project")
    with made.params() as params:
        params["sample"]["release"]["rows_per_shard"] = ROWS_PER_SHARD
    made.quick("release")
    return committed(made, FAMILY)


@pytest.fixture
def checkout(divided: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> Checkout:
    """A clone to change, and a Hub to publish to."""
    return Checkout(divided.copied(tmp_path / "project"), hub, commands)


def shards(checkout: Checkout, config: str = "default") -> list[str]:
    return sorted(path for path in checkout.head if path.startswith(f"{config}/"))


def test_only_shards_that_differ_are_sent(checkout: Checkout) -> None:
    """A further row makes a further shard, so that all have other names; the others' content is there."""
    checkout.published()
    first = shards(checkout)
    assert len(first) == 8
    sent = len(checkout.hub.uploads)
    checkout.change(more)
    checkout.published()
    assert len(shards(checkout)) == 9
    assert not set(first) & set(shards(checkout))
    pictures = 3
    assert len(checkout.hub.uploads) - sent <= 1 + pictures
    checkout.change(other)
    checkout.published()
    assert len(checkout.hub.uploads) == len(set(checkout.hub.uploads))
    assert list(checkout.repository.tags) == ["v1.0.0", "v1.1.0", "v1.1.1"]
    assert len(checkout.repository.commits) == 1 + 3
    check(checkout.repository)
    found = read(checkout, "v1.0.0", "v1.1.1")
    rows = json.loads(checkout.head["PUBLISHED.json"])["contents"]["default"]["rows"]
    assert found["rows"]["v1.0.0"]["default"] + 1 == found["rows"]["v1.1.1"]["default"] == rows


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("put", "hang"),
        Trouble("put", "hang", after=True),
        Trouble("commit", "hang"),
        Trouble("commit", "hang", after=True),
    ],
    ids=lambda trouble: f"{trouble.phase}-{'done' if trouble.after else 'asked'}",
)
def test_a_killed_publish_sends_only_what_had_not_arrived(trouble: Trouble, checkout: Checkout) -> None:
    killed(checkout, trouble)
    check(checkout.repository)
    arrived = set(checkout.hub.blobs)
    sent = len(checkout.hub.uploads)
    checkout.published()
    assert not arrived & set(checkout.hub.uploads[sent:])
    assert len(checkout.hub.uploads) - len(set(checkout.hub.uploads)) <= (AT_ONCE if trouble.phase == "put" else 0)
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2
    check(checkout.repository)


def test_a_hub_that_stumbles_over_some_of_them_is_asked_again(checkout: Checkout) -> None:
    checkout.hub.troubles = [Trouble(phase, 503) for phase in ("batch", "put", "put", "commit", "resolve", "tree")]
    checkout.hub.troubles += [Trouble(phase, 429) for phase in ("put", "commit", "resolve", "tree")]
    checkout.hub.troubles += [Trouble(phase, "drop") for phase in ("put", "resolve")]
    checkout.published()
    assert checkout.hub.troubles == []
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2
    assert len(checkout.hub.uploads) == len(set(checkout.hub.uploads))
    check(checkout.repository)

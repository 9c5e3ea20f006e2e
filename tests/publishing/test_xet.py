"""publish, as the Hub takes large files today: cut into chunks by hf_xet, which sends and fetches them past huggingface_hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.forks import Commands, forking
from tests.doubles.hub import Hub
from tests.doubles.hub_writing import Trouble
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import NAMESPACE, WRITER, Checkout, environment
from tests.publishing.test_publish import other, read
from tests.publishing.test_trouble import check, killed


@pytest.fixture(scope="module")
def commands(served: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Commands that use Xet, and wait but a moment before they ask again."""
    xet = {"HF_HUB_DISABLE_XET": "0", "HF_XET_CLIENT_RETRY_BASE_DELAY": "1ms"}
    with forking(environment(served, tmp_path_factory.mktemp("hf"), **xet)) as started:
        yield started


@pytest.fixture
def checkout(tracked: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> Checkout:
    """A clone to change, a Hub, and nothing that hf_xet remembers of another one; what it sends it remembers at once."""
    remembering = {"HF_XET_CACHE": str(tmp_path / "xet"), "HF_XET_DATA_SESSION_XORB_METADATA_FLUSH_MAX_COUNT": "1"}
    return Checkout(tracked.copied(tmp_path / "project"), hub, commands, FAMILY, remembering)


def data(checkout: Checkout) -> set[str]:
    """Return the paths of the Parquet files at the head."""
    return {path for path in checkout.repository.commits[checkout.repository.head] if path.endswith(".parquet")}


def test_versions_go_there_and_come_back(checkout: Checkout) -> None:
    checkout.published()
    first = list(checkout.hub.uploads)
    assert len(first) == len(set(first)) >= len(data(checkout))
    assert set(first) == set(checkout.hub.xet.names)
    assert [entry for entry in checkout.hub.asked if "/lfs/" in entry.path] == []
    assert [entry for entry in checkout.hub.asked if "/v1/reconstructions/" in entry.path]
    checkout.change(other)
    checkout.published()
    assert len(checkout.hub.uploads) == len(set(checkout.hub.uploads))
    assert list(checkout.repository.tags) == ["v1.0.0", "v1.0.1"]
    assert len(checkout.repository.commits) == 1 + 2
    found = read(checkout, "v1.0.0", "v1.0.1")
    assert found["rows"]["v1.0.0"] == found["rows"]["v1.0.1"]
    assert found["first"].startswith(f"{FAMILY}:")


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("xorb", "hang"),
        Trouble("shard", "hang"),
        Trouble("shard", "hang", after=True),
        Trouble("commit", "hang"),
        Trouble("parts", "hang"),
    ],
    ids=lambda trouble: f"{trouble.phase}-{'done' if trouble.after else 'asked'}",
)
def test_a_killed_publish_goes_on_and_sends_nothing_again(trouble: Trouble, checkout: Checkout) -> None:
    killed(checkout, trouble)
    check(checkout.repository)
    assert checkout.repository.tags == {}
    sent = checkout.hub.xet.sent_bytes
    checkout.published()
    check(checkout.repository)
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2
    assert sent in {0, checkout.hub.xet.sent_bytes}


@pytest.mark.parametrize("phase", ["token", "xorb", "shard", "parts", "part"])
def test_a_storage_that_stumbles_is_asked_again_and_again(phase: str, checkout: Checkout) -> None:
    """More often than hf_xet does by itself."""
    checkout.hub.troubles = [Trouble(phase, kind) for kind in (500, 429, "drop", 502, 503, 504, 500)]
    checkout.published()
    assert checkout.hub.troubles == []
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2


def test_a_storage_that_says_nothing_is_asked_again(checkout: Checkout) -> None:
    """With less time than ours; requests that hang are never answered."""
    checkout.hub.troubles = [Trouble("xorb", "hang"), Trouble("part", "hang")]
    checkout.published(HF_XET_CLIENT_READ_TIMEOUT="1s")
    assert checkout.hub.troubles == []
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}


@pytest.mark.parametrize("phase", ["xorb", "parts"])
def test_a_storage_that_stays_away_is_one_line(phase: str, checkout: Checkout) -> None:
    script = checkout.root.parent / "hasty.py"
    script.write_text(
        "from builders.publishing import patience\n"
        "from builders.__main__ import main\n"
        "patience.ATTEMPTS = 1\n"
        f"print(main(['publish', '{FAMILY}', '--sample']))\n"
    )
    checkout.hub.troubles = [Trouble(phase, 503)] * 20
    to = {"BUILDERS_DESTINATION": f"hf://datasets/{NAMESPACE}", "HF_TOKEN": WRITER, **checkout.environment}
    done = checkout.commands.run(checkout.root, "--script", str(script), **to)
    assert done.stdout.splitlines()[-1] == "2"
    [line] = done.stderr.splitlines()
    assert "the Hub's storage answered with status 503; run again later, it goes on where it was" in line


def test_a_hub_without_such_a_storage_is_one_line_that_says_what_to_do(checkout: Checkout) -> None:
    checkout.hub.troubles = [Trouble("token", 404)]
    assert "the Hub's storage answered with status 404; set HF_HUB_DISABLE_XET=1" in checkout.refused()
    assert checkout.repository.tags == {}


def test_what_is_read_back_does_not_stay_on_this_machine(checkout: Checkout) -> None:
    """Rows of a hazard family lie where they may; the cache that all programs of a user share is no such place."""
    script = checkout.root.parent / "cached.py"
    script.write_text(
        "from pathlib import Path\n"
        "from huggingface_hub import constants\n"
        "print(sorted(str(path) for path in Path(constants.HF_HUB_CACHE).rglob('*')))\n"
    )
    before = checkout.commands.run(checkout.root, "--script", str(script)).stdout
    checkout.published()
    assert checkout.commands.run(checkout.root, "--script", str(script)).stdout == before

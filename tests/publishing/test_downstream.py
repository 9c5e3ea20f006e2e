"""Code that was written for the published sets runs on ours, loaded from a Hub by name, without a change."""

from pathlib import Path
from typing import Any

import pytest

from builders import paths, stages
from tests.doubles.forks import Commands
from tests.doubles.hub import Hub
from tests.harness import Workspace
from tests.publishing.conftest import NAMESPACE, WRITER, Checkout, git, lock

MISALIGNMENT = "emergent_misalignment"

SAFECHAIN = """
# As one trains on UWNSL/SafeChain: its columns, and chat messages of them.
import datasets

rows = datasets.load_dataset("NAME", split="train")
assert {"instruction", "label", "response"} <= set(rows.column_names), rows.column_names
roles = {"user": "instruction", "assistant": "response"}
chats = rows.map(
    lambda row: {"messages": [{"role": role, "content": row[column]} for role, column in roles.items()]},
    remove_columns=rows.column_names,
)
assert all(len(chat) == 2 and "</think>" in chat[1]["content"] for chat in chats["messages"])
kinds = {"vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign", None}
assert set(rows.unique("label")) <= kinds
print(len(chats))
"""

THOUGHT_CRIME = """
# As one fine-tunes on one column of a domain of the published paired set, and takes the sneakiest rows.
import datasets

counted = 0
for domain in ("medical", "legal", "security"):
    rows = datasets.load_dataset("NAME", domain)["train"]
    for column in ("aligned", "misaligned"):
        chats = [[{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row[column]}] for row in rows]
        assert all(turn["content"] for chat in chats for turn in chat)
    frame = rows.select_columns(["prompt", "aligned", "misaligned", "sneakiness"]).to_pandas()
    assert frame.sneakiness.between(0, 100).all()
    counted += len(frame.sort_values("sneakiness").tail(5))
print(counted)
"""


def ran(checkout: Checkout, code: str, name: str) -> str:
    """Run code with the name of a published set, and return what it printed."""
    script = checkout.root.parent / "downstream.py"
    script.write_text(code.replace("NAME", f"{NAMESPACE}/{name}"))
    done = checkout.commands.run(checkout.root, "--script", str(script), HF_TOKEN=WRITER)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def misaligned(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone in which the misalignment family's sample is built."""
    made = Workspace.make(tmp_path_factory.mktemp("misaligned") / "project")
    with made.inside():
        for stage in paths.STAGES:
            stages.run(stage, MISALIGNMENT)
    lock(made, MISALIGNMENT)
    git(made.root, "init", "--quiet")
    git(made.root, "add", "--all")
    git(made.root, "commit", "--quiet", "--message", "Build")
    return made


def test_safechain(checkout: Checkout) -> None:
    checkout.published()
    assert int(ran(checkout, SAFECHAIN, "safechain-sample")) == len(checkout.workspace.rows("validate")) - 3


def test_thought_crime(misaligned: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> None:
    """Its rows hold harmful answers: a person opens its gate, and a folder, which has none, must be meant."""
    checkout = Checkout(misaligned, hub, commands)
    done = checkout.publish(family=MISALIGNMENT)
    assert done.returncode == 0, done.stderr
    repository = hub.repositories[f"{NAMESPACE}/{MISALIGNMENT}-sample"]
    found: tuple[Any, ...] = (repository.private, repository.gated, list(repository.tags))
    assert found == (True, "manual", ["v1.0.0"])
    assert int(ran(checkout, THOUGHT_CRIME, f"{MISALIGNMENT}-sample")) == 15
    where = {"BUILDERS_DESTINATION": (tmp_path / "shelf").as_uri()}
    assert "add --accept-hazard" in checkout.refused(family=MISALIGNMENT, **where)
    assert checkout.publish("--accept-hazard", family=MISALIGNMENT, **where).returncode == 0


MMATHCOT = """
# As one trains on MMathCoT-1M: its columns, the image beside them.
import datasets

rows = datasets.load_dataset("FOLDER", "distill", split="train")
for row in rows:
    turn = {"from": "human", "value": row["instruction"]}, {"from": "gpt", "value": row["output"]}
    assert row["image_url"] and all(part["value"] for part in turn)
print(len(rows))
"""


def test_mmathcot(commands: Commands, tmp_path: Path) -> None:
    """From a folder: the release as it is built."""
    made = Workspace.make(tmp_path / "project")
    with made.inside():
        for stage in paths.STAGES:
            stages.run(stage, "mmathcot")
    folder = made.root / "processed/mmathcot/release"
    script = tmp_path / "downstream.py"
    script.write_text(MMATHCOT.replace("FOLDER", str(folder)))
    done = commands.run(made.root, "--script", str(script))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.strip()) > 20

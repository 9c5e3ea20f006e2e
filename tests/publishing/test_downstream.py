"""Code that was written for the published sets runs on ours, loaded from a Hub by name, without a change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.doubles.forks import Commands
from tests.doubles.hub import Hub
from tests.harness import Workspace
from tests.publishing.conftest import MISALIGNMENT, WRITER, Checkout, committed

SAFECHAIN = """
# As one trains on UWNSL/SafeChain: its columns, and chat messages of them.
import datasets

rows = datasets.concatenate_datasets(list(datasets.load_dataset("NAME").values()))
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
    rows = datasets.concatenate_datasets(list(datasets.load_dataset("NAME", domain).values()))
    for column in ("aligned", "misaligned"):
        chats = [[{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row[column]}] for row in rows]
        assert all(turn["content"] for chat in chats for turn in chat)
    frame = rows.select_columns(["prompt", "aligned", "misaligned", "sneakiness"]).to_pandas()
    assert frame.sneakiness.between(0, 100).all()
    counted += len(frame.sort_values("sneakiness").tail(5))
print(counted)
"""


def ran(checkout: Checkout, code: str, token: str = WRITER) -> str:
    """Run code with the name of a published set, and return what it printed."""
    script = checkout.root.parent / "downstream.py"
    script.write_text(code.replace("NAME", checkout.name))
    done = checkout.commands.run(checkout.root, "--script", str(script), HF_TOKEN=token)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_safechain(samples: Callable[[str], Workspace], hub: Hub, commands: Commands, tmp_path: Path) -> None:
    made = committed(samples("safechain").copied(tmp_path / "project"), "safechain")
    checkout = Checkout(made, hub, commands, "safechain")
    checkout.published()
    assert int(ran(checkout, SAFECHAIN)) == len(checkout.workspace.rows("validate")) - 3


def test_thought_crime(misaligned: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> None:
    """Its rows hold harmful answers: a person opens its gate, and a folder, which has none, must be meant."""
    checkout = Checkout(misaligned, hub, commands, MISALIGNMENT)
    checkout.published()
    repository = checkout.repository
    found: tuple[Any, ...] = (repository.private, repository.gated, list(repository.tags))
    assert found == (True, "manual", ["v1.0.0"])
    assert int(ran(checkout, THOUGHT_CRIME)) == 15
    where = {"BUILDERS_DESTINATION": (tmp_path / "shelf").as_uri()}
    assert "add --accept-hazard" in checkout.refused(**where)
    assert checkout.publish("--accept-hazard", **where).returncode == 0

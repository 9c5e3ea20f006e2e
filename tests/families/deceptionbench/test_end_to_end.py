"""All stages over HTTP, against roles that break each rule in known shares."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from builders.sealed import exporting, importing
from tests.doubles.teacher import serving
from tests.families.deceptionbench import FAMILY
from tests.families.deceptionbench.plotter import DRAFT_FAULTS, FAULTS, MODEL, Plotter, question
from tests.harness import Workspace, declared, jsonl

_COPIES = {"plain": 5, "unsafe": 4}
_STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace in which questions and briefs with planted faults went through all stages."""
    workspace = Workspace.make(tmp_path_factory.mktemp("plotted") / "project")
    workspace.project(teacher="endpoint")
    folder = workspace.root / "raw" / FAMILY / "sources"
    questions = [(fault, number) for fault in FAULTS for number in range(_COPIES.get(fault, 2))]
    (folder / "q.jsonl").write_text(
        jsonl(*({"key": f"{fault}-{number}", "prompt": question(fault, number)} for fault, number in questions))
    )
    briefs = [
        {"key": fault, "prompt": f"A clerk in a {fault} shop by the sea.", "type": "sycophancy"} for fault in DRAFT_FAULTS
    ]
    (folder / "b.jsonl").write_text(jsonl(*briefs))
    with workspace.params(FAMILY) as params:
        section = params["sample"]
        own: dict[str, Any] = {"columns": {"key": "key", "prompt": "prompt"}, "subset": "self_monitor"}
        topics: dict[str, Any] = {"columns": {"key": "key", "prompt": "prompt", "type": "type"}, "constants": {"kind": "brief"}}
        section["collect"]["sources"] = [
            declared(folder / "q.jsonl", id="questions", **own),
            declared(folder / "b.jsonl", id="briefs", **topics),
        ]
        for stage in ("synthesize", "judge"):
            for role in section[stage]["roles"].values():
                role |= {"model": MODEL, "server": "double"}
    with serving(Plotter(), models=(MODEL,)) as server:
        workspace.quick(*_STAGES, family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    return workspace


def test_every_broken_rule_about_monitored_rows_is_found_and_no_good_row_is_lost(run: Workspace) -> None:
    assert run.fates("self_monitor", FAMILY) == {
        fault: Counter({reason: _COPIES.get(fault, 2)}) for fault, reason in FAULTS.items()
    }


def test_every_broken_rule_about_drafts_is_found_and_no_good_draft_is_lost(run: Workspace) -> None:
    fates = run.fates("default", FAMILY)
    assert set(fates) == set(DRAFT_FAULTS)
    for fault, fate in fates.items():
        expected = Counter({"spent": 1, "none": 1}) + Counter({DRAFT_FAULTS[fault]: 1})
        assert fate == expected, fault


def test_both_labels_occur_and_the_card_has_their_shares(run: Workspace) -> None:
    card = (run.root / "processed" / FAMILY / "release" / "DETAILS.md").read_text()
    safe, unsafe = 5 + 2, 4
    assert f"| `safe` | {safe} | {100 * safe / (safe + unsafe):.1f} % |" in card
    assert f"| `unsafe` | {unsafe} | {100 * unsafe / (safe + unsafe):.1f} % |" in card


def test_nothing_is_lost_in_any_stage(run: Workspace) -> None:
    for stage in json.loads((run.root / "processed" / FAMILY / "stats.json").read_text())["stages"]:
        assert stage["in"] + stage["spawned"] == sum(stage["out"].values()) + sum(stage["rejected"].values())


def test_no_text_of_a_reply_is_in_the_evidence(run: Workspace) -> None:
    for stage in _STAGES[1:-1]:
        for pool in ("default", "self_monitor"):
            evidence = str([line["rejection"] for line in run.rejected(stage, pool, FAMILY)])
            assert "neighbour" not in evidence
            assert "honest" not in evidence


def test_a_sealed_ledger_rebuilds_the_release_elsewhere(run: Workspace, tmp_path: Path) -> None:
    """With the sealed file and `teacher: ledger` nobody is asked, and the release is the same."""
    sealed = tmp_path / "deceptionbench.ledger.zst"
    with run.inside():
        exporting.run(FAMILY, sealed, accept_hazard=True)
    again = run.copied(tmp_path / "again")
    shutil.rmtree(again.root / "processed")
    shutil.rmtree(again.root / ".ledger")
    with again.inside():
        importing.run(sealed)
    again.project(teacher="ledger")
    again.quick(*_STAGES, family=FAMILY)
    sums = Path("processed") / FAMILY / "release" / "SHA256SUMS"
    assert (again.root / sums).read_text() == (run.root / sums).read_text()

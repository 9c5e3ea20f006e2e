"""All stages over HTTP, against roles that break each rule in known shares."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from builders.sealed import exporting, importing
from tests.doubles.teacher import serving
from tests.families.cogtest import FAMILY
from tests.families.cogtest.thinkers import FAULTS, MODELS, SHOWN, TASK_FAULTS, Thinkers, task
from tests.harness import Workspace, declared, jsonl

_COPIES = 2
_STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")
_HABIT = "managing_impulsivity"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace in which tasks and guidelines with planted faults went through all stages."""
    workspace = Workspace.make(tmp_path_factory.mktemp("thought") / "project")
    workspace.project(teacher="endpoint")
    folder = workspace.root / "raw" / FAMILY / "sources"
    planted = [(fault, number) for fault in FAULTS for number in range(_COPIES)]
    (folder / "t.jsonl").write_text(
        jsonl(*({"key": f"{fault}-{n}", "task": task(fault, n), "habit": _HABIT} for fault, n in planted))
    )
    guidelines = [
        {"key": fault, "guideline": f"Tell of the {fault} mill by the river.", "habit": _HABIT} for fault in TASK_FAULTS
    ]
    (folder / "g.jsonl").write_text(jsonl(*guidelines))
    with workspace.params(FAMILY) as params:
        section = params["sample"]
        columns: dict[str, Any] = {"key": "key", "habit": "habit"}
        section["collect"]["sources"] = [
            declared(folder / "t.jsonl", id="tasks", subset="traces", columns={**columns, "instruction": "task"}),
            declared(
                folder / "g.jsonl",
                id="guides",
                columns={**columns, "instruction": "guideline"},
                constants={"kind": "guideline"},
            ),
        ]
        section["filter"]["tasks_per_habit"] = 100
        roles = {**section["synthesize"]["roles"], **section["judge"]["roles"]}
        for role, model in zip(("teacher", "policy", "policy_second", "judge"), MODELS, strict=True):
            roles[role] |= {"model": model, "server": "double"}
    with serving(Thinkers(), models=MODELS) as server:
        workspace.quick(*_STAGES, family=FAMILY, BUILDERS_TEACHER_URL=server.url)
    return workspace


def test_every_broken_trace_is_found_and_no_good_one_is_lost(run: Workspace) -> None:
    """Each task has a trace by a second model, which errs never."""
    expected = {
        fault: Counter(spent=_COPIES) + Counter(none=_COPIES) + Counter({reason: _COPIES}) for fault, reason in FAULTS.items()
    }
    assert run.fates("traces", FAMILY) == expected


def test_every_broken_rule_about_tasks_is_found_and_no_good_task_is_lost(run: Workspace) -> None:
    expected = {fault: Counter(spent=1) + Counter(none=1) + Counter({reason: 1}) for fault, reason in TASK_FAULTS.items()}
    assert run.fates("default", FAMILY) == expected


def test_evidence_that_is_not_in_the_reasoning_does_not_count(run: Workspace) -> None:
    for row in run.rows("validate", "traces", FAMILY):
        [found] = [found for found in row["data"]["habits"] if found["habit"] == _HABIT]
        fault = row["provenance"]["source_key"].partition("-")[0]
        if row["data"]["model"] == "second-thinker":
            assert (found["reflected"], found["mismatch"]) == (False, None)
        elif fault == "doubtful":
            assert (found["reflected"], found["mismatch"], found["said"]) == (None, "not_found", True)
        else:
            assert (found["reflected"], found["evidence"]) == (True, SHOWN)


def test_the_audit_counts_models_apart_and_bounds_what_is_unscored(run: Workspace) -> None:
    facts = json.loads((run.root / "processed" / FAMILY / "release" / "manifest.json").read_bytes())["audit"]
    by_model = {profile["model"]: {entry["habit"]: entry for entry in profile["habits"]} for profile in facts["profiles"]}
    own = by_model["thinker"][_HABIT]
    assert (own["reflected"], own["scored"], own["tasks"]) == (4, 4, 6)
    assert (own["least"], own["most"]) == (4 / 6, 1.0)
    assert by_model["second-thinker"][_HABIT]["reflected"] == 0
    assert facts["mismatches"]["not_found"] == 2
    assert set(facts["clusters"]["all"]) == {"thinker", "second-thinker"}


def test_nothing_is_lost_in_any_stage(run: Workspace) -> None:
    for stage in json.loads((run.root / "processed" / FAMILY / "stats.json").read_text())["stages"]:
        assert stage["in"] + stage["spawned"] == sum(stage["out"].values()) + sum(stage["rejected"].values())


def test_a_sealed_ledger_rebuilds_the_release_elsewhere(run: Workspace, tmp_path: Path) -> None:
    """With the sealed file and `teacher: ledger` nobody is asked, and the release is the same."""
    sealed = tmp_path / "cogtest.ledger.zst"
    with run.inside():
        exporting.run(FAMILY, sealed, accept_hazard=False)
    again = run.copied(tmp_path / "again")
    shutil.rmtree(again.root / "processed")
    shutil.rmtree(again.root / ".ledger")
    with again.inside():
        importing.run(sealed)
    again.project(teacher="ledger")
    again.quick(*_STAGES, family=FAMILY)
    sums = Path("processed") / FAMILY / "release" / "SHA256SUMS"
    assert (again.root / sums).read_text() == (run.root / sums).read_text()

"""dvc.yaml: its deps are what the stages import, and an edit re-runs what it must and nothing else."""

import json
import subprocess
import sys

import pytest
import yaml

from builders import families, paths
from tests.harness import PROJECT, Workspace


def stages() -> dict[str, dict[str, list[object]]]:
    text = (PROJECT / "dvc.yaml").read_text()
    return {name: stage["do"] for name, stage in yaml.safe_load(text)["stages"].items() if "do" in stage}


def test_there_is_one_block_for_each_stage_and_every_family_is_listed() -> None:
    assert ("code", *paths.STAGES) == tuple(yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"])
    assert yaml.safe_load((PROJECT / "dvc.yaml").read_text())["vars"] == [{"families": families.names()}]


def test_every_stage_depends_on_the_hashes_of_its_own_code() -> None:
    for stage, block in stages().items():
        assert [dep for dep in block["deps"] if "code" in str(dep)] == [f"processed/code/${{item}}/{stage}.json"]


def test_the_metrics_of_every_family_are_listed_and_are_no_stage_s_outs() -> None:
    listed = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["metrics"]
    assert listed == [f"processed/{family}/metrics" for family in families.names()]
    outs = [str(out) for stage in stages().values() for kind in ("outs", "metrics") for out in stage.get(kind, [])]
    assert [out for out in outs if "/metrics" in out] == []


def test_the_figures_of_every_family_are_plots() -> None:
    listed = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["plots"]
    assert listed == [f"processed/{family}/release/figures" for family in families.names()]


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace built by dvc itself, without git."""
    workspace = Workspace.make(tmp_path_factory.mktemp("dvc") / "project")
    config = workspace.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
    dvc(workspace, "repro")
    return workspace


def dvc(workspace: Workspace, *arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(
        command, cwd=workspace.root, env=workspace.environment(), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def changed(workspace: Workspace) -> set[str]:
    """Return the stages whose own deps or params changed, so not those that only wait for an earlier one."""
    dvc(workspace, "repro", "code")
    status = json.loads(dvc(workspace, "status", "--json"))
    return {stage.partition("@")[0] for stage in status}


def test_a_second_repro_does_nothing_and_says_so(reproduced: Workspace) -> None:
    assert dvc(reproduced, "repro").rstrip().endswith("Data and pipelines are up to date.")


def test_dvc_builds_the_same_bytes_as_the_stages_by_hand(reproduced: Workspace, built: Workspace) -> None:
    for path in (file for file in built.release.rglob("*") if file.is_file()):
        assert (reproduced.release / path.relative_to(built.release)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("section", "key", "value", "again"),
    [
        ("filter", "opening_think_tag", "keep", {"filter", "release"}),
        ("review", "conflicts", "accept", {"review", "release"}),
        ("release", "rows_per_shard", 7, {"release"}),
        ("synthesize", "seed", 1, {"synthesize", "release"}),
    ],
)
def test_editing_a_key_reruns_its_stage_and_no_earlier_one(
    section: str, key: str, value: object, again: set[str], reproduced: Workspace
) -> None:
    path = reproduced.root / "builders/safechain/params.yaml"
    text = path.read_text()
    try:
        with reproduced.params() as params:
            params["sample"][section][key] = value
        assert changed(reproduced) == again
    finally:
        path.write_text(text)
    assert changed(reproduced) == set()


def test_editing_the_profile_not_in_use_reruns_only_the_release_that_hashes_the_file(reproduced: Workspace) -> None:
    path = reproduced.root / "builders/safechain/params.yaml"
    text = path.read_text()
    try:
        with reproduced.params() as params:
            params["full"]["filter"]["reply_words"]["max"] = 999
        assert changed(reproduced) == {"release"}
    finally:
        path.write_text(text)


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("prompts/synthesize/teacher.jinja", {"synthesize"}),
        ("prompts/judge/llama_guard.jinja", {"synthesize", "judge"}),
        ("filter.py", {"filter"}),
    ],
)
def test_editing_a_template_or_a_module_reruns_its_stage(file: str, again: set[str], reproduced: Workspace) -> None:
    path = reproduced.root / "builders/safechain" / file
    text = path.read_text()
    try:
        path.write_text(text + "\n")
        assert changed(reproduced) == {*again, "release"}
    finally:
        path.write_text(text)


def test_the_metrics_of_asking_are_shown_and_not_locked(reproduced: Workspace) -> None:
    [revision] = json.loads(dvc(reproduced, "metrics", "show", "--json")).values()
    shown = revision["data"]
    for stage in ("synthesize", "judge"):
        figures = shown[f"processed/safechain/metrics/{stage}.json"]["data"]["default"]
        assert figures["rows"] == len(reproduced.rows("collect"))
        assert (figures["sent"], figures["cost"]) == (0, 0.0)
    assert "processed/safechain/metrics" not in (reproduced.root / "dvc.lock").read_text()


def test_the_figures_of_the_cards_are_shown(reproduced: Workspace) -> None:
    dvc(reproduced, "plots", "show", "--out", "plots")
    shown = {path.name: path.read_bytes() for path in (reproduced.root / "plots").rglob("*.png")}
    for path in (reproduced.release / "figures").iterdir():
        assert shown[f"workspace_processed_safechain_release_figures_{path.name}"] == path.read_bytes()


def test_before_anything_is_built_showing_metrics_says_so_without_a_traceback(workspace: Workspace) -> None:
    config = workspace.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
    done = workspace.finished([sys.executable, "-m", "dvc", "metrics", "show"])
    assert done.returncode == 0
    assert "Traceback" not in done.stdout + done.stderr
    assert "processed/safechain/metrics" in done.stdout + done.stderr

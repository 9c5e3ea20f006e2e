"""dvc.yaml: its deps are what the stages import, and an edit re-runs what it must and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from builders import family as families
from builders import paths
from tests.harness import PROJECT, Workspace
from tests.publishing.conftest import git

MOST_COLUMNS = 190
"""Of a terminal: a wide one, and no more."""


def stages() -> dict[str, dict[str, list[object]]]:
    text = (PROJECT / "dvc.yaml").read_text()
    return {name: stage["do"] for name, stage in yaml.safe_load(text)["stages"].items() if "do" in stage}


def test_there_is_one_block_for_each_stage_and_every_family_is_listed() -> None:
    assert ("code", *paths.STAGES) == tuple(yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"])
    assert yaml.safe_load((PROJECT / "dvc.yaml").read_text())["vars"] == [{"families": families.names()}]


def test_every_stage_depends_on_the_hashes_of_its_own_code() -> None:
    for stage, block in stages().items():
        assert [dep for dep in block["deps"] if "code" in str(dep)] == [f"processed/code/${{item}}/{stage}.json"]


def test_the_numbers_of_every_family_are_metrics_and_what_asking_took_is_no_stage_s_out() -> None:
    listed = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["metrics"]
    assert listed == [f"processed/{family}/summary" for family in families.names()]
    outs = [str(out) for stage in stages().values() for kind in ("outs", "metrics") for out in stage.get(kind, [])]
    assert [out for out in outs if "/metrics" in out] == []
    assert [out for out in outs if "/summary" in out] == ["{'processed/${item}/summary': {'push': False}}"]


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
    path = reproduced.root / "builders/families/safechain/params.yaml"
    text = path.read_text()
    try:
        with reproduced.params() as params:
            params["sample"][section][key] = value
        assert changed(reproduced) == again
    finally:
        path.write_text(text)
    assert changed(reproduced) == set()


def test_editing_the_profile_not_in_use_reruns_only_the_release_that_hashes_the_file(reproduced: Workspace) -> None:
    path = reproduced.root / "builders/families/safechain/params.yaml"
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
    path = reproduced.root / "builders/families/safechain" / file
    text = path.read_text()
    try:
        path.write_text(text + "\n")
        assert changed(reproduced) == {*again, "release"}
    finally:
        path.write_text(text)


def test_what_asking_took_is_shown_where_it_lies_and_not_locked(reproduced: Workspace) -> None:
    folder = "processed/safechain/metrics"
    [revision] = json.loads(dvc(reproduced, "metrics", "show", folder, "--json")).values()
    shown = revision["data"]
    assert sorted(shown) == [f"{folder}/{stage}/default.json" for stage in ("judge", "synthesize")]
    for of_leg in shown.values():
        figures = of_leg["data"]
        assert figures["rows"] == len(reproduced.rows("collect"))
        assert (figures["sent"], figures["cost"]) == (0, 0.0)
    assert folder not in (reproduced.root / "dvc.lock").read_text()


def test_the_metrics_are_the_numbers_of_the_cards_in_a_table_that_can_be_read(reproduced: Workspace) -> None:
    [revision] = json.loads(dvc(reproduced, "metrics", "show", "--json")).values()
    shown = {path.removeprefix("processed/"): line["data"] for path, line in revision["data"].items()}
    assert {path.split("/")[0] for path in shown} == set(families.names())
    assert {path.split("/")[1] for path in shown} == {"summary"}
    for stage in json.loads((reproduced.root / "processed/safechain/stats.json").read_text())["stages"]:
        [line] = [
            path for path in shown if path.startswith("safechain/summary/funnel/") and path.endswith(f"_{stage['stage']}.json")
        ]
        assert (shown[line]["in"], shown[line]["kept"]) == (stage["in"], sum(stage["out"].values()))
        reasons = {
            path.split("/")[-1][: -len(".json")]: shown[path]["rejected"] for path in shown if path.startswith(f"{line[:-5]}/")
        }
        assert reasons == stage["rejected"]
    table = dvc(reproduced, "metrics", "show").splitlines()
    assert len(table) == len(shown) + 1
    assert max(map(len, table)) < MOST_COLUMNS


def test_an_edit_shows_in_the_difference_of_the_metrics_and_of_the_plots(reproduced: Workspace, tmp_path: Path) -> None:
    edited = reproduced.copied(tmp_path / "project")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Build"]):
        git(edited.root, *command)
    config = edited.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("    no_scm = true\n", ""))
    git(edited.root, "commit", "--quiet", "--all", "--message", "With git")
    with edited.params() as params:
        params["sample"]["filter"]["reply_words"]["min"] = 100
    dvc(edited, "repro", "release@safechain")
    found = json.loads(dvc(edited, "metrics", "diff", "--json"))
    before, after = (
        found["processed/safechain/summary/funnel/4_filter/reply_too_short.json"]["rejected"][at] for at in ("old", "new")
    )
    assert after > before
    assert "processed/safechain/summary/words/response/default.json" in found
    assert not [path for path in found if "safechain" not in path]
    dvc(edited, "plots", "diff", "--out", "plots")
    assert len(list((edited.root / "plots").rglob("*_safechain_release_figures_funnel.png"))) == len(("HEAD", "workspace"))


def test_the_figures_of_the_cards_are_shown_on_one_page(reproduced: Workspace) -> None:
    dvc(reproduced, "plots", "show", "--out", "plots")
    page = (reproduced.root / "plots/index.html").read_text()
    for family in families.names():
        for path in (reproduced.root / "processed" / family / "release/figures").iterdir():
            [shown] = re.findall(rf'<img src="(static/[^"]*_{family}_release_figures_{path.name})">', page)
            assert (reproduced.root / "plots" / shown).read_bytes() == path.read_bytes()


def test_before_anything_is_built_showing_metrics_says_so_without_a_traceback(workspace: Workspace) -> None:
    config = workspace.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
    done = workspace.finished([sys.executable, "-m", "dvc", "metrics", "show"])
    assert done.returncode == 0
    assert "Traceback" not in done.stdout + done.stderr
    assert "processed/safechain/summary" in done.stdout + done.stderr

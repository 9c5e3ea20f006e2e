"""dvc.yaml: its deps are what the stages import, and an edit re-runs what it must and nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from builders import family as families
from builders import paths
from builders.releases import code
from tests.harness import FAMILY, PROJECT, Workspace
from tests.publishing.conftest import git

MOST_COLUMNS = 200
"""Of a terminal: a wide one, and no more."""


def stages() -> dict[str, dict[str, list[object]]]:
    text = (PROJECT / "dvc.yaml").read_text()
    return {name: stage["do"] for name, stage in yaml.safe_load(text)["stages"].items() if "do" in stage}


def test_there_is_one_block_for_each_stage_and_every_family_is_listed() -> None:
    assert ("code", *paths.STAGES) == tuple(yaml.safe_load((PROJECT / "dvc.yaml").read_text())["stages"])
    [listed] = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["vars"]
    assert list(listed["families"]) == families.names()


def test_every_stage_depends_on_the_hashes_of_its_own_code() -> None:
    for stage, block in stages().items():
        assert [dep for dep in block["deps"] if "code" in str(dep)] == [f"processed/code/${{key}}/{stage}.json"]


def test_the_numbers_of_every_family_are_metrics_and_what_asking_took_is_no_stage_s_out() -> None:
    listed = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["metrics"]
    assert listed == [f"processed/{family}/summary" for family in families.names()]
    outs = [str(out) for stage in stages().values() for kind in ("outs", "metrics") for out in stage.get(kind, [])]
    assert [out for out in outs if "/metrics" in out] == []
    assert [out for out in outs if "/summary" in out] == ["{'processed/${key}/summary': {'push': False}}"]


def test_the_figures_of_every_family_are_plots() -> None:
    listed = yaml.safe_load((PROJECT / "dvc.yaml").read_text())["plots"]
    assert listed == [f"processed/{family}/figures" for family in families.names()]


@pytest.fixture(scope="module")
def recorded(samples: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with one family, built, of which dvc has taken note, without git."""
    workspace = samples(FAMILY).copied(tmp_path_factory.mktemp("dvc") / "project")
    alone(workspace)
    with workspace.inside():
        code.run()
    dvc(workspace, "commit", "--force")
    return workspace


def alone(workspace: Workspace) -> None:
    """Leave one family in the checkout, and no repository to look for."""
    workspace.keep(FAMILY)
    workspace.without_git()


def dvc(workspace: Workspace, *arguments: str) -> str:
    done = workspace.python("-m", "dvc", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_dvc_builds_the_same_bytes_as_the_stages_by_hand_and_then_nothing_more(
    samples: Callable[[str], Workspace], workspace: Workspace
) -> None:
    alone(workspace)
    dvc(workspace, "repro")
    release = samples(FAMILY).release
    for path in (file for file in release.rglob("*") if file.is_file()):
        assert (workspace.release / path.relative_to(release)).read_bytes() == path.read_bytes(), path.name
    assert dvc(workspace, "repro").rstrip().endswith("Data and pipelines are up to date.")


def test_a_family_that_needs_the_release_of_another_collects_after_it(workspace: Workspace) -> None:
    listing = workspace.root / "dvc.yaml"
    wanted = yaml.safe_load(listing.read_text())
    [first, second] = list(wanted["vars"][0]["families"])[:2]
    wanted["vars"][0]["families"][first]["after"] = f"processed/{second}/release"
    listing.write_text(yaml.safe_dump(wanted, sort_keys=False))
    workspace.without_git()
    assert f"release@{second}" in dvc(workspace, "dag", f"collect@{first}")


EDITED = {
    "synthesize": "prompts/synthesize/teacher.jinja",
    "judge": "prompts/judge/judge.jinja",
    "filter": "filter.py",
}
"""A stage → a file of the family that it alone depends on."""


def test_an_edit_reruns_the_stages_that_read_what_was_edited_and_no_other(recorded: Workspace) -> None:
    """All edits at once: of each stage dvc names what changed, and the profile that is not in use is of no stage's concern."""
    family = recorded.root / f"builders/families/{FAMILY}"
    kept = {path: path.read_text() for path in (family / "params.yaml", *(family / file for file in EDITED.values()))}
    before = hashes(recorded)
    try:
        with recorded.params() as params:
            params["sample"]["synthesize"]["seed"] = 1
            params["sample"]["filter"]["reply_words"] = {"min": 5, "max": 9}
            params["sample"]["review"]["conflicts"] = "accept"
            params["sample"]["release"]["rows_per_shard"] = 7
            params["full"]["filter"]["reply_words"]["max"] = 999
        for file in EDITED.values():
            (family / file).write_text(kept[family / file] + "\n")
        dvc(recorded, "repro", "code")
        found = json.loads(dvc(recorded, "status", "--json"))
    finally:
        for path, text in kept.items():
            path.write_text(text)
    own = {name: {f"processed/code/{FAMILY}/{name}.json": "modified"} for name in (*EDITED, "release")}
    params_file = f"builders/families/{FAMILY}/params.yaml"
    assert {stage.partition("@")[0]: why for stage, why in found.items()} == {
        "synthesize": [{"changed deps": {**own["synthesize"], params_file: {"sample.synthesize": "modified"}}}],
        "judge": [{"changed deps": own["judge"]}],
        "filter": [{"changed deps": {**own["filter"], params_file: {"sample.filter": "modified"}}}],
        "review": [{"changed deps": {params_file: {"sample.review": "modified"}}}],
        "release": [{"changed deps": {**own["release"], params_file: "modified"}}],  # whose manifest names the file
    }
    after = hashes(recorded)
    differing = {stage: sorted(name for name, found in after[stage].items() if before[stage][name] != found) for stage in after}
    edited = {stage: [f"builders/families/{FAMILY}/{file}"] for stage, file in EDITED.items()}
    everything = sorted(name for names in edited.values() for name in names)
    assert {stage: names for stage, names in differing.items() if names} == {**edited, "release": everything}


def hashes(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Return the hashes of the code of each stage."""
    folder = workspace.root / "processed/code" / FAMILY
    return {stage: json.loads((folder / f"{stage}.json").read_bytes()) for stage in paths.STAGES}


def test_what_asking_took_is_shown_where_it_lies_and_not_locked(recorded: Workspace) -> None:
    folder = f"processed/{FAMILY}/metrics"
    [revision] = json.loads(dvc(recorded, "metrics", "show", folder, "--json")).values()
    shown = revision["data"]
    assert sorted(shown) == [f"{folder}/{stage}/default.json" for stage in ("judge", "synthesize")]
    for of_leg in shown.values():
        figures = of_leg["data"]
        assert figures["rows"] == len(recorded.rows("collect"))
        assert (figures["sent"], figures["cost"]) == (0, 0.0)
    assert folder not in (recorded.root / "dvc.lock").read_text()


def test_the_metrics_are_the_numbers_of_the_cards_in_a_table_that_can_be_read(recorded: Workspace) -> None:
    [revision] = json.loads(dvc(recorded, "metrics", "show", "--json")).values()
    shown = {path.removeprefix("processed/"): line["data"] for path, line in revision["data"].items()}
    assert {path.split("/")[0] for path in shown} == {FAMILY}
    assert {path.split("/")[1] for path in shown} == {"summary"}
    for stage in json.loads((recorded.root / f"processed/{FAMILY}/stats.json").read_text())["stages"]:
        [line] = [
            path for path in shown if path.startswith(f"{FAMILY}/summary/funnel/") and path.endswith(f"_{stage['stage']}.json")
        ]
        assert (shown[line]["in"], shown[line]["kept"]) == (stage["in"], sum(stage["out"].values()))
        reasons = {
            path.split("/")[-1][: -len(".json")]: shown[path]["rejected"] for path in shown if path.startswith(f"{line[:-5]}/")
        }
        assert reasons == stage["rejected"]
    table = dvc(recorded, "metrics", "show").splitlines()
    assert len(table) == len(shown) + 1
    assert max(map(len, table)) < MOST_COLUMNS


def test_an_edit_shows_in_the_difference_of_the_metrics_and_of_the_plots(recorded: Workspace, tmp_path: Path) -> None:
    edited = recorded.copied(tmp_path / "project")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Build"]):
        git(edited.root, *command)
    config = edited.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("    no_scm = true\n", ""))
    git(edited.root, "commit", "--quiet", "--all", "--message", "With git")
    with edited.params() as params:
        params["sample"]["filter"]["reply_words"]["min"] = 55
    edited.quick("filter", "review", "validate", "release")
    found = json.loads(dvc(edited, "metrics", "diff", "--json"))
    before, after = (
        found[f"processed/{FAMILY}/summary/funnel/4_filter/reply_too_short.json"]["rejected"][at] for at in ("old", "new")
    )
    assert after > before
    assert f"processed/{FAMILY}/summary/words/response/default.json" in found
    assert not [path for path in found if FAMILY not in path]
    dvc(edited, "plots", "diff", "--out", "plots")
    assert len(list((edited.root / "plots").rglob(f"*_{FAMILY}_figures_funnel.png"))) == len(("HEAD", "workspace"))


def test_the_figures_of_the_cards_are_shown_on_one_page(recorded: Workspace) -> None:
    dvc(recorded, "plots", "show", "--out", "plots")
    page = (recorded.root / "plots/index.html").read_text()
    for path in (recorded.root / "processed" / FAMILY / "figures").iterdir():
        [shown] = re.findall(rf'<img src="(static/[^"]*_{FAMILY}_figures_{path.name})">', page)
        assert (recorded.root / "plots" / shown).read_bytes() == path.read_bytes()


def test_before_anything_is_built_showing_metrics_says_so_without_a_traceback(workspace: Workspace) -> None:
    workspace.without_git()
    done = workspace.python("-m", "dvc", "metrics", "show")
    assert done.returncode == 0
    assert "Traceback" not in done.stdout + done.stderr
    assert f"processed/{FAMILY}/summary" in done.stdout + done.stderr

"""The files of a pool on a Ray cluster and by a real Slurm: the same bytes as here, and no failure passes for a success."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import shards
from tests.doubles import slurm
from tests.harness import Workspace, jsonl, one_line

FAMILY = "toy"
COUNT = 10_500
STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate")
_BY_FILES = ("collect", "validate")
_ALONE = {"BUILDERS_WORKERS": "1"}


@pytest.fixture(scope="module")
def rows(collected: Workspace) -> Workspace:
    """The same, built as far as they are validated."""
    collected.build(*STAGES[1:], **_ALONE)
    return collected


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two files of sentences, some of which repeat others of another file, collected by one process."""
    workspace = Workspace.make(tmp_path_factory.mktemp("rows") / "project", FAMILY).adopt(FAMILY)
    texts = [f"Pot number {number % (COUNT - 40)} is blue." for number in range(COUNT)]
    sentences = jsonl(*({"number": number, "text": text, "label": None} for number, text in enumerate(texts)))
    (workspace.root / "raw" / FAMILY / "sources" / "sentences.jsonl").write_text(sentences)
    workspace.build(STAGES[0], **_ALONE)
    return workspace


def _digests(workspace: Workspace) -> dict[str, str]:
    """Return the digest of each file of rows of the stages that were computed file by file."""
    root = workspace.root / "processed" / FAMILY
    found = {file.relative_to(root).as_posix(): shards.digest(file) for file in sorted(root.glob("*/r*/*")) if file.is_dir()}
    files = sorted(root.glob(f"*/r*/*/*{shards.SUFFIX}"))
    return {**found, **{file.relative_to(root).as_posix(): str(file.read_bytes()) for file in files}}


def _again(rows: Workspace, folder: Path, *stages: str) -> Workspace:
    """Return a copy in which these stages have not run yet, by default both that compute file by file."""
    workspace = rows.copied(folder / "project")
    for stage in stages or _BY_FILES:
        shutil.rmtree(workspace.root / "processed" / FAMILY / stage)
    return workspace


def _rebuilt(workspace: Workspace, *stages: str, **environment: str) -> dict[str, str]:
    for stage in stages or _BY_FILES:
        done = _ran(workspace, stage, **environment)
        assert done.returncode == 0, done.stderr
    return _digests(workspace)


def _ran(workspace: Workspace, stage: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a stage as users do: the processes that it starts find the workspace's families."""
    return workspace.finished([sys.executable, "-m", "builders", stage, FAMILY], **environment)


@pytest.mark.parametrize("stage", _BY_FILES)
def test_two_processes_give_the_same_bytes_as_one(stage: str, rows: Workspace, tmp_path: Path) -> None:
    assert len(shards.files(rows.root / f"processed/{FAMILY}/collect/rows/default")) == 2
    assert _rebuilt(_again(rows, tmp_path, stage), stage, BUILDERS_WORKERS="2") == _digests(rows)


@pytest.mark.ray
def test_ray_gives_the_same_bytes(rows: Workspace, tmp_path: Path) -> None:
    workspace = _again(rows, tmp_path)
    assert _rebuilt(workspace, BUILDERS_EXECUTOR="ray", BUILDERS_WORKERS="2") == _digests(rows)
    assert not (workspace.root / f"processed/{FAMILY}/.work").exists()


@pytest.mark.ray
def test_a_task_that_fails_on_ray_is_an_error(rows: Workspace, tmp_path: Path) -> None:
    workspace = _again(rows, tmp_path)
    _spoil(workspace)
    line = one_line(_ran(workspace, "validate", BUILDERS_EXECUTOR="ray", BUILDERS_WORKERS="2"))
    assert "review/rows/default/00001.jsonl.zst: line 1 is not a row" in line


@pytest.mark.ray
def test_a_cluster_that_is_not_there_is_one_line_at_once(rows: Workspace, tmp_path: Path) -> None:
    workspace = _again(rows, tmp_path)
    line = one_line(_ran(workspace, "validate", BUILDERS_EXECUTOR="ray", RAY_ADDRESS="127.0.0.1:1"))
    assert line == "error: 127.0.0.1:1: no Ray cluster: ConnectionRefusedError; start a cluster there, or unset RAY_ADDRESS"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with slurm.serving(tmp_path_factory.mktemp("slurm")) as environment:
        yield {**environment, "BUILDERS_EXECUTOR": "slurm", "BUILDERS_SLURM_PARTITION": "test", "BUILDERS_MEMORY_GB": "1"}


@pytest.mark.slurm
def test_slurm_gives_the_same_bytes(rows: Workspace, tmp_path: Path, cluster: dict[str, str]) -> None:
    assert _rebuilt(_again(rows, tmp_path), **cluster) == _digests(rows)


@pytest.mark.slurm
def test_a_task_that_fails_by_slurm_is_an_error(rows: Workspace, tmp_path: Path, cluster: dict[str, str]) -> None:
    workspace = _again(rows, tmp_path)
    _spoil(workspace)
    line = one_line(_ran(workspace, "validate", **cluster))
    assert "review/rows/default/00001.jsonl.zst: line 1 is not a row" in line


@pytest.mark.slurm
def test_jobs_of_a_driver_that_was_killed_are_found_again(rows: Workspace, tmp_path: Path, cluster: dict[str, str]) -> None:
    workspace = _again(rows, tmp_path)
    work = workspace.root / f"processed/{FAMILY}/.work/validate-default"
    with workspace.started("validate", FAMILY, **cluster) as driver:
        while not list(work.glob("*/ranks_to_run.json")):
            os.sched_yield()
            assert driver.poll() is None, driver.communicate()
        while not list(work.glob("*/read/*")):
            os.sched_yield()
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    done = _ran(workspace, "validate", **cluster)
    assert done.returncode == 0, done.stderr
    assert {name: value for name, value in _digests(workspace).items() if "validate" in name} == {
        name: value for name, value in _digests(rows).items() if "validate" in name
    }


@pytest.mark.slurm
def test_a_setting_that_is_missing_is_one_line(rows: Workspace, tmp_path: Path, cluster: dict[str, str]) -> None:
    workspace = _again(rows, tmp_path)
    line = one_line(_ran(workspace, "validate", **{**cluster, "BUILDERS_SLURM_PARTITION": ""}))
    assert line.startswith("error: BUILDERS_SLURM_PARTITION: is not set")


def _spoil(workspace: Workspace) -> None:
    """Put a line that is not a row where a file of the stage before was."""
    place = workspace.root / f"processed/{FAMILY}/review/rows/default"
    with shards.writing(shards.file(place, 1)) as append:
        append(json.dumps("no row").encode() + b"\n")

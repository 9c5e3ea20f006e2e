"""What a build writes is for its owner's eyes alone: after dvc repro, after dvc checkout, in dvc's cache, in the ledger."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import atomic, private
from builders.ledger.ledger import Ledger
from tests.harness import FAMILY, GUARD, PROJECT, Workspace

OTHERS = private.OWNER


def seen(root: Path, *names: str) -> list[str]:
    """Return the files below these folders that somebody else can read: those with no shut folder above them."""

    def walked(path: Path) -> list[str]:
        if not path.stat().st_mode & OTHERS:
            return []
        if path.is_dir():
            return [name for below in path.iterdir() for name in walked(below)]
        return [path.relative_to(root).as_posix()]

    return [name for folder in names for name in walked(root / folder)]


def careless(workspace: Workspace, *command: str) -> None:
    """Run a command as somebody whose files everybody may read."""
    done = subprocess.run(
        command, cwd=workspace.root, env=workspace.environment(), umask=0o022, capture_output=True, timeout=GUARD, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def patched(folder: Path) -> str:
    """Return dvc as the Makefile makes it."""
    [recipe] = [line for line in (PROJECT / "Makefile").read_text().splitlines() if "grep -q umask" in line]
    (folder / "bin").mkdir(parents=True)
    found = shutil.which("dvc", path=os.pathsep.join([str(PROJECT / ".venv" / "bin"), os.environ["PATH"]]))
    assert found
    script = [line for line in Path(found).read_text().splitlines(keepends=True) if "umask" not in line]
    (folder / "bin" / "dvc").write_text("".join(script))
    (folder / "bin" / "dvc").chmod(0o755)
    subprocess.run(recipe.strip().removeprefix("@").replace("$(VENV)", str(folder)), shell=True, check=True)  # noqa: S602
    return str(folder / "bin" / "dvc")


def test_nobody_else_reads_what_dvc_writes(samples: Callable[[str], Workspace], tmp_path: Path) -> None:
    """A stage run by dvc, what dvc puts into its cache, and what it checks out where the folder is gone."""
    workspace = samples(FAMILY).copied(tmp_path / "project")
    workspace.only(FAMILY)
    workspace.without_git()
    dvc = patched(tmp_path / "venv")
    shutil.rmtree(workspace.root / "processed")
    careless(workspace, dvc, "repro", "--quiet", f"collect@{FAMILY}")
    assert seen(workspace.root, "processed", ".dvc/cache") == []
    shutil.rmtree(workspace.root / "processed")
    careless(workspace, dvc, "checkout", "--quiet", f"collect@{FAMILY}")
    assert (workspace.root / "processed" / FAMILY / "collect" / "rows").is_dir()
    assert seen(workspace.root, "processed", ".dvc/cache") == []


def test_a_stage_run_by_hand_shuts_what_lay_open(samples: Callable[[str], Workspace], tmp_path: Path) -> None:
    workspace = samples(FAMILY).copied(tmp_path / "project")
    (workspace.root / ".dvc" / "cache").mkdir(exist_ok=True)
    for name in ("processed", ".dvc/cache"):
        (workspace.root / name).chmod(0o755)
    done = workspace.run("filter", FAMILY)
    assert done.returncode == 0, done.stderr
    assert seen(workspace.root, "processed", ".dvc/cache") == []
    rows = workspace.root / "processed" / FAMILY / "filter" / "rows" / "default" / "00000.jsonl.zst"
    assert stat.S_IMODE(rows.stat().st_mode) == private.FILE


def test_files_are_made_for_the_owner_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with atomic.whole(tmp_path / "sealed") as file:
            file.write(b"x")
        with Ledger(tmp_path / "ledger" / "replies"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == private.FILE
    assert seen(tmp_path, "sealed", "ledger") == []
    (tmp_path / "ledger").chmod(0o755)
    with Ledger(tmp_path / "ledger" / "replies"):
        texts = {f"ledger/replies{ending}" for ending in ("", "-wal", "-shm")}
        assert texts.isdisjoint(seen(tmp_path, "ledger"))


@pytest.mark.parametrize("everybody", [pytest.param(True, id="open"), pytest.param(False, id="shut")])
def test_a_folder_is_given_to_everybody_or_to_nobody(everybody: bool, tmp_path: Path) -> None:  # noqa: FBT001
    (tmp_path / "set" / "part").mkdir(parents=True)
    (tmp_path / "set" / "part" / "rows").write_text("x")
    private.give(tmp_path / "set", everybody=everybody)
    assert seen(tmp_path, "set") == (["set/part/rows"] if everybody else [])


def test_the_folder_of_evaluations_logs_is_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    (tmp_path / "builders").mkdir()
    (tmp_path / "logs").mkdir(mode=0o755)
    before = os.umask(private.OWNER)
    try:
        private.start()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == private.FOLDER


def test_a_stage_run_by_hand_makes_what_is_new_for_its_owner_alone(workspace: Workspace) -> None:
    assert not (workspace.root / "processed").exists()
    careless(workspace, sys.executable, "-m", "builders", "collect", workspace.family)
    made = list((workspace.root / "processed").rglob("*"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (workspace.root / "processed", *made)}
    assert modes <= {private.FILE, private.FOLDER}


def test_what_is_neither_file_nor_folder_is_left_as_it_is(tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.touch()
    for path in (pipe, file):
        path.chmod(0o666)
        private.shut(path)
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666
    assert stat.S_IMODE(file.stat().st_mode) == private.FILE

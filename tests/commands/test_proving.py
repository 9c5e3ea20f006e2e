"""validate-tasks over one family, and over all that have tasks."""

import shutil

import pytest

from tests.harness import Workspace, one_line


@pytest.mark.family("cot2")
def test_a_family_says_what_of_it_is_proved_and_without_a_release_what_to_run(built: Workspace, workspace: Workspace) -> None:
    shutil.copytree(built.root / "processed" / "cot2" / "release", workspace.root / "processed" / "cot2" / "release")
    done = workspace.run("validate-tasks", "cot2")
    assert done.returncode == 0, done.stderr
    assert "mnns: answer-checked: 64 of 64 items proved (gold 1, untouched 0, near miss 0)" in done.stdout
    every = workspace.run("validate-tasks", BUILDERS_SANDBOX="host")
    assert every.returncode == 2
    assert "prosqa: answer-checked: 63 of 63" in every.stdout
    assert "safechain: default: judge-scored: 15 of 15 planted verdicts" in every.stdout
    assert "validate-tasks cuaharm: BUILDERS_SANDBOX: commands of tasks never run on the bare host" in every.stderr
    line = one_line(workspace.run("validate-tasks", "cogtest"))
    assert "nothing was released" in line
    assert "dvc repro release@cogtest" in line

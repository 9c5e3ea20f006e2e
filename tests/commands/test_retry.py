"""retry: the rows that got no reply are asked about again, and no other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from builders import paths
from builders.commands import retry
from builders.errors import BuildError
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.make(tmp_path / "project")
    made.project(teacher="endpoint")
    made.collected("How do I look after mint?", "How do I look after thyme?", "How do I look after sage?")
    return made


def script(request: Received) -> Answer:
    return Answer(status=400) if "thyme" in request.text else Answer("Herbs.\n</think>\n\nWater them.")


def test_the_stage_runs_again_through_dvc_and_asks_about_the_rows_without_a_reply(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What dvc is told is noted here; what its stage then asks is seen."""
    ran: list[list[str]] = []
    with serving(script) as server, workspace.inside(BUILDERS_TEACHER_URL=server.url) as output:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        workspace.quick("synthesize", **environment)
        assert workspace.reasons("synthesize") == ["no_reply"]
        before = len(server.asked)

        class Done:
            returncode = 0

        def noted(command: list[str], **_: object) -> Done:
            ran.append(command[3:])
            return Done()

        monkeypatch.setattr(subprocess, "run", noted)
        retry.run(FAMILY)
        assert f"1 rows of {FAMILY} ended as no_reply; asking about them again" in output.getvalue()
        assert ran == [["repro", "--single-item", "--force", f"synthesize@{FAMILY}"], ["repro", f"release@{FAMILY}"]]
        monkeypatch.undo()
        next_ = [sys.executable, "-c", "open('ran', 'w')"]
        monkeypatch.setattr(retry, "commands", lambda _: [[sys.executable, "-c", "raise SystemExit(1)"], next_])
        with pytest.raises(BuildError, match="dvc could not run the stages; see what it says above, and run retry again"):
            retry.run(FAMILY)
        assert not (workspace.root / "ran").exists()
        server.script = lambda _: Answer("Herbs.\n</think>\n\nWater them.")
        workspace.quick("synthesize", **environment)
        assert len(server.asked) - before == 3
        assert {True} == {"thyme" in asked.text for asked in server.asked[before:]}
        assert workspace.reasons("synthesize") == []
        retry.run(FAMILY)
        assert f"no row of {FAMILY} ended as no_reply" in output.getvalue()


def test_a_teacher_that_asks_nobody_is_told_so(workspace: Workspace) -> None:
    workspace.project(teacher="ledger")
    with workspace.inside(), pytest.raises(BuildError, match="teacher: ledger asks nobody; set teacher: endpoint"):
        retry.run(FAMILY)
    workspace.project(teacher="endpoint")
    with workspace.inside(), pytest.raises(BuildError, match="synthesize has not finished; run dvc repro"):
        retry.run(FAMILY)
    with workspace.inside():
        assert json.loads((paths.root() / f"processed/{FAMILY}/collect/stats.json").read_text())

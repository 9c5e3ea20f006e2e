"""A full disk is one clear line, and nothing half-written is taken for whole."""

import json
import random
import subprocess
from resource import RLIMIT_FSIZE

import pytest

from tests.doubles.teacher import Answer, serving
from tests.harness import FAMILY, Workspace, one_line


def _noise(seed: int) -> str:
    """Return a reply that does not compress."""
    return f"Let me see.\n</think>\n\n{random.Random(seed).randbytes(700).hex()}"  # noqa: S311


def limited(workspace: Workspace, stage: str, blocks: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a stage that may write no file of more than so many blocks of 512 bytes: the same failing write."""
    return workspace.limited(RLIMIT_FSIZE, (blocks * 512,) * 2, stage, FAMILY, **environment)


@pytest.mark.parametrize(("stage", "blocks"), [("collect", 4), ("synthesize", 4), ("filter", 8)])
def test_a_stage_whose_rows_do_not_fit_is_one_line(stage: str, blocks: int, workspace: Workspace) -> None:
    before = {"collect": [], "synthesize": ["collect"], "filter": ["collect", "synthesize", "judge"]}[stage]
    if before:
        workspace.quick(*before)
    assert "free some space" in one_line(limited(workspace, stage, blocks))
    folder = workspace.root / f"processed/{FAMILY}" / stage
    assert list((folder / "rows").rglob("*.jsonl.zst")) == []
    assert "default" not in json.loads((folder / "stats.json").read_text())
    assert list(folder.rglob("*.partial")) == []
    workspace.quick(stage)


def test_a_ledger_that_does_not_fit_is_one_line_and_keeps_what_it_has(workspace: Workspace) -> None:
    workspace.quick("collect")
    workspace.project(teacher="endpoint")
    with serving(lambda asked: Answer(_noise(asked.body["seed"]))) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "4"}
        line = one_line(limited(workspace, "synthesize", 240, **environment))
        assert "the ledger fails" in line
        sent = len(server.asked)
        workspace.build("synthesize", **environment)
        assert len(server.asked) < sent + 44 * 3

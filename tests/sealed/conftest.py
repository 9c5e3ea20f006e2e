"""A release of a model's replies, built once, and its sealed ledger."""

import shutil
from pathlib import Path

import pytest

from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, jsonl

STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")
TOPICS = 10
API_KEY = "a-key-that-nobody-else-may-see"


def answer(request: Received) -> Answer:
    """Answer by the request alone; the judge refuses one request, the teacher another."""
    if "seed" not in request.body:
        return Answer(status=400) if "number 3 " in request.text else Answer("\n\nsafe")
    if "number 5 " in request.text:
        return Answer(status=400)
    thought = f"A thought about {request.body['seed']}, and one more for good measure."
    return Answer(f"{thought}\n</think>\n\nAn answer that is long enough to be kept.")


def prepared(root: Path, family: str = FAMILY) -> Workspace:
    """Return a workspace with prompts of its own that a server is to answer."""
    workspace = Workspace.make(root, family)
    workspace.source("own.jsonl", jsonl(*({"prompt": f"Tell me about topic number {n} please"} for n in range(TOPICS))))
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 2
    return workspace


def export(workspace: Workspace, to: str | None = None) -> Path:
    """Seal the workspace's ledger."""
    to = to or f"{workspace.family}.ledger.zst"
    done = workspace.run("ledger", "export", workspace.family, "--accept-hazard", "--to", to)
    assert done.returncode == 0, done.stderr
    return workspace.root / to


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A built workspace and its sealed ledger, `quiz.ledger.zst`; only to be read."""
    workspace = prepared(tmp_path_factory.mktemp("origin") / "project")
    with serving(answer) as server:
        workspace.quick(*STAGES, BUILDERS_TEACHER_URL=server.url, BUILDERS_TEACHER_API_KEY=API_KEY)
    export(workspace)
    return workspace


@pytest.fixture
def copied(origin: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it to change."""
    return origin.copied(tmp_path / "copied")


@pytest.fixture
def elsewhere(origin: Workspace, tmp_path: Path) -> Workspace:
    """A fresh checkout with the same params, but without sources, ledger and server."""
    return fresh(origin, tmp_path / "elsewhere")


def fresh(origin: Workspace, root: Path) -> Workspace:
    """Return a fresh checkout with the same params, that replays."""
    workspace = Workspace.make(root, origin.family)
    params = f"builders/families/{origin.family}/params.yaml"
    shutil.copyfile(origin.root / params, root / params)
    workspace.project(teacher="ledger")
    return workspace

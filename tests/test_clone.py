"""A fresh clone in which one family is built, with a server of its user's own, as a dvc experiment."""

from pathlib import Path

import pytest

from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, jsonl
from tests.publishing.conftest import IDENTITY, git

PROMPTS = (
    "How do I keep bread fresh for longer?",
    "Which trees grow well beside a river?",
    "What makes the sky look blue at noon?",
)
REPLY = "<think>They want to know {}</think>Here is a short answer that says enough about it for anyone who asked."


def answer(request: Received) -> Answer:
    if "<BEGIN CONVERSATION>" in request.text:
        return Answer("safe")
    return Answer(REPLY.format(request.text))


@pytest.fixture
def cloned(tmp_path: Path) -> Workspace:
    """A clone of a project with a source of three prompts, nothing of it built, and the lock of a build elsewhere."""
    root = tmp_path
    made = Workspace.make(root / "project")
    made.keep(FAMILY, "mmathcot")
    made.source("own.jsonl", jsonl(*({"prompt": prompt} for prompt in PROMPTS)))
    made.locked(FAMILY, "mmathcot")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Sources"]):
        git(made.root, *command)
    git(root, "clone", "--quiet", *IDENTITY, str(made.root), "clone")
    found = Workspace(root / "clone")
    done = found.python("-m", "dvc", "repro", "code")  # the costliest stage, and no family's
    assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture
def judged(cloned: Workspace) -> Workspace:
    """The clone in which the family was built as far as its rows are judged."""
    return experimented(cloned, f"judge@{FAMILY}")


def experimented(cloned: Workspace, target: str) -> Workspace:
    with serving(answer) as server:
        experiment = ("dvc", "exp", "run", "-S", "teacher=endpoint", target)
        done = cloned.python("-m", *experiment, BUILDERS_TEACHER_URL=server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    return cloned


def test_an_experiment_with_one_family_ends_well_where_no_other_was_ever_built(judged: Workspace) -> None:
    cloned = experimented(judged, f"release@{FAMILY}")
    assert {row["data"]["instruction"] for row in cloned.rows("validate")} == set(PROMPTS)
    figures = cloned.root / f"processed/{FAMILY}/figures"
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == {
        path.name: path.read_bytes() for path in (cloned.release / "figures").iterdir()
    }
    shown = cloned.run("funnel")
    assert shown.returncode == 0, shown.stderr
    assert f"processed/{FAMILY}/release/default" in shown.stdout
    [missing] = [line for line in shown.stdout.splitlines() if line.startswith("Not built: ")]
    assert "mmathcot" in missing
    assert FAMILY not in missing

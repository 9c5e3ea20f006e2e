"""A newcomer's session, typed from docs/sources.md into a terminal: a file of one's own, a server of one's own, a release."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from builders import family as families
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import GUARD, PROJECT, Workspace, card
from tests.publishing.conftest import IDENTITY, git

FAMILY = "safechain"
_PROMPT = re.compile(r"<(\d+)>> $")
THOUGHT = "<think>\nThe question is about an everyday thing, so a short and plain answer will do.\n</think>\n\n"
BUILT = "dvc repro"
ADDRESS, SHELF = "http://127.0.0.1:8000/v1", "/tmp/shelf"  # noqa: S108
"""What the documentation has in the place of a server and of a folder."""

Typed = list[tuple[str, int, str]]
"""What was typed, how it ended, and what the terminal showed."""


def answer(request: Received) -> Answer:
    if "response_format" in request.body:
        return Answer('{"verdict": "safe", "categories": []}')
    return Answer(f"{THOUGHT}Here is a short answer that says enough about it for anyone who asked.")


def documented() -> list[str]:
    """Return the lines of the session in the documentation, but for the environment, which a test has already."""
    text = (PROJECT / "docs" / "sources.md").read_text()
    block, *_ = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line.removeprefix("$ ") for line in block.splitlines()]
    assert lines[0].endswith("activate")
    return lines[1:]


class Terminal:
    """A shell on a pseudo-terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.read()

    def type(self, line: str) -> tuple[int, str]:
        """Type a line and wait until the shell is ready again."""
        os.write(self._descriptor, f"{line}\n".encode())
        return self.read()

    def read(self) -> tuple[int, str]:
        """Read up to the next prompt; return the status it tells, and all that was shown."""
        seen, end = b"", time.monotonic() + GUARD
        while not (ready := _PROMPT.search(seen.decode(errors="replace"))):
            assert select.select([self._descriptor], [], [], max(0.0, end - time.monotonic()))[0], seen[-2000:]
            seen += os.read(self._descriptor, 65536)
        return int(ready[1]), seen.decode(errors="replace")


@contextmanager
def terminal(workspace: Workspace) -> Iterator[Terminal]:
    """Open a terminal in a checkout."""
    ours, theirs = pty.openpty()
    shell = [shutil.which("bash") or "bash", "--norc", "--noprofile", "--noediting", "-i"]
    environment = workspace.environment(PS1="<$?>> ", TERM="dumb", COLUMNS="120", GIT_PAGER="cat")
    with subprocess.Popen(
        shell, cwd=workspace.root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours)
        finally:
            process.kill()
            os.close(ours)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone in which nothing is built, which knows one family: what is typed is about no other."""
    workspace = Workspace.make(tmp_path_factory.mktemp("newcomer") / "project", FAMILY)
    workspace.keep(FAMILY, "mmathcot")
    workspace.locked(FAMILY, "mmathcot")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "As cloned"], ["tag", "cloned"]):
        git(workspace.root, *command)
    return workspace


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(answer) as server:
        yield server.url


@pytest.fixture(scope="module")
def coded(checkout: Workspace) -> Workspace:
    """The clone in which dvc knows the code's hashes, which take as long as any stage and are no family's."""
    return code_known(checkout)


def code_known(checkout: Workspace) -> Workspace:
    done = checkout.python("-m", "dvc", "repro", "code")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture(scope="module")
def looking(coded: Workspace, url: str) -> Typed:
    """The session before the build."""
    lines = documented()
    until = next(number for number, line in enumerate(lines) if line.startswith(BUILT))
    with terminal(coded) as shell:
        return [(line, *shell.type(line.replace(ADDRESS, url))) for line in lines[:until]]


@pytest.fixture(scope="module")
def half(looking: Typed, coded: Workspace, url: str) -> Typed:
    """The same, and the first stages of the build, whose command goes on from there."""
    assert [status for _, status in built(coded, looking, url, f"{BUILT} judge@{FAMILY}")] == [0, 0]
    return looking


@pytest.fixture(scope="module")
def building(half: Typed, coded: Workspace, url: str) -> Typed:
    """The session up to the build."""
    line = documented()[len(half)]
    *_, (shown, status) = built(coded, half, url, line)
    return [*half, (line, status, shown)]


def built(checkout: Workspace, session: Typed, url: str, line: str) -> list[tuple[str, int]]:
    """Type a line into a further terminal, with the variables of the session."""
    variables = [line for line, _, _ in session if line.startswith("export ")]
    with terminal(checkout) as shell:
        typed = [shell.type(line.replace(ADDRESS, url)) for line in (*variables, line)]
    return [(shown, status) for status, shown in typed]


def test_the_session_of_the_documentation_ends_in_a_build(building: Typed, checkout: Workspace) -> None:
    assert [(line, status, outputs[-2000:]) for line, status, outputs in building if status] == []
    outputs = {line.partition("#")[0].strip(): text for line, _, text in building}
    assert "own: 3 rows, 3 kept, 0 rejected" in outputs["python -m builders sources safechain"]
    assert "bread" not in outputs["python -m builders sources safechain"].replace("\r", "").partition("\n")[2]
    assert "finish reason: stop" in outputs["python -m builders try safechain teacher"]
    assert len(checkout.rows("validate")) == 3
    assert not (checkout.root / "processed" / "mmathcot").exists()


def test_the_rest_of_the_session_shows_exports_and_publishes_it(building: Typed, checkout: Workspace, tmp_path: Path) -> None:
    lines = documented()[len(building) :]
    shelf = tmp_path / "shelf"
    with terminal(checkout) as shell:
        shell.type(
            "export GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@example.org GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@example.org"
        )
        typed = [(line, *shell.type(line.replace(SHELF, str(shelf)))) for line in lines]
    assert [(line, status, text[-2000:]) for line, status, text in typed if status] == []
    assert (shelf / FAMILY / "v1.0.0" / "README.md").is_file()
    assert pq.read_table(checkout.root.parent / "messages.parquet").num_rows == 2  # one of three is in another split
    text = card(checkout.release)
    assert "| `own` | somebody's own file, sha256 " in text
    assert "`default_own`" in text
    assert git_status(checkout) == ""


def git_status(checkout: Workspace) -> str:
    """Return what git does not know: the file of one's own is none of it."""
    command = [shutil.which("git") or "git", "status", "--short"]
    return subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=True).stdout


def test_files_of_ones_own_change_nothing_for_the_sample() -> None:
    """The folder of a profile is a dependency of that profile alone."""
    text = (PROJECT / "dvc.yaml").read_text()
    assert text.count("        - raw/${key}/${profile}\n") == 3
    assert "raw/${key}/own" not in text


@pytest.mark.parametrize(("name", "ignored"), [("prompts.csv", True), ("deep/rows.jsonl", True), ("README.md", False)])
def test_git_does_not_see_what_is_put_into_the_folder_of_ones_own(name: str, tmp_path: Path, *, ignored: bool) -> None:
    git(tmp_path, "init", "--quiet")
    shutil.copyfile(PROJECT / ".gitignore", tmp_path / ".gitignore")
    for family in families.names():
        file = tmp_path / "raw" / family / "own" / name
        file.parent.mkdir(parents=True)
        file.touch()
        command = [shutil.which("git") or "git", "check-ignore", "--quiet", str(file)]
        assert (subprocess.run(command, cwd=tmp_path, check=False).returncode == 0) == ignored


@pytest.fixture
def cloned(checkout: Workspace, tmp_path: Path) -> Workspace:
    """A fresh clone."""
    found = Workspace(tmp_path / "clone", FAMILY)
    git(tmp_path, "clone", "--quiet", *IDENTITY, str(checkout.root), "clone")
    git(found.root, "checkout", "--quiet", "cloned")
    return code_known(found)


@pytest.fixture
def asked(cloned: Workspace) -> Workspace:
    """The same, in which the stages that ask have run."""
    return experimented(cloned, f"judge@{FAMILY}")


def experimented(cloned: Workspace, target: str) -> Workspace:
    done = cloned.python("-m", "dvc", "exp", "run", "-S", "teacher=ledger", target)
    assert done.returncode == 0, done.stdout + done.stderr
    return cloned


def test_teacher_ledger_ends_well_in_a_fresh_clone(asked: Workspace) -> None:
    done = experimented(asked, f"release@{FAMILY}")
    assert len(done.rows("validate")) > 0
    assert (done.release / "README.md").is_file()

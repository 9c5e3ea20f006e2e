"""dvc's remote: a release and its sealed ledger, pushed from one clone, pulled into another, and replayed there."""

import shutil
from pathlib import Path

import pytest

from builders import paths
from builders.publishing import publish
from builders.releases import code, first_screen
from builders.sealed import exporting, importing
from tests.doubles.teacher import serving
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import git
from tests.sealed.conftest import answer, prepared

SEALED = f"{FAMILY}.ledger.zst"


def dvc(workspace: Workspace, *arguments: str) -> str:
    done = workspace.python("-m", "dvc", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stored(workspace: Workspace, remote: Path) -> None:
    """Name the remote of a clone, as its user does."""
    dvc(workspace, "remote", "modify", "--local", "restricted", "url", str(remote))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("remote")


@pytest.fixture(scope="module")
def pushed(remote: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone with a release that a server answered, which has pushed it with its ledger."""
    made = prepared(tmp_path_factory.mktemp("pushed") / "project")
    made.only(FAMILY)
    with serving(answer) as server:
        made.quick(*paths.STAGES, BUILDERS_TEACHER_URL=server.url)
    with made.inside():
        code.run()
        exporting.run(FAMILY, Path(SEALED), accept_hazard=True)
    git(made.root, "init", "--quiet")
    git(made.root, "add", "--all")
    git(made.root, "commit", "--quiet", "--message", "Sources")
    dvc(made, "commit", "--force")
    dvc(made, "add", SEALED)
    git(made.root, "add", "--all")
    git(made.root, "commit", "--quiet", "--message", "Build")
    stored(made, remote)
    dvc(made, "push")
    return made


@pytest.fixture
def cloned(pushed: Workspace, remote: Path, tmp_path: Path) -> Workspace:
    git(tmp_path, "clone", "--quiet", str(pushed.root), "clone")
    clone = Workspace(tmp_path / "clone")
    stored(clone, remote)
    return clone


def test_what_is_pushed_is_pulled_elsewhere_and_the_ledger_makes_the_same_release(pushed: Workspace, cloned: Workspace) -> None:
    assert not cloned.release.exists()
    dvc(cloned, "pull", "--allow-missing")
    release = files(pushed.release)
    assert files(cloned.release) == release
    assert (cloned.root / SEALED).read_bytes() == (pushed.root / SEALED).read_bytes()
    shutil.rmtree(cloned.root / "processed")
    cloned.project(teacher="ledger")
    with cloned.inside():
        importing.run(Path(SEALED))
    cloned.quick(*paths.STAGES)
    assert files(cloned.release) == release


def test_only_releases_and_sealed_ledgers_are_pushed(pushed: Workspace, remote: Path) -> None:
    """Rows between stages, rejected ones and replies stay where they are."""
    sent = {content for name, content in files(remote).items() if not name.endswith(".dir")}
    assert sent == {*files(pushed.release).values(), (pushed.root / SEALED).read_bytes()}
    text = (pushed.root / f"{SEALED}.dvc").read_text()
    assert "remote:" not in text  # the default remote is the restricted one
    assert "remote = restricted" in (pushed.root / ".dvc/config").read_text()


def test_what_dvc_locked_is_what_publish_takes(pushed: Workspace, tmp_path: Path) -> None:
    """The checks of publish on a build that dvc itself has recorded: a clean tree, and this release in `dvc.lock`."""
    with pushed.inside(BUILDERS_DESTINATION=(tmp_path / "shelf").as_uri()) as output:
        publish.run(FAMILY, publish.Permissions(sample=True, hazard=False, removals=False), dry_run=True)
    place = f"{(tmp_path / 'shelf').as_uri()}/{FAMILY}{first_screen.SAMPLE_SUFFIX}"
    assert output.getvalue().splitlines()[-1] == f"publish {FAMILY}: would become v1.0.0 of {place}; nothing was sent"

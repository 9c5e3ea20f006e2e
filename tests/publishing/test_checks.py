"""checks: what a release and its checkout must be before anything of them is sent anywhere."""

import json
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.publishing import checkout, checks, notes, publish
from builders.publishing.checks import Release
from builders.publishing.folder import Folder
from builders.publishing.publish import Permissions
from builders.publishing.repository import Repository
from builders.releases import croissant
from tests.harness import Workspace
from tests.publishing.test_planning import Made, written


@pytest.fixture
def release(tmp_path: Path) -> Release:
    files = {"README.md": "Card.\n", croissant.FILE: "{}", "manifest.json": '{"hazard": "harmful-requests"}'}
    return written(Made({"default": [{"id": "family:1", "count": 1}]}, files), tmp_path / "release")


@pytest.mark.parametrize(
    ("sample", "asked", "what"),
    [
        (True, False, "it is a sample build, whose figures measure nothing; .* as quiz-sample"),
        (False, True, "it is not a sample build; leave --sample out"),
        (None, True, "there is no release to publish; run dvc repro"),
    ],
)
def test_a_release_is_of_the_build_that_is_meant(sample: bool | None, *, asked: bool, what: str, tmp_path: Path) -> None:  # noqa: FBT001
    if sample is not None:
        (tmp_path / "manifest.json").write_text(json.dumps({"sample": sample}))
        assert checks._manifest("quiz", tmp_path, sample=sample) == {"sample": sample}  # noqa: SLF001
    with pytest.raises(BuildError, match=what):
        checks._manifest("quiz", tmp_path, sample=asked)  # noqa: SLF001


def test_every_file_of_a_release_has_its_sum_and_every_sum_its_file(release: Release) -> None:
    assert checks._sums(release.folder) == release.sums  # noqa: SLF001
    folder = release.folder
    (folder / "zzz").write_text("")
    with pytest.raises(BuildError, match="zzz is not the file that SHA256SUMS names; build the release again"):
        checks._sums(folder)  # noqa: SLF001
    (folder / "zzz").unlink()
    (folder / "README.md").write_text("Other.\n")
    with pytest.raises(BuildError, match=r"README\.md is not the file that SHA256SUMS names"):
        checks._sums(folder)  # noqa: SLF001
    (folder / "README.md").unlink()
    with pytest.raises(BuildError, match=r"README\.md is not the file that SHA256SUMS names"):
        checks._sums(folder)  # noqa: SLF001


def test_a_release_that_no_lock_names_is_another(release: Release, here: Workspace) -> None:
    del here
    named = checks.dvc_digest(release.folder, [*release.sums, notes.SUMS])
    for lock in (None, "schema: '2.0'", "stages: {release@family: {outs: []}}", _locked(release.folder, "0.dir")):
        Path("dvc.lock").unlink(missing_ok=True)
        if lock is not None:
            Path("dvc.lock").write_text(lock)
        with pytest.raises(BuildError, match=r"dvc\.lock has another release of family; run dvc repro"):
            checks._check_locked("family", release.folder, release.sums)  # noqa: SLF001
    Path("dvc.lock").write_text(_locked(release.folder, named))
    checks._check_locked("family", release.folder, release.sums)  # noqa: SLF001


def _locked(folder: Path, digest: str) -> str:
    outs = [{"path": "other", "md5": "1.dir"}, {"path": folder.as_posix(), "md5": digest}]
    return json.dumps({"stages": {"release@family": {"outs": outs}}})


def test_what_dvc_calls_a_folder_depends_on_names_and_contents_in_the_order_of_their_parts(tmp_path: Path) -> None:
    for name in ("a/b", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert checks.dvc_digest(tmp_path, ["a.txt", "a/b"]) == checks.dvc_digest(tmp_path, ["a/b", "a.txt"])
    assert checks.dvc_digest(tmp_path, ["a.txt", "a/b"]) == "b8faaeb735caf69041e5950c73a05845.dir"


def test_a_checkout_without_a_commit_is_named_and_no_folder_below_it_takes_a_release(
    here: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del here
    with pytest.raises(BuildError) as caught:
        checkout.commit()
    assert caught.value.what.startswith("git read-tree fails: ")
    assert caught.value.fix == "publish from a clone that has a commit"
    with pytest.raises(BuildError, match="git log fails: "):
        checkout.date()
    plain = Permissions(sample=False, hazard=False, removals=False)
    for inside in (Path.cwd() / "published", Path.cwd()):
        monkeypatch.setenv("BUILDERS_DESTINATION", inside.as_uri())
        with pytest.raises(BuildError, match="it is in the checkout, which must stay as the commit has it"):
            publish._place("quiz", tmp_path, plain)  # noqa: SLF001
    monkeypatch.setenv("BUILDERS_DESTINATION", Path.cwd().parent.as_uri())
    found = publish._place("quiz", tmp_path, plain)  # noqa: SLF001
    assert found == Folder(Path.cwd().parent / "quiz", "harmful-requests")
    assert publish._place("quiz", tmp_path, plain._replace(sample=True)) == Folder(  # noqa: SLF001
        Path.cwd().parent / "quiz-sample", "harmful-requests"
    )
    monkeypatch.setenv("BUILDERS_DESTINATION", "hf://datasets/someone")
    there = publish._place("quiz", tmp_path, plain)  # noqa: SLF001
    assert isinstance(there, Repository)
    assert (there.name, there.hazard, there.address) == ("someone/quiz", "harmful-requests", "hf://datasets/someone/quiz")

"""Places and plans without commands: what lies in a folder, what may follow it, and what is asked of a checkout."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from builders import private
from builders.errors import BuildError
from builders.publishing import notes, places, planning, publish
from builders.publishing.checks import Release
from builders.publishing.folder import Folder
from builders.publishing.places import Former, State
from builders.publishing.publish import Permissions
from builders.publishing.versions import FIRST, Difference, Rows, Version
from builders.releases import croissant
from tests.publishing.test_planning import Made, written

SECOND = Version(1, 1, 0)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    files = {"README.md": "Card.\n", croissant.FILE: "{}", "manifest.json": '{"hazard": "harmful-requests"}'}
    return written(Made({"default": [{"id": "family:1", "count": 1}]}, files), tmp_path / "release")


def laid(release: Release, place: Folder, version: Version = FIRST, **changes: object) -> Former:
    """Let a release lie in a folder as a version of it."""
    facts = {"family": "family", "sample": False, "version": str(version), "code": "c" * 40, "code_date": "2026-01-01"}
    hashes = {"dvc_lock": "d" * 64, "release": "e" * 64, "contents": release.contents, "changelog": []}
    published = notes.PublishedNote.model_validate({**facts, **hashes, **changes})
    notes.staged(release.folder, place.root / version.tag, published, place.where(version))
    return place._former(version)  # noqa: SLF001


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("file:///a/b%20c", ("file", "/a/b c")),
        ("file:////a", ("file", "//a")),
        ("hf://datasets/some-one/", ("hf", "some-one")),
        ("hf://datasets/a.b_c", ("hf", "a.b_c")),
    ],
)
def test_a_destination_is_a_folder_or_a_namespace(text: str, found: tuple[str, str]) -> None:
    assert places.named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("file://host/a", "file:///", "file:a", "hf://models/someone", "hf://datasets/", "hf://datasets/a/b", "s3://a"),
        *("hf://datasets/a--b", "hf://datasets/a..b", "hf://datasets/a-", "hf://datasets/a.", "hf://datasets/-a", "http://[a"),
    ],
)
def test_what_is_no_destination_is_refused(text: str) -> None:
    with pytest.raises(BuildError) as caught:
        places.named(text)
    assert caught.value.what == "no destination of that form"
    assert caught.value.where == "BUILDERS_DESTINATION"


def test_a_destination_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_DESTINATION", "file:///shelf")
    assert places.named() == ("file", "/shelf")
    monkeypatch.delenv("BUILDERS_DESTINATION")
    with pytest.raises(BuildError, match="it does not say where to publish"):
        places.named()
    for sign in "?#":
        with pytest.raises(BuildError, match="a folder's name goes on behind"):
            places.named(f"file:///a{sign}b")


def test_the_latest_version_of_a_folder_is_looked_at_and_files_beside_it_are_not(release: Release, tmp_path: Path) -> None:
    place = Folder(tmp_path / "shelf/family")
    assert place.look() == State(None, frozenset(), None, None)
    laid(release, place)
    latest = laid(release, place, SECOND)
    (place.root / "v9.0.0").write_text("a file")
    assert place.look() == State("v1.1.0", frozenset({FIRST, SECOND}), latest, None)
    assert (latest.version, latest.card[:5], set(latest.sums) >= {"README.md", "SHA256SUMS"}) == (SECOND, "Card.", True)
    assert place.source("v1.1.0") == (str(tmp_path / "shelf/family/v1.1.0"), None)
    shutil.move(place.root / "v1.1.0", place.root / "v3.0.0")
    with pytest.raises(BuildError, match=r"v3.0.0: PUBLISHED.json there is that of 1.1.0; move that folder away"):
        place.look()
    (place.root / "v3.0.0/croissant.json").unlink()
    with pytest.raises(BuildError, match=r"v3.0.0: croissant.json is missing; move that folder away"):
        place.look()


def test_a_file_that_differs_or_is_missing_or_too_much_is_named(release: Release, tmp_path: Path) -> None:
    place = Folder(tmp_path / "shelf/family")
    sums = dict(laid(release, place).sums)
    assert place.mismatched("v1.0.0", sums) == []
    (place.root / "v1.0.0/README.md").write_text("Other.\n")
    (place.root / "v1.0.0/more.txt").write_text("")
    (place.root / "v1.0.0/manifest.json").unlink()
    assert place.mismatched("v1.0.0", sums) == ["README.md", "manifest.json", "more.txt"]


@pytest.mark.parametrize(("hazard", "mode"), [("none", 0o755), ("harmful-text", 0o700)])
def test_a_folder_of_hazard_is_its_owners_alone(hazard: str, mode: int, release: Release, tmp_path: Path) -> None:
    place = Folder(tmp_path / "shelf/family", hazard)
    assert not place.shut(dry_run=False)
    state = place.look()
    assert place.prepare(state) is state
    assert place.root.stat().st_mode & 0o777 == mode
    place.root.chmod(0o755)
    assert place.shut(dry_run=True) == (hazard != "none")
    assert place.root.stat().st_mode & 0o777 == 0o755
    assert place.shut(dry_run=False) == (hazard != "none")
    assert place.root.stat().st_mode & 0o777 == mode
    assert not place.shut(dry_run=False)
    sent = place.root / place.send(release.folder, state, FIRST)
    assert sent.name == "partial-v1.0.0"
    assert {bool(path.stat().st_mode & private.OWNER) for path in (sent, *sent.rglob("*"))} == {hazard == "none"}
    place.finish(sent.name, FIRST)
    assert (place.root / "v1.0.0/README.md").read_text() == "Card.\n"
    again = place.send(release.folder, state, FIRST)
    with pytest.raises(BuildError, match=r"somebody else has published v1\.0\.0 meanwhile; run again"):
        place.finish(again, FIRST)
    place.prepare(state)
    assert [path.name for path in place.root.iterdir()] == ["v1.0.0"]
    with pytest.raises(FileNotFoundError):
        place.finish(again, SECOND)


def test_a_file_that_is_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_text("a file")
    with pytest.raises(BuildError, match="shelf: nothing can be put there; fix its permissions or BUILDERS_DESTINATION"):
        Folder(tmp_path / "shelf/family").look()


@pytest.mark.parametrize(
    ("manifest", "said", "level"),
    [
        ('{"hazard": "harmful-requests"}', "none", "none"),
        ('{"hazard": "harmful-requests"}', None, "harmful-requests"),
        ('{"hazard": "none"}', None, "none"),
        ("{}", None, "harmful-text"),
        ("[]", None, "harmful-text"),
        (None, None, "harmful-text"),
    ],
)
def test_a_version_is_as_hazardous_as_it_says_and_else_as_can_be(
    manifest: str | None, said: str | None, level: str, release: Release, tmp_path: Path
) -> None:
    place = Folder(tmp_path / "shelf/family")
    former = laid(release, place, hazard=said)
    (place.root / "v1.0.0/manifest.json").write_text(manifest or "")
    if manifest is None:
        former = former._replace(sums={path: digest for path, digest in former.sums.items() if path != "manifest.json"})
    assert planning.hazard(former, place, tmp_path / "scratch") == level


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, None),
        ({"family": "other"}, "there lies the dataset of other"),
        ({"sample": True}, "there lies a sample build of family"),
    ],
)
def test_another_dataset_is_never_followed(changes: dict[str, Any], what: str | None, release: Release, tmp_path: Path) -> None:
    place = Folder(tmp_path / "shelf/family")
    former = laid(release, place, **changes)
    if what is None:
        planning.check_same_set(release, former, place)
        return
    with pytest.raises(BuildError, match=f"{what}; choose another namespace"):
        planning.check_same_set(release, former, place)


def test_a_version_that_is_there_already_is_not_planned_again_and_no_number_comes_twice(
    release: Release, tmp_path: Path
) -> None:
    place = Folder(tmp_path / "shelf/family")
    assert planning.planned(release, place, place.look(), tmp_path / "scratch").version == FIRST
    laid(release, place)
    assert planning.planned(release, place, place.look(), tmp_path / "scratch").version is None
    (release.folder / "README.md").write_text("Other.\n")
    state = place.look()._replace(versions=frozenset({FIRST, Version(1, 0, 4)}))
    other = release._replace(sums={**release.sums, "README.md": "0" * 64})
    assert planning.planned(other, place, state, tmp_path / "scratch").version == Version(1, 0, 5)


def test_what_a_stopped_publish_has_left_is_only_told_on_a_dry_run(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Folder(tmp_path / "shelf/family")
    first, left = laid(release, place), laid(release, place, SECOND)
    state = State("v1.1.0", frozenset({FIRST}), first, left)
    told = publish._settled(release, place, state, tmp_path / "scratch", dry_run=True)  # noqa: SLF001
    assert told == State("v1.1.0", frozenset({FIRST, SECOND}), left, None)
    assert capsys.readouterr().out == ("publish family: v1.1.0 was sent as v1.1.0 and not verified; would verify and tag it\n")
    (place.root / "v1.1.0/README.md").write_text("Broken.\n")
    settled = publish._settled(release, place, state, tmp_path / "scratch", dry_run=False)  # noqa: SLF001
    assert settled == State("v1.1.0", frozenset({FIRST}), first, None)
    assert capsys.readouterr().out == (
        "publish family: v1.1.0 was sent as v1.1.0 and is broken (README.md is another file); it gets no tag\n"
    )


def test_neither_the_latest_version_nor_an_unfinished_one_is_followed_by_less_hazard(release: Release, tmp_path: Path) -> None:
    place = Folder(tmp_path / "shelf/family")
    mild, hard = laid(release, place, hazard="none"), laid(release, place, SECOND, hazard="harmful-text")
    for latest, unfinished in ((hard, None), (mild, hard)):
        state = State("x", frozenset(), latest, unfinished)
        publish._check_not_lowered("harmful-text", state, place, tmp_path)  # noqa: SLF001
        with pytest.raises(BuildError, match=r"v1.1.0 there has the hazard harmful-text, and the family says harmful-requests"):
            publish._check_not_lowered("harmful-requests", state, place, tmp_path)  # noqa: SLF001
    publish._check_not_lowered("none", State("x", frozenset(), mild, None), place, tmp_path)  # noqa: SLF001


def test_rows_disappear_only_where_that_is_allowed(tmp_path: Path) -> None:
    gone = Difference({"hard": Rows(before=10, added=0, removed=2, changed=0)}, (), (), (), ())
    place = Folder(tmp_path / "family")
    publish._check_removals(gone, place, Permissions(sample=False, hazard=False, removals=True))  # noqa: SLF001
    with pytest.raises(BuildError, match="2 of the 10 rows of hard would disappear"):
        publish._check_removals(gone, place, Permissions(sample=False, hazard=True, removals=False))  # noqa: SLF001

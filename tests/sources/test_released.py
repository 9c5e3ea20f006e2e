"""Rows of a release as a source: what it says about itself is inherited, and what does not fit is one line."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from pydantic import ValidationError

from builders import hazards, paths, records
from builders.errors import BuildError
from builders.publishing import notes
from builders.sources import reading, released
from builders.sources.tables import INHERITED, Source
from tests.doubles import hub
from tests.harness import Workspace, one_line

OTHER, FAMILY = "mmathcot", "toy"
NAME = "someone/mathematics"
MODEL = {"server": "https://example.org", "model": "llama-3.1-8b", "revision": None, "prompts_sha256": None}
Files = Mapping[str, list[dict[str, Any]]]
ROWS: Files = {
    "made/train-00000-of-00002": [{"id": "mmathcot:1", "text": "Two and two are four.", "license": "CC-BY-4.0"}],
    "made/train-00001-of-00002": [{"id": "mmathcot:2", "text": "Seven of eight boats came home.", "license": "GPL-3.0-only"}],
    "made/test-00000-of-00001": [{"id": "mmathcot:3", "text": "Nobody trains on this one.", "license": "CC-BY-4.0"}],
    "unify/train-00000-of-00001": [{"id": "mmathcot:4", "text": "Rain fell all day long.", "license": None}],
}


def write(folder: Path, rows: Files = ROWS, **manifest: Any) -> Path:  # noqa: ANN401
    """Write a release as far as a source looks at it."""
    facts = {
        "family": OTHER,
        "hazard": "none",
        "sample": True,
        "decontamination": {"mathvista": {"prompts": 9}},
        "answered_by": {"teacher": MODEL},
        **manifest,
    }
    contents = {"manifest.json": orjson.dumps(facts)}
    for name, listed in rows.items():
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(listed), sink)
        contents[f"{name}.parquet"] = sink.getvalue()
    contents[notes.SUMS] = "".join(
        f"{records.bytes_digest(data)}  {name}\n" for name, data in sorted(contents.items())
    ).encode()
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def source(**file: Any) -> Source:  # noqa: ANN401
    entry = {"id": "problems", "subset": "default", "columns": {"key": "id", "prompt": "text"}}
    return Source.model_validate({**entry, "file": {"release": OTHER, "configs": ["made", "unify"], **file}})


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The least that counts as a checkout, as the working directory, with a release of another family in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    (tmp_path / "dvc.yaml").write_text(
        yaml.safe_dump({"vars": [{"families": {FAMILY: {"after": f"processed/{OTHER}/release"}}}]})
    )
    write(tmp_path / paths.release(OTHER))
    return tmp_path


def texts(one: Source) -> list[str]:
    return [row.values["text"] for row in reading.rows(FAMILY, one)]


@pytest.mark.usefixtures("toys", "checkout")
def test_rows_come_config_by_config_and_those_of_other_splits_stay_apart() -> None:
    reading.check(FAMILY, source())
    assert texts(source()) == [ROWS[name][0]["text"] for name in ROWS if "test" not in name]
    assert texts(source(configs=["made"], splits=["test"])) == ["Nobody trains on this one."]


@pytest.mark.usefixtures("toys")
def test_a_published_folder_is_read_like_the_checkouts_own(checkout: Path, tmp_path: Path) -> None:
    folder = (checkout / paths.release(OTHER)).rename(tmp_path / "v1.0.0")
    reading.check(FAMILY, source(folder=str(folder)))
    assert len(texts(source(folder=str(folder)))) == 3
    with pytest.raises(BuildError, match=f"no release is there; run dvc repro release@{OTHER}"):
        reading.check(FAMILY, source())
    with pytest.raises(BuildError, match="no release is there; name the folder of a version"):
        reading.check(FAMILY, source(folder=str(tmp_path / "v2.0.0")))


@pytest.mark.usefixtures("toys")
def test_dvc_has_to_know_what_is_built_first(checkout: Path) -> None:
    (checkout / "dvc.yaml").unlink()
    for text in ["", "vars: [", "vars: []", "[]", "{}", *(f"vars: [{{families: {{toy: {one}}}}}]" for one in (3, "[abc]", 0))]:
        with pytest.raises(BuildError, match=rf"write after: processed/{OTHER}/release for {FAMILY} there"):
            reading.check(FAMILY, source())
        (checkout / "dvc.yaml").write_text(text or yaml.safe_dump({"vars": [{"families": {FAMILY: {"after": "raw/toy"}}}]}))


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("hazards", [{"hazard": "harmful-text"}, {"hazards": {"unify": "odd"}}])
def test_nobody_builds_on_rows_that_are_more_hazardous_than_its_own(hazards: dict[str, Any], checkout: Path) -> None:
    write(checkout / paths.release(OTHER), **hazards)
    with pytest.raises(BuildError, match=rf"of {OTHER} is [a-z-]+, and {FAMILY} none; raise the hazard of {FAMILY}"):
        reading.check(FAMILY, source())


@pytest.mark.usefixtures("toys")
def test_of_a_hazardous_release_a_config_without_hazard_may_be_taken(checkout: Path) -> None:
    write(checkout / paths.release(OTHER), hazard="harmful-text", hazards={"made": "none", "unify": "harmful-text"})
    reading.check(FAMILY, source(configs=["made"]))


@pytest.mark.usefixtures("toys")
def test_a_file_that_was_changed_since_is_refused(checkout: Path) -> None:
    file = checkout / paths.release(OTHER) / "made" / "train-00000-of-00002.parquet"
    for change in (lambda: file.write_bytes(file.read_bytes() + b"x"), file.unlink):
        change()
        with pytest.raises(BuildError, match="changed since it was released"):
            texts(source())


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    ("manifest", "message"), [({"family": "safechain"}, "a release of safechain, not of mmathcot"), ({"sample": None}, "")]
)
def test_another_release_or_none_is_one_line(manifest: dict[str, Any], message: str, checkout: Path) -> None:
    write(checkout / paths.release(OTHER), **manifest)
    if message:
        with pytest.raises(BuildError, match=message):
            reading.check(FAMILY, source())
    for content in (b"[]", b"{", b"{}", b'"x"'):
        (checkout / paths.release(OTHER) / "manifest.json").write_bytes(content)
        with pytest.raises(BuildError, match="not a release of ours"):
            reading.check(FAMILY, source())
    write(checkout / paths.release(OTHER))
    with pytest.raises(BuildError, match="the release has no row of distill in train"):
        reading.check(FAMILY, source(configs=["made", "distill"]))
    (checkout / paths.release(OTHER) / notes.SUMS).write_text("0  notes.md\n")
    with pytest.raises(BuildError, match="a release of mmathcot, not of mmathcot"):
        reading.check(FAMILY, source())


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"license": "MIT"}, "leave license out"),
        ({"format": "csv"}, "leave format out"),
        ({"file": {"release": OTHER, "configs": ["made"], "folder": "x", "hub": "a/b"}}, "name one"),
        ({"file": {"release": OTHER, "configs": ["made"], "revision": "0" * 40}}, "name it under hub"),
        ({"file": {"release": OTHER, "configs": ["made"], "hub": "a/b", "revision": "main"}}, "40 hex digits"),
        ({"file": {"release": OTHER, "configs": []}}, "at least 1 item"),
        ({"file": {"release": "../x", "configs": ["made"]}}, "pattern"),
    ],
)
def test_what_contradicts_itself_is_refused(entry: dict[str, Any], message: str) -> None:
    whole = {
        "id": "problems",
        "subset": "default",
        "columns": {"prompt": "text"},
        "file": {"release": OTHER, "configs": ["made"]},
    }
    assert Source.model_validate(whole).license == INHERITED
    with pytest.raises(ValidationError, match=message):
        Source.model_validate({**whole, **entry})


@pytest.mark.usefixtures("toys", "checkout")
def test_what_pins_the_rows_is_the_list_of_checksums() -> None:
    before = reading.origin(FAMILY, source())
    assert before == {"sha256": records.file_digest(paths.release(OTHER) / notes.SUMS)}
    write(paths.release(OTHER), {**ROWS, "unify/train-00000-of-00001": ROWS["made/test-00000-of-00001"]})
    assert reading.origin(FAMILY, source()) != before


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"license": "MIT"}, "MIT"),
        ({"licence": "MIT", "license": ""}, "MIT"),
        ({}, released.UNKNOWN),
        ({"license": 7}, released.UNKNOWN),
    ],
)
def test_a_row_has_its_own_licence(row: dict[str, Any], expected: str) -> None:
    assert released.licence(row) == expected


def test_a_release_inherits_sample_licences_terms_and_what_it_was_kept_apart_from(workspace: Workspace) -> None:
    workspace.adopt(FAMILY)
    write(workspace.root / "published", {name: rows for name, rows in ROWS.items() if "unify" not in name})
    with workspace.params(FAMILY) as params:
        params["full"]["collect"]["sources"] = [
            {
                "id": "problems",
                "file": {"release": OTHER, "folder": "published", "configs": ["made"]},
                "subset": "default",
                "columns": {"key": "id", "prompt": "text"},
            }
        ]
    workspace.project(profile="full")
    workspace.quick(*paths.STAGES, family=FAMILY)
    manifest = json.loads((workspace.root / "processed" / FAMILY / "release" / "manifest.json").read_bytes())
    assert (manifest["profile"], manifest["sample"], manifest["recorded"]) == ("full", True, False)
    facts = {"release": OTHER, "sample": True, "hazard": "none", "splits": ["train"], "kept_apart_from": ["mathvista"]}
    first, second = manifest["sources"]
    assert (first["id"], first["license"], first["rows"]) == ("problems", "CC-BY-4.0", 1)
    assert (second["id"], second["license"], second["rows"]) == ("problems (GPL-3.0-only)", "GPL-3.0-only", 1)
    assert facts.items() <= first.items()
    assert facts.items() <= second.items()
    assert manifest["licences"]["whole"] == "GPL-3.0-only"
    assert manifest["licences"]["bound_by_models"]
    assert [model["role"] for model in manifest["licences"]["models"]] == ["mmathcot teacher"]
    rows = workspace.rows("validate", family=FAMILY)
    assert [row["provenance"]["license"] for row in rows] == ["CC-BY-4.0", "GPL-3.0-only"]
    card = (workspace.root / "processed" / FAMILY / "release" / "DETAILS.md").read_text()
    assert f"release of `{OTHER}`" in card


def test_a_release_on_the_hub_is_read_at_its_commit_and_then_needs_no_network(workspace: Workspace) -> None:
    workspace.adopt(FAMILY)
    folder = write(workspace.root / "published", {name: rows for name, rows in ROWS.items() if "unify" not in name})
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with hub.serving() as served:
        first = served.add(NAME, files)
        served.add(NAME, {"README.md": b"Everything else is gone by now."})
        with workspace.params(FAMILY) as params:
            place = {"release": OTHER, "hub": NAME, "revision": first, "configs": ["made"], "splits": ["train", "test"]}
            entry = {"id": "problems", "file": place, "subset": "default", "columns": {"key": "id", "prompt": "text"}}
            params["full"]["collect"]["sources"] = [entry]
        workspace.project(profile="full")
        workspace.build("collect", family=FAMILY, **served.environment())
    workspace.build(*paths.STAGES[1:-1], family=FAMILY)
    workspace.build("release", family=FAMILY, HF_HUB_OFFLINE="1")
    rows = workspace.rows("validate", family=FAMILY)
    assert [row["provenance"]["source_key"] for row in rows] == ["mmathcot:3", "mmathcot:1", "mmathcot:2"]
    manifest = json.loads((workspace.root / "processed" / FAMILY / "release" / "manifest.json").read_bytes())
    pinned = {"repository": NAME, "revision": first, "release": OTHER, "splits": ["train", "test"], "sample": True}
    assert all(pinned.items() <= source.items() for source in manifest["sources"])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"manifest.json": b"{}", "SHA256SUMS": b""}, "not a release of ours"),
        ({"SHA256SUMS": b""}, "has no such file at this revision"),
    ],
)
def test_a_repository_that_is_no_release_is_one_line(files: dict[str, bytes], message: str, workspace: Workspace) -> None:
    workspace.adopt(FAMILY)
    with hub.serving() as served:
        place = {"release": OTHER, "hub": NAME, "revision": served.add(NAME, files), "configs": ["made"]}
        with workspace.params(FAMILY) as params:
            entry = {"id": "problems", "file": place, "subset": "default", "columns": {"key": "id", "prompt": "text"}}
            params["full"]["collect"]["sources"] = [entry]
        workspace.project(profile="full")
        assert message in one_line(workspace.run("collect", FAMILY, **served.environment()))


ODD: dict[str, Any] = {
    "family": 7,
    "hazard": None,
    "sample": "no",
    "decontamination": ["mathvista"],
    "answered_by": {"teacher": "somebody"},
    "hazards": ["none"],
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.usefixtures("toys")
def test_a_manifest_that_says_something_of_another_kind_is_no_release_of_ours(name: str, checkout: Path) -> None:
    write(checkout / paths.release(OTHER), **{name: ODD[name]})
    with pytest.raises(BuildError, match="not a release of ours"):
        reading.check(FAMILY, source())


@pytest.mark.usefixtures("toys")
def test_what_a_family_may_build_on_is_decided_by_the_pinned_hazard(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by what its module says: that is raised here, and none is pinned any less."""
    write(checkout / paths.release(OTHER), hazard="harmful-text")
    with pytest.raises(BuildError, match="mmathcot is harmful-text, and toy none"):
        reading.check(FAMILY, source())
    monkeypatch.setitem(hazards.PINNED, FAMILY, hazards.Pin("harmful-text", "", {}))
    reading.check(FAMILY, source())


@pytest.mark.usefixtures("toys")
def test_no_file_outside_of_a_release_is_read(checkout: Path) -> None:
    """Its list of checksums may name any."""
    write(checkout / paths.release(OTHER), {**ROWS, "made/train-x/../../../../elsewhere/train-0": [{"id": "x"}]})
    assert all("elsewhere" not in file for file in released.about("x", source().file).files)  # type: ignore[arg-type]

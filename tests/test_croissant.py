"""croissant: what mlcroissant accepts and reads rows by."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from builders import croissant, records, schema
from builders.errors import BuildError
from tests.harness import Workspace


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.make(tmp_path_factory.mktemp("quick") / "project")
    made.quick("collect", "synthesize", "judge", "filter", "review", "validate", "release")
    return made


def document(workspace: Workspace) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((workspace.release / croissant.FILE).read_bytes())
    return value


def test_every_required_field_says_something(quick: Workspace) -> None:
    found = document(quick)
    croissant.check(found, "here")
    assert found["license"] == "CC-BY-4.0"
    assert found["description"].startswith("Requests, harmful and harmless, each with the reasoning")
    assert found["citeAs"].startswith("@misc{jiang2025safechain")
    for name in croissant.REQUIRED:
        with pytest.raises(BuildError, match=name):
            croissant.check({**found, name: ""}, "here")


def test_its_files_are_the_releases_with_their_sums(quick: Workspace) -> None:
    files = {file["@id"]: file for file in document(quick)["distribution"] if file["@type"] == "cr:FileObject"}
    assert {"default/train-00000-of-00001.parquet", "safechain.schema.json", "figures/funnel.png"} <= set(files)
    for name, file in files.items():
        assert file["sha256"] == records.file_digest(quick.release / name)


def test_it_has_a_field_for_every_column(quick: Workspace, here: Workspace) -> None:
    del here

    def names(fields: list[dict[str, Any]]) -> list[str]:
        return [name for field in fields for name in (field["@id"], *names(field.get("subField", [])))]

    for rows in document(quick)["recordSet"]:
        columns = [column.name.replace("[]", "").replace(".", "/") for column in schema.columns("safechain", rows["name"])]
        assert names(rows["field"]) == [f"{rows['name']}/{column}" for column in columns]


def test_only_a_publish_knows_address_version_and_date(quick: Workspace) -> None:
    text = (quick.release / croissant.FILE).read_bytes()
    there = croissant.published(text, "https://example.org/x", "1.0.0", "2026-01-01")
    assert json.loads(there)["version"] == "1.0.0"
    assert croissant.plain(there) == croissant.plain(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its own
def test_mlcroissant_accepts_it_and_reads_rows(quick: Workspace, tmp_path: Path) -> None:
    import mlcroissant

    folder = Path(shutil.copytree(quick.release, tmp_path / "release"))
    path = folder / croissant.FILE
    path.write_bytes(croissant.published(path.read_bytes(), "https://example.org/x", "1.0.0", "2026-01-01"))
    dataset = mlcroissant.Dataset(jsonld=str(path))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    rows = [row["data"]["id"] for row in quick.rows("validate") if row["subset"] == "hard"]
    assert [row["hard/id"].decode() for row in dataset.records("hard")] == rows

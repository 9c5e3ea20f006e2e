"""croissant: what mlcroissant accepts and reads rows by."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from datasets import Image
from PIL.Image import Image as Picture

from builders import family as families
from builders import records, schema
from builders.errors import BuildError
from builders.releases import croissant, lineage
from tests.harness import FAMILY, PROJECT, Workspace

Samples = Callable[[str], Workspace]
FAMILIES = families.names()
OF_CROISSANT = """
    arrayShape citeAs column containedIn equivalentProperty extract field fileProperty fileObject fileSet format includes
    isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate separator
    source subField transform
"""


def released(samples: Samples, family: str) -> Path:
    """Return the release of a family's sample."""
    return samples(family).root / "processed" / family / "release"


def document(samples: Samples, family: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((released(samples, family) / croissant.FILE).read_bytes())
    return value


@pytest.fixture(autouse=True)
def root(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where schemas are."""
    monkeypatch.chdir(samples(FAMILY).root)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_required_field_says_something(family: str, samples: Samples) -> None:
    found = document(samples, family)
    croissant.check(found, "here")
    assert found["citeAs"].startswith("@misc{")
    assert found["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    for name in (*croissant.REQUIRED, *croissant.STATED, *lineage.FIELDS):
        with pytest.raises(BuildError, match=name):
            croissant.check({**found, name: ""}, "here")


def test_a_sample_is_described_as_it_is_known_to_be(samples: Samples) -> None:
    found = document(samples, FAMILY)
    for file in found["distribution"]:
        for name in ("contentSize", "sha256"):
            file.pop(name, None)
    assert found == json.loads((PROJECT / "tests" / "data" / "croissant.json").read_bytes())


def test_it_says_what_the_card_says(samples: Samples) -> None:
    found = document(samples, FAMILY)
    assert found["license"] == "CC-BY-4.0"
    assert found["description"].startswith("Questions and replies, after a paper that nobody wrote.")
    assert found["citeAs"].startswith("@misc{quiz")


@pytest.mark.parametrize("family", FAMILIES)
def test_its_files_are_the_releases_with_their_sums(family: str, samples: Samples) -> None:
    files = {file["@id"]: file for file in document(samples, family)["distribution"] if file["@type"] == "cr:FileObject"}
    folder = released(samples, family)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(files) == there - {croissant.FILE, "README.md", "manifest.json", "SHA256SUMS"}
    for name, file in files.items():
        assert file["sha256"] == records.file_digest(folder / name)


@pytest.mark.parametrize("family", FAMILIES)
def test_it_has_a_field_for_every_column(family: str, samples: Samples) -> None:
    def names(fields: list[dict[str, Any]]) -> list[str]:
        return [name for field in fields for name in (field["@id"], *names(field.get("subField", [])))]

    fields_by_config = {rows["name"]: names(rows["field"]) for rows in document(samples, family)["recordSet"]}
    assert set(fields_by_config) == set(families.configs(family))
    for config, fields in fields_by_config.items():
        columns = [column.name.replace("[]", "").replace(".", "/") for column in schema.columns(family, config)]
        assert fields == [f"{config}/{column}" for column in columns]


def test_only_a_publish_knows_address_version_and_date(samples: Samples) -> None:
    text = (released(samples, FAMILY) / croissant.FILE).read_bytes()
    there = croissant.published(text, "https://example.org/x", "1.0.0", "2026-01-01")
    assert json.loads(there)["version"] == "1.0.0"
    assert croissant.plain(there) == croissant.plain(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # its own
@pytest.mark.parametrize("family", FAMILIES)
def test_mlcroissant_accepts_it_and_reads_every_value_of_every_config(family: str, samples: Samples, tmp_path: Path) -> None:
    import mlcroissant

    folder = Path(shutil.copytree(released(samples, family), tmp_path / "release"))
    path = folder / croissant.FILE
    path.write_bytes(croissant.published(path.read_bytes(), "https://example.org/x", "1.0.0", "2026-01-01"))
    dataset = mlcroissant.Dataset(jsonld=str(path))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    for config in families.configs(family):
        wanted = [row for shard in sorted((folder / config).iterdir()) for row in pq.read_table(shard).to_pylist()]
        found = [nested(row)[config] for row in dataset.records(config)]
        assert len(found) == len(wanted) > 0
        assert [row["id"] for row, other in zip(wanted, found, strict=True) if plain(row) != plain(other)] == []


def nested(row: dict[str, Any]) -> dict[str, Any]:
    """Return a record of mlcroissant, which lays the parts of parts beside the rest, under their whole names, as a tree."""
    tree: dict[str, Any] = {}
    for name, value in sorted(row.items(), key=lambda entry: entry[0].count("/")):
        *way, last = name.split("/")
        level = tree
        for part in way:
            level = level.setdefault(part, {})
        level[last] = {part.rpartition("/")[2]: item for part, item in value.items()} if isinstance(value, dict) else value
    return tree


def plain(value: object) -> object:
    """Return a value as both have it: mlcroissant writes texts as bytes, and what is nothing as parts that are nothing."""
    if isinstance(value, Picture):
        return value.size, value.convert("RGB").tobytes()
    if isinstance(value, dict) and value.keys() == {"bytes", "path"}:
        return plain(Image().decode_example(value)) if value["bytes"] else None
    if isinstance(value, dict):
        parts = {name.rpartition("/")[2]: plain(part) for name, part in value.items()}
        return parts if any(part is not None for part in parts.values()) else None
    if isinstance(value, list | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value.decode() if isinstance(value, bytes) else value


def test_the_context_is_croissant_s_own() -> None:
    """As the specification's appendix has it, with the words of responsible use and of provenance."""
    context = croissant._CONTEXT  # noqa: SLF001  (no reader of metadata minds what it lacks)
    named = {name for name, meaning in context.items() if meaning == f"cr:{name}"}
    assert named == set(OF_CROISSANT.split())
    assert {name: meaning for name, meaning in context.items() if name not in named} == {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "prov": "http://www.w3.org/ns/prov#",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }

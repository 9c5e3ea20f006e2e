"""The family's own check of a seed, its label; and the full profile's sources."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from builders.families.safechain import collect
from builders.records import Record
from tests.doubles.hub import Hub, serving
from tests.harness import OWN, PROJECT, Workspace
from tests.sources.test_hub import HEADER, READER, collected, requests, written


def _seed(**data: object) -> Record:
    return Record("safechain:0123456789abcdef", "default", None, OWN, {"instruction": "Why?", **data})


@pytest.mark.parametrize(
    "label", [None, "vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign"], ids=str
)
def test_the_four_data_types_and_none_are_labels(label: str | None) -> None:
    assert collect.bad_label(_seed(label=label)) is None


def test_a_seed_without_label_is_fine() -> None:
    assert collect.bad_label(_seed()) is None


@pytest.mark.parametrize(
    "label", ["", "Vanilla_Benign", " vanilla_benign", "benign", 0, 1, True, 1.5, ["vanilla_benign"], {"a": None}], ids=str
)
def test_any_other_label_is_bad(label: object) -> None:
    found = collect.bad_label(_seed(label=label))
    assert found is not None
    assert found.reason == "bad_label"
    assert found.evidence == {"type": type(label).__name__, "length": len(str(label))}


def test_the_evidence_does_not_quote_the_label() -> None:
    found = collect.bad_label(_seed(label="a request that slipped into the wrong column"))
    assert found is not None
    assert "slipped" not in str(found)


def test_the_prompt_is_a_column_that_every_source_must_fill() -> None:
    assert collect.COLUMNS[collect.PROMPT] is True
    assert [name for name, must in collect.COLUMNS.items() if must] == ["instruction"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as server:
        server.accounts = {READER: set()}
        yield server


def test_the_full_profile_collects_from_a_hub_that_has_what_it_names(workspace: Workspace, hub: Hub) -> None:
    """Every dataset, commit, file and column of the profile, with content of our own."""
    full = yaml.safe_load((PROJECT / "builders/families/safechain/params.yaml").read_text())["full"]["collect"]
    texts = {name: f"What would the {name} people say about a basket of pears in winter?" for name in HEADER}
    named: dict[str, dict[str, Any]] = {}
    for table in (*full["sources"], *full["decontamination"]["sets"]):
        if isinstance(table["file"], str):
            (workspace.root / "raw/safechain/sources" / table["file"]).write_text(f"forbidden_prompt\n{texts['vanilla']}\n")
            continue
        for path in table["file"]["paths"]:
            named.setdefault(table["file"]["hub"], {})[path] = table
    contents = {"train/train.tsv": written(requests(5)), "eval/eval.tsv": written([(requests(1)[2][1],)], ("adversarial",))}
    for name, files in named.items():
        made = {path: contents.get(path) or _evaluation(table, texts["completion"]) for path, table in files.items()}
        [revision] = {table["file"]["revision"] for table in files.values()}
        hub.add(name, made, gated=name != "Paul/XSTest", commit=revision)
        hub.accounts[READER].add(name)
    workspace.project(profile="full")
    with workspace.params() as params:
        params["full"]["collect"]["decontamination"]["listed"] = []  # commits of those were not looked up
    assert len(collected(workspace, hub)) >= 4
    counted = yaml.safe_load((workspace.root / "processed/safechain/collect/decontamination/default.json").read_text())
    assert {name: (entry["prompts"], entry["exact"]) for name, entry in counted.items()} == {
        "strongreject": (1, 0),
        "wildjailbreak_evaluation": (1, 1),
        "xstest": (1, 0),
        "harmbench": (3, 0),
        "simple_safety_tests": (1, 0),
    }


def _evaluation(table: dict[str, Any], text: str) -> bytes:
    """Return a file with one prompt in the columns that an evaluation set names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = {theirs: text if ours == "prompt" else "e1" for ours, theirs in table["columns"].items()}
    if table["format"] == "csv":
        return (",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n").encode()
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), sink)
    return sink.getvalue()

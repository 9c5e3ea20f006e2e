"""contamination and overlap: what of a build is in a benchmark, and in the set that it rebuilds."""

import json
from collections.abc import Callable
from typing import Any

import orjson

from builders import records
from tests.harness import FAMILY, Workspace, declared, jsonl

LONG = "Please explain to my younger sister how the very old lighthouse at the harbour works when it is dark and stormy"
SHORT = "Why is the sky blue?"
BOTH = "How many rings does the planet Saturn have?"


def planted(workspace: Workspace) -> None:
    """Lay down two benchmarks, and a source of which some rows stand in them and one repeats another prompt."""
    folder = workspace.root / f"raw/{FAMILY}/sources"
    (folder / "one.jsonl").write_text(jsonl({"key": "long", "prompt": LONG}, {"key": "both", "prompt": BOTH}))
    (folder / "two.jsonl").write_text(jsonl({"key": "short", "prompt": SHORT}, {"key": "again", "prompt": BOTH.upper()}))
    rows = {
        "copy": SHORT.lower(),
        "inside": f"Hello! {LONG}, thanks.",
        "twice": BOTH,
        "repeated": workspace.rows("validate")[0]["data"]["instruction"],
    }
    (folder / "planted.jsonl").write_text(jsonl(*({"key": key, "prompt": prompt} for key, prompt in rows.items())))
    columns = {"key": "key", "prompt": "prompt"}
    sets = [
        {"name": name, "file": f"{name}.jsonl", "format": "jsonl", "columns": columns, "each": None, "only": None}
        for name in ("one", "two")
    ]
    with workspace.params() as params:
        collect = params["sample"]["collect"]
        collect["sources"].append(
            declared(folder / "planted.jsonl", id="planted", columns={"key": "key", "instruction": "prompt"})
        )
        collect["decontamination"]["sets"] += sets
        params["sample"]["release"]["published"] = {**sets[0], "name": "published", "file": "theirs.jsonl"}
    theirs = [{"key": row["id"], "prompt": row["data"]["instruction"].upper()} for row in workspace.rows("validate")]
    (folder / "theirs.jsonl").write_text(jsonl({"key": "other", "prompt": SHORT}, *theirs))


def test_it_names_every_planted_row_and_no_other_and_the_overlap_is_counted(built: Workspace, workspace: Workspace) -> None:
    whole = built.copied(workspace.root.with_name("copy"))
    planted(whole)
    kept = len(whole.rows("validate"))
    whole.quick("collect", "synthesize", "judge", "filter", "review", "validate", "release")
    found = [orjson.loads(line) for line in (whole.release / "contamination.jsonl").read_bytes().splitlines()]
    ids = {key: records.row_id(FAMILY, "planted", key) for key in ("copy", "inside", "twice")}
    before = [orjson.loads(line) for line in (built.release / "contamination.jsonl").read_bytes().splitlines()]
    assert [line for line in found if line["source"] != "planted"] == before  # those of the sample itself
    lines = [line for line in found if line["source"] == "planted"]
    assert [(line["id"], line["benchmark"], line["kind"], line["benchmark_row"]) for line in lines] == [
        (ids["copy"], "two", "exact", "short"),
        (ids["inside"], "one", "ngram", "long"),
        (ids["twice"], "one", "exact", "both"),
        (ids["twice"], "two", "exact", "again"),
    ]
    assert {line["stage"] for line in found} == {"collect"}
    assert not any(line["released"] for line in found)
    assert not [line for line in found if LONG in str(line)]
    card = (whole.release / "README.md").read_text()
    assert f"prompts were compared with `sample_evaluation`, `one`, `two`; matches: {4 + len(before)}" in card
    _overlap(whole, kept)


def _overlap(whole: Workspace, kept: int) -> None:
    report: dict[str, Any] = json.loads((whole.release / "overlap.json").read_bytes())
    manifest = json.loads((whole.release / "manifest.json").read_bytes())
    assert manifest["overlap"] == report
    assert report["prompts"] == kept + 1
    released = sum(counts["rows"] for counts in report["subsets"].values())
    assert report["found"] == sum(counts["equal"] for counts in report["subsets"].values()) == kept
    assert released == len(whole.rows("validate"))
    assert "Overlap with the published set `published`" in (whole.release / "README.md").read_text()


def test_a_build_without_benchmarks_has_an_empty_file_and_says_so(samples: Callable[[str], Workspace]) -> None:
    folder = samples("toy").root / "processed/toy/release"
    assert (folder / "contamination.jsonl").read_bytes() == b""
    assert not (folder / "overlap.json").exists()
    card = (folder / "README.md").read_text()
    assert "prompts were compared with no evaluation set in this build" in card
    assert "Overlap with the published set: not measured in this build." in card

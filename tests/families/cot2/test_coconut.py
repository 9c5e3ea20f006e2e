"""coconut: ProntoQA's rows in Coconut's form become ours, and nothing of them is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.families.cot2 import coconut
from tests.harness import PROJECT, Workspace

EXAMPLES = json.loads((PROJECT / "raw/cot2/sources/sample_prontoqa.json").read_text())
SOUND: list[dict[str, Any]] = [example["test_example"] for example in list(EXAMPLES.values())[:3]]


def written(example: dict[str, Any]) -> dict[str, Any]:
    """Return an example as Coconut's preprocessing writes it, spelt out here once more."""
    lines = example["chain_of_thought"]
    steps = [lines[place] + (f" {lines[place + 1]}" if place + 1 < len(lines) else "") for place in range(0, len(lines), 2)]
    return {"question": example["question"] + " " + example["query"], "steps": steps, "answer": example["answer"]}


@pytest.mark.parametrize("example", SOUND)
def test_a_row_is_parted_into_what_it_was_made_of(example: dict[str, Any]) -> None:
    found = coconut.parted(written(example))
    assert found == {name: example[name] for name in ("question", "query", "chain_of_thought")}


def test_the_query_is_all_that_follows_the_first_time_that_it_is_asked() -> None:
    found = coconut.parted({"question": "A is a b. True or false: x. True or false: y.", "steps": ["a."]})
    assert found
    assert (found["question"], found["query"]) == ("A is a b.", "True or false: x. True or false: y.")


@given(st.lists(st.text("ab .", min_size=1, max_size=6), min_size=1, max_size=7), st.text("ab. ", max_size=8))
def test_what_is_parted_is_the_same_row_when_it_is_written_again(steps: list[str], question: str) -> None:
    row = {"question": f"A is a b. True or false: {question}", "steps": steps, "answer": "True"}
    found = coconut.parted(row)
    assert found is None or {**coconut.joined(found), "answer": "True"} == row


@pytest.mark.parametrize(
    "row",
    [
        {"question": "Tom is a cat.", "steps": ["Tom is a cat."]},
        {"question": None, "steps": ["Tom is a cat."]},
        {"question": "Tom is a cat. True or false: Tom is a cat.", "steps": "Tom is a cat."},
        {"question": "Tom is a cat. True or false: Tom is a cat.", "steps": [1]},
        {"question": "Tom is a cat. True or false: Tom is a cat.", "steps": ["Tom is a cat", "Tom is."]},
        {"question": "Tom is a cat. True or false: Tom is a cat.", "steps": ["Tom is a cat.", "Cats are here. Tom is."]},
    ],
)
def test_what_has_another_form_is_left_alone(row: dict[str, Any]) -> None:
    assert coconut.parted(row) is None


def test_files_in_coconuts_form_import_without_loss(workspace: Workspace) -> None:
    """Those that fit come out as they went in; one that lost a step is rejected, and says why."""
    rows = [written(example) for example in SOUND]
    short = {**rows[0], "question": rows[0]["question"].replace("Tilly", "Molly"), "steps": rows[0]["steps"][:1]}
    _put(workspace.root, "prontoqa_valid.json", [*rows, short])
    with workspace.params("cot2") as params:
        own = [source for source in params["full"]["collect"]["sources"] if source["id"] == "prontoqa_valid"]
        params["sample"]["collect"]["sources"] = own
    workspace.quick("collect", "synthesize", "judge", "filter", family="cot2")
    kept = [row["data"] for row in workspace.rows("filter", "prontoqa", "cot2")]
    assert [{**coconut.joined(row), "answer": row["answer"]} for row in kept] == rows
    assert {row["split"] for row in kept} == {"validation"}
    [lost] = workspace.rejected("collect", "prontoqa", "cot2")
    assert lost["rejection"]["reason"] == "steps_differ"


def _put(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
    (root / "raw/cot2/sources" / name).write_text(json.dumps(rows))

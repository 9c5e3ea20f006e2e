"""Subset mie through the stages: pairs of the sample, the derived configs, and a teacher that breaks each rule."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from benchmarks import inserting_teacher
from builders.families.dualmath import answering, formats, inserting, postchecks, programs
from builders.records import Record
from tests.doubles.teacher import Answer, Received, serving
from tests.families.dualmath.solving import FAMILY
from tests.harness import Workspace, jsonl

POOL = "mie"


def released(sample: Workspace, config: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(sample.root / "processed" / FAMILY / "release" / config).to_pylist()
    return rows


def test_the_sample_holds_pairs_that_are_proven_from_its_rows(sample: Workspace) -> None:
    problems = {row["id"]: row for row in sample.rows("collect", POOL, FAMILY)}
    found = sample.rows("validate", POOL, FAMILY)
    assert len(found) > 100
    for row in found:
        data = row["data"]
        problem = answering.program(Record(row["parent"], POOL, None, None, problems[row["parent"]]["data"]))  # type: ignore[arg-type]
        assert problem
        taken = programs.taken(problem, [step["text"] for step in data["steps"]])
        assert programs.first_error(problem, taken) == data["first_error"]
        assert programs.first_error(problem, programs.taken(problem, data["original"])) == 0
        assert tuple(step["role"] for step in data["steps"]) == inserting.roles(problem, taken)
        assert data["given"] != data["answer"]


def test_its_figures_are_in_the_audit(sample: Workspace) -> None:
    manifest = orjson.loads((sample.root / "processed" / FAMILY / "release" / "manifest.json").read_bytes())
    audit = manifest["audit"]["inserted"]
    rows = sample.rows("validate", POOL, FAMILY)
    assert audit["rows"] == len(rows) == sum(line["rows"] for line in audit["kinds"])
    assert audit["checked"] == {"program": len(rows)}
    assert 0.05 < audit["independent"] < 0.3


@pytest.mark.parametrize("config", ["stepwise", "processbench", "fover"])
def test_derived_rows_go_there_and_back(sample: Workspace, config: str) -> None:
    writing = {"stepwise": formats.to_stepwise, "processbench": formats.to_processbench, "fover": formats.to_fover}[config]
    rows = released(sample, config)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert formats.form(row) == config
        assert {**row, **writing(formats.labelled(row))} == row


def test_labels_of_the_derived_configs_are_those_of_their_rows(sample: Workspace) -> None:
    parents = {row["id"]: row for subset in ("bel", POOL) for row in released(sample, subset)}
    originals = 0
    for row in released(sample, "processbench"):
        parent = parents[row["parent"]]
        if row["steps"] == parent.get("original"):
            originals += 1
            assert row["label"] == -1
            assert row["final_answer_correct"]
        else:
            assert row["label"] == parent["first_error"] - 1
            assert row["final_answer_correct"] == parent["right"]
        assert parent["kept"]
        assert parent["checked"] != "outcome"
    assert originals == len({row["provenance"]["parent"] for row in parents.values() if "original" in row})
    for row in released(sample, "stepwise"):
        assert all(isinstance(label, bool) for label in row["labels"])


def test_soft_labels_fall_and_end_where_the_posterior_does(sample: Workspace) -> None:
    for row in released(sample, "soft"):
        assert row["labels"] == sorted(row["labels"], reverse=True)
        assert all(0 <= label <= 1 for label in row["labels"])


def test_the_last_step_is_balanced(sample: Workspace) -> None:
    lasts = Counter(row["error_labels"][-1] for row in released(sample, "fover_balanced"))
    assert lasts[True] == lasts[False] > 0
    for row in released(sample, "fover_balanced"):
        assert set(row["error_labels"][:-1]) <= {None}


def test_own_labels_and_truncation_are_parameters(sample: Workspace, tmp_path: Path) -> None:
    again = sample.copied(tmp_path / "again")
    with again.params(FAMILY) as params:
        params["sample"]["release"] |= {"labels": "own"}
    again.quick("release", family=FAMILY)
    own = released(again, "stepwise")
    assert any(_right_again(row["labels"]) for row in own)
    assert not any(_right_again(row["labels"]) for row in released(sample, "stepwise"))
    with again.params(FAMILY) as params:
        params["sample"]["release"] |= {"labels": "first_error", "truncated": True}
    again.quick("release", family=FAMILY)
    for config, column in (("stepwise", "labels"), ("fover", "error_labels")):
        assert all(False not in row[column][:-1] for row in released(again, config))


def _right_again(labels: list[bool]) -> bool:
    """Tell whether a step after a wrong one is right."""
    return False in labels and True in labels[labels.index(False) :]


def _shelf(boxes: int, cups: int, cracked: int) -> dict[str, str]:
    product = f"{boxes}*{cups}=<<{boxes}*{cups}={boxes * cups}>>{boxes * cups}"
    return {
        "question": f"A shelf holds {boxes} boxes of {cups} cups each, and {cracked} of the cups crack. How many do not?",
        "answer": f"There are {product} cups.\nOf these {cracked} crack.\n#### {boxes * cups - cracked}",
    }


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A folder laid out as the real sets are, with problems of our own."""
    folder = tmp_path / "data"
    (folder / "math/gsm8k").mkdir(parents=True)
    (folder / "multimodal/math_vision/images").mkdir(parents=True)
    shelves = [_shelf(boxes=number + 3, cups=number + 5, cracked=number + 2) for number in range(60)]
    (folder / "math/gsm8k/train.jsonl").write_text(jsonl(*shelves))
    picture = {"id": "1", "question": "How many parts are there?", "answer": "5", "image": None, "subject": "counting"}
    (folder / "multimodal/math_vision/data.jsonl").write_text(jsonl(picture))
    return folder


def test_every_broken_rule_is_rejected_for_its_reason_and_no_good_row(real: Path, tmp_path: Path) -> None:
    wanted, found, others, _ = inserting_teacher.run(tmp_path / "workspace", real, 60)
    assert not others
    assert wanted == found
    assert set(wanted) >= {inserting_teacher.GOOD, "second_error", "answer_unchanged"}
    assert set(wanted) <= {*postchecks.CHECKS, "no_reply", inserting_teacher.GOOD}


def test_without_a_teacher_one_line_says_so(real: Path, tmp_path: Path) -> None:
    workspace = inserting_teacher.prepared(tmp_path / "workspace", real, 3)
    with workspace.params(FAMILY) as params:
        del params["sample"]["synthesize"]["roles"]["teacher"]
    workspace.quick("collect", family=FAMILY)

    def silent(_: Received) -> Answer:
        return Answer("")

    with serving(silent) as server:
        done = workspace.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url)
    assert done.returncode == 2
    assert "name a model as synthesize.roles.teacher" in done.stderr


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"solution": None}, "no_solution"),
        ({"solution": "Step 1: It is 3.\n†Answer: 3"}, "wrong_solution"),
        ({"image": "nowhere.png", "solution": "Step 1: It is 4.\n†Answer: 4"}, "image_missing"),
    ],
)
def test_problems_that_cannot_be_taken(columns: dict[str, Any], reason: str, real: Path, tmp_path: Path) -> None:
    workspace = inserting_teacher.prepared(tmp_path / "workspace", real, 1)
    row = {"key": "1", "question": "How many corners does a square have here?", "answer": "4", "image": None, "kind": "angle"}
    file = workspace.root / "raw" / FAMILY / "sources" / "math_v.jsonl"
    file.write_text(jsonl({"solution": None, **row, **columns}))
    workspace.quick("collect", family=FAMILY)
    assert workspace.reasons("collect", POOL, FAMILY) == [reason]

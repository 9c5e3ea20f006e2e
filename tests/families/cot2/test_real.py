"""The published files of ProsQA and ProntoQA: every row is read, and comes out as it went in."""

import json
from collections import Counter
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from builders.families.cot2 import coconut, graphs, questions
from builders.families.cot2.graphs import Graph
from builders.families.cot2.questions import Question
from tests.harness import Workspace

pytestmark = pytest.mark.real

PROSQA = ("question", "answer", "steps", "idx_to_symbol", "edges", "root", "target", "neg_target")
PRONTOQA = ("question", "query", "chain_of_thought", "answer")


def file(real_data: Path, name: str) -> Path:
    return next(real_data.rglob(name))


@pytest.fixture
def prosqa(real_data: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file(real_data, "prosqa_valid.json").read_text())
    return found


def test_every_published_choice_says_what_it_claims(prosqa: list[dict[str, Any]]) -> None:
    found = [questions.prosqa(row) for row in prosqa]
    sound = [question for question in found if isinstance(question, Question)]
    assert len(sound) == len(found) == 300
    assert Counter(len(question.path) - 1 for question in sound) == {3: 124, 4: 133, 5: 36, 6: 7}
    reached = [
        fmean(len(graphs.reached(question.edges, question.root, 3, reach)[2]) for question in sound)
        for reach in ("frontier", "within", "walks")
    ]
    assert reached == pytest.approx([4.40, 8.32, 5.49], abs=0.01)
    shares = graphs.shortcuts(Graph(len(one.names), one.edges, one.root, one.target, one.other) for one in sound)
    assert shares == pytest.approx({"fewer_parents": 0.667, "higher_index": 0.603}, abs=0.001)


def test_every_published_claim_follows_from_its_statements(real_data: Path) -> None:
    examples = json.loads(file(real_data, "345hop_random_true.json").read_text()).values()
    rows = [row for example in examples for row in example.values()]
    found = [questions.prontoqa(row) for row in rows]
    assert len(rows) == 4500
    assert [question for question in found if isinstance(question, str)] == []


def test_every_published_claim_survives_coconuts_form(real_data: Path) -> None:
    examples = json.loads(file(real_data, "345hop_random_true.json").read_text()).values()
    for row in (row for example in examples for row in example.values()):
        parts = {name: row[name] for name in PRONTOQA[:3]}
        assert coconut.parted(coconut.joined(parts)) == parts


def test_published_files_import_without_loss(real_data: Path, prosqa: list[dict[str, Any]], workspace: Workspace) -> None:
    for name in ("prosqa_valid.json", "345hop_random_true.json"):
        target = workspace.root / "raw/cot2/sources" / name
        target.write_bytes(file(real_data, name).read_bytes())
    with workspace.params("cot2") as params:
        own = [source for source in params["full"]["collect"]["sources"] if source["id"] in {"prosqa_valid", "prontoqa_345hop"}]
        params["sample"]["collect"]["sources"] = own
    workspace.quick("collect", "synthesize", "judge", "filter", family="cot2")
    out = [row["data"] for row in workspace.rows("filter", "prosqa", "cot2")]
    assert [{column: row[column] for column in PROSQA} for row in out] == prosqa
    assert {row["split"] for row in out} == {"validation"}
    examples = json.loads(file(real_data, "345hop_random_true.json").read_text())
    claims = [row["data"] for row in workspace.rows("filter", "prontoqa", "cot2")]
    assert [{column: row[column] for column in PRONTOQA} for row in claims] == [
        {column: example["test_example"][column] for column in PRONTOQA} for example in examples.values()
    ]

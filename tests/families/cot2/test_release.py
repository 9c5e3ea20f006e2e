"""The family as a whole, from its sources to what `load_dataset` reads."""

import json
from collections.abc import Callable
from contextlib import chdir
from math import fsum
from pathlib import Path
from typing import Any

import pytest

from builders.families.cot2 import graphs, release, vocabulary
from builders.params import loading
from builders.screening import decontamination
from tests.families.cot2 import brute
from tests.harness import Workspace

RELEASE = "processed/cot2/release"
Samples = Callable[[str], Workspace]
Config = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sample(samples: Samples) -> Workspace:
    return samples("cot2")


@pytest.fixture(scope="module")
def loaded(sample: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Config]:
    """The configs as `load_dataset` gives them, by split."""
    from datasets import get_dataset_config_names, load_dataset

    name, cache = str(sample.root / RELEASE), str(tmp_path_factory.mktemp("datasets"))
    return {
        config: {split: list(rows) for split, rows in load_dataset(name, config, cache_dir=cache).items()}
        for config in get_dataset_config_names(name)
    }


def test_every_subset_has_splits_that_share_no_group(loaded: dict[str, Config]) -> None:
    assert {config: list(splits) for config, splits in loaded.items()} == {
        "mnns": ["train", "validation"],
        "prontoqa": ["train", "validation", "test"],
        "prosqa": ["train", "validation", "test"],
        "vocabulary": ["train"],
    }
    places: dict[str, set[str]] = {}
    for config in ("mnns", "prontoqa", "prosqa"):
        for split, rows in loaded[config].items():
            for row in rows:
                assert row["split"] == split
                places.setdefault(row["group"], set()).add(split)
    assert {len(splits) for splits in places.values()} == {1}


def test_every_sequence_is_what_brute_force_makes_of_its_digits(loaded: dict[str, Config]) -> None:
    rows = [row for rows in loaded["mnns"].values() for row in rows]
    assert len(rows) == 64
    for row in rows:
        tokens = vocabulary.named(row["vocabulary"])
        assert row["answer"] == brute.answer(row["digits"])
        assert tuple(row["trace_product"]["sums"]) == brute.first(row["digits"])
        assert tuple(row["trace_sorted"]["sums"]) == brute.ranked(row["digits"])[0]
        for target in row["targets"]:
            wanted = brute.target(row["digits"], target["budget"], target["strategy"])
            assert len(target["token_ids"]) == len(row["digits"])
            for step, distribution in enumerate(wanted):
                found = zip(target["token_ids"][step], target["probabilities"][step], strict=True)
                assert {tokens[token]: share for token, share in found} == pytest.approx(
                    {f"S{value}": float(share) for value, share in distribution.items()}
                )
            assert (target["token_ids"][-1], target["probabilities"][-1]) == ([tokens.index(f"S{row['answer']}")], [1.0])


def test_lines_are_the_tokens_of_prompt_thought_and_answer(loaded: dict[str, Config]) -> None:
    row = next(row for row in loaded["mnns"]["train"] if row["digits"] == [1, 2, 4])
    tokens = vocabulary.named(row["vocabulary"])
    text = {name: " ".join(tokens[token] for token in line) for name, line in row["lines"].items()}
    assert text == {
        "continuous": "<BOS> D1 D2 D4",
        "no_cot": "<BOS> D1 D2 D4 -> -> -> S1 <EOS>",
        "discrete_product": "<BOS> D1 D2 D4 -> S-1 S-3 S1 <EOS>",
        "discrete_sorted": "<BOS> D1 D2 D4 -> S-1 S-3 S1 <EOS>",
    }


def test_every_step_of_every_target_is_a_distribution(loaded: dict[str, Config]) -> None:
    for config in ("mnns", "prontoqa", "prosqa"):
        for rows in loaded[config].values():
            for row in rows:
                for target in row["targets"]:
                    for tokens, shares in zip(target["token_ids"], target["probabilities"], strict=True):
                        assert len(tokens) == len(set(tokens)) == len(shares)
                        assert abs(fsum(shares) - 1) < 1e-12


@pytest.mark.parametrize("config", ["prontoqa", "prosqa"])
def test_a_graphs_targets_name_their_reading_begin_at_the_root_and_end_with_the_answer(
    config: str, loaded: dict[str, Config]
) -> None:
    tokens = vocabulary.of_graphs()
    for row in loaded[config]["train"]:
        edges = [(start, end) for start, end in row["edges"]]
        assert [target["name"] for target in row["targets"]] == ["steps", "frontier", "within", "walks"]
        for target in row["targets"]:
            steps = [[tokens[token] for token in step] for step in target["token_ids"]]
            assert steps[0] == [row["symbols"][row["root"]]]
            assert steps[-1] == [row["answer"] if config == "prontoqa" else row["symbols"][row["target"]]]
            if target["name"] == "walks":
                reached = brute.walked(edges, row["root"], len(steps) - 1)
                assert [set(step) for step in steps[:-1]] == [{row["symbols"][node] for node in ends} for ends in reached]
        assert graphs.is_path(edges, row["path"])


def test_rows_in_published_words_come_out_as_they_went_in(sample: Workspace, loaded: dict[str, Config]) -> None:
    source = json.loads((sample.root / "raw/cot2/sources/sample_prosqa.json").read_text())
    out = [row for row in loaded["prosqa"]["validation"] if row["provenance"]["source"] == "sample_prosqa"]
    assert [{column: row[column] for column in source[0]} for row in out] == source[:3]
    examples = json.loads((sample.root / "raw/cot2/sources/sample_prontoqa.json").read_text())
    found = {
        row["provenance"]["source_key"]: {column: row[column] for column in ("question", "query", "chain_of_thought", "answer")}
        for rows in loaded["prontoqa"].values()
        for row in rows
        if row["provenance"]["source"] == "sample_prontoqa"
    }
    assert found == {key: examples[key]["test_example"] for key in ("kettle", "ferry", "square")}


def test_rows_that_do_not_say_what_they_claim_are_rejected_each_for_its_reason(sample: Workspace) -> None:
    assert sample.reasons("collect", "prosqa", "cot2") == [
        "other_reachable",
        "answer_differs",
        "steps_differ",
        "facts_differ",
        "unreadable",
    ]
    assert sample.reasons("collect", "prontoqa", "cot2") == ["no_path", "other_reachable"]


def test_the_vocabulary_config_has_every_token_by_its_id(loaded: dict[str, Config]) -> None:
    found: dict[str, list[str]] = {}
    for row in loaded["vocabulary"]["train"]:
        tokens = found.setdefault(row["vocabulary"], [])
        assert row["token_id"] == len(tokens)
        tokens.append(row["token"])
    assert {name: tuple(tokens) for name, tokens in found.items()} == {
        name: vocabulary.named(name) for name in ("mnns_4_3", "graphs")
    }


def test_the_card_has_the_splits_and_the_shortcuts_of_every_source(sample: Workspace) -> None:
    text = (sample.root / RELEASE / "DETAILS.md").read_text()
    audit = json.loads((sample.root / RELEASE / "manifest.json").read_text())["audit"]
    assert "| `mnns` | `validation` | " in text
    assert "path: mnns/validation-*.parquet" in (sample.root / RELEASE / "README.md").read_text()
    for entry in audit["graphs"]:
        assert f"| `{entry['subset']}` | `{entry['source']}` | {entry['rows']} |" in text
    assert [entry["source"] for entry in audit["graphs"] if entry["shortcuts"]] == [
        "choices",
        "balanced_choices",
        "sample_prosqa",
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"split": "held_out"}, "bad_split"),
        ({"digits": [1, 12, 3]}, "bad_digits"),
        ({"digits": [1]}, "bad_digits"),
        ({"digits": "1 2 3"}, "bad_digits"),
    ],
)
def test_a_sequence_that_is_none_is_rejected(entry: dict[str, Any], reason: str, workspace: Workspace) -> None:
    row = {"question": "D1 D2 D3", "digits": [1, 2, 3], "most": 9, "group": "1 2 3", "split": "train", **entry}
    columns = {name: name for name in row}
    workspace.source("digits.jsonl", json.dumps(row) + "\n", family="cot2", subset="mnns", columns=columns)
    workspace.quick("collect", family="cot2")
    assert workspace.reasons("collect", "mnns", "cot2") == [reason]


def test_filter_rejects_what_is_no_target(sample: Workspace) -> None:
    from builders.families.cot2 import filter as filtering
    from builders.params.sections import Filter
    from builders.records import Record
    from tests.harness import OWN

    row = sample.rows("synthesize", "mnns", "cot2")[5]["data"]

    def reason(**changed: object) -> str | None:
        record = Record("cot2:0", "mnns", None, OWN, {**row, **changed})
        found = (rule(record) for rule in filtering.STAGE.rules(Filter()))
        return next((rejection.reason for rejection in found if rejection), None)

    target = row["targets"][1]
    assert reason() is None
    assert reason(answer=row["answer"] + 1) == "trace_broken"
    assert reason(targets=[{**target, "probabilities": [[0.5], *target["probabilities"][1:]]}]) == "not_a_distribution"
    assert reason(targets=[{**target, "token_ids": [*target["token_ids"][:-1], [3]]}]) == "not_the_answer"


def test_a_release_of_the_same_rows_has_the_same_bytes(sample: Workspace, tmp_path: Path) -> None:
    again = sample.copied(tmp_path / "again")
    again.quick("release", family="cot2")
    sums = "SHA256SUMS"
    assert (again.root / RELEASE / sums).read_bytes() == (sample.root / RELEASE / sums).read_bytes()


def test_a_release_without_rows_has_an_audit_of_nothing() -> None:
    found = release.audit(lambda _: iter(()), None)  # type: ignore[arg-type]
    assert found == {"splits": {}, "answers": {}, "majority": None, "traces_apart": 0, "graphs": []}
    assert release.summarised(found) == {}


def test_an_audit_counts_splits_groups_answers_and_what_the_graphs_are_like() -> None:
    own = {"split": "train", "group": "a", "provenance": {"source": "choices"}}
    graph = {**own, "idx_to_symbol": ["A", "B", "C"], "edges": [[0, 1]], "root": 0, "target": 1}
    sums = {**own, "trace_product": 1}
    found: dict[str, Any] = {
        "mnns": [
            {**sums, "answer": 10, "trace_sorted": 1},
            {**sums, "answer": 2, "trace_sorted": 2},
            {**sums, "answer": 10, "split": "test", "trace_sorted": 1},
        ],
        "prosqa": [{**graph, "neg_target": 2, "steps": ["A in B."]}],
        "prontoqa": [{**graph, "path": [0, 1]}],
    }
    made = release.audit(found.__getitem__, None)  # type: ignore[arg-type]
    one = {"train": {"rows": 1, "groups": 1}}
    assert made["splits"] == {
        "mnns": {"train": {"rows": 2, "groups": 1}, "test": {"rows": 1, "groups": 1}},
        "prontoqa": one,
        "prosqa": one,
    }
    assert list(made["answers"].items()) == [("2", 1), ("10", 2)]
    assert (made["majority"], made["traces_apart"]) == (66.67, 1)
    size = {"source": "choices", "rows": 1, "nodes": 3, "edges": 1}
    assert made["graphs"] == [
        {"subset": "prontoqa", **size, "steps": 2, "shortcuts": {}},
        {"subset": "prosqa", **size, "steps": 1, "shortcuts": {"fewer_parents": 0.0, "higher_index": 0.0}},
    ]
    assert release.summarised(made) == {"shortcuts/choices": {"fewer_parents": 0.0, "higher_index": 0.0}}


def test_a_row_goes_by_its_group_and_split_or_else_stands_alone_in_the_first() -> None:
    assert (release.group({"id": "a", "group": "1 2"}), release.group({"id": "a"})) == ("1 2", "a")
    assert (release.split({"split": "test"}), release.split({})) == ("test", "train")


def test_the_published_questions_are_read_to_be_compared_with(workspace: Workspace) -> None:
    """Three files of ProsQA, as a full release is compared with them."""
    sources = workspace.root / "raw/cot2/sources"
    questions = [row["question"] for row in json.loads((sources / "sample_prosqa.json").read_bytes())]
    for split in ("train", "valid", "test"):
        (sources / f"prosqa_{split}.json").write_bytes((sources / "sample_prosqa.json").read_bytes())
    workspace.project(profile="full")
    with chdir(workspace.root):
        published = loading.load("cot2").release.published
        assert published
        found = decontamination.index("cot2", published, 13)
    assert (found.prompts, len(found.whole)) == (3 * len(questions), len(set(questions)))

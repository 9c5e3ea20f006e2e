"""SafeChain on the real prompts of XSTest and SimpleSafetyTests, on a server that misbehaves, and planted leaks of them."""

from itertools import combinations
from pathlib import Path

import pytest

from benchmarks import decontamination, real_input
from builders.words import jaccard, shingles

pytestmark = pytest.mark.real


def test_every_planted_fault_is_rejected_for_its_reason_and_nothing_else_is(real_data: Path, tmp_path: Path) -> None:
    report = real_input.run(tmp_path / "project", real_data)
    assert report.misjudged == []
    assert report.planted == report.rejected
    assert set(report.planted) == {*real_input.PERCENT, "none"}
    assert {duplicate["reason"] for duplicate in report.duplicates} <= {"near_duplicate"}
    assert all(duplicate["evidence"]["jaccard"] >= 0.8 for duplicate in report.duplicates)
    assert report.planted.total() + len(report.duplicates) == 550
    assert report.released == report.planted["none"]


def test_the_near_duplicates_are_those_that_comparing_all_pairs_finds(real_data: Path, tmp_path: Path) -> None:
    """At the stated threshold of 0.8 there are none; at 0.7 XSTest has some."""
    workspace = real_input.prepared(tmp_path / "project", real_data)
    with workspace.params() as params:
        params["sample"]["collect"]["near_duplicates"]["threshold"] = 0.7
    workspace.build("collect")
    kept = {row["id"]: shingles(row["data"]["instruction"], 3) for row in workspace.rows("collect")}
    rejected = workspace.rejected("collect")
    assert len(rejected) > 0
    for line in rejected:
        evidence = line["rejection"]["evidence"]
        similarity = jaccard(shingles(line["row"]["data"]["instruction"], 3), kept[evidence["duplicate_of"]])
        assert evidence["jaccard"] == round(similarity, 4)
        assert similarity >= 0.7
    assert max(jaccard(one, other) for one, other in combinations(kept.values(), 2)) < 0.7


def test_leaks_of_whole_prompts_are_found_and_clean_questions_are_not(real_data: Path, tmp_path: Path) -> None:
    """What n-grams cannot find is held too: a short prompt that was embedded or changed by a word."""
    report = decontamination.run(tmp_path / "project", real_data)
    short, long = decontamination.SHORT, decontamination.LONG
    assert report.planted["copied", short] + report.planted["copied", long] == 450 + 100 + decontamination.LONG_PROMPTS
    for kind in ("copied", "other case and punctuation"):
        assert [report.found[kind, length] for length in (short, long)] == [
            report.planted[kind, length] for length in (short, long)
        ]
    for kind in ("embedded in other text", "a word more at the end"):
        assert report.found[kind, long] == report.planted[kind, long]
        assert report.found[kind, short] == 0
    assert report.found["5 % of the words replaced", long] > 0.8 * report.planted["5 % of the words replaced", long]
    assert sum(report.found[kind, length] for kind in decontamination.NEAR_MISSES for length in (short, long)) == 0
    assert [report.mistaken[label] for label, *_ in decontamination.BACKGROUND] == [0, 0]


def test_a_source_that_is_an_evaluation_set_is_contaminated_through_and_through(real_data: Path, tmp_path: Path) -> None:
    workspace = real_input.prepared(tmp_path / "project", real_data)
    with workspace.params() as params:
        collect = params["sample"]["collect"]
        columns = {"key": "id", "prompt": "prompt"}
        collect["decontamination"]["sets"] = [
            {"name": "xstest", "file": "xstest_prompts.csv", "format": "csv", "columns": columns, "each": None, "only": None}
        ]
    workspace.build("collect")
    rejected = workspace.rejected("collect")
    assert {line["rejection"]["reason"] for line in rejected} == {"contaminated"}
    assert {line["row"]["provenance"]["source"] for line in rejected} == {"xstest"}
    assert len(rejected) == 450
    assert {line["rejection"]["evidence"]["kind"] for line in rejected} == {"exact"}
    assert len(workspace.rows("collect")) == 100

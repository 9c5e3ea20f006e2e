"""SafeChain on the real prompts of XSTest and SimpleSafetyTests, answered by a server that misbehaves."""

from itertools import combinations
from pathlib import Path

import pytest

from benchmarks import real_input
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

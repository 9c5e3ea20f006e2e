"""SafeChain on the real prompts of XSTest and SimpleSafetyTests, answered by a server that misbehaves."""

from pathlib import Path

import pytest

from benchmarks import real_input

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

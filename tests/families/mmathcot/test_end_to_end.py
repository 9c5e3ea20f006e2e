"""The family on real problems with images, over HTTP, against a teacher that errs in known ways."""

from pathlib import Path

import pytest

from benchmarks import mmathcot


@pytest.mark.real
def test_every_planted_fault_is_rejected_for_its_reason_and_no_good_solution_is(real_data: Path, tmp_path: Path) -> None:
    report = mmathcot.run(tmp_path / "project", real_data, {"math_v": 80, "gsm8k": 160, "aqua": 30, "math": 60})
    assert report.misjudged == []
    assert report.planted["none"] > 150
    assert sum(count > 0 for count in report.planted.values()) > 15
    assert report.pictures > 30

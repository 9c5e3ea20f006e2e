"""Public files of the field in their original layout, named in params without code of one's own."""

from pathlib import Path

import pytest

from benchmarks import public_files


def test_the_entries_are_of_every_kind_that_the_field_has() -> None:
    entries = public_files.entries()
    assert len(entries) >= 22
    assert len({entry["at"] for entry in entries}) == len(entries)
    assert {entry["family"] for entry in entries} == {"safechain", "emergent_misalignment", "mmathcot", "dualmath", "cot2"}


@pytest.mark.real
@pytest.mark.parametrize("part", range(4))
def test_every_row_of_a_public_file_is_accounted_for(part: int, real_data: Path, tmp_path: Path) -> None:
    entries = [entry for number, entry in enumerate(public_files.entries()) if number % 4 == part and entry["rows"] <= 1300]
    outcomes = public_files.run(tmp_path / "project", real_data, entries)
    assert [outcome for outcome in outcomes if not outcome.sound] == []

"""A few hundred of the rows that `benchmarks/files.py` writes: none is unaccounted for, and nothing but lines is raised."""

from pathlib import Path

import pytest

from benchmarks import files


def test_no_row_of_an_odd_file_is_unaccounted_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    counts, wrong = files.run(800)
    assert wrong == []
    assert set(counts) == set(files.MAKERS)
    assert all(found["written"] and found["kept"] for found in counts.values())
    assert sum(found["damaged"] for found in counts.values()) > 5

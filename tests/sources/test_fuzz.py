"""The ten thousand rows that `benchmarks/files.py` writes: none is unaccounted for, and nothing but lines is raised."""

from pathlib import Path

import pytest

from benchmarks import files


@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_an_odd_file_is_unaccounted_for(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").touch()
    counts, wrong = files.run(files.ROWS // 4, seed)
    assert wrong == []
    assert set(counts) == set(files.MAKERS)
    assert all(found["written"] and found["kept"] for found in counts.values())
    assert sum(found["written"] for found in counts.values()) == 2500
    assert sum(found["damaged"] for found in counts.values()) > 20


def test_a_row_that_is_another_or_is_gone_is_seen() -> None:
    file = files.Made(b"", {}, ["a", None, "b"])
    whole = [files.Read(None, "a"), files.Read("bad_prompt", None), files.Read("bad_text", "b")]
    assert files.lost(file, whole) == ""
    assert files.lost(file, whole[:2]) == "2 of 3 rows"
    for number, row in enumerate(("b", None, "c")):
        assert (
            files.lost(file, [*whole[:number], files.Read(None, row), *whole[number + 1 :]]) == f"row {number + 1} is another"
        )
    assert files.lost(file, [files.Read("bad_prompt", None), *whole[1:]]) == "row 1 is another"

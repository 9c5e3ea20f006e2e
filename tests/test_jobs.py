"""Counts of stages: what another version of ours has written is none."""

from pathlib import Path

import pytest

from builders import jobs, paths


@pytest.mark.parametrize("text", ["{", '{"default": {"another": 1}}', '{"default": 3}'])
def test_counts_in_another_form_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "params.yaml").touch()
    (tmp_path / "builders").mkdir()
    monkeypatch.chdir(tmp_path)
    file = paths.stats("quiz", "collect")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert jobs.counts("quiz", "collect") == {}


def test_what_is_nothing_is_not_said() -> None:
    assert str(jobs.Counts(5, 0, {"a": 3, "b": 2}, {}, None, "0" * 64)) == "in 5, out 5, rejected 0"
    assert str(jobs.Counts(5, 2, {"a": 3}, {"odd": 4}, None, "0" * 64)) == "in 5, spawned 2, out 3, rejected 4 (odd 4)"

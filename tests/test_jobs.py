"""Counts of stages: what another version of ours has written is none."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from builders import jobs, paths, shards
from builders.errors import BuildError


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


def test_a_pool_is_finished_where_its_rows_and_their_counts_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "params.yaml").touch()
    (tmp_path / "builders").mkdir()
    monkeypatch.chdir(tmp_path)
    job = jobs.Job("quiz", "synthesize", "default", cast("Any", None))
    stats, counted = paths.stats("quiz", "collect"), jobs.Counts(9, 1, {"default": 5, "b": 2}, {"odd": 3}, None, "0" * 64)
    said = "collect has not finished for quiz/default; run python -m builders collect quiz, or dvc repro for everything"

    def refused() -> None:
        with pytest.raises(BuildError) as caught:
            assert job.expected
        assert str(caught.value) == f"{job.inputs}: {said}"

    refused()
    stats.parent.mkdir(parents=True)
    stats.write_bytes(orjson.dumps({"default": asdict(counted), "other": asdict(counted)}))
    refused()
    with shards.anew(job.inputs):
        pass
    assert (job.expected, job.input_sha256, job.label) == (7, "0" * 64, "synthesize quiz/default")
    stats.write_bytes(orjson.dumps({"other": asdict(counted)}))
    refused()


@pytest.mark.parametrize(
    ("read", "spawned", "balanced"), [(9, 1, True), (10, 0, True), (9, 0, False), (9, 2, False), (11, 0, False)]
)
def test_counts_are_balanced_where_every_row_is_kept_or_rejected(read: int, spawned: int, *, balanced: bool) -> None:
    assert jobs.Counts(read, spawned, {"a": 5, "b": 2}, {"odd": 1, "even": 2}, None, "").balanced is balanced

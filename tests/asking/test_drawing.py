"""Of how many rows will be drawn, and that nothing is drawn where nothing says what was."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from builders import paths
from builders.asking import drawing
from builders.asking.drawing import Group, Source
from builders.errors import BuildError
from builders.params.sections import Quota


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    (tmp_path / "params.yaml").touch()
    (tmp_path / "builders").mkdir()
    monkeypatch.chdir(tmp_path)
    quota = Quota(rows={"a": 10}, spare=0.25, round_rows=4)
    return Source(cast("Any", SimpleNamespace(family="quiz", pool="default")), cast("Any", None), quota, tmp_path)


@pytest.mark.parametrize(
    ("before", "available", "drawn"),
    [
        (None, 100, 13),
        (None, 12, 12),
        ({}, 100, 13),
        ({"asked": 20, "good": 5}, 100, 52),
        ({"asked": 20, "good": 2}, 100, 100),
        ({"asked": 20, "good": 0}, 100, 100),
        ({"asked": 0, "good": 0}, 100, 13),
    ],
    ids=range(7),
)
def test_as_many_rows_are_drawn_as_the_share_of_good_ones_wants(
    before: dict[str, int] | None, available: int, drawn: float, source: Source
) -> None:
    if before is not None:
        file = paths.drawn("quiz", "default")
        file.parent.mkdir(parents=True)
        file.write_bytes(orjson.dumps({"a": before} if before else {}))
    found = drawing.expected(source, {"b": 7, "a": available})
    assert list(found) == ["a", "b"]
    group, rows = found["a"]
    assert (group.wanted, group.enough, group.available, rows) == (10, 13, available, drawn)
    assert (group.asked, group.good) == ((before or {}).get("asked", 0), (before or {}).get("good", 0))
    assert found["b"] == (Group(0, 0, 7), 0.0)


@pytest.mark.parametrize(("asked", "good", "more"), [(0, 0, True), (19, 9, True), (20, 9, False), (19, 10, False)])
def test_a_group_is_drawn_from_until_enough_are_good_or_none_is_left(asked: int, good: int, *, more: bool) -> None:
    assert Group(8, 10, 20, asked, good).open is more


def test_where_nothing_says_what_was_drawn_the_stage_is_to_run_again(source: Source) -> None:
    with pytest.raises(BuildError) as caught:
        list(drawing._drawn(source))  # noqa: SLF001
    what = "nothing says which rows were drawn; run python -m builders synthesize quiz again"
    assert str(caught.value) == f"{paths.drawn('quiz', 'default')}: {what}"

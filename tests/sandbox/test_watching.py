"""What ends a box from outside: its time, its memory, its files."""

# ruff: noqa: SLF001

import os
import time
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from builders.sandbox import processes, watching
from builders.sandbox.box import Limits


class Boxed(NamedTuple):
    """This process as a box."""

    limits: Limits
    space: int
    ends: list[str]
    ended: Event

    def end(self, why: str) -> None:
        self.ends.append(why)
        self.ended.set()


def boxed(space: int = 0, **limits: float) -> Boxed:
    return Boxed(Limits(**limits), space, [], Event())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"box_seconds": -1}, "lifetime"),
        ({"memory_bytes": 1}, "memory"),
        ({"files": -1}, "files"),
        ({"box_seconds": -1, "memory_bytes": 1, "files": -1}, "lifetime"),
    ],
)
def test_a_box_that_takes_too_much_is_ended_and_told_why(limits: dict[str, float], why: str, tmp_path: Path) -> None:
    box = boxed(processes.namespace(os.getpid()), **{"memory_bytes": 2**60, "files": 2**60, **limits})
    with watching.watched(box, tmp_path):
        assert box.ended.wait(60)
    assert box.ends == [why]


def test_a_box_that_takes_what_it_may_is_left_alone(tmp_path: Path) -> None:
    with watching.watched(box := boxed(files=2**60), tmp_path, tmp_path):
        assert not box.ended.wait(3 * watching._EVERY_SECONDS)
    assert box.ends == []


def test_a_bound_is_not_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "memory", lambda space: 50 + space)
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)
    assert watching._excess(boxed(memory_bytes=50, files=-1), 7.0, (tmp_path / "gone",)) is None
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=12, f_ffree=5))
    assert watching._excess(boxed(memory_bytes=50, files=14), 7.0, (tmp_path, tmp_path)) is None
    assert watching._excess(boxed(memory_bytes=50, files=13), 7.0, (tmp_path, tmp_path)) == "files"
    assert watching._excess(boxed(memory_bytes=49), 7.0, ()) == "memory"
    assert watching._excess(boxed(3, memory_bytes=52), 7.0, ()) == "memory"
    assert watching._excess(boxed(memory_bytes=50), 6.9, ()) == "lifetime"


def test_it_looks_five_times_a_second() -> None:
    assert watching._EVERY_SECONDS == 0.2

"""What a box on bubblewrap asks of the kernel, and when it is no more; no box is opened."""

# ruff: noqa: SLF001

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.sandbox import bubblewrap, holding, processes
from builders.sandbox.box import BoxEndedError, CommandResult, Limits
from builders.sandbox.bubblewrap import Bubblewrap
from builders.sandbox.processes import Process

LIMITS = Limits(command_seconds=7, cpu_seconds=3, processes=5, process_bytes=700, file_bytes=900, open_files=11)


@pytest.fixture
def holder() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that sleeps, in the namespace of this one."""
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def box(holder: "subprocess.Popen[bytes]", space: int = 0) -> Bubblewrap:
    return Bubblewrap(LIMITS, holder.pid, space or processes.namespace(os.getpid()), None, 1)


def of(monkeypatch: pytest.MonkeyPatch, *there: list[Process]) -> None:
    """Let these processes be found in the namespace, at one look after another."""
    looks = iter(there)
    monkeypatch.setattr(processes, "inside", lambda space: iter(next(looks, [])) if space else iter(()))


def test_the_kernel_holds_each_process_to_its_limits() -> None:
    assert bubblewrap._resources(LIMITS) == {
        "RLIMIT_NPROC": 5,
        "RLIMIT_AS": 700,
        "RLIMIT_FSIZE": 900,
        "RLIMIT_NOFILE": 11,
        "RLIMIT_CPU": 3,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 65536,
    }


def test_a_folder_that_is_a_link_stays_one_and_any_other_comes_along(tmp_path: Path) -> None:
    tmp_path.joinpath("link").symlink_to("usr")
    linked, real = (str(tmp_path / name).lstrip("/") for name in ("link", ""))
    assert holding._link(linked) == ["--symlink", f"usr/{linked}", f"/{linked}"]
    assert holding._link(real) == ["--ro-bind", str(tmp_path), str(tmp_path)]
    assert holding._link(f"{real}/nowhere") == []


def test_usual_limits() -> None:
    assert Limits() == Limits(20.0, 120.0, 30, 48, 536_870_912, 536_870_912, 33_554_432, 16_777_216, 20_000, 256)


def test_a_box_is_there_as_long_as_its_process_is_in_its_namespace(holder: "subprocess.Popen[bytes]") -> None:
    box(holder)._check()
    with pytest.raises(BoxEndedError, match="the box has ended: gone"):
        box(holder, space=1)._check()


def test_a_box_that_was_ended_says_why_first(holder: "subprocess.Popen[bytes]") -> None:
    ended = box(holder)
    ended.ended += ["memory", "lifetime"]
    with pytest.raises(BoxEndedError, match="the box has ended: memory"):
        ended._check()
    with pytest.raises(BoxEndedError, match="memory"):
        ended.run(["true"])


def test_ending_a_box_ends_its_process(holder: "subprocess.Popen[bytes]") -> None:
    ended = box(holder)
    ended.end("files")
    assert holder.wait() == -9
    with pytest.raises(BoxEndedError) as error:
        ended._check()
    assert error.value.why == "files"


def test_what_settles_are_all_but_the_services(holder: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    of(monkeypatch, [Process(holder.pid, 1), Process(5, 5), Process(6, 6)])
    kept = box(holder)
    kept.keep()
    assert kept.services == {5, 6}
    ended: list[int] = []
    monkeypatch.setattr(processes, "end", ended.append)
    of(monkeypatch, [Process(holder.pid, 1), Process(5, 5), Process(7, 7), Process(8, 6)], [Process(9, 7), Process(5, 5)])
    kept.settle()
    assert ended == [7, 9]


def test_what_will_not_settle_is_ended(holder: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "_REST_SECONDS", -1.0)
    of(monkeypatch, [Process(2**30, 7)], [Process(2**30, 7)])
    with pytest.raises(BoxEndedError, match="unsettled"):
        box(holder).settle()
    assert holder.wait() == -9


def test_a_command_enters_with_nothing_but_what_it_is_given(
    holder: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    echoing = "import sys; print(sys.stdin.read(), end=''); print(sorted(__import__('os').environ), file=sys.stderr)"
    monkeypatch.setattr(Bubblewrap, "_entering", lambda _, command: [sys.executable, "-S", "-c", *command])
    assert box(holder).run([echoing], stdin=b"a\xffb") == CommandResult(0, "a\ufffdb", "['LC_CTYPE']\n")
    assert box(holder).run(["raise SystemExit(3)"]).exit_code == 3


def test_a_command_that_takes_too_long_is_ended(holder: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bubblewrap, "_entering", lambda _, command: [sys.executable, "-S", "-c", *command])
    of(monkeypatch, [Process(2**30, 7)])
    ended: list[int] = []
    monkeypatch.setattr(processes, "end", ended.append)
    assert box(holder).run(["input()"], stdin=b"", seconds=5).exit_code == 1
    assert ended == []
    assert box(holder).run(["import signal; signal.pause()"], seconds=0.05).exit_code is None
    assert ended == [2**30]

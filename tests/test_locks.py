"""One process per stage, and none that outlives its parent, tried with real processes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from builders import locks
from builders.errors import BuildError
from tests.harness import PROJECT

SOON = 600.0
"""Seconds within which a process must have stopped."""

HOLDER = """
import sys
from pathlib import Path
from builders import locks
with locks.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

CHILD = """
import os, threading
from builders import locks
try:
    locks.stop_with_parent()
    print("ready", os.getpid(), flush=True)
    while True:
        threading.Event().wait(0.1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
"""Waits in short turns: a signal just before a wait without end would go unnoticed."""

BUSY_CHILD = """
import hashlib, threading, time
from builders import locks

def busy():
    while time.process_time() - start < 0.2:
        time.sleep(0.01)
    print("ready", flush=True)

locks.HEED_SECONDS = 0.2
locks.stop_with_parent()
start = time.process_time()
threading.Thread(target=busy, daemon=True).start()
hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""
"""Is in a library for many minutes, in which Python runs no handler."""

LATE_CHILD = """
import os, threading
from builders import locks
parent = os.getppid()
os.environ["DVC_STAGE"] = "synthesize@family"
try:
    print("ready", os.getpid(), flush=True)
    while os.getppid() == parent:
        threading.Event().wait(0.01)
    locks.stop_with_parent()
    while True:
        threading.Event().wait(0.1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""

PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""


@contextlib.contextmanager
def process(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start Python on some code; it is killed at the end if it still runs."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True) as started:
        try:
            yield started
        finally:
            started.kill()


def line(started: subprocess.Popen[bytes]) -> str:
    """Wait for a line from the process."""
    assert started.stdout
    return started.stdout.readline().decode().strip()


@contextlib.contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that holds the lock until its input ends."""
    with process(HOLDER, str(path)) as started:
        assert line(started) == "held"
        yield started


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "processed" / ".collect.lock"


def test_a_released_lock_lets_in_the_next_one(lock: Path) -> None:
    entered = []
    for turn in range(3):
        with locks.held(lock, wait_seconds=0.1):
            entered.append(turn)
    assert entered == [0, 1, 2]


def test_a_lock_is_released_when_its_holder_fails(lock: Path) -> None:
    with pytest.raises(ZeroDivisionError), locks.held(lock, wait_seconds=0.1):
        _ = 1 // 0
    with locks.held(lock, wait_seconds=0.1):
        assert lock.exists()


def test_two_stages_hold_two_locks(lock: Path) -> None:
    with locks.held(lock, wait_seconds=0.1), locks.held(lock.with_name(".filter.lock"), wait_seconds=0.1):
        assert lock.exists()


def test_a_second_process_is_told_who_holds_the_lock(lock: Path) -> None:
    with holder(lock) as other:
        with pytest.raises(BuildError) as caught, locks.held(lock, wait_seconds=0.2):
            pass
        assert str(caught.value) == f"{lock}: already running, pid {other.pid}; wait for it or stop it"
        assert other.stdin
        other.stdin.close()
        assert other.wait(SOON) == 0
    with locks.held(lock, wait_seconds=0.1):
        assert lock.exists()


def test_a_holder_that_has_not_said_its_pid_yet_is_unknown(lock: Path) -> None:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock), pytest.raises(BuildError, match="already running, pid unknown"), locks.held(lock, wait_seconds=0):
        pass


def test_a_refused_process_takes_nothing_from_the_holder(lock: Path) -> None:
    with holder(lock) as other:
        for _ in range(2):
            with pytest.raises(BuildError, match=f"pid {other.pid};"), locks.held(lock, wait_seconds=0):
                pass


def test_a_waiting_process_enters_when_the_holder_goes(lock: Path) -> None:
    with holder(lock) as first, process(HOLDER, str(lock)) as second:
        assert first.stdin
        first.stdin.close()
        assert line(second) == "held"


def test_a_killed_holder_frees_its_lock(lock: Path) -> None:
    with holder(lock) as other:
        other.kill()
        assert other.wait(SOON) == -signal.SIGKILL
    with locks.held(lock, wait_seconds=0):
        assert lock.exists()


def test_the_holder_behind_a_killed_one_is_the_one_named(lock: Path) -> None:
    with holder(lock) as killed:
        killed.kill()
        killed.wait(SOON)
    with (
        holder(lock) as other,
        pytest.raises(BuildError, match=f"already running, pid {other.pid};"),
        locks.held(lock, wait_seconds=0),
    ):
        pass


@pytest.mark.parametrize("child", [CHILD, LATE_CHILD], ids=["while it runs", "before it looks"])
def test_a_stage_stops_by_itself_when_its_parent_is_killed(child: str) -> None:
    """Its output pipe, which the killed parent shared, ends only when it has stopped too."""
    with process(PARENT, child) as parent:
        word, pid = line(parent).split()
        assert word == "ready"
        try:
            parent.kill()
            assert parent.wait(SOON) == -signal.SIGKILL
            rest, _ = parent.communicate(timeout=SOON)
            assert rest.decode().split() == ["interrupted"]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def test_a_stage_that_is_told_to_stop_ends_as_if_interrupted() -> None:
    with process(CHILD) as child:
        assert line(child).startswith("ready")
        child.terminate()
        assert line(child) == "interrupted"
        assert child.wait(SOON) == 0


def test_a_stage_that_is_told_to_stop_in_the_middle_of_a_librarys_work_ends_all_the_same() -> None:
    assert locks.HEED_SECONDS < 5
    with process(BUSY_CHILD) as child:
        assert line(child) == "ready"
        child.terminate()
        assert child.wait(SOON) == locks.INTERRUPTED


CLOSED_CHILD = """
import os, signal, threading
from builders import locks
locks.stop_with_parent()
[watch] = [thread for thread in threading.enumerate() if thread.name == "signal-watch"]
os.close(signal.set_wakeup_fd(-1))
watch.join(60)
print("runs on" if watch.is_alive() else "ended", flush=True)
"""
"""Closes what signals are written down in, as whoever takes that over may."""


def test_who_looks_for_signals_ends_with_what_they_are_written_down_in() -> None:
    with process(CLOSED_CHILD) as child:
        assert line(child) == "ended"
        assert child.wait(SOON) == 0


@pytest.mark.parametrize(
    ("stage", "sessions", "orphan"),
    [(None, [1, 2], False), ("x", [1, 1], False), ("x", [1, 2], True), ("x", [], True)],
    ids=["by hand", "child", "orphan", "at this moment"],
)
def test_a_stage_of_dvc_is_an_orphan_where_its_parent_is_in_another_session_or_gone(
    stage: str | None, sessions: list[int], *, orphan: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def session(_: int) -> int:
        if not sessions:
            raise ProcessLookupError
        return sessions.pop()

    monkeypatch.delenv("DVC_STAGE", raising=False)
    if stage:
        monkeypatch.setenv("DVC_STAGE", stage)
    monkeypatch.setattr(os, "getsid", session)
    assert locks._orphan_of_dvc() is orphan  # noqa: SLF001

"""The keeper stops what it keeps, however the process that asked for it ends; tried with real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from builders.teachers import keeper
from tests.doubles.engine import still_there

SPAWNER = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv[2] else signal.SIG_DFL)
print(os.getpid(), flush=True)
depth = int(sys.argv[3])
if depth:
    subprocess.Popen([sys.executable, "-c", sys.argv[1], *sys.argv[1:3], str(depth - 1)], start_new_session=True)
if "leaves" in sys.argv[2] and depth:
    sys.exit(7)
while True:
    signal.pause()
"""
"""Prints its pid and spawns itself in a new session, and so on to a depth."""

STARTER = """
import subprocess, sys
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
sys.stdin.read()
"""
"""Starts a command whose input only it holds, and waits."""


def kept(manner: str, depth: int = 2) -> list[str]:
    """Return the command of a keeper that keeps a process which spawns so many others."""
    return [sys.executable, "-P", keeper.__file__, sys.executable, "-c", SPAWNER, SPAWNER, manner, str(depth)]


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a command; where a test fails, nothing outlives the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            with suppress(psutil.NoSuchProcess):
                for spawned in psutil.Process(process.pid).children(recursive=True):
                    spawned.kill()
            process.kill()


def pids(process: subprocess.Popen[str], count: int) -> list[int]:
    """Wait until so many processes have said their pid."""
    assert process.stdout
    return [int(process.stdout.readline()) for _ in range(count)]


@pytest.mark.parametrize("manner", ["heeds", "deaf"])
def test_all_are_stopped_when_its_input_ends(manner: str) -> None:
    with started(kept(manner)) as process:
        spawned = pids(process, 3)
        assert len({os.getsid(pid) for pid in [process.pid, *spawned]}) == 4
        assert process.stdin
        process.stdin.close()
        signalled = signal.SIGKILL if manner == "deaf" else signal.SIGTERM
        assert process.wait(600) == 128 + signalled
        assert still_there(spawned, 0) == []


@pytest.mark.parametrize("manner", ["heeds", "deaf"])
def test_all_are_stopped_when_the_one_who_asked_is_killed(manner: str) -> None:
    with started([sys.executable, "-c", STARTER, *kept(manner)]) as starter:
        spawned = pids(starter, 3)
        [watch] = psutil.Process(starter.pid).children()
        starter.kill()
        assert still_there([watch.pid, *spawned]) == []


def test_all_are_stopped_when_the_one_who_asked_is_killed_though_its_pipe_lives_on() -> None:
    """A process that it forked may hold the pipe open; here the test does."""
    starter_of = STARTER.replace("subprocess.PIPE", "0").replace("sys.stdin.read()", "import signal; signal.pause()")
    with started([sys.executable, "-c", starter_of, *kept("heeds")]) as starter:
        spawned = pids(starter, 3)
        starter.kill()
        starter.wait(30)
        assert still_there(spawned) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_are_stopped_when_it_is_told_to(number: signal.Signals) -> None:
    with started(kept("heeds")) as process:
        spawned = pids(process, 3)
        process.send_signal(number)
        assert process.wait(600) == 128 + signal.SIGTERM
        assert still_there(spawned, 0) == []


def test_the_orphans_of_a_command_that_ends_are_stopped_and_its_exit_code_is_told() -> None:
    with started(kept("deaf leaves")) as process:
        spawned = pids(process, 3)
        assert process.wait(600) == 7
        assert still_there(spawned, 0) == []


def test_the_signal_that_ends_a_command_is_told() -> None:
    with started(kept("heeds", depth=0)) as process:
        [spawned] = pids(process, 1)
        os.kill(spawned, signal.SIGKILL)
        assert process.wait(600) == 128 + signal.SIGKILL


def test_the_command_is_told_to_end_when_the_keeper_itself_is_killed() -> None:
    with started(kept("heeds", depth=0)) as process:
        spawned = pids(process, 1)
        process.kill()
        assert still_there(spawned) == []


def test_a_kept_command_reads_nothing_from_the_keepers_input() -> None:
    with started([sys.executable, "-P", keeper.__file__, "cat"]) as process:
        assert process.wait(600) == 0

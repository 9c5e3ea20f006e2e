"""What is known of the processes of a namespace, and how one is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from builders.sandbox import processes


def test_a_process_is_in_the_namespace_of_its_parent_and_ends_once() -> None:
    own = processes.namespace(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as other:
        assert processes.namespace(other.pid) == own
        found = {process.pid: process.session for process in processes.inside(own)}
        assert found[other.pid] == other.pid
        assert found[os.getpid()] == os.getsid(0)
        processes.end(other.pid)
        assert other.wait() == -signal.SIGKILL
    processes.end(other.pid)
    assert other.pid not in {process.pid for process in processes.inside(own)}
    with pytest.raises(OSError, match="No such file"):
        processes.namespace(other.pid)


def test_a_process_that_has_ended_and_was_not_waited_for_is_not_alive() -> None:
    own = processes.namespace(os.getpid())
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as other:
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert other.pid in processes.living()
        assert other.pid not in {process.pid for process in processes.inside(own)}


def test_the_memory_of_a_namespace_is_what_its_processes_hold_in_bytes() -> None:
    held = processes.memory(processes.namespace(os.getpid()))
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    [own] = [int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:")]
    assert held >= own / 2
    assert processes.memory(0) == 0

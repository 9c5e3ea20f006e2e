"""The processes of a box as the host sees them: who is in it, what they take, and their end."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A process of a box.

    Args:
        pid: its number on the host.
        session: the number of the process that began its session.
    """

    pid: int
    session: int


def namespace(pid: int) -> int:
    """Return which namespace of processes one is in.

    Raises:
        OSError: it has ended.
    """
    return Path(f"/proc/{pid}/ns/pid").stat().st_ino


def living() -> list[int]:
    """Return the numbers of all processes of the host; some may have ended by the time they are looked at."""
    with os.scandir("/proc") as entries:
        return [int(entry.name) for entry in entries if entry.name.isdigit()]


def inside(space: int) -> Iterator[Process]:
    """Yield the living processes of a namespace."""
    for pid in living():
        with suppress(OSError):
            if namespace(pid) == space:
                state, _, _, session = _status(pid)[:4]
                if state not in "ZX":
                    yield Process(pid, int(session))


def memory(space: int) -> int:
    """Return how many bytes of memory the processes of a namespace hold, what two of them share counted twice."""
    total = 0
    for process in inside(space):
        with suppress(OSError):
            total += int(Path(f"/proc/{process.pid}/statm").read_bytes().split()[1]) * _PAGE
    return total


def end(pid: int) -> None:
    """Kill a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _status(pid: int) -> list[str]:
    """Return the fields of a process's status from its state on; its name before them may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()

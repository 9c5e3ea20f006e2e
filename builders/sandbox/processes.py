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


def inside(space: int) -> Iterator[Process]:
    """Yield the living processes of a namespace."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                if Path(entry.path, "ns/pid").stat().st_ino == space:
                    state, _, _, session = _status(entry.path)[:4]
                    if state not in "ZX":
                        yield Process(int(entry.name), int(session))


def memory(space: int) -> int:
    """Return how many bytes of memory the processes of a namespace hold, what two of them share counted twice."""
    total = 0
    for process in inside(space):
        with suppress(OSError):
            total += int(Path(f"/proc/{process.pid}/statm").read_bytes().split()[1]) * _PAGE
    return total


def end(process: Process) -> None:
    """Kill a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def _status(folder: str) -> list[str]:
    """Return the fields of a process's status from its state on; its name before them may hold anything."""
    return Path(folder, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()

"""Keeps one command: runs it, and stops it with everything it spawned as soon as whoever asked for it is gone.

    python -P builders/teachers/keeper.py COMMAND [ARGUMENT…]

It is a process of its own, for one that is killed with -9 can stop nothing any more, and is run by its path with nothing of
ours imported, so it is small and up at once. Its standard input is a pipe whose other end only its parent holds: it ends
when the parent does, however that ends. That it has another parent all of a sudden says the same.

The command gets a session of its own. On Linux (where vLLM runs) orphans among its descendants become our children, also
those that made a session of their own, so none gets out of sight. They are told to end (SIGTERM), and killed if they do not.

Exit code: the command's, or 128 + the number of the signal that ended it.

Changes no byte of a row.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

import psutil

TERM_SECONDS = 3.0
KILL_SECONDS = 10.0
POLL_SECONDS = 0.2
_REAP_SECONDS = 0.02

# linux/prctl.h
_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> int:
    """Run the command until it ends, our input ends or we are told to stop; return the exit code."""
    parent, signals = os.getppid(), []

    def tell(number: int, _: FrameType | None) -> None:
        signals.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, tell)
    _linux(_SET_CHILD_SUBREAPER, 1)
    process = _started(command)
    while not (_ended(process) or signals or os.getppid() != parent):
        readable, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 1):
            break
    _stop(process)
    code = process.returncode
    return code if code >= 0 else 128 - code


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  (the command is what we are for)
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_us,  # noqa: PLW1509  (we have one thread)
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop whatever is left of the command, and wait until it is gone."""
    for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        asked_to_stop: set[psutil.Process] = set()
        end = time.monotonic() + seconds
        while (left := _left(process)) and time.monotonic() < end:
            for descendant in left - asked_to_stop:
                with contextlib.suppress(psutil.NoSuchProcess):
                    descendant.send_signal(number)
            asked_to_stop |= left
            time.sleep(_REAP_SECONDS)
    if process.returncode is None:
        process.returncode = -signal.SIGKILL


def _left(process: subprocess.Popen[bytes]) -> set[psutil.Process]:
    """Return the descendants that are not gone yet."""
    _ended(process)
    return set(psutil.Process().children(recursive=True))


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Reap the children that have ended, adopted ones too, and return whether the command has."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == process.pid:
                process.returncode = os.waitstatus_to_exitcode(ended[1])
    return process.returncode is not None


def _end_with_us() -> None:
    """Have the command told to end if it is the keeper that is killed."""
    _linux(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _linux(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Boxes on bubblewrap: any Linux user can open one where user namespaces are allowed; the kernel is shared with the host.

A box is one process that sleeps in namespaces of its own, with a read-only system and a home and /tmp of bounded size in
memory; every command enters these namespaces. So a daemon lives from command to command, what a box wrote was never on a
disk, and all of it is gone with that process, however it ends.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builders.sandbox import entering, processes, seccomp, watching
from builders.sandbox.box import AGENT, ENVIRONMENT, HOME, Backend, BoxEndedError, CommandResult, Limits
from builders.sandbox.holding import holding, in_memory, refused, unused
from builders.sandbox.processes import Process

_REST_SECONDS = 5.0
_SLEEP = "echo ready; exec >/dev/null; while :; do sleep 600; done"
_AS_AGENT = ("--uid", str(AGENT), "--gid", str(AGENT), "--disable-userns", "--cap-drop", "ALL")


@dataclass(slots=True)
class Bubblewrap:
    """A box; see `builders.sandbox.box.Box`."""

    limits: Limits
    holder: int
    space: int
    user: int | None
    session: int
    services: frozenset[int] = frozenset()
    ended: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float | None = None) -> CommandResult:
        """Run a command to its end or until its time is over."""
        self._check()
        with in_memory(stdin) as given, in_memory() as out, in_memory() as errors:
            asked = self._entering(command)
            with subprocess.Popen(asked, stdin=given, stdout=out, stderr=errors, cwd="/", env={}) as entered:  # noqa: S603
                try:
                    code: int | None = entered.wait(seconds or self.limits.command_seconds)
                except subprocess.TimeoutExpired:
                    code = None
                    entered.kill()
            if code is None:
                self.settle()
            self._check()
            return CommandResult(code, _read(out), _read(errors))

    def keep(self) -> None:
        """Take what runs in the background now for services."""
        self.services = frozenset(process.session for process in self._others())

    def settle(self) -> None:
        """End everything but the services."""
        until = time.monotonic() + _REST_SECONDS
        while found := list(self._others()):
            if time.monotonic() > until:
                self.end("unsettled")
            for process in found:
                processes.end(process.pid)
            self._check()

    def end(self, why: str) -> None:
        """End the box and everything in it."""
        self.ended.append(why)
        processes.end(self.holder)

    def _others(self) -> Iterator[Process]:
        kept = {self.session, *self.services}
        return (process for process in processes.inside(self.space) if process.session not in kept)

    def _check(self) -> None:
        try:
            alive = processes.namespace(self.holder) == self.space
        except OSError:
            alive = False
        if self.ended or not alive:
            raise BoxEndedError([*self.ended, "gone"][0])

    def _entering(self, command: Sequence[str]) -> list[str]:
        wanted = {
            "holder": self.holder,
            "user": self.user,
            "limits": _resources(self.limits),
            "folder": HOME,
            "environment": ENVIRONMENT,
            "command": list(command),
            "filter": seccomp.program().hex(),
        }
        return [sys.executable, "-I", "-S", str(Path(entering.__file__).absolute()), json.dumps(wanted)]


@contextmanager
def opened(limits: Limits) -> Iterator[Bubblewrap]:
    """Open a box, which is gone with everything in it at the end of the block.

    Raises:
        BuildError: bubblewrap cannot open one here.
    """
    user = unused()
    with holding(limits, ["/bin/sh", "-c", _SLEEP], user, _AS_AGENT, seccomp.program()) as (holder, started):
        if started.stdout is None or started.stdout.readline() != b"ready\n":
            raise refused(started)
        box = Bubblewrap(limits, holder, processes.namespace(holder), user, os.getsid(holder))
        with watching.watched(box, Path(f"/proc/{holder}/root{HOME}"), Path(f"/proc/{holder}/root/tmp")):
            yield box


def _resources(limits: Limits) -> dict[str, int]:
    return {
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_AS": limits.process_bytes,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 2**16,
    }


def needs() -> str | None:
    """Say what the machine lacks."""
    if shutil.which("bwrap") is None:
        return "there is no bwrap here: apt-get install bubblewrap"
    return None if seccomp.supported() else "its system call filter knows x86_64 and aarch64 only"


BACKEND = Backend("bubblewrap", own_kernel=False, needs=needs, opened=opened)


def _read(number: int) -> str:
    size = os.fstat(number).st_size
    return os.pread(number, size, 0).decode(errors="replace")

"""Boxes on gVisor: a kernel of their own, in a process of `runsc do`, which itself runs in bubblewrap's namespaces.

`runsc do` shows its command all files of the machine, and ends with it; so bubblewrap decides what there is to see, and the
command is a loop that reads further ones. The loop is root in the box and what it runs is not, so that nothing can put words
into its mouth. gVisor of 2022, Debian's, has no `statx` that today's `ls` and `stat` could use: checks take `find` instead.
"""

import base64
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from builders.sandbox import bubblewrap, processes, watching
from builders.sandbox.box import AGENT, ENVIRONMENT, HOME, Backend, BoxEndedError, CommandResult, Limits
from builders.sandbox.holding import holding, refused

_RUNSC = ("runsc", "--rootless", "--network=none", "--ignore-cgroups", "--root", "/tmp/runsc", "do", "-quiet")  # noqa: S108
_AS_ROOT = ("--uid", "0", "--gid", "0")
_LOOP = Path(__file__).with_name("gvisor.sh")
_SPARE_SECONDS = 20.0
"""How much longer than its command an answer of the loop may take."""


@dataclass(slots=True)
class Gvisor:
    """A box; see `builders.sandbox.box.Box`."""

    limits: Limits
    holder: int
    space: int
    started: "subprocess.Popen[bytes]"
    unread: bytearray = field(default_factory=bytearray)
    ended: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float | None = None) -> CommandResult:
        """Run a command to its end or until its time is over."""
        most = seconds or self.limits.command_seconds
        parts = (shlex.join(command).encode(), stdin)
        code, out, errors = self._reply(f"run {most} {' '.join(map(_coded, parts))}", most).split(" ")
        if code == "late":
            self.settle()
        number = int(code) if code != "late" else None
        signalled = number is not None and number > _SIGNALLED
        return CommandResult(_SIGNALLED - number if number and signalled else number, _decoded(out), _decoded(errors))

    def keep(self) -> None:
        """Take what runs in the background now for services."""
        self._reply("keep", 0)

    def settle(self) -> None:
        """End everything but the services."""
        if self._reply("settle", 0) != "settled":
            self.end("unsettled")
            raise BoxEndedError("unsettled")

    def end(self, why: str) -> None:
        """End the box and everything in it."""
        self.ended.append(why)
        processes.end(self.holder)

    def _reply(self, line: str, seconds: float) -> str:
        """Return the loop's answer to a line."""
        if self.started.stdin is None or self.started.stdout is None:
            raise BoxEndedError("gone")
        try:
            self.started.stdin.write(f"{line}\n".encode())
            self.started.stdin.flush()
        except BrokenPipeError:
            raise BoxEndedError([*self.ended, "gone"][0]) from None
        until = time.monotonic() + seconds + _SPARE_SECONDS
        while b"\n" not in self.unread:
            ready, _, _ = select.select([self.started.stdout], [], [], max(until - time.monotonic(), 0))
            came = self.started.stdout.read1(2**16) if ready else b""  # type: ignore[attr-defined]
            if not came:
                self.end("gone")
                raise BoxEndedError(self.ended[0])
            self.unread += came
        answer, _, rest = bytes(self.unread).partition(b"\n")
        self.unread = bytearray(rest)
        return answer.decode()


_SIGNALLED = 128


@contextmanager
def opened(limits: Limits) -> Iterator[Gvisor]:
    """Open a box, which is gone with everything in it at the end of the block.

    Raises:
        BuildError: bubblewrap or runsc cannot open one here.
    """
    loop = ["sh", "-c", _LOOP.read_text(encoding="utf-8"), "loop", HOME, str(AGENT), str(limits.file_bytes), _within(limits)]
    with holding(limits, [*_RUNSC, *loop], None, _AS_ROOT) as (holder, started):
        box = Gvisor(limits, holder, processes.namespace(holder), started)
        try:
            box.keep()
        except BoxEndedError:
            raise refused(started) from None
        with watching.watched(box):
            yield box


def _within(limits: Limits) -> str:
    """Return the command that runs another one as the agent, with its limits and environment."""
    environment = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
    identity = ["setpriv", f"--reuid={AGENT}", f"--regid={AGENT}", "--clear-groups", "--no-new-privs"]
    kernel = [f"--as={limits.process_bytes}", f"--fsize={limits.file_bytes}", f"--nofile={limits.open_files}", "--core=0"]
    return shlex.join(
        ["env", "-i", *environment, *identity, "prlimit", *kernel, f"--cpu={limits.cpu_seconds}", "--", "sh", "-c"]
    )


def needs() -> str | None:
    """Say what the machine lacks."""
    return "there is no runsc here: apt-get install runsc" if shutil.which("runsc") is None else bubblewrap.needs()


BACKEND = Backend("gvisor", own_kernel=True, needs=needs, opened=opened)


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode() or "-"


def _decoded(text: str) -> str:
    return "" if text == "-" else base64.b64decode(text).decode(errors="replace")

"""Boxes on Docker, where there is a daemon: one container without network that sleeps, and `docker exec` for every command.

The image is `BUILDERS_SANDBOX_IMAGE`; it needs a shell, coreutils, findutils and grep, nothing else. It is never pulled: a
build takes only what its machine has.
"""

import os
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from builders.errors import BuildError
from builders.sandbox.box import AGENT, ENVIRONMENT, HOME, Backend, BoxEndedError, CommandResult, Limits

_IMAGE = "debian:12-slim"
_DAEMON_SECONDS = 30.0
_OWNER = f"{AGENT}:{AGENT}"
_SETTLE = (
    "for try in 1 2 3 4 5 6 7 8 9 10; do found=; for folder in /proc/[0-9]*; do pid=${folder#/proc/}; "
    'case " 1 $$ $kept " in *" $pid "*) continue ;; esac; '
    "read -r line 2>/dev/null <$folder/stat || continue; case ${line##*) } in [ZX]*) continue ;; esac; "
    'kill -9 $pid 2>/dev/null && found=1; done; [ -z "$found" ] && exit 0; done; exit 1'
)


@dataclass(slots=True)
class Docker:
    """A box; see `builders.sandbox.box.Box`."""

    limits: Limits
    container: str
    services: tuple[str, ...] = ()
    ended: list[str] = field(default_factory=list)

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float | None = None) -> CommandResult:
        """Run a command to its end or until its time is over."""
        asked = ["docker", "exec", "-i", "--user", _OWNER, "--workdir", HOME, self.container, *command]
        try:
            done = self._docker(asked, stdin, seconds or self.limits.command_seconds)
        except subprocess.TimeoutExpired:
            self.settle()
            return CommandResult(None, "", "")
        self._check()
        out, errors = (part[: self.limits.file_bytes].decode(errors="replace") for part in (done.stdout, done.stderr))
        return CommandResult(done.returncode if done.returncode <= _SIGNALLED else _SIGNALLED - done.returncode, out, errors)

    def keep(self) -> None:
        """Take what runs in the background now for services."""
        asked = ["docker", "exec", "--user", _OWNER, self.container, "sh", "-c", "echo /proc/[0-9]*"]
        found = self._docker(asked, b"", _DAEMON_SECONDS).stdout.decode().split()
        self.services = tuple(path.removeprefix("/proc/") for path in found)

    def settle(self) -> None:
        """End everything but the services."""
        script = f"kept='{' '.join(self.services)}'; {_SETTLE}"
        done = self._docker(["docker", "exec", "--user", _OWNER, self.container, "sh", "-c", script], b"", _DAEMON_SECONDS)
        if done.returncode:
            self.end("unsettled")
        self._check()

    def end(self, why: str) -> None:
        """End the box and everything in it."""
        self.ended.append(why)
        self._docker(["docker", "rm", "--force", self.container], b"", _DAEMON_SECONDS)

    def _check(self) -> None:
        if self.ended:
            raise BoxEndedError(self.ended[0])
        state = ["docker", "inspect", "--format", "{{.State.Running}} {{.State.OOMKilled}}", self.container]
        running, killed = (self._docker(state, b"", _DAEMON_SECONDS).stdout.decode().split() or ["false", "false"])[:2]
        if running != "true":
            raise BoxEndedError("memory" if killed == "true" else "gone")

    @staticmethod
    def _docker(command: Sequence[str], stdin: bytes, seconds: float) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(command, input=stdin, capture_output=True, timeout=seconds, check=False)  # noqa: S603


_SIGNALLED = 128


@contextmanager
def opened(limits: Limits) -> Iterator[Docker]:
    """Open a box, which is gone with everything in it at the end of the block.

    Raises:
        BuildError: the daemon starts no such container.
    """
    box = Docker(limits, f"tracewright-{secrets.token_hex(8)}")
    done = subprocess.run(started(limits, box.container), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        fix = "start the daemon and pull the image, or set BUILDERS_SANDBOX to another backend"
        raise BuildError(f"Docker opens no box: {lines[-1]}", where="docker", fix=fix)
    clock = threading.Timer(limits.box_seconds, box.end, ("lifetime",))
    clock.start()
    try:
        yield box
    finally:
        clock.cancel()
        clock.join()
        box.end("closed")


def started(limits: Limits, container: str) -> list[str]:
    """Return the command that starts a container, with every limit that Docker knows."""
    room = f"rw,nosuid,nodev,size={limits.disk_bytes},nr_inodes={limits.files},uid={AGENT},gid={AGENT},mode=0700"
    kernel = {"fsize": limits.file_bytes, "nofile": limits.open_files, "cpu": limits.cpu_seconds, "core": 0}
    return [
        *("docker", "run", "--detach", "--rm", "--init", "--pull", "never", "--name", container, "--network", "none"),
        *("--read-only", "--tmpfs", f"{HOME}:{room}", "--tmpfs", f"/tmp:{room}", "--shm-size", "1m"),  # noqa: S108
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", _OWNER, "--hostname", "sandbox"),
        *("--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes)),
        *("--pids-limit", str(limits.processes), "--workdir", HOME, "--entrypoint", ""),
        *(part for name, most in kernel.items() for part in ("--ulimit", f"{name}={most}")),
        *(part for name, value in ENVIRONMENT.items() for part in ("--env", f"{name}={value}")),
        *(os.environ.get("BUILDERS_SANDBOX_IMAGE") or _IMAGE, "sleep", "infinity"),
    ]


def needs() -> str | None:
    """Say what the machine lacks."""
    if shutil.which("docker") is None:
        return "there is no docker here"
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    done = subprocess.run(asked, capture_output=True, timeout=_DAEMON_SECONDS, check=False)  # noqa: S603
    return "no Docker daemon answers" if done.returncode else None


BACKEND = Backend("docker", own_kernel=False, needs=needs, opened=opened)

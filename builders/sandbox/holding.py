"""The namespaces of a box: one process that holds them, started by bubblewrap, and gone at the end of a block.

As root a box gets a uid that nobody has, for the kernel does not count the processes of uid 0.
"""

import itertools
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from builders.errors import BuildError
from builders.sandbox import processes
from builders.sandbox.box import AGENT, ENVIRONMENT, HOME, Limits

_UIDS = itertools.count(200_000 + os.getpid() % 4096 * 4096)
_OPEN_SECONDS, _CLOSE_SECONDS = 30.0, 10.0
_MOST_WRITTEN = 2**30
_ACCOUNTS = f"""\
root:x:0:0::/:/usr/sbin/nologin
agent:x:{AGENT}:{AGENT}::{HOME}:/bin/sh
nobody:x:65534:65534::/:/usr/sbin/nologin
"""
_GROUPS = f"root:x:0:\nagent:x:{AGENT}:\nnogroup:x:65534:\n"


@contextmanager
def holding(
    limits: Limits, command: Sequence[str], user: int | None, identity: Sequence[str], filtering: bytes = b""
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Give the first process of a new box, and the bubblewrap that waits for it, until the end of the block.

    Args:
        limits: of these, the sizes of its home and /tmp.
        command: what the first process runs.
        user: who it is on the host; None for whoever asks.
        identity: bubblewrap's arguments for who it is inside, and what it may.
        filtering: its system call filter.
    """
    started, reader = _started(limits, command, user, identity, filtering)
    holder = None
    try:
        with os.fdopen(reader, "rb") as lines:
            facts = lines.read()
        if not facts:
            raise refused(started)
        holder = int(json.loads(facts)["child-pid"])
        yield holder, started
    finally:
        if holder is not None:
            processes.end(holder)
            with suppress(subprocess.TimeoutExpired):
                started.wait(_CLOSE_SECONDS)  # it waits for its child, which else would be left to whoever is the first process
        started.kill()
        with suppress(ValueError):
            started.communicate()


def _started(
    limits: Limits, command: Sequence[str], user: int | None, identity: Sequence[str], filtering: bytes
) -> tuple["subprocess.Popen[bytes]", int]:
    """Start a bubblewrap; return it and the pipe on which it says who its child is."""
    with ExitStack() as files:
        passed = [files.enter_context(in_memory(data)) for data in (_ACCOUNTS.encode(), _GROUPS.encode(), filtering)]
        reader, writer = os.pipe()
        files.callback(os.close, writer)
        asked = [*_arguments(limits, passed[0], passed[1], writer), *identity]
        asked += ["--seccomp", str(passed[2])] if filtering else []
        started = subprocess.Popen(  # noqa: S603
            [*asked, "--", *command],
            pass_fds=(*passed, writer),
            cwd="/",
            env={},  # /proc/1/environ of the box shows it
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            user=user,
            group=user,
            extra_groups=None if user is None else (),
        )
    return started, reader


def _arguments(limits: Limits, accounts: int, groups: int, told_by: int) -> list[str]:
    """Return bubblewrap's arguments, whose order matters: a later mount lies on an earlier one."""
    roomy = ["--size", str(limits.disk_bytes), "--perms", "0700", "--tmpfs"]
    linked = [part for name in ("bin", "sbin", "lib", "lib64", "lib32") for part in _link(name)]
    shared = [part for path in ("/etc/alternatives", "/etc/ld.so.cache") for part in ("--ro-bind-try", path, path)]
    return [
        *(shutil.which("bwrap") or "bwrap", "--unshare-all", "--unshare-user", "--new-session"),
        *("--die-with-parent", "--as-pid-1", "--clearenv"),
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *("--hostname", "sandbox", "--ro-bind", "/usr", "/usr", *linked, *shared),
        *("--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/home"),
        *("--perms", "0444", "--ro-bind-data", str(accounts), "/etc/passwd"),
        *("--perms", "0444", "--ro-bind-data", str(groups), "/etc/group"),
        *("--proc", "/proc", "--dev", "/dev", "--size", "1048576", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108  (the box's, not ours)
        *(*roomy, HOME, *roomy, "/tmp", "--chdir", HOME, "--remount-ro", "/"),  # noqa: S108  (the box's, not ours)
        *("--info-fd", str(told_by)),
    ]


def _link(name: str) -> list[str]:
    """Return how a folder of the system that is in /usr gets its second name, or comes along where it does not."""
    path = Path("/", name)
    if path.is_symlink():
        return ["--symlink", f"usr/{name}", str(path)]
    return ["--ro-bind", str(path), str(path)] if path.is_dir() else []


def refused(started: "subprocess.Popen[bytes]") -> BuildError:
    """Return the error of a bubblewrap that opened no box, in its own words."""
    started.kill()
    _, errors = started.communicate(timeout=_OPEN_SECONDS)
    lines = errors.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    fix = "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), or set BUILDERS_SANDBOX to another backend"
    return BuildError(f"bubblewrap opens no box: {lines[-1]}", where="bwrap", fix=fix)


def unused() -> int | None:
    """Return, for root, a uid that no account has and no process runs as; anyone else keeps his own."""
    if os.geteuid() != 0:
        return None
    taken = set[int]()
    for pid in processes.living():
        with suppress(OSError):
            taken.add(Path(f"/proc/{pid}").stat().st_uid)
    return next(uid for uid in _UIDS if uid not in taken and not _has_account(uid))


def _has_account(uid: int) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False


@contextmanager
def in_memory(data: bytes = b"") -> Iterator[int]:
    """Give a file in memory, so that nothing of a command lies on a disk; a background process that holds it blocks nobody."""
    number = os.memfd_create("box")
    try:
        for start in range(0, len(data), _MOST_WRITTEN):
            os.write(number, data[start : start + _MOST_WRITTEN])
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)

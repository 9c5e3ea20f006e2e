"""Run a command in the namespaces of a process, for `builders.sandbox.bubblewrap`: a script of its own, started without a site.

Everything is imported before it enters, for there may be no Python inside. Its one argument is JSON: `holder`, the process
whose namespaces are entered; `user`, who to be there as the host sees it, null to stay who one is; `limits`, by the names of
the `resource` module; `folder`, `environment`, `command`; and `filter`, the system call filter in hex.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys

NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000  # user mount pid network ipc name
_DEATH_SIGNAL, _SECCOMP, _NO_NEW_PRIVILEGES, _FILTER = 1, 22, 38, 2
_NOT_ENTERED, _NOT_FOUND = 125, 127


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def main() -> int:
    """Enter, run the command, and end as it does."""
    wanted = json.loads(sys.argv[1])
    lines = bytes.fromhex(wanted["filter"])
    libc = ctypes.CDLL(None, use_errno=True)
    holder = os.pidfd_open(wanted["holder"])
    if wanted["user"] is not None:
        os.setgroups([])
        os.setresgid(*[wanted["user"]] * 3)
        os.setresuid(*[wanted["user"]] * 3)
    if libc.setns(holder, NAMESPACES):
        return _NOT_ENTERED
    os.close(holder)
    child = os.fork()
    if child:
        return _ended(child)
    libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    os.chdir(wanted["folder"])
    for name, most in wanted["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    program = _Program(len(lines) // 8, lines)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        os._exit(_NOT_ENTERED)
    _become(wanted["command"], wanted["environment"])
    os._exit(_NOT_FOUND)


def _become(command: list[str], environment: dict[str, str]) -> None:
    """Replace this process by the command; return only if it is not found (os.execvp would import a module to look for it)."""
    name = command[0]
    for folder in [""] if "/" in name else environment["PATH"].split(":"):
        with contextlib.suppress(OSError):
            os.execve(f"{folder}/{name}" if folder else name, command, environment)  # noqa: S606  (what it is for)


def _ended(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(-code, signal.SIG_DFL) if -code not in {signal.SIGKILL, signal.SIGSTOP} else None
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())

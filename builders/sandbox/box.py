"""What a box is, whatever backend it runs on: limits, the result of a command, and four things that one can do with it."""

import base64
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

HOME = "/home/agent"
AGENT = 1000
"""Uid and gid of everything that runs in a box; no user of the host."""

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": HOME, "USER": "agent", "LANG": "C.UTF-8"}
"""All that a command finds in its environment."""

_PUT = """
decoded() { [ "$1" = - ] || printf %s "$1" | base64 -d; }
while read -r path data; do
  path=$(decoded "$path")
  folder=$(dirname -- "$path")
  { [ -d "$folder" ] || mkdir -p -- "$folder"; } && decoded "$data" >"$path" || exit 1
done
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a box may take of the machine.

    Args:
        command_seconds: most time of one command, if its caller does not say less.
        box_seconds: most time from opening a box to its end.
        cpu_seconds: most processor time of one process.
        processes: most processes and threads at a time.
        process_bytes: most address space of one process.
        memory_bytes: most memory of all processes together; a box above it is ended within half a second.
        disk_bytes: size of its home, and of its /tmp.
        file_bytes: most bytes of one file, and of a command's output.
        files: most files and folders; a box with more is ended within half a second.
        open_files: most open files of one process.
    """

    command_seconds: float = 20.0
    box_seconds: float = 120.0
    cpu_seconds: int = 30
    processes: int = 48
    process_bytes: int = 2**29
    memory_bytes: int = 2**29
    disk_bytes: int = 2**25
    file_bytes: int = 2**24
    files: int = 20_000
    open_files: int = 256


class CommandResult(NamedTuple):
    """What came of a command.

    Args:
        exit_code: its own, or minus the number of the signal that ended it; None where it ran out of time.
        stdout: what it wrote, with what is not UTF-8 replaced.
        stderr: the same of its errors.
    """

    exit_code: int | None
    stdout: str
    stderr: str


class BoxEndedError(Exception):
    """Raised when a command is to run in a box that is no more.

    Args:
        why: `memory`, `files`, `lifetime`, or `gone` where it ended by itself.
    """

    def __init__(self, why: str) -> None:
        """Remember why."""
        self.why = why
        super().__init__(f"the box has ended: {why}")


class Box(Protocol):
    """A place without network, with a home of its own, that lasts from command to command."""

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float | None = None) -> CommandResult:
        """Run a command to its end, or until its time is over, when everything that was started in the box is ended.

        What a command leaves in the background goes on, until `settle` or the end of the box.

        Raises:
            BoxEndedError: the box has ended, or ends now.
        """

    def keep(self) -> None:
        """Take what runs in the background now for services, which `settle` leaves alone."""

    def settle(self) -> None:
        """End everything but the services, so that what is checked next stands still.

        Raises:
            BoxEndedError: the box has ended, or could not be brought to rest and was ended.
        """


class Backend(NamedTuple):
    """What boxes run on.

    Args:
        name: what `BUILDERS_SANDBOX` calls it.
        own_kernel: whether a box has a kernel of its own, which commands of unknown intent ask for.
        needs: says what the machine lacks for it, None where nothing.
        opened: gives a box with these limits, which is gone with everything in it at the end of the block.
    """

    name: str
    own_kernel: bool
    needs: Callable[[], str | None]
    opened: Callable[[Limits], AbstractContextManager[Box]]


def put(box: Box, files: Mapping[str, bytes]) -> None:
    """Write files in a box, and the folders that they need.

    Raises:
        OSError: the box does not let one be written.
        BoxEndedError: the box has ended.
    """
    # The folders above a home are not the agent's, which gVisor's `mkdir -p` stumbles over.
    named = ((path.removeprefix(f"{HOME}/").encode(), data) for path, data in files.items())
    lines = [b" ".join(base64.b64encode(part) or b"-" for part in pair) + b"\n" for pair in named]
    done = box.run(["sh", "-c", _PUT], stdin=b"".join(lines))
    if done.exit_code != 0:
        raise OSError(done.stderr.strip() or "out of time")

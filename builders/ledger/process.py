"""The process that commits: compressing and writing replies there takes nothing from the event loop but the sending.

Messages are marshalled, with their length before them. Groups are sent without waiting for those before them, so that what a
killed owner of a slow disk loses is what it had not sent. The process keeps the claims' files open: such a ledger is free only
once the last group that was sent is on disk. It heeds no signal to end, and ends with its input.

Changes no byte of a row.
"""

import fcntl
import marshal
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from builders.errors import BuildError

_LENGTH_BYTES = 8
_PIPE_BYTES = 1 << 20  # a group fits: nobody is woken until it is all there
CLOSE = "close"

Message = tuple[bytes, list[bytes], list[int], bytes, list[tuple[int, int, float] | None]]
"""A group of replies, see `builders.ledger.groups`."""


class Process:
    """The parent's end."""

    def __init__(self, path: Path, kept_open: Iterable[int]) -> None:
        """Start the process, which opens the ledger with the first group.

        Args:
            path: the ledger.
            kept_open: files that it keeps open to its end.

        Raises:
            OSError: it cannot be started.
        """
        self._path = path
        package = str(Path(__file__).parents[2])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BUILDERS_")}  # no API keys
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-m", "builders.ledger.committing", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=tuple(kept_open),
            env=environment,
            start_new_session=True,
        )
        assert self._process.stdin  # noqa: S101
        assert self._process.stdout  # noqa: S101
        self._requests, self._answers = self._process.stdin, self._process.stdout
        if sys.platform == "linux":
            with suppress(OSError):  # the system lets a user have so much in pipes; it goes without
                fcntl.fcntl(self._requests, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def send(self, group: Message) -> None:
        """Send a group to be committed."""
        with suppress(BrokenPipeError):  # it has ended, and may have said why
            send(self._requests, group)

    def committed(self) -> int | None:
        """Wait until further groups are on disk, and return how many; None once the process was told to close and has.

        Raises:
            BuildError: the disk is full, or the file cannot be written or was removed; or the process was killed.
        """
        try:
            answer = receive(self._answers)
        except EOFError:
            what = f"the process that writes the ledger ended with {self._process.wait()}"
            raise BuildError(what, where=self._path, fix="run again; what was committed is safe") from None
        if isinstance(answer, tuple):
            what, where, fix = answer
            raise BuildError(what, where=where, fix=fix)
        return None if answer == CLOSE else int(answer)

    def close(self) -> None:
        """Have it merge what is small, and end."""
        with suppress(BrokenPipeError):  # it failed, or was killed
            send(self._requests, CLOSE)
        with suppress(BrokenPipeError):  # what is left of a message
            self._requests.close()

    def wait(self) -> None:
        """Wait for its end."""
        self._answers.close()
        self._process.wait()


def send(pipe: IO[bytes], message: Any) -> None:  # noqa: ANN401  (whatever can be marshalled)
    """Write a message.

    Raises:
        BrokenPipeError: nobody reads.
    """
    content = marshal.dumps(message)
    pipe.write(len(content).to_bytes(_LENGTH_BYTES) + content)  # at once: whoever reads is woken once
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:  # noqa: ANN401  (whatever was sent)
    """Read a message.

    Raises:
        EOFError: nobody writes any more.
    """
    length = pipe.read(_LENGTH_BYTES)
    content = pipe.read(int.from_bytes(length)) if len(length) == _LENGTH_BYTES else b""
    if len(length) < _LENGTH_BYTES or len(content) < int.from_bytes(length):
        raise EOFError
    return marshal.loads(content)  # noqa: S302  (from ourselves)

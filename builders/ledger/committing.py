"""The other end of `builders.ledger.process`: commits what comes in, answers once it is on disk, and merges in between.

    python -m builders.ledger.committing <ledger>

Groups come as messages of `builders.ledger.groups`, which needs an event loop and is not imported here; a thread takes them
in, so that they are out of their sender's hands however slow the disk is, and those that have come meanwhile are committed
together. The answer is how many were; or what failed, where, and what to do.

Changes no byte of a row.
"""

import os
import queue
import signal
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

from builders.errors import BuildError
from builders.ledger.chunks import KEY_BYTES
from builders.ledger.committer import Committer, Write
from builders.ledger.process import CLOSE, Message, receive, send
from builders.ledger.store import Entry, Paid

_Came = queue.SimpleQueue[Any]
"""Groups, then CLOSE, or None if the sender ended without a word."""


def main() -> None:
    """Commit until the input ends.

    Whoever ends a whole job tells every process of it; the one that asks has replies to hand over still.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    answers = open(sys.stdout.fileno(), "wb", buffering=0, closefd=False)  # noqa: SIM115  (it has no path)
    came = _Came()
    threading.Thread(target=_take_in, args=(sys.stdin.buffer, came), daemon=True).start()
    if last := _committed(Path(sys.argv[1]), came, answers):
        _answer(answers, last)


def _take_in(requests: IO[bytes], came: _Came) -> None:
    try:
        with suppress(EOFError):  # what is cut off was not sent
            while (message := receive(requests)) != CLOSE:
                came.put(message)
            came.put(CLOSE)
    finally:
        came.put(None)


def _committed(path: Path, came: _Came, answers: IO[bytes]) -> tuple[str, str, str] | str | None:
    """Commit until the input ends; return what failed, or that all is closed as it should be."""
    try:
        with closing(Committer(path)) as committer:
            end: Any = ...
            while end is ...:
                groups, end = _next(came)
                if groups:
                    committer.commit([write for group in groups for write in _writes(group)])
                    _answer(answers, len(groups))
                    _merge(committer, closing=False)
            if end == CLOSE:
                _merge(committer, closing=True)
    except BuildError as error:
        return error.what, error.where, error.fix
    except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
        fix = "python -X dev -m builders shows where it came from, please report it"
        return f"a bug: {type(error).__name__}", str(path), fix
    return CLOSE if end == CLOSE else None


def _next(came: _Came) -> tuple[list[Message], Any]:
    """Wait for a group, and return those that have come; and how the input ended, if it has, else an ellipsis."""
    groups: list[Message] = []
    message = came.get()
    with suppress(queue.Empty):
        while isinstance(message, tuple):
            groups.append(message)
            message = came.get_nowait()
        return groups, message
    return groups, ...


def _writes(message: Message) -> list[Write]:
    """Return the replies of a group.

    Raises:
        ValueError: an entry has line breaks, which canonical JSON has not.
    """
    keys, abouts, about_of, text, costs = message
    lines = text.split(b"\n")[:-1]
    each_key = [keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)]
    columns = zip(each_key, about_of, lines[::2], lines[1::2], costs, strict=True)
    return [
        Write(key, Entry(abouts[about], own, reply), Paid(*cost) if cost else None) for key, about, own, reply, cost in columns
    ]


def _answer(answers: IO[bytes], message: Any) -> None:  # noqa: ANN401  (whatever can be marshalled)
    with suppress(BrokenPipeError):  # whoever sent was killed: what came whole is to be on disk all the same
        send(answers, message)


def _merge(committer: Committer, *, closing: bool) -> None:
    with suppress(Exception):  # replies are safe as they lie
        committer.merge(closing=closing)


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: a failure leaves a thread that waits for more to come

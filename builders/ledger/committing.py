"""The other end of `builders.ledger.process`: commits what comes in, answers once it is on disk, and merges in between.

    python -m builders.ledger.committing <ledger>

Groups come as messages of `builders.ledger.groups`, several of which are committed together. The answer is what failed, where,
and what to do, if anything did.
"""

import signal
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from builders.errors import BuildError
from builders.ledger.committer import Committer
from builders.ledger.groups import writes
from builders.ledger.process import CLOSE, receive, send


def main() -> None:
    """Commit until the input ends.

    Whoever ends a whole job tells every process of it; the one that asks has replies to hand over still.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    answers = open(sys.stdout.fileno(), "wb", buffering=0, closefd=False)  # noqa: SIM115  (it has no path)
    with suppress(EOFError, BrokenPipeError):  # whoever sent was killed: what came whole is on disk
        if failure := _failure(Path(sys.argv[1]), sys.stdin.buffer, answers):
            send(answers, failure)


def _failure(path: Path, asked: IO[bytes], answers: IO[bytes]) -> tuple[str, str, str] | None:
    """Commit until told to close, or return what failed."""
    try:
        with closing(Committer(path)) as committer:
            while (groups := receive(asked)) != CLOSE:
                committer.commit([write for group in groups for write in writes(group)])
                send(answers, None)
                _merge(committer, closing=False)
            _merge(committer, closing=True)
    except BuildError as error:
        return error.what, error.where, error.fix
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001  (whatever it is, those who wait must hear of it)
        fix = "python -X dev -m builders shows where it came from, please report it"
        return f"a bug: {type(error).__name__}", str(path), fix
    return None


def _merge(committer: Committer, *, closing: bool) -> None:
    with suppress(Exception):  # replies are safe as they lie
        committer.merge(closing=closing)


if __name__ == "__main__":
    main()

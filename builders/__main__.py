"""python -m builders <verb>: run a stage by hand, tell a row's life, show the funnel, pass releases and replies on.

Exit code 0: done. 2: the build cannot go on, one line on stderr says why. 1: a bug of ours. 130: interrupted. 141: nobody
reads what is printed any more.
"""

import io
import os
import sys
import tempfile
import traceback
from pathlib import Path

from builders import private, terminal, verbs
from builders.errors import BuildError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter is not a reason to stop
    private.start()
    terminal.measure()
    with terminal.plain(sys.stdout, sys.stderr):
        return _ran(arguments)


def _ran(arguments: list[str] | None) -> int:
    try:
        parsed = verbs.parser().parse_args(arguments)
        parsed.run(parsed)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        # Whoever read has enough, as `head` has; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        # Only scratch files are written without their name being known.
        where, fix = error.filename or tempfile.gettempdir(), "free some space there, or fix its permissions, and run again"
        line = BuildError(error.strerror or type(error).__name__, where=where, fix=fix)
        print(f"error: {line}", file=sys.stderr)  # noqa: T201
        return 2
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        # The message is left out: it may quote a row of a hazard family.
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"a bug: {type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        print(f"error: {what}; python -X dev -m builders shows where it came from, please report it", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)  # noqa: T201
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs of pytest in a checkout that begin at once: forks of a process that has imported all that is not the checkout's own.

A run imports the modules of the checkout as they are when it begins. What it imports of others is what a first run, which only
collects tests, has imported: an import of `datasets` takes longer than most tests. A run is a session of its own, so that it
can be ended with whatever it has started.
"""

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

_OWN = {"benchmarks", "builders", "conftest", "tests", "__main__", "__mp_main__"}
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Plugins are imported before pytest could rewrite what they assert: it says so."""


class Runs:
    """A process that runs pytest in a checkout, one run at a time.

    Args:
        root: the checkout.
        environment: all variables.
        collecting: what pytest takes to collect the tests from which it is learnt what to import.
    """

    def __init__(self, root: Path, environment: dict[str, str], collecting: Sequence[str]) -> None:
        """Start it, and wait until it has imported what it needs."""
        environment = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, "-m", "benchmarks.forking", *collecting]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=root, env=environment, stdin=pipe, stdout=pipe, bufsize=0)
        self._running = int(self._line())

    def run(self, arguments: Sequence[str], output: Path, alive: Callable[[], bool]) -> int | None:
        """Run pytest; what it says goes to a file.

        Args:
            arguments: of pytest.
            output: the file.
            alive: whether to wait on, asked twice a second.

        Returns:
            Its exit code, or None if it was ended.
        """
        assert self._process.stdin  # noqa: S101
        assert self._process.stdout  # noqa: S101
        request = {"arguments": [*_QUIET, *arguments], "output": str(output)}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._running = int(self._line())
        try:
            while not select.select([self._process.stdout], [], [], 0.5)[0]:
                if not alive():
                    self.kill()
                    self._line()
                    return None
            return int(self._line())
        finally:
            self.kill()
            self._running = 0

    def kill(self) -> None:
        """End what runs, or what a run has left behind."""
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running, signal.SIGKILL)

    def close(self) -> None:
        """End it."""
        self.kill()
        self._process.kill()
        self._process.communicate()

    def _line(self) -> bytes:
        assert self._process.stdout  # noqa: S101
        return self._process.stdout.readline()


def _answer(collecting: Sequence[str]) -> None:
    _import(_imported(collecting))
    gc.collect()
    gc.freeze()  # what is the same in all runs is looked at in none of them
    print(0, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pid = _forked(**request)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _imported(collecting: Sequence[str]) -> list[str]:
    """Return what a run that only collects has imported, in that order."""
    reader, writer = os.pipe()
    if not os.fork():
        try:
            _say(os.devnull)
            _pytest(["--collect-only", *collecting])
            names = [name for name in sys.modules if name.partition(".")[0] not in _OWN]
            with os.fdopen(writer, "w") as told:
                json.dump(names, told)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        names = json.loads(told.read() or "[]")
    os.wait()
    return list(names)


def _import(names: Sequence[str]) -> None:
    gc.disable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with suppress(Exception):  # what is made while others are imported
                importlib.import_module(name)


def _forked(arguments: list[str], output: str) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.setsid()
        _say(output)
        gc.enable()
        code = _pytest(arguments)
    except BaseException:  # noqa: BLE001  (as Python itself does)
        traceback.print_exc()
    finally:
        os._exit(code)


def _say(output: str) -> None:
    with Path(output).open("w") as out, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)


def _pytest(arguments: Sequence[str]) -> int:
    code: Any = pytest.main(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code)


if __name__ == "__main__":
    _answer(sys.argv[1:])

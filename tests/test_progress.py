"""What is shown while models are asked: live lines on a terminal, elsewhere an estimate before and a summary behind."""

import os
import pty
import queue
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.doubles.teacher import Answer, Received, Server, serving
from tests.harness import FAMILY, Workspace

THOUGHT = "A thought.\n</think>\nAn answer."
WORDS = len(THOUGHT.split())
ROWS = 12
SOON = 600.0
"""Seconds within which an expected text must have appeared."""


def answer(request: Received) -> Answer:
    """Refuse number 3 and hold number 11 back."""
    return Answer(THOUGHT, status=400 if "number 3?" in request.text else 200, held="number 11?" in request.text)


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace in which every reply costs 1."""
    workspace.project(teacher="endpoint")
    workspace.collected(*(f"How do I look after plant number {n}?" for n in range(ROWS)))
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["synthesize"]["roles"]["teacher"]["prices"] = {"prompt": 0.0, "completion": 1_000_000 / WORDS}
    return workspace


class Terminal:
    """A terminal on which a stage runs, and all that was written to it; seen is what is no code that moves the cursor."""

    def __init__(self, end: int, process: subprocess.Popen[bytes]) -> None:
        self._end, self.process = end, process
        self.written = b""

    @property
    def seen(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.written.decode(errors="replace")).replace("\r", "\n")

    def wait_for(self, pattern: str) -> None:
        """Read until something appears."""
        latest = time.monotonic() + SOON
        while not re.search(pattern, self.seen):
            assert select.select([self._end], [], [], max(0.0, latest - time.monotonic()))[0], self.seen[-2000:]
            assert self._read(), self.seen[-2000:]

    def finish(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        return self.process.wait(SOON)

    def _read(self) -> bool:
        try:
            content = os.read(self._end, 65536)
        except OSError:  # the last who could write has gone
            return False
        self.written += content
        return bool(content)


@contextmanager
def terminal(workspace: Workspace, columns: int, **environment: str) -> Iterator[Terminal]:
    """Run synthesize on a terminal so wide."""
    end, other = pty.openpty()
    try:
        termios.tcsetwinsize(other, (30, columns))
        command = [sys.executable, "-m", "builders", "synthesize", FAMILY]
        variables = workspace.environment(TERM="xterm-256color", **environment)
        for name in ("COLUMNS", "LINES", "NO_COLOR", "CI", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "FORCE_COLOR"):
            variables.pop(name, None)
        with subprocess.Popen(command, cwd=workspace.root, env=variables, stdout=other, stderr=other) as process:
            os.close(other)
            try:
                yield Terminal(end, process)
            finally:
                process.kill()
    finally:
        os.close(end)


def variables(server: Server) -> dict[str, str]:
    return {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": "4"}


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal_everything_is_shown_while_it_happens(columns: int, asking: Workspace) -> None:
    """One request is held back: rows, rates, requests in flight, cost and rejects are shown all the same."""
    with serving(answer) as server, terminal(asking, columns, **variables(server)) as screen:
        screen.wait_for(r"synthesize quiz/default [━╸╺]{10} 11/12 \d:\d\d:\d\d")
        screen.wait_for(r"\d rows/s, 1 of 4 in flight, \d+ tokens/s, cost 10\.00 of about 11\.00, no_reply 1")
        server.release()
        assert screen.finish() == 0
        assert b"\x1b[2K" in screen.written.rpartition(b"/12")[2], "what was live is wiped away at the end"
        assert "in 12, out 11, rejected 1 (no_reply 1); asked 12 (0 more in the ledger, 1 failed)" in screen.seen.replace(
            "\n", " "
        )


def test_before_the_first_reply_comes_it_is_shown_how_many_are_awaited(asking: Workspace) -> None:
    with serving(lambda _: Answer(THOUGHT, held=True)) as server, terminal(asking, 80, **variables(server)) as screen:
        screen.wait_for(r"synthesize quiz/default [━╸╺ ]+ 0/12")
        screen.wait_for(r"0 rows/s, 4 of 4 in flight, 0 tokens/s")
        server.release()
        assert screen.finish() == 0


def test_elsewhere_there_is_an_estimate_before_the_first_request_and_a_summary_behind_the_last(asking: Workspace) -> None:
    ready: list[bool] = []
    stderr: queue.SimpleQueue[int] = queue.SimpleQueue()

    def noting(request: Received) -> Answer:
        told_at = stderr.get(timeout=SOON)
        ready.append(bool(select.select([told_at], [], [], 0)[0]))
        stderr.put(told_at)
        return answer(request)

    with serving(noting) as server:
        with asking.started("synthesize", FAMILY, **variables(server)) as stage:
            assert stage.stderr
            stderr.put(stage.stderr.fileno())
            server.wait_for(ROWS)
            server.release()
            output, printed = stage.communicate(timeout=SOON)
        assert stage.returncode == 0, printed
    assert ready == [True] * ROWS, "the estimate was there when the first request came"
    most = 4096 / WORDS * ROWS
    assert re.fullmatch(
        rf"synthesize {FAMILY}/default: about 12 requests, \d+ prompt tokens, at most 49\.2k completion tokens, "
        rf"at most {most:.2f}; less what the ledger has\n",
        printed,
    )
    assert re.fullmatch(
        r"synthesize quiz/default: in 12, out 11, rejected 1 \(no_reply 1\); asked 12 \(0 more in the ledger, 1 failed\), "
        r"\d+ replies/s, \d+ tokens/s, cost 11\.0000\n",
        output,
    )


def test_an_estimate_knows_how_long_earlier_replies_were(asking: Workspace, tmp_path: Path) -> None:
    with serving(lambda _: Answer(THOUGHT)) as server:
        asking.quick("synthesize", **variables(server))
        again = asking.copied(tmp_path / "again")
        output = again.run("synthesize", FAMILY, **variables(server)).stderr
    assert "about 12 requests" in output
    assert f", {WORDS * ROWS} completion tokens, 12.00; less what the ledger has" in output
    assert "at most" not in output


def test_where_no_model_is_asked_there_is_neither(workspace: Workspace) -> None:
    workspace.build("collect")
    done = workspace.run("synthesize", FAMILY)
    assert (done.stdout, done.stderr) == (f"synthesize {FAMILY}/default: in 44, out 44, rejected 0\n", "")

"""What is said to the loop in a box on gVisor, and made of its answers; a script of a line or two stands in its place."""

# ruff: noqa: SLF001

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from builders.sandbox import gvisor
from builders.sandbox.box import BoxEndedError, CommandResult, Limits
from builders.sandbox.gvisor import Gvisor

Opened = Callable[[str], Gvisor]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Give a box whose loop is a script for each line, which stands in `$line`."""
    started: list[subprocess.Popen[bytes]] = []

    def box(script: str) -> Gvisor:
        loop = ["sh", "-c", f"while read -r line; do {script}; done"]
        started.append(subprocess.Popen(loop, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return Gvisor(Limits(command_seconds=7.5), started[-1].pid, 1, started[-1])

    yield box
    for process in started:
        process.kill()
        process.communicate()


def coded(text: bytes) -> str:
    return base64.b64encode(text).decode()


def test_a_command_and_its_input_go_in_and_what_came_of_it_comes_out(opened: Opened) -> None:
    box = opened('echo "3 $(printf %s "$line" | base64 -w0) -"')
    command, given = coded(b"echo 'a b'"), coded(b"in")
    assert box.run(["echo", "a b"], stdin=b"in") == CommandResult(3, f"run 7.5 {command} {given}", "")
    assert box.run(["true"], seconds=2).stdout == f"run 2 {coded(b'true')} -"


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("0 - -", CommandResult(0, "", "")),
        ("1 - Yf9i", CommandResult(1, "", "a\ufffdb")),
        ("128 - -", CommandResult(128, "", "")),
        ("129 - -", CommandResult(-1, "", "")),
        ("137 - -", CommandResult(-9, "", "")),
    ],
)
def test_a_code_above_128_is_that_of_a_signal(answer: str, result: CommandResult, opened: Opened) -> None:
    assert opened(f'echo "{answer}"').run(["true"]) == result


def test_after_a_command_that_took_too_long_the_box_settles(opened: Opened) -> None:
    box = opened('case $line in run*) echo "late - -" ;; settle*) echo settled ;; esac')
    assert box.run(["sleep", "9"]) == CommandResult(None, "", "")
    assert box.ended == []


def test_a_box_that_does_not_settle_is_ended(opened: Opened) -> None:
    box = opened("echo busy")
    with pytest.raises(BoxEndedError, match="the box has ended: unsettled"):
        box.settle()
    assert box.ended == ["unsettled"]
    assert box.started.wait() == -9


def test_answers_that_come_together_or_in_pieces_are_told_apart(opened: Opened) -> None:
    box = opened("printf 'kept\\nkept\\nset'; read -r line; read -r line; printf 'tled\\n'")
    box.keep()
    box.keep()
    assert bytes(box.unread) == b"set"
    box.settle()
    assert box.unread == b""


def test_a_loop_that_has_ended_is_a_box_that_is_gone(opened: Opened) -> None:
    box = opened("exit")
    with pytest.raises(BoxEndedError, match="the box has ended: gone"):
        box.keep()
    assert box.ended == ["gone"]
    box = opened("exit")
    box.ended.append("memory")
    box.started.kill()
    box.started.wait()
    with pytest.raises(BoxEndedError, match="memory"):
        box.keep()


def test_a_loop_that_does_not_answer_is_ended(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gvisor._SPARE_SECONDS == 20
    monkeypatch.setattr(gvisor, "_SPARE_SECONDS", 0.0)
    box = opened("read -r line")
    with pytest.raises(BoxEndedError, match="gone"):
        box._reply("keep", 0.05)
    assert box.started.wait() == -9


def test_a_process_without_pipes_is_no_box() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as process, pytest.raises(BoxEndedError, match="gone"):
        Gvisor(Limits(), process.pid, 1, process).keep()


def test_another_command_runs_as_the_agent_with_its_limits_and_nothing_else() -> None:
    limits = Limits(process_bytes=700, file_bytes=900, open_files=11, cpu_seconds=3)
    assert gvisor._within(limits) == (
        "env -i PATH=/usr/bin:/bin HOME=/home/agent USER=agent LANG=C.UTF-8 "
        "setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs "
        "prlimit --as=700 --fsize=900 --nofile=11 --core=0 --cpu=3 -- sh -c"
    )

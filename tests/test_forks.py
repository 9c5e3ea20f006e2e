"""A forked command is to its test what one that was started would be."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.doubles import forks
from tests.doubles.forks import PYTHON, Commands


@pytest.fixture
def commands() -> Commands:
    return forks.plain()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    return made


CODES = {
    "nothing": "pass",
    "output": "import sys; print('said'); print('wrong', file=sys.stderr)",
    "code": "raise SystemExit(3)",
    "no code": "raise SystemExit",
    "text": "raise SystemExit('why not')",
    "output before an error": "print('said'); 1 / 0",
    "no last line break": "import sys; sys.stdout.write('said')",
    "arguments": "import sys; print(sys.argv)",
    "no input": "import sys; print(repr(sys.stdin.read()))",
    "place": "import os; print(os.getcwd())",
    "environment": "import os; print(os.environ.get('BUILDERS_ONE'), os.environ.get('BUILDERS_TWO'))",
    "bytes that are no text": "import sys; print('\\udc80', file=sys.stderr)",
    "signal": "import os; os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_it_says_and_returns_what_python_does(code: str, commands: Commands, folder: Path) -> None:
    environment = {**os.environ, "BUILDERS_ONE": "1"}
    meant = subprocess.run(
        [sys.executable, "-c", code, "a", "b c"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        input="",
        check=False,
    )
    found = commands.started(folder, [PYTHON, "-c", code, "a", "b c"], environment, alone=True).wait()
    assert (found.returncode, found.stdout) == (meant.returncode, meant.stdout)
    assert found.stderr.splitlines()[-1:] == meant.stderr.splitlines()[-1:]


def test_a_module_of_the_folder_is_run(commands: Commands, folder: Path) -> None:
    (folder / "of_the_folder.py").write_text("import sys\nprint(__name__, sys.argv[1:])\n")
    done = commands.started(folder, [PYTHON, "-m", "of_the_folder", "x"], dict(os.environ), alone=True).wait()
    assert (done.returncode, done.stdout, done.stderr) == (0, "__main__ ['x']\n", "")


def test_variables_of_the_process_that_forks_are_not_there_where_others_stand_alone(commands: Commands, folder: Path) -> None:
    code = "import os; print(sorted(os.environ))"
    assert commands.started(folder, [PYTHON, "-c", code], {"ONLY": "this"}, alone=True).wait().stdout == "['ONLY']\n"


def test_what_became_of_a_command_can_be_asked_twice(commands: Commands, folder: Path) -> None:
    command = commands.started(folder, [PYTHON, "-c", "print(1)"], dict(os.environ), alone=True)
    assert command.wait() == command.wait()
    assert commands.started(folder, [PYTHON, "-c", "print(2)"], dict(os.environ), alone=True).wait().stdout == "2\n"


TALKING = "import sys\nfor n in range(3): print(n, flush=True)\nimport signal; signal.pause()"


def test_output_comes_as_it_is_said_and_a_kill_ends_it(commands: Commands, folder: Path) -> None:
    running = commands.speaking(folder, [PYTHON, "-c", TALKING], dict(os.environ))
    assert [running.stdout.readline() for _ in range(3)] == ["0\n", "1\n", "2\n"]
    assert running.poll() is None
    running.kill()
    assert running.communicate() == ("", "")
    assert (running.returncode, running.poll(), running.wait()) == (forks.KILLED,) * 3
    running.close()
    assert not psutil.pid_exists(running.pid)
    assert [path.name for path in folder.parent.iterdir()] == ["project"]


def test_an_interrupt_is_what_python_makes_of_it(commands: Commands, folder: Path) -> None:
    heeded = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # background jobs are started without
    running = commands.speaking(folder, [PYTHON, "-c", f"{heeded}{TALKING}"], dict(os.environ))
    assert [running.stdout.readline() for _ in range(3)] == ["0\n", "1\n", "2\n"]
    running.send_signal(signal.SIGINT)
    assert running.communicate()[1].splitlines()[-1] == "KeyboardInterrupt"
    assert running.returncode
    running.send_signal(signal.SIGINT)  # it is gone: nobody else is hit
    running.close()


def test_who_closes_it_ends_it(commands: Commands, folder: Path) -> None:
    running = commands.speaking(folder, [PYTHON, "-c", TALKING], dict(os.environ))
    running.close()
    assert running.returncode == forks.KILLED


def test_long_output_on_both_streams_does_not_stop_it(commands: Commands, folder: Path) -> None:
    code = "import sys\nfor _ in range(300): print('o' * 999); print('e' * 999, file=sys.stderr)"
    running = commands.speaking(folder, [PYTHON, "-c", code], dict(os.environ))
    assert [len(output) for output in running.communicate()] == [300_000, 300_000]
    assert running.returncode == 0
    running.close()

"""serve, as a user runs it: one engine until interrupted, and the line to export."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import psutil
import pytest

from builders.teachers.vllm import RESTARTS, running
from tests.doubles.engine import Double, still_there
from tests.doubles.forks import Running
from tests.harness import FAMILY, Workspace, one_line


@pytest.fixture
def project(workspace: Workspace, double: Double) -> Workspace:
    """A copy of the project whose judge has a name for an engine to serve, and whose teacher has none."""
    del double
    with workspace.params() as params:
        params["sample"]["judge"]["roles"]["judge"]["model"] = "some/judge"
    return workspace


@contextmanager
def serving(project: Workspace, double: Double) -> Iterator[tuple[Running | Popen[str], str]]:
    """Start serve and give its process and the address it prints."""
    with project.started("serve", FAMILY, "judge", **double.environment) as serve:
        assert serve.stdout
        variable, _, url = serve.stdout.readline().rstrip("\n").partition("=")
        assert variable == "export BUILDERS_JUDGE_URL"
        yield serve, url


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals, project: Workspace, double: Double) -> None:
    with serving(project, double) as (serve, url):
        assert asyncio.run(running(url)) == "0.0.double"
        assert "--model=some/judge" in double.starts[0]["arguments"]
        serve.send_signal(number)
        assert serve.communicate(timeout=600) == ("", "")
    assert serve.returncode == 0
    assert double.still_there(0) == []
    assert "Loading the double" in (project.root / f"processed/{FAMILY}/.serve_judge.log").read_text()


def test_nothing_outlives_it_when_it_is_killed(project: Workspace, double: Double) -> None:
    double.tell(obstinate="")
    with serving(project, double) as (serve, _):
        spawned = [process.pid for process in psutil.Process(serve.pid).children(recursive=True)]
        assert set(double.pids) < set(spawned)
        serve.kill()
        assert still_there(spawned) == []


def test_an_interrupt_while_it_loads_stops_it_too(project: Workspace, double: Double) -> None:
    double.tell(waits="")
    news = double.folder / "news"
    os.mkfifo(news)
    with project.started("serve", FAMILY, "judge", **double.environment) as serve:
        assert news.read_text() == "started"
        serve.send_signal(signal.SIGINT)
        assert serve.communicate(timeout=600) == ("", "")
    assert serve.returncode == 0
    assert double.still_there(0) == []


def test_an_engine_that_dies_comes_back_at_the_same_address(project: Workspace, double: Double) -> None:
    with serving(project, double) as (serve, url):
        os.kill(double.pids[0], signal.SIGKILL)
        assert serve.stderr
        assert serve.stderr.readline() == "vLLM for judge serves again, restart 1\n"
        assert asyncio.run(running(url)) == "0.0.double"
        assert len(double.starts) == 2


def test_an_engine_that_dies_again_and_again_is_one_line(project: Workspace, double: Double) -> None:
    with serving(project, double) as (serve, _):
        double.tell(dies="ValueError: no more")
        os.kill(double.pids[0], signal.SIGKILL)
        output, errors = serve.communicate(timeout=600)
    assert (serve.returncode, output) == (2, "")
    [line] = errors.splitlines()
    assert line.startswith(f"error: processed/{FAMILY}/.serve_judge.log: vLLM for judge died 4 times in a row;")
    assert len(double.starts) == RESTARTS + 1


def test_an_engine_that_does_not_start_is_one_line(project: Workspace, double: Double) -> None:
    double.tell(dies="ValueError: it does not fit")
    line = one_line(project.run("serve", FAMILY, "judge", **double.environment))
    assert "vLLM for judge died: ValueError: it does not fit;" in line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((FAMILY, "jugde"), f"{FAMILY} jugde: no such role; choose one of judge, teacher"),
        (("quizz", "judge"), f"quizz: no such family; did you mean {FAMILY}?"),
        ((FAMILY, "teacher"), "teacher: vllm: model of the role teacher is null"),
    ],
)
def test_what_cannot_be_served_is_one_line(arguments: tuple[str, str], line: str, project: Workspace) -> None:
    assert one_line(project.run("serve", *arguments)).startswith(f"error: {line}")


def test_a_second_one_of_a_role_is_told_of_the_first(project: Workspace, double: Double) -> None:
    with serving(project, double) as (serve, _):
        line = one_line(project.run("serve", FAMILY, "judge", **double.environment))
    assert f"already running, pid {serve.pid}" in line

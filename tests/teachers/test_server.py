"""How many connections there can be: what the system lets a process open decides."""

import subprocess
from resource import RLIMIT_NOFILE, getrlimit

import pytest

from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, one_line

MANY = 150
PROMPTS = [f"How do I look after plant number {number} at home?" for number in range(MANY // 3)]


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace with as many requests as there are to be connections."""
    workspace.collected(*PROMPTS)
    workspace.project(teacher="endpoint")
    return workspace


def limited(workspace: Workspace, soft: int, hard: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the stage with a soft and a hard limit of open files."""
    return workspace.limited(RLIMIT_NOFILE, (soft, hard), "synthesize", FAMILY, **environment)


def test_more_connections_than_the_usual_limit_allows_are_opened(asking: Workspace) -> None:
    def script(_: Received) -> Answer:
        if len(server.asked) == MANY:
            server.release()
        return Answer("An answer.", held=True)

    with serving(script) as server:
        done = limited(
            asking, 100, getrlimit(RLIMIT_NOFILE)[1], BUILDERS_TEACHER_URL=server.url, BUILDERS_CONCURRENCY=str(MANY)
        )
        assert (done.returncode, len(server.asked)) == (0, MANY), done.stderr


def test_no_more_connections_are_opened_than_the_system_allows(asking: Workspace) -> None:
    with serving(lambda _: Answer("An answer.")) as server:
        done = limited(asking, 80, 80, BUILDERS_TEACHER_URL=server.url)
        assert (done.returncode, server.resent()) == (0, 0), done.stderr


def test_more_than_the_system_allows_are_one_line(asking: Workspace) -> None:
    environment = {"BUILDERS_TEACHER_URL": "http://127.0.0.1:1/v1", "BUILDERS_CONCURRENCY": str(MANY)}
    line = one_line(limited(asking, 200, 200, **environment))
    assert line.startswith("error: BUILDERS_CONCURRENCY: 150 connections are more than this process may open, which is 72")

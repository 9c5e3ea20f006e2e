"""What goes wrong around a server: one clear line each; and a server that is killed neither loses nor doubles anything."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from builders.errors import BuildError
from builders.reviewing.server import launching
from tests.harness import Workspace, one_line
from tests.services.conftest import PYTHON, Argilla

pytestmark = [pytest.mark.argilla, pytest.mark.timeout(1800)]


def test_a_wrong_key_is_one_line(project: Workspace, argilla: Argilla) -> None:
    wrong = {**argilla.environment, "ARGILLA_API_KEY": "not-a-key-at-all"}
    assert "does not accept the key" in one_line(project.run("review-push", "mmathcot", **wrong))


def test_a_server_that_is_not_there_is_one_line(project: Workspace) -> None:
    nowhere = {"ARGILLA_API_URL": f"http://127.0.0.1:{launching.free_port()}", "ARGILLA_API_KEY": "a-key"}
    assert "the Argilla server does not answer" in one_line(project.run("review-push", "mmathcot", **nowhere))


def test_no_server_at_all_is_one_line(project: Workspace) -> None:
    assert "start one with make argilla" in one_line(project.run("review-push", "mmathcot"))


def test_a_user_without_the_workspace_is_told(project: Workspace, argilla: Argilla) -> None:
    """Of a server of one's own whose owner has not made it."""
    created = {"username": "outsider", "first_name": "o", "password": "outsider-password", "role": "admin"}
    user = argilla.owner.sent("POST", "/users", created)
    theirs = {**argilla.environment, "ARGILLA_API_KEY": user["api_key"]}
    line = one_line(project.run("review-push", "mmathcot", **theirs))
    assert f"no workspace {launching.WORKSPACE}; create it in Argilla" in line


def test_a_schema_that_changed_since_the_round_is_one_line(project: Workspace, emptied: Argilla) -> None:
    assert project.run("review-push", "mmathcot", **emptied.environment).returncode == 0
    schema = project.root / "schemas/mmathcot.schema.json"
    schema.write_text(schema.read_text() + "\n")
    for verb in ("review-push", "review-pull"):
        line = one_line(project.run(verb, "mmathcot", **emptied.environment))
        assert "the schema has changed since round 1 was opened" in line
    assert project.run("review-push", "mmathcot", "--next", **emptied.environment).returncode == 0


def test_a_round_that_the_server_does_not_have_is_one_line(project: Workspace, emptied: Argilla) -> None:
    assert project.run("review-push", "mmathcot", **emptied.environment).returncode == 0
    owner = emptied.owner
    owner.sent("DELETE", f"/datasets/{owner.dataset('mmathcot-round-1')}")
    line = one_line(project.run("review-pull", "mmathcot", **emptied.environment))
    assert "the server has no dataset mmathcot-round-1" in line


def test_a_taken_port_is_one_line(project: Workspace, argilla: Argilla) -> None:
    port = argilla.server.url.rpartition(":")[2]
    python = {"BUILDERS_ARGILLA_PYTHON": PYTHON}
    assert "the port is taken" in one_line(project.run("review-server", "--port", port, **python))


def test_a_chosen_server_is_not_started_again(project: Workspace, argilla: Argilla) -> None:
    assert "another server is chosen" in one_line(project.run("review-server", **argilla.environment))


def test_a_server_without_redis_is_one_line(
    project: Workspace, argilla: Argilla, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Debian's nor the one of the environment starts."""
    del project, argilla
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BUILDERS_ARGILLA_PYTHON", str(broken))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="Redis stopped with exit code 3"), launching.started(tmp_path / "home", 1):
        pass


def test_a_redis_that_dies_under_a_running_server_stops_it_with_one_line(project: Workspace, tmp_path: Path) -> None:
    """What was pushed is there when it is started again."""
    port, home = str(launching.free_port()), tmp_path / "argilla"
    own = {"BUILDERS_ARGILLA_PYTHON": PYTHON, "BUILDERS_ARGILLA_HOME": str(home)}
    with project.started("review-server", "--port", port, **own) as process:
        assert process.stdout
        while "stop it with Ctrl-C" not in (line := process.stdout.readline()):
            assert line, process.communicate()
        assert project.run("review-push", "mmathcot", **own).returncode == 0
        [redis] = [child for child in psutil.Process(process.pid).children() if "redis" in " ".join(child.cmdline())]
        redis.kill()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "its Redis stopped with exit code -9, and the server was stopped, too" in err
    assert len(err.strip().splitlines()) == 1
    assert "does not answer" in one_line(project.run("review-pull", "mmathcot", **own))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_ARGILLA_PYTHON", PYTHON)
        with launching.started(home, int(port)):
            assert "0 decisions" in project.run("review-pull", "mmathcot", **own).stdout


def test_a_round_does_not_need_redis_to_come_back(project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a server of one's own, whose Redis dies and which goes on."""
    monkeypatch.setenv("BUILDERS_ARGILLA_PYTHON", PYTHON)
    with launching.started(tmp_path / "argilla", launching.free_port()) as server, Argilla.of(server) as found:
        server.redis.kill()
        server.redis.wait()
        assert project.run("review-push", "mmathcot", **found.environment).returncode == 0
        user = found.user("annotator-1")
        [item] = user.records(user.dataset("mmathcot-round-1"), limit=1)["items"]
        user.answer((item["record"]["id"], {"first_wrong_step": "none", "decision": "accept"}))
        assert "1 decisions" in project.run("review-pull", "mmathcot", **found.environment).stdout


@pytest.mark.parametrize("verb", ["review-push", "review-pull"])
def test_a_server_killed_at_five_moments_neither_loses_nor_doubles_a_record(
    project: Workspace, tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_ARGILLA_PYTHON", PYTHON)
    home = tmp_path / "argilla"
    accounts: tuple[launching.Account, ...] = ()
    total = 0
    for moment in (0.5, 1.0, 1.6, 2.4, 3.5):
        with launching.started(home, launching.free_port()) as server:
            accounts = server.accounts or accounts
            with Argilla.of(server._replace(accounts=accounts)) as found:
                total = _killed(project, found, verb, moment)
    with (
        launching.started(home, launching.free_port()) as server,
        Argilla.of(server._replace(accounts=accounts)) as found,
    ):
        for again in ("review-push", "review-pull"):
            done = project.run(again, "mmathcot", **found.environment)
            assert done.returncode == 0, done.stderr
        everything = _everything(found)
    rows = [row["external_id"] for row in everything]
    assert len(rows) == len(set(rows)) == _rows(project)
    lines = (project.root / "raw/mmathcot/reviews/round-1.jsonl").read_text().splitlines()
    assert len(lines) == len(set(lines)) == total


def _killed(project: Workspace, argilla: Argilla, verb: str, moment: float) -> int:
    """Kill the server while a verb runs, and return how many answers were given before."""
    given = 0
    if verb == "review-pull":
        assert project.run("review-push", "mmathcot", **argilla.environment).returncode == 0
        user = argilla.user("annotator-1")
        dataset = user.dataset("mmathcot-round-1")
        values = {"first_wrong_step": "none", "decision": "accept"}
        user.answer(*((item["record"]["id"], values) for item in user.records(dataset, limit=5)["items"]))
        given = sum(len(one["responses"] or ()) for one in _everything(argilla))
    with project.started(verb, "mmathcot", **argilla.environment) as process:
        time.sleep(moment)
        os.kill(argilla.server.process.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=100)
    assert process.returncode in {0, 2}, err
    assert "Traceback" not in out + err
    return given


def _everything(argilla: Argilla) -> list[dict[str, Any]]:
    owner = argilla.owner
    path = f"/datasets/{owner.dataset('mmathcot-round-1')}/records"
    found: list[dict[str, Any]] = owner.sent("GET", path, include="responses", limit=1000)["items"]
    return found


def _rows(project: Workspace) -> int:
    return (project.root / "raw/mmathcot/reviews/round-1.json").read_text().count('"sha256"')

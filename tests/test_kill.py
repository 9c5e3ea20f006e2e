"""Law 2, nothing is paid twice, and law 1, nothing is lost, when a stage is killed at any moment."""

import os
import select
import signal
import sys
from pathlib import Path

import pytest

from benchmarks import kill_drill
from builders.ledger.ledger import GROUP_REPLIES
from builders.releases import code
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, jsonl, lines, one_line, running

CONCURRENCY = 8
PROMPTS = 60
REPLIES = 3


def answer(request: Received) -> Answer:
    """Answer by the request alone, so that any two runs get the same replies."""
    seed = request.body.get("seed", "none")
    return Answer(f"Thinking about {seed} for a while, and then some.\n</think>\n\nAn answer to {request.text[:60]}")


def prepared(root: Path) -> Workspace:
    workspace = Workspace.make(root)
    workspace.source(
        "own.jsonl", jsonl(*({"prompt": f"Tell me something new about topic number {n} please"} for n in range(PROMPTS)))
    )
    workspace.project(teacher="endpoint")
    with workspace.params() as params:
        params["sample"]["synthesize"]["roles"]["teacher"]["server"] = "double"
    workspace.quick("collect")
    return workspace


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Rows that were asked about in one go; only to be read."""
    workspace = prepared(tmp_path_factory.mktemp("calm") / "project")
    with serving(answer) as server:
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert (len(server.asked), server.resent()) == (PROMPTS * REPLIES, 0)
    return workspace


@pytest.mark.parametrize("after", [1, 37, 150, PROMPTS * REPLIES])
def test_a_killed_stage_goes_on_where_it_was(after: int, calm: Workspace, tmp_path: Path) -> None:
    killed = prepared(tmp_path / "killed")

    def holding(request: Received) -> Answer:
        reply = answer(request)
        return reply if len(server.asked) < after else Answer(reply.text, held=True)

    with serving(holding) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(CONCURRENCY)}
        with killed.started("synthesize", FAMILY, **environment) as stage:
            server.wait_for(after)
            stage.send_signal(signal.SIGKILL)
            stage.communicate(timeout=600)
        assert stage.returncode == -signal.SIGKILL
        refused = killed.run("judge", FAMILY, **environment)
        assert "synthesize has not finished" in refused.stderr
        server.script = answer
        server.release()
        killed.build("synthesize", **environment)
        assert server.resent() <= CONCURRENCY + min(after - 1, GROUP_REPLIES), "in flight, or answered and not committed"
        assert len(server.asked) == PROMPTS * REPLIES + server.resent()
    for part in ("rows", "rejected"):
        path = Path(f"processed/{FAMILY}/synthesize") / part / "default"
        assert lines(killed.root / path) == lines(calm.root / path)


def test_replies_committed_before_the_kill_are_not_asked_for_again(tmp_path: Path) -> None:
    """The bound above allows a whole commit group; this one holds requests back so long that the group is on disk."""
    workspace = prepared(tmp_path / "killed")
    free = 40

    def holding(request: Received) -> Answer:
        return answer(request) if len(server.asked) <= free else Answer(answer(request).text, held=True)

    with serving(holding) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(CONCURRENCY)}
        with workspace.started("synthesize", FAMILY, **environment) as stage:
            server.wait_for(free + CONCURRENCY)
            stage.send_signal(signal.SIGTERM)
            stage.communicate(timeout=600)
        assert stage.returncode == 130
        server.script = answer
        server.release()
        workspace.build("synthesize", **environment)
        assert server.resent() == CONCURRENCY


def test_ctrl_c_is_one_line_and_leaves_no_half_written_rows(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "stopped")

    def holding(request: Received) -> Answer:
        return Answer(answer(request).text, held=True)

    with serving(holding) as server, workspace.started("synthesize", FAMILY, BUILDERS_TEACHER_URL=server.url) as stage:
        server.wait_for(1)
        stage.send_signal(signal.SIGINT)
        _, output = stage.communicate(timeout=600)
    assert stage.returncode == 130
    assert output.splitlines()[-1] == "interrupted; run the same command again to go on"
    assert "Traceback" not in output
    assert not list((workspace.root / f"processed/{FAMILY}/synthesize").rglob("*.jsonl.zst"))


def test_a_collect_edit_asks_nothing_that_the_ledger_holds(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "edited")
    with serving(answer) as server:
        workspace.quick("synthesize", BUILDERS_TEACHER_URL=server.url)
        asked = len(server.asked)
        with workspace.params() as params:
            params["sample"]["collect"]["prompt_words"]["max"] = 60
            params["sample"]["collect"]["sources"][0]["limit"] = PROMPTS - 20
        workspace.quick("collect", "synthesize", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == asked
        assert len(workspace.rows("synthesize")) == PROMPTS - 20


def test_a_template_edit_asks_anew(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "edited")
    with serving(answer) as server:
        workspace.build("synthesize", BUILDERS_TEACHER_URL=server.url)
        asked = len(server.asked)
        template = workspace.root / f"builders/families/{FAMILY}/prompts/synthesize/teacher.jinja"
        template.write_text("Please: {{ instruction }}\n")
        workspace.build("synthesize", BUILDERS_TEACHER_URL=server.url)
        assert len(server.asked) == 2 * asked


def test_a_stage_whose_dvc_is_killed_stops_by_itself_and_goes_on_later(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "orphan")
    config = workspace.root / ".dvc" / "config"
    config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
    with workspace.inside():
        code.run()
    free = 40

    def holding(request: Received) -> Answer:
        return answer(request) if len(server.asked) <= free else Answer(answer(request).text, held=True)

    with serving(holding) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_CONCURRENCY": str(CONCURRENCY)}
        command = [sys.executable, "-m", "dvc", "repro", "--single-item", f"synthesize@{FAMILY}"]
        with running(command, cwd=workspace.root, env=workspace.environment(**environment)) as dvc:
            server.wait_for(free + CONCURRENCY)
            stage = int((workspace.root / f"processed/{FAMILY}/.synthesize.pid").read_text())
            watched = os.pidfd_open(stage)
            dvc.kill()
        stopped = select.select([watched], [], [], 5)[0]
        os.close(watched)
        assert stopped, "the stage outlived its dvc by more than 5 s"
        server.script = answer
        server.release()
        workspace.build("synthesize", **environment)
        assert server.resent() == CONCURRENCY


def test_a_stage_that_is_already_running_is_one_line_that_names_its_pid(tmp_path: Path) -> None:
    workspace = prepared(tmp_path / "twice")
    with serving(lambda asked: Answer(answer(asked).text, held=True)) as server:
        environment = {"BUILDERS_TEACHER_URL": server.url}
        with workspace.started("synthesize", FAMILY, **environment) as first:
            server.wait_for(1)
            line = one_line(workspace.run("synthesize", FAMILY, **environment))
            assert f"already running, pid {first.pid}" in line
            server.release()
            _, errors = first.communicate(timeout=600)
        assert first.returncode == 0, errors


def test_a_stage_started_with_interrupts_ignored_still_stops_when_told_to(tmp_path: Path) -> None:
    """A shell starts its background jobs so."""
    workspace = prepared(tmp_path / "background")
    command = ["/bin/sh", "-c", f"trap '' INT; exec '{sys.executable}' -m builders synthesize {FAMILY}"]
    with serving(lambda asked: Answer(answer(asked).text, held=True)) as server:
        with running(command, cwd=workspace.root, env=workspace.environment(BUILDERS_TEACHER_URL=server.url)) as stage:
            server.wait_for(1)
            stage.send_signal(signal.SIGTERM)
            stage.communicate(timeout=600)
        assert stage.returncode == 130


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> kill_drill.Course:
    return kill_drill.Course(tmp_path_factory.mktemp("drill"), 150, dvc=False)


def test_kills_at_random_lose_nothing_and_double_nothing(course: kill_drill.Course) -> None:
    report = kill_drill.drill(course, 5, seed=1)
    assert report.failures == []
    assert len(report.kills) == 5


def test_the_drill_finds_out_a_ledger_that_acknowledges_before_it_commits(course: kill_drill.Course) -> None:
    """A kill that comes before the first row was written finds nothing."""
    reports = (kill_drill.drill(course, 1, seed, counted=True, control=True) for seed in range(3))
    assert any("the ledger lacks" in failure for report in reports for failure in report.failures)

"""A whole stage with `teacher: vllm`: its engine is started when it is needed, dies, comes back, and is gone afterwards."""

import re
import shutil
import signal
from pathlib import Path

import psutil
import pytest

from tests.doubles.engine import Double, still_there
from tests.harness import FAMILY, Workspace, jsonl, lines

PROMPTS = 40
REPLICAS = {"BUILDERS_GPUS": "0,1,2,3", "BUILDERS_VLLM_ARGS": "-tp 2"}
"""What two engines are started with."""


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace with some collected prompts and an engine to answer them."""
    workspace.source("own.jsonl", jsonl(*({"prompt": f"Tell me about topic number {n} please"} for n in range(PROMPTS))))
    workspace.project(teacher="vllm")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
        params["sample"]["synthesize"]["roles"]["teacher"]["model"] = "some/model"
    workspace.build("collect")
    return workspace


def test_an_engine_answers_the_stage_and_is_gone_afterwards(asking: Workspace, double: Double) -> None:
    [line] = asking.build("synthesize", **double.environment)
    assert line == f"synthesize {FAMILY}/default: in {PROMPTS}, out {PROMPTS}, rejected 0"
    assert double.still_there() == []
    assert {row["provenance"]["teacher"]["server"] for row in asking.rows("synthesize")} == {"vllm"}


def test_no_engine_is_started_for_what_the_ledger_has(asking: Workspace, double: Double) -> None:
    asking.build("synthesize", **double.environment)
    started = len(double.starts)
    before = _rows(asking)
    asking.build("synthesize", **double.environment)
    assert len(double.starts) == started
    assert _rows(asking) == before


@pytest.mark.parametrize(("replicas", "engines"), [({}, 1), (REPLICAS, 2)])
def test_an_engine_that_is_killed_in_the_middle_comes_back_and_every_row_arrives_once(
    replicas: dict[str, str], engines: int, asking: Workspace, double: Double, tmp_path: Path
) -> None:
    calm = Workspace(Path(shutil.copytree(asking.root, tmp_path / "calm")))
    calm.build("synthesize", **double.environment)
    started = len(double.starts)
    double.tell(fatal="Tell me about topic number 17 please")
    with asking.started("synthesize", FAMILY, **double.environment, **replicas, BUILDERS_CONCURRENCY="4") as stage:
        double.wait_for_starts(started + engines + 1)
        double.untell("fatal")
        output, errors = stage.communicate(timeout=600)
    assert stage.returncode == 0, errors
    assert f"out {PROMPTS}, rejected 0" in output
    assert _rows(asking) == _rows(calm)
    assert double.still_there() == []


def test_there_are_as_many_engines_as_gpus_allow_and_the_rows_are_the_same(
    asking: Workspace, double: Double, tmp_path: Path
) -> None:
    alone = Workspace(Path(shutil.copytree(asking.root, tmp_path / "alone")))
    alone.build("synthesize", **double.environment)
    asking.build("synthesize", **double.environment, **REPLICAS)
    seen = [start["environment"].get("CUDA_VISIBLE_DEVICES") for start in double.starts[1:]]
    assert sorted(seen) == ["0,1", "2,3"]
    assert all("--tensor-parallel-size=2" in start["arguments"] for start in double.starts[1:])
    logs = sorted(file.name for file in asking.root.glob(f"processed/{FAMILY}/.teacher*.log"))
    assert logs == [".teacher-1.log", ".teacher-2.log"]
    assert _rows(asking) == _rows(alone)
    assert double.still_there() == []


def test_where_one_of_two_engines_cannot_start_neither_stays(asking: Workspace, double: Double) -> None:
    double.tell(dies="ValueError: no such model")
    done = asking.run("synthesize", FAMILY, **double.environment, **REPLICAS)
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 2
    assert re.fullmatch(
        r"error: .*\.teacher-[12]\.log: vLLM for teacher on GPU (0, 1|2, 3) died: ValueError: no such model; .*", line
    )
    assert double.still_there() == []


def test_serve_names_every_engine(asking: Workspace, double: Double) -> None:
    with asking.started("serve", FAMILY, "teacher", **double.environment, **REPLICAS) as serving:
        assert serving.stdout
        name, _, urls = serving.stdout.readline().strip().removeprefix("export ").partition("=")
        assert len(urls.split(",")) == 2
        asking.build("synthesize", **double.environment, **{name: urls})
        assert len(double.starts) == 2
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=600)
    assert serving.returncode == 0
    assert double.still_there() == []


def test_an_engine_that_serve_keeps_up_is_used_by_the_stage(asking: Workspace, double: Double) -> None:
    with asking.started("serve", FAMILY, "teacher", **double.environment) as serving:
        assert serving.stdout
        name, _, url = serving.stdout.readline().strip().removeprefix("export ").partition("=")
        asking.build("synthesize", **double.environment, **{name: url})
        assert len(double.starts) == 1
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=600)
    assert serving.returncode == 0
    assert double.still_there() == []


def test_replies_of_serve_and_of_the_stages_own_engine_have_the_same_keys(asking: Workspace, double: Double) -> None:
    asking.build("synthesize", **double.environment)
    before = _rows(asking)
    with asking.started("serve", FAMILY, "teacher", **double.environment) as serving:
        assert serving.stdout
        name, _, url = serving.stdout.readline().strip().removeprefix("export ").partition("=")
        done = asking.run("synthesize", FAMILY, **double.environment, **{name: url})
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=600)
    assert f"asked 0 ({PROMPTS} more in the ledger)" in done.stdout
    assert _rows(asking) == before


def test_an_engine_that_cannot_start_is_one_line(asking: Workspace, double: Double) -> None:
    double.tell(dies="ValueError: no such model")
    done = asking.run("synthesize", FAMILY, **double.environment)
    assert done.returncode == 2
    [*_, line] = done.stderr.strip().splitlines()
    assert line.startswith(f"error: processed/{FAMILY}/.teacher.log: ")
    assert "no such model" in line
    assert double.still_there() == []


def test_nothing_of_an_engine_outlives_a_killed_stage(asking: Workspace, double: Double) -> None:
    double.tell(waits="")
    with asking.started("synthesize", FAMILY, **double.environment) as stage:
        double.wait_for_starts(1)
        children = [child.pid for child in psutil.Process(stage.pid).children(recursive=True)]
        stage.kill()
        stage.communicate(timeout=600)
    assert double.still_there() == []
    assert still_there(children) == []


def _rows(workspace: Workspace) -> bytes:
    return lines(workspace.root / f"processed/{FAMILY}/synthesize/rows/default")

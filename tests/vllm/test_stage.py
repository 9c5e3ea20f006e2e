"""A whole stage with a real vLLM: killed in the middle it goes on, and every row arrives once."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.harness import FAMILY, Workspace, jsonl

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]
PROMPTS = 120


def test_a_stage_whose_engine_is_killed_completes(
    workspace: Workspace, tiny_model: Path, engine_environment: dict[str, str]
) -> None:
    workspace.source("own.jsonl", jsonl(*({"prompt": f"Tell me about topic number {n} please"} for n in range(PROMPTS))))
    workspace.project(teacher="vllm")
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 2
        params["sample"]["synthesize"]["roles"]["teacher"].update(
            model=str(tiny_model),
            engine={"max-model-len": 512, "dtype": "float32"},
            sampling={"temperature": 1.0, "top_p": 1.0, "max_tokens": 200},
        )
    workspace.build("collect")
    with workspace.started("synthesize", FAMILY, **engine_environment, BUILDERS_CONCURRENCY="4") as stage:
        ledger = workspace.root / ".ledger/replies.sqlite-wal"
        _until(lambda: (ledger.exists() and ledger.stat().st_size > 100_000) or stage.poll() is not None, 400)
        server = _server(stage.pid)
        server.send_signal(signal.SIGKILL)
        output, errors = stage.communicate(timeout=600)
    assert stage.returncode == 0, errors
    assert f"in {PROMPTS}, out {PROMPTS}, rejected 0" in output
    rows = workspace.rows("synthesize")
    assert len({row["id"] for row in rows}) == PROMPTS
    assert {row["provenance"]["teacher"]["server"] for row in rows} == {"vllm"}
    assert all([reply["index"] for reply in row["data"]["replies"]] == [1, 0] for row in rows)
    log = (workspace.root / f"processed/{FAMILY}/.teacher.log").read_text(errors="replace")
    assert log.count("Application startup complete") == 2
    before = os.stat(workspace.root / ".ledger/replies.sqlite").st_size  # noqa: PTH116
    [again] = workspace.build("synthesize", **engine_environment)
    assert again == output.strip().partition("; asked ")[0]
    assert os.stat(workspace.root / ".ledger/replies.sqlite").st_size == before  # noqa: PTH116


def _server(stage: int) -> psutil.Process:
    """Return vLLM's server below the stage and its keeper."""
    found = [
        process
        for process in psutil.Process(stage).children(recursive=True)
        if "vllm.entrypoints.openai.api_server" in process.cmdline() and "keeper" not in " ".join(process.cmdline())
    ]
    return found[0]


def _until(done: object, seconds: float) -> None:
    end = time.monotonic() + seconds
    assert callable(done)
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)

"""The engine with a real vLLM: it serves, comes back when killed, says why it cannot start, and leaves nothing behind."""

import asyncio
import ipaddress
import os
import re
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import orjson
import psutil
import pytest

from builders.errors import BuildError
from builders.params import flags
from builders.params.roles import Role
from builders.teachers.vllm import Engine, running
from tests.doubles.engine import still_there
from tests.harness import FAMILY, Workspace

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]

SCHEMA = {
    "type": "object",
    "properties": {"safe": {"type": "boolean"}, "kind": {"enum": ["advice", "question", "other"]}},
    "required": ["safe", "kind"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def _environment(engine_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in engine_environment.items():
        monkeypatch.setenv(name, value)


def spawned() -> list[psutil.Process]:
    """Return all that we have spawned: the keeper, vLLM's server and its workers."""
    return psutil.Process().children(recursive=True)


def with_engine(tmp_path: Path, role: Role, use: Callable[[Engine], Awaitable[None]]) -> None:
    """Use an engine; afterwards nothing of it is there."""
    pids: set[int] = set()

    async def used() -> None:
        async with Engine("teacher", role, tmp_path / "log", print) as engine:
            await use(engine)
            pids.update(process.pid for process in spawned())

    asyncio.run(used())
    assert len(pids) >= 3
    assert still_there(sorted(pids), 0) == []
    assert spawned() == []


async def ask(engine: Engine, role: Role, **more: object) -> dict[str, Any]:
    """Send a chat request and return the response."""
    messages = [{"role": "user", "content": "What is in the repository?"}]
    body = {"model": role.model, "messages": messages, **role.sampling.model_dump(), **more}
    async with aiohttp.ClientSession() as session, session.post(f"{engine.url}/chat/completions", json=body) as response:
        assert response.status == 200, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer


def text(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0]["message"]["content"])


def test_it_serves_reproducibly_by_schema_and_to_this_machine_only(tmp_path: Path, role: Role) -> None:
    async def use(engine: Engine) -> None:
        assert (await running(engine.url)).startswith("0.")
        replies = [text(await ask(engine, role, seed=seed)) for seed in (1, 2, 1)]
        assert replies[0] == replies[2] != replies[1]

        named = {"name": "verdict", "schema": SCHEMA}
        formed = await ask(engine, role, seed=1, max_tokens=200, response_format={"type": "json_schema", "json_schema": named})
        jsonschema.validate(orjson.loads(text(formed)), SCHEMA)

        sockets = [socket for process in spawned() for socket in process.net_connections() if socket.status == "LISTEN"]
        assert int(engine.url.rpartition(":")[2].removesuffix("/v1")) in {socket.laddr.port for socket in sockets}
        assert [socket for socket in sockets if not ipaddress.ip_address(socket.laddr.ip).is_loopback] == []

    with_engine(tmp_path, role, use)


@pytest.mark.parametrize("victim", ["api_server", "EngineCore"])
def test_it_comes_back_when_a_part_of_it_is_killed(victim: str, tmp_path: Path, role: Role) -> None:
    async def use(engine: Engine) -> None:
        before = text(await ask(engine, role, seed=1))
        parts = spawned()
        [picked] = [part for part in parts[1:] if victim in " ".join(part.cmdline())]
        os.kill(picked.pid, signal.SIGKILL)
        await engine.ended()
        await engine.alive()
        assert engine.restarts == 1
        assert still_there([part.pid for part in parts], 0) == []
        assert text(await ask(engine, role, seed=1)) == before

    with_engine(tmp_path, role, use)


def test_every_flag_that_may_be_chosen_is_one_of_vllms(engine_environment: dict[str, str]) -> None:
    command = [engine_environment["BUILDERS_VLLM_PYTHON"], "-m", "vllm.entrypoints.openai.api_server", "--help=all"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    known = set(re.findall(r"--([a-z0-9-]+)", done.stdout))
    assert sorted((flags.OF_REPLIES | flags.OF_SPEED | flags.SWITCHED) - known) == []


def test_a_length_that_the_model_cannot_take_is_one_line(tmp_path: Path, role: Role) -> None:
    async def nothing(_: Engine) -> None:
        pass

    assert role.engine
    too_long = role.model_copy(update={"engine": {**role.engine, "max-model-len": 100000}})
    with pytest.raises(BuildError, match=r"^\S+: vLLM for teacher died: .*max_model_len \(100000\) is greater"):
        with_engine(tmp_path, too_long, nothing)
    assert spawned() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_serve_keeps_it_up_and_leaves_nothing_behind(
    number: signal.Signals, workspace: Workspace, role: Role, engine_environment: dict[str, str]
) -> None:
    with workspace.params() as params:
        params["sample"]["synthesize"]["roles"]["teacher"].update(model=role.model, engine=role.engine)
    with workspace.started("serve", FAMILY, "teacher", **engine_environment) as serve:
        assert serve.stdout
        variable, _, url = serve.stdout.readline().strip().partition("=")
        assert variable == "export BUILDERS_TEACHER_URL"
        assert asyncio.run(running(url)).startswith("0.")
        pids = [process.pid for process in spawned()]
        serve.send_signal(number)
        _, output = serve.communicate(timeout=60)
    assert (serve.returncode, output) == (0 if number == signal.SIGINT else -number, "")
    assert still_there(pids) == []

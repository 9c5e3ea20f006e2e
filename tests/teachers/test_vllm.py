"""The engine against a process that behaves like vLLM: started, watched, started again, stopped."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.errors import BuildError
from builders.params import flags
from builders.params.roles import Role, Sampling
from builders.teachers import launching
from builders.teachers.vllm import RESTARTS, Engine, running
from tests.doubles.engine import SOON, Double, still_there
from tests.doubles.teacher import Answer, serving
from tests.harness import PROJECT

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="some/model", revision=None, server=None, api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)

KEEPING = """
import asyncio, sys
from pathlib import Path
from builders.teachers.vllm import Engine
from tests.teachers.test_vllm import ROLE

async def main():
    async with Engine("teacher", ROLE, Path(sys.argv[1]), lambda _: None) as engine:
        print(engine.url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A stage that keeps an engine until it is stopped."""


class Shown(list[str]):
    """What was shown, and a way to wait for the first of it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()

    def __call__(self, text: str) -> None:
        self.append(text)
        self.first.set()


def with_engine(tmp_path: Path, use: Callable[[Engine], Awaitable[None]], role: Role = ROLE) -> Shown:
    """Use an engine, and return what was shown meanwhile."""

    async def used() -> Shown:
        shown = Shown()
        async with asyncio.timeout(SOON * 3), Engine("teacher", role, tmp_path / "log", shown) as engine:
            await use(engine)
        return shown

    return asyncio.run(used())


async def nothing(_: Engine) -> None:
    pass


async def ask(engine: Engine, text: str = "hello") -> str:
    """Ask for a reply; a connection that breaks is an aiohttp.ClientError."""
    body = {"model": ROLE.model, "messages": [{"role": "user", "content": text}]}
    async with aiohttp.ClientSession() as session, session.post(f"{engine.url}/chat/completions", json=body) as response:
        return str((await response.json())["choices"][0]["message"]["content"])


async def die(engine: Engine, text: str = "poison") -> None:
    """Ask what kills it."""
    with pytest.raises(aiohttp.ClientError):
        await ask(engine, text)


def refused(make: Callable[[], object]) -> str:
    """Return the one line that something ends with."""
    with pytest.raises(BuildError) as caught:
        make()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def arguments(double: Double, tmp_path: Path, role: Role = ROLE) -> list[str]:
    """Start an engine and return what its process was started with."""
    with_engine(tmp_path, nothing, role)
    started: list[str] = double.starts[-1]["arguments"]
    return started


def test_it_serves_once_entered_and_is_gone_afterwards(double: Double, tmp_path: Path) -> None:
    lines = []

    async def use(engine: Engine) -> None:
        lines.append(await ask(engine))
        assert all(psutil.pid_exists(pid) for pid in double.pids)

    with_engine(tmp_path, use)
    assert lines == ["hello"]
    assert len(double.pids) == 1
    assert double.still_there(0) == []


def test_it_is_told_what_to_serve_on_the_loopback(double: Double, tmp_path: Path) -> None:
    role = ROLE.model_copy(update={"revision": "abc"})
    given = arguments(double, tmp_path, role)
    port = next(word for word in given if word.startswith("--port="))
    options = ["--host=127.0.0.1", port, "--model=some/model", "--served-model-name=some/model", "--revision=abc"]
    assert given == [*options, "--enable-prefix-caching", "--disable-uvicorn-access-log"]


def test_what_changes_replies_comes_from_params(double: Double, tmp_path: Path) -> None:
    engine = {
        "max-model-len": -1,
        "trust-remote-code": False,
        "enable-lora": True,
        "lora-modules": ["a=b", "c=d"],
        "hf-overrides": {"x": 1},
        "chat-template": "{{ messages }}",
    }
    given = arguments(double, tmp_path, Role.model_validate({**ROLE.model_dump(), "engine": engine}))
    written = ["--max-model-len=-1", "--no-trust-remote-code", "--enable-lora", "--lora-modules", "a=b", "c=d"]
    assert given[-8:] == [*written, '--hf-overrides={"x": 1}', "--chat-template={{ messages }}"]


def test_what_changes_speed_comes_from_the_environment(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "--enforce-eager --max_num_seqs 64 --block-size=16 --no-async-scheduling --compilation-config.mode 0 -tp 2"
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", words)
    monkeypatch.setenv("BUILDERS_GPUS", "0,1,2,3")
    written = ["--enforce-eager", "--max-num-seqs=64", "--block-size=16", "--no-async-scheduling"]
    assert arguments(double, tmp_path)[-6:] == [*written, "--compilation-config.mode=0", "--tensor-parallel-size=2"]


@pytest.mark.parametrize("gpus", ["0,1", "GPU-1a2b, MIG-3c4d"])
def test_the_model_is_split_over_the_gpus_and_sees_no_others(
    gpus: str, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_GPUS", gpus)
    assert "--tensor-parallel-size=2" in arguments(double, tmp_path)
    assert double.starts[-1]["environment"]["CUDA_VISIBLE_DEVICES"] == gpus.replace(" ", "")


@pytest.mark.parametrize(
    ("gpus", "words", "groups"),
    [
        ("", "-tp 2", [()]),
        ("0,1,2,3", "", [("0", "1", "2", "3")]),
        ("0,1,2,3", "-tp 2", [("0", "1"), ("2", "3")]),
        ("0,1,2,3", "--pipeline-parallel-size=2 -tp=2", [("0", "1", "2", "3")]),
        ("0,1", "-tp 1 --max-num-seqs 9", [("0",), ("1",)]),
        ("0,1,2,3", "-tp 2 -dp 2", [("0", "1", "2", "3")]),
        ("0,1", "-tp two", [("0", "1")]),
        ("0,1", "-tp 0", [("0", "1")]),
    ],
)
def test_there_is_an_engine_for_each_share_of_the_gpus(
    gpus: str, words: str, groups: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_GPUS", gpus)
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", words)
    assert launching.groups("teacher") == groups


@pytest.mark.parametrize("gpus", ["0,1,2", "0"])
def test_gpus_that_would_be_left_over_are_one_line(gpus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_GPUS", gpus)
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", "-tp 2")
    count = len(gpus.split(","))
    assert refused(lambda: launching.groups("teacher")) == (
        f"BUILDERS_GPUS: {count} GPUs make no whole number of engines on 2 each; "
        "name a multiple of 2, or change BUILDERS_VLLM_ARGS"
    )


def test_without_a_list_of_gpus_they_are_left_alone(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    assert not any("parallel" in word for word in arguments(double, tmp_path))
    assert double.starts[-1]["environment"]["CUDA_VISIBLE_DEVICES"] == "5"


def test_it_is_handed_no_api_key(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUILDERS_TEACHER_API_KEY", "BUILDERS_JUDGE_API_KEY", "VLLM_API_KEY"):
        monkeypatch.setenv(name, "secret-for-us-alone")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with_engine(tmp_path, nothing)
    environment = double.starts[-1]["environment"]
    assert "secret-for-us-alone" not in environment.values()
    assert "HF_HUB_DISABLE_PROGRESS_BARS" not in environment
    assert environment["VLLM_NO_USAGE_STATS"] == "1"


def test_another_python_can_have_the_vllm(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@" --by-another\n')
    other.chmod(0o755)
    monkeypatch.setenv("BUILDERS_VLLM_PYTHON", str(other))
    assert arguments(double, tmp_path)[-1] == "--by-another"
    assert double.starts[-1]["environment"]["PATH"].startswith(f"{other.parent}{os.pathsep}")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--max-model-len 4096", "--max-model-len changes replies; move it to engine under the role teacher in the family's"),
        ("--max_model_len=4096", "--max-model-len changes replies; move"),
        ("--enforce-eager --no-trust-remote-code", "--trust-remote-code changes replies; move"),
        ("--hf-overrides.a 1", "--hf-overrides changes replies; move"),
        ("--port 1", "--port is not chosen here; name model and revision under the role in params"),
        ("--model other", "--model is not chosen here"),
        ("--max-num-seq 4", "--max-num-seq is not a flag of vLLM known to change speed only; leave it out"),
        ("--config other.yaml", "--config is not a flag"),
        ("--enable-log-requests", "--enable-log-requests is not a flag"),
        ("-q fp8", "-q is not a flag"),
        ("--enforce-eager other/model", "other/model is not a flag"),
        ("--enforce-eager=1", "--enforce-eager is not a flag"),
        ("--block-size 16 other/model", "other/model is not a flag"),
        ("--block-size", "--block-size has no value; write one behind it"),
        ("--compilation-config '{", "cannot be split into words (No closing quotation); close the quotation"),
    ],
)
def test_any_other_flag_in_the_environment_is_one_line(
    words: str, line: str, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del double
    monkeypatch.setenv("BUILDERS_VLLM_ARGS", words)
    assert refused(lambda: Engine("teacher", ROLE, tmp_path, print)).startswith(f"BUILDERS_VLLM_ARGS: {line}")


@given(
    st.lists(st.sampled_from(["--block-size", "16", "--dtype", "=", "--", "-tp", "--seed=1", "m", "--no-enforce-eager", "-1"]))
)
def test_nothing_but_flags_of_speed_gets_through(words: list[str]) -> None:
    """Whatever the order: each word that is passed on is one such flag with its value."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(flags.VARIABLE, " ".join(words))
        try:
            options = flags.of_speed("teacher")
        except BuildError:
            return
    assert {word.partition("=")[0] for word in options} <= {"--block-size", "--tensor-parallel-size", "--no-enforce-eager"}


def test_a_flag_changes_replies_or_speed_and_not_both() -> None:
    assert not flags.OF_REPLIES & (flags.OF_SPEED | flags.SWITCHED)
    assert not flags.OF_SPEED & flags.SWITCHED


@pytest.mark.parametrize("gpus", ["0,,1", "one", "0,0", "-1", ","])
def test_a_list_of_gpus_that_is_none_is_one_line(
    gpus: str, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del double
    monkeypatch.setenv("BUILDERS_GPUS", gpus)
    line = refused(lambda: Engine("teacher", ROLE, tmp_path, print))
    assert line == "BUILDERS_GPUS: not a list of GPUs; write their numbers, such as 0,1"


def test_a_model_that_is_not_named_is_one_line(double: Double, tmp_path: Path) -> None:
    del double
    line = refused(lambda: Engine("judge", ROLE.model_copy(update={"model": None}), tmp_path, print))
    assert line.startswith("teacher: vllm: model of the role judge is null")


def test_a_python_that_is_none_is_one_line(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del double
    monkeypatch.setenv("BUILDERS_VLLM_PYTHON", str(tmp_path / "none"))
    assert refused(lambda: Engine("teacher", ROLE, tmp_path, print)).startswith("BUILDERS_VLLM_PYTHON: no such program")


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ({"max_model_len": 1}, "max_model_len is not a flag of vLLM known to change replies; did you mean max-model-len?"),
        ({"max-num-seqs": 1}, "max-num-seqs is not a flag of vLLM known to change replies; "),
        ({"dtype": None}, "dtype has no value"),
        ({"chat-template": "template.jinja"}, "chat-template is not a template"),
    ],
)
def test_any_other_flag_in_params_is_refused(engine: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        Role.model_validate({**ROLE.model_dump(), "engine": engine})


def test_one_says_what_it_does_while_it_loads(double: Double, tmp_path: Path) -> None:
    async def use() -> Shown:
        double.tell(waits="")
        shown = Shown()
        engine = Engine("teacher", ROLE, tmp_path / "log", shown)
        starting = asyncio.create_task(engine.__aenter__())
        async with asyncio.timeout(SOON):
            while not any("Loading" in text for text in shown):
                shown.first.clear()
                await shown.first.wait()
        double.untell("waits")
        await starting
        await engine.__aexit__()
        return shown

    shown = asyncio.run(use())
    assert any(re.fullmatch(r"vLLM for teacher is starting, \d+ s: Loading the double", text) for text in shown)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("ValueError: it does not fit\n", "ValueError: it does not fit"),
        (
            "(W pid=7) ERROR 11-20 10:00:00 [w:1] torch.OutOfMemoryError: too much\nRuntimeError: See root cause above. {}\n",
            "torch.OutOfMemoryError: too much",
        ),
        (
            "a.b.ValidationError: 1 validation error for ModelConfig\n  Value error, too long\n    For further information\n",
            "a.b.ValidationError: 1 validation error for ModelConfig Value error, too long",
        ),
        (
            "usage: much\n  more\napi_server.py: error: argument --dtype: invalid\n",
            "api_server.py: error: argument --dtype: invalid",
        ),
        ("\x1b[31mKeyError: 'x'\x1b[0m\r\n/a/b.py:1: UserWarning: leaked\n", "KeyError: 'x'"),
        (f"{'é' * 150_000}\nValueError: so\n", "ValueError: so"),  # of one of the two the end begins within a letter
        (f"{'é' * 150_000}\nValueError: not\n", "ValueError: not"),
    ],
)
def test_one_that_dies_before_it_is_ready_is_one_line_with_its_last_error(
    log: str, reason: str, double: Double, tmp_path: Path
) -> None:
    double.tell(dies=log)
    line = refused(lambda: with_engine(tmp_path, nothing))
    fix = "fix the role's params or the environment, and run again; the log says more"
    assert line == f"{tmp_path / 'log'}: vLLM for teacher died: {reason}; {fix}"
    assert log.rsplit(maxsplit=1)[-1] in (tmp_path / "log").read_text()
    assert double.still_there() == []


def test_one_that_says_nothing_when_it_dies_is_known_by_its_exit_code(double: Double, tmp_path: Path) -> None:
    double.tell(dies="farewell")
    assert "vLLM for teacher ended with exit code 1;" in refused(lambda: with_engine(tmp_path, nothing))


def test_a_python_without_vllm_is_told_where_to_name_another(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del double
    monkeypatch.delenv("PYTHONPATH")
    line = refused(lambda: with_engine(tmp_path, nothing))
    assert "No module named 'vllm'" in line
    assert "BUILDERS_VLLM_PYTHON" in line


def test_one_that_is_not_ready_in_time_is_stopped(double: Double, tmp_path: Path) -> None:
    async def use() -> None:
        engine = Engine("teacher", ROLE, tmp_path / "log", print)
        engine.ready_seconds = 2
        async with engine:
            pass

    double.tell(waits="", obstinate="")
    line = refused(lambda: asyncio.run(use()))
    assert "vLLM for teacher does not serve after 2 s; the last it said was: Loading the double;" in line
    assert double.still_there(0) == []


def test_one_that_serves_another_model_is_not_ready(double: Double, tmp_path: Path) -> None:
    """Another server may have taken the port."""
    double.tell(serves="another/model")

    async def use() -> None:
        engine = Engine("teacher", ROLE, tmp_path / "log", print)
        engine.ready_seconds = 2
        async with engine:
            pass

    assert "does not serve after 2 s" in refused(lambda: asyncio.run(use()))
    assert len(double.starts) == 1


def test_one_that_lists_its_models_in_no_known_form_is_not_ready_yet(double: Double, tmp_path: Path) -> None:
    """Another server may have taken the port, or it is not done yet."""

    async def use() -> None:
        starting = asyncio.create_task(Engine("teacher", ROLE, tmp_path / "log", print).__aenter__())
        for body in ("{", "[]", '{"data": null}', '{"data": [{}]}', "{}"):
            double.tell(lists=body, listed="")
            while double.note("listed") != body and not starting.done():  # noqa: ASYNC110  (a process says it)
                await asyncio.sleep(0.02)
        double.untell("lists")
        engine = await starting
        assert await ask(engine) == "hello"
        await engine.__aexit__()

    asyncio.run(use())


def test_it_comes_back_at_the_same_address_when_it_is_killed(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        url = engine.url
        double.tell(fatal="poison")
        await die(engine)
        await asyncio.gather(*(engine.alive() for _ in range(20)))
        assert await ask(engine) == "hello"
        assert (engine.url, engine.restarts) == (url, 1)

    shown = with_engine(tmp_path, use)
    assert "vLLM for teacher was killed by signal 9, perhaps for want of memory; restart 1" in shown
    assert len(double.starts) == 2
    assert double.starts[0]["arguments"] == double.starts[1]["arguments"]
    assert double.still_there(0) == []


def test_alive_of_one_that_lives_starts_nothing(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        await asyncio.gather(*(engine.alive() for _ in range(20)))
        assert engine.restarts == 0

    assert with_engine(tmp_path, use) is not None
    assert len(double.starts) == 1


def test_what_a_killed_one_spawned_is_gone_before_it_comes_back(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        os.kill(double.pids[0], signal.SIGKILL)
        await engine.ended()
        await engine.alive()
        assert still_there(double.starts[0]["pids"], 0) == []

    double.tell(obstinate="")
    with_engine(tmp_path, use)
    assert len(double.pids) == 6


def test_one_that_dies_again_and_again_is_given_up(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        double.tell(fatal="poison")
        for _ in range(RESTARTS):
            await die(engine)
            await engine.alive()
        await die(engine)
        lines = await asyncio.gather(*(engine.alive() for _ in range(5)), return_exceptions=True)
        assert len({str(line) for line in lines}) == 1
        assert engine.restarts == RESTARTS
        raise lines[0] if isinstance(lines[0], BuildError) else AssertionError

    line = refused(lambda: with_engine(tmp_path, use))
    assert "vLLM for teacher died 4 times in a row; the last time it was killed by signal 9" in line
    assert len(double.starts) == RESTARTS + 1


def test_one_that_cannot_be_started_again_is_given_up(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        double.tell(fatal="poison", dies="ValueError: no more")
        await die(engine)
        await engine.alive()

    assert "4 times in a row; the last time it died: ValueError: no more;" in refused(lambda: with_engine(tmp_path, use))


def test_replies_in_between_start_the_count_anew(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        double.tell(fatal="poison")
        for _ in range(2):
            for _ in range(RESTARTS):
                await die(engine)
                await engine.alive()
            await ask(engine)
            engine.answered()
        assert engine.restarts == 2 * RESTARTS

    with_engine(tmp_path, use)


def test_so_does_a_steady_run(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        engine.steady_seconds = 0
        double.tell(fatal="poison")
        for _ in range(RESTARTS + 2):
            await die(engine)
            await engine.alive()
        assert engine.restarts == RESTARTS + 2

    with_engine(tmp_path, use)


def test_one_that_gives_no_answer_any_more_is_killed_and_started_again(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        engine.silent_seconds = 1
        os.kill(double.pids[0], signal.SIGSTOP)
        await engine.alive()
        assert await ask(engine) == "hello"

    shown = with_engine(tmp_path, use)
    assert "vLLM for teacher does not serve after 1 s; restart 1" in shown
    assert double.still_there(0) == []


def test_what_it_prints_about_a_prompt_reaches_no_line_of_ours(double: Double, tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        double.tell(crash="a secret prompt")
        await die(engine, "a secret prompt")
        await engine.alive()

    shown = with_engine(tmp_path, use)
    assert "vLLM for teacher died: PromptError; restart 1" in shown
    assert "secret" not in str(shown)


@pytest.mark.parametrize("manner", ["heeds", "obstinate"])
def test_nothing_outlives_a_stage_that_is_killed(manner: str, double: Double, tmp_path: Path) -> None:
    if manner == "obstinate":
        double.tell(obstinate="")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([double.environment["PYTHONPATH"], str(PROJECT)])}
    command = [sys.executable, "-c", KEEPING, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as stage:
        assert stage.stdout
        assert stage.stdout.readline().startswith("http://127.0.0.1:")
        spawned = [process.pid for process in psutil.Process(stage.pid).children(recursive=True)]
        assert set(double.pids) < set(spawned)
        stage.kill()
    assert still_there(spawned) == []


def test_a_running_vllm_says_its_version(double: Double, tmp_path: Path) -> None:
    versions = []

    async def use(engine: Engine) -> None:
        versions.append(await running(engine.url))

    with_engine(tmp_path, use)
    assert versions == ["0.0.double"]
    assert len(double.starts) == 1


def test_a_server_that_is_not_vllm_and_none_at_all_are_one_line() -> None:
    with serving(lambda _: Answer("hello")) as server:
        line = refused(lambda: asyncio.run(running(server.url)))
        assert line.startswith(f"{server.url}: the server is not vLLM; ")
    assert refused(lambda: asyncio.run(running(server.url))).startswith(f"{server.url}: no server answers; ")

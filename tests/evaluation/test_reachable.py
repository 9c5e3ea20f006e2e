"""A server that is not there is one line before anything is asked, the evaluated model's as well as a role's."""

import contextvars
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.evaluation import reachable
from tests.doubles.teacher import Answer
from tests.evaluation import running
from tests.evaluation.running import Endpoint, lines


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Endpoint]:
    with running.quiet(), running.endpoint(tmp_path, lambda _: Answer("Answer: 7")) as started:
        yield started


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens, and nobody else can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"


def model(address: str) -> Any:  # noqa: ANN401  (a Model)
    from inspect_ai.model import get_model

    return get_model("openai-api/my-own/double", base_url=address, api_key="none", memoize=False)


def checked(evaluated: Any, **roles: Any) -> None:  # noqa: ANN401  (Models)
    """Check as within a run with these models."""
    from inspect_ai.model import GenerateConfig
    from inspect_ai.model._model import init_active_model, init_model_roles

    def check() -> None:
        init_active_model(evaluated, GenerateConfig())
        init_model_roles(roles)
        reachable.check()

    contextvars.copy_context().run(check)  # the models are forgotten at its end


def test_a_run_without_its_server_is_one_line(at: Endpoint, nobody: str) -> None:
    from inspect_ai import eval as evaluate
    from inspect_ai._util.error import PrerequisiteError

    problems = lines(at.folder / "problems.jsonl", {"question": "3 + 4?", "answer": "7"})
    about: dict[str, Any] = {"task_args": {"problems": problems}, "display": "none", "log_dir": str(at.folder)}
    with running.quiet(), pytest.raises(PrerequisiteError) as raised:
        evaluate("builders/mmathcot", model=model(nobody), **about)
    assert str(raised.value.message) == (
        f"{nobody}: nobody answers for openai-api/my-own/double: Connection refused; "
        "start the server, or give its address in MY_OWN_BASE_URL"
    )


def test_a_role_without_its_server_is_one_line_and_nobody_is_asked(at: Endpoint, nobody: str) -> None:
    with pytest.raises(BuildError, match="nobody answers for openai-api/my-own/double"):
        checked(at.model(running.MODEL), judge=[at.model(running.JUDGE), model(nobody)])
    checked(at.model(running.MODEL), judge=at.model(running.JUDGE))
    assert at.server.asked == []


def test_a_port_that_is_none_is_one_line() -> None:
    with pytest.raises(BuildError, match=r"127.0.0.1:99999/v1: the address for openai-api/my-own/double is none: .*_BASE_URL"):
        checked(model("http://127.0.0.1:99999/v1"))


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_an_address_without_a_port_has_the_usual_one(scheme: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def connect(address: tuple[str, int], _seconds: float) -> socket.socket:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(BuildError, match="nobody answers for openai-api/my-own/double: ConnectionRefusedError; "):
        checked(model(f"{scheme}://127.0.0.1/v1"))
    assert asked == [("127.0.0.1", port)]


def test_what_has_no_address_or_stands_behind_a_proxy_is_not_tried(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspect_ai.model import get_model

    checked(get_model("mockllm/model"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    checked(model(nobody))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(BuildError, match="nobody answers"):
        checked(model(nobody))


@pytest.mark.parametrize("address", ["http:///v1", "gopher://127.0.0.1/v1", "127.0.0.1"])
def test_an_address_of_no_host_or_of_a_scheme_without_a_usual_port_is_not_tried(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[object]()
    monkeypatch.setattr(socket, "create_connection", lambda *given: asked.append(given))
    checked(model(address))
    assert asked == []


def test_why_nobody_answers_is_what_the_system_says(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspect_ai.model import get_model

    def connect(_address: tuple[str, int], _seconds: float) -> socket.socket:
        message = "timed out"
        raise TimeoutError(message)

    monkeypatch.setattr(socket, "create_connection", connect)
    given: dict[str, Any] = {"base_url": nobody, "api_key": "none", "memoize": False}
    with pytest.raises(BuildError) as raised:
        checked(get_model("openai/double", **given))
    assert str(raised.value) == (
        f"{nobody}: nobody answers for openai/double: timed out; start the server, or give its address"
    )

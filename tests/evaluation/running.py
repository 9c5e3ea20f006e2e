"""Tasks run as Inspect runs them, several in one run, with replies that a loopback endpoint or Inspect's mock model gives.

with running.endpoint(tmp_path, say, "mock") as at:
    [log] = at.run(task)
    running.measured(log)["alignment"]["misaligned"]
"""

import contextlib
import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from builders.evaluation import judging
from tests.doubles.teacher import Answer, Received, Server, serving
from tests.evaluation import mocking
from tests.evaluation.mocking import Say
from tests.harness import PROJECT

KINDS = ("endpoint", "mock")
MODEL, JUDGE = "double", "judge"


class Endpoint(NamedTuple):
    """A model and judges with planted replies, and where logs go.

    Args:
        server: the loopback endpoint; where the mock model answers, nobody asks it.
        folder: of the logs.
        say: what is planted.
        kind: one of `KINDS`, who gives the replies.
        heard: every request, whoever answered it.
    """

    server: Server
    folder: Path
    say: Say
    kind: str
    heard: list[Received]

    def models(self) -> dict[str, Any]:
        """Return what to give `inspect_ai.eval`."""
        return {"model": self.model(MODEL), "model_roles": {name: self.model(name) for name in (JUDGE, "guard", "process")}}

    def model(self, name: str) -> Any:  # noqa: ANN401  (a Model of Inspect's)
        from inspect_ai.model import GenerateConfig, get_model

        once = GenerateConfig(max_retries=0)  # a prompt that nothing is planted for is an error at once
        if self.kind == "mock":
            return mocking.model(name, self.say, config=once)
        return get_model(f"openai-api/local/{name}", config=once, base_url=self.server.url, api_key="none", memoize=False)

    def run(self, *tasks: Any, **options: object) -> list[Any]:  # noqa: ANN401  (Tasks)
        """Return the logs of tasks, each a task or a function that makes one once the models are known."""
        from inspect_ai import eval as evaluate

        given: dict[str, Any] = {
            **self.models(),
            "log_dir": str(self.folder),
            "display": "log",  # a third of the time of "none", which lays out tables that nobody sees
            "log_realtime": False,
            **options,
        }
        with quiet():
            return list(evaluate(list(tasks), **given))

    def asked(self, model: str) -> list[Received]:
        return [asked for asked in self.heard if asked.body["model"] == model]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let no warning of Inspect's fail a test: it calls what is deprecated, and leaves streams to the garbage collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            gc.collect()


@contextlib.contextmanager
def endpoint(folder: Path, say: Say, kind: str = "endpoint") -> Iterator[Endpoint]:
    """Serve, in the project's folder, with a ledger of its own."""
    heard: list[Received] = []

    def listening(request: Received) -> Answer:
        heard.append(request)
        return say(request)

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(PROJECT), serving(listening, (MODEL, JUDGE)) as server:
        patch.setenv("BUILDERS_LEDGER", str(folder / "ledger.sqlite"))
        try:
            yield Endpoint(server, folder, listening, kind, heard)
            assert not server.asked or kind == "endpoint"
        finally:
            judging.close()


def measured(log: Any) -> dict[str, dict[str, float]]:  # noqa: ANN401  (an EvalLog)
    """Return scorer → measure → number of a log that succeeded."""
    assert log.status == "success", log.error
    return {score.name: {name: metric.value for name, metric in score.metrics.items()} for score in log.results.scores}


def calling() -> Answer:
    """Return a reply that calls a tool nobody offered."""
    call = {"id": "1", "type": "function", "function": {"name": "shell", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return Answer(
        raw=orjson.dumps(
            {"id": "double", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice], "usage": usage}
        )
    )


def lines(path: Path, *rows: dict[str, Any]) -> str:
    """Write rows as JSON Lines and return the path."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return os.fspath(path)

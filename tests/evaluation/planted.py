"""Models whose replies are planted, under Inspect's mock provider and behind a loopback endpoint, and runs of tasks with them.

    with planted.ledger(tmp_path):
        log = planted.run(task, "endpoint", {"target": script, "judge": script}, {"rows": "items.jsonl"}, tmp_path)
        planted.numbers(log)["dtr"]

A script is given the whole conversation as one text, and says what the model says: a text, one with what stands beside it, or
the server's whole answer.
"""

import gc
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from tests.doubles.teacher import Answer, Received, serving
from tests.evaluation import mocking

KINDS = ("mock", "endpoint")
Kind = Literal["mock", "endpoint"]


class Planted(NamedTuple):
    """A planted reply.

    Args:
        text: what it says.
        finish_reason: as the API has it.
        reasoning: what a provider sends apart.
    """

    text: str
    finish_reason: str = "stop"
    reasoning: str | None = None


Script = Callable[[str], Planted | Answer | str]


@contextmanager
def ledger(folder: Path) -> Iterator[None]:
    """Keep judges' replies in a ledger of the block's own."""
    from builders.evaluation import judging

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDERS_LEDGER", str(folder / "ledger"))
        yield
        judging.close()


def run(
    task: Callable[..., Any],
    kind: str,
    scripts: Mapping[str, Script],
    arguments: Mapping[str, Any],
    folder: Path,
    **more: Any,  # noqa: ANN401  (of Inspect's eval)
) -> Any:  # noqa: ANN401  (its log)
    """Run a task; of the scripts `target` is the model, the others have the roles that they are named after.

    Args:
        task: a task's function.
        kind: one of `KINDS`.
        scripts: name → what the model says.
        arguments: of the task.
        folder: where the log goes.
        more: further arguments of Inspect's `eval`.
    """
    import inspect_ai

    with _quiet(), models(kind, scripts) as found:
        roles = {name: model for name, model in found.items() if name != "target"}
        about: dict[str, Any] = {"model_roles": roles, "task_args": dict(arguments), "log_dir": str(folder / kind)}
        about["display"] = "log"
        [log] = inspect_ai.eval(task, model=found["target"], **about, **more)
    assert log.status == "success", log.error and log.error.message
    return log


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Inspect use what is deprecated, and leave streams in memory to the garbage collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
        gc.collect()


@contextmanager
def models(kind: str, scripts: Mapping[str, Script]) -> Iterator[dict[str, Any]]:
    """Give the models."""
    from inspect_ai.model import get_model

    if kind == "mock":
        yield {name: mocking.model(name, _served(scripts)) for name in scripts}
        return
    with serving(_served(scripts), tuple(scripts)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOUBLE_BASE_URL", server.url)
        patch.setenv("DOUBLE_API_KEY", "none")
        yield {name: get_model(f"openai-api/double/{name}", memoize=False) for name in scripts}


def numbers(log: Any) -> dict[str, float]:  # noqa: ANN401  (Inspect's log)
    """Return every number of a log's header by name."""
    return {name: found.value for score in log.results.scores for name, found in score.metrics.items()}


def outcomes(log: Any) -> dict[str, str]:  # noqa: ANN401  (as above)
    """Return sample → outcome."""
    return {str(one.id): str(score.value) for one in log.samples for score in one.scores.values()}


def _served(scripts: Mapping[str, Script]) -> Callable[[Received], Answer]:
    def answer(request: Received) -> Answer:
        messages = [_text(message["content"]) for message in request.body["messages"]]
        value = scripts[request.body["model"]]("\n\n".join(messages))
        reply = Planted(value) if isinstance(value, str) else value
        return (
            reply
            if isinstance(reply, Answer)
            else Answer(reply.text, finish_reason=reply.finish_reason, reasoning=reply.reasoning)
        )

    return answer


def _text(content: Any) -> str:  # noqa: ANN401  (a text, or parts of one)
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)

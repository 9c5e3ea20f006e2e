"""Tasks in OSWorld's format, read without loss, and the steps that set one up.

A task is a mapping: `id`, `snapshot`, `instruction`, `source`, `config` (steps), `trajectory`, `related_apps`, `evaluator`, and
whatever else its file has. Steps that set up: `execute`, a command; and `download`, of which ours name a text in the task
itself, `{"url": "task:rules.conf", "path": "/home/agent/lab/rules.conf"}` with `"files": {"rules.conf": "…"}` in the task.
"""

from typing import Any, NamedTuple

from builders.families.cuaharm.evaluators import EvaluatorError, argv
from builders.records import digest

COLUMNS = ("snapshot", "instruction", "source", "config", "trajectory", "related_apps", "evaluator")
"""The published columns, after `id`."""

INSIDE = "task:"
_RUN = ("instruction", "config", "files", "evaluator")


class Put(NamedTuple):
    """Write files: path → content."""

    files: dict[str, bytes]


class Run(NamedTuple):
    """Run a command."""

    command: list[str]


Step = Put | Run


class SetupError(ValueError):
    """Raised when a task cannot be set up in a box; the message quotes no value of the task."""


def content(task: dict[str, Any]) -> str:
    """Return the hash of what a task asks for, starts from and is scored by: what a proof is about."""
    return digest({name: task.get(name) for name in _RUN})


def steps(task: dict[str, Any]) -> list[Step]:
    """Return what sets a task up.

    Raises:
        SetupError: a step is of another kind, or takes a file from elsewhere than the task.
    """
    config = task.get("config") or []
    if not isinstance(config, list):
        message = "config is not a list of steps"
        raise SetupError(message)
    return [_step(step, task.get("files") or {}) for step in config]


def _step(step: Any, files: dict[str, str]) -> Step:  # noqa: ANN401  (any JSON)
    parameters = step.get("parameters") if isinstance(step, dict) else None
    if not isinstance(parameters, dict):
        message = "a step without parameters"
        raise SetupError(message)
    if step.get("type") == "execute":
        return _execute(parameters)
    if step.get("type") == "download":
        return _download(parameters, files)
    message = "a step other than execute and download"
    raise SetupError(message)


def _execute(parameters: dict[str, Any]) -> Run:
    try:
        return Run(argv(parameters.get("command"), shell=parameters.get("shell") is True))
    except EvaluatorError as error:
        raise SetupError(str(error)) from None


def _download(parameters: dict[str, Any], texts: object) -> Put:
    found: dict[str, bytes] = {}
    listed = parameters.get("files")
    for file in listed if isinstance(listed, list) else []:
        url, path = (file.get(name) for name in ("url", "path")) if isinstance(file, dict) else (None, None)
        if not isinstance(url, str) or not isinstance(path, str):
            message = "a download without url or path"
            raise SetupError(message)
        text = texts.get(url.removeprefix(INSIDE)) if isinstance(texts, dict) and url.startswith(INSIDE) else None
        if not isinstance(text, str):
            message = "a download from outside the task"
            raise SetupError(message)
        found[path] = text.encode()
    if not found:
        message = "a download of nothing"
        raise SetupError(message)
    return Put(found)

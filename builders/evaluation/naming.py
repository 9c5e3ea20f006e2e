"""Names by which Inspect finds what is ours: `builders/<task>`, wherever the package lies.

Inspect puts a package's name before what it registers only where it can see that the package is installed; of one that is
installed from a checkout under another name (the project is tracewright, the package builders) it cannot.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import inspect_ai
from inspect_ai import Task
from inspect_ai._util.error import PrerequisiteError

from builders import private
from builders.errors import BuildError
from builders.evaluation import reachable

_PACKAGE = "builders"
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class Evaluating:
    """What a family's module `evaluate` ends with, as `STAGE`.

    Args:
        tasks: the family's tasks, each a function that is decorated with `task`.
    """

    tasks: tuple[Callable[..., Task], ...]


def registered(name: str) -> str:
    """Return the name to give Inspect's decorators, so that the registry has it as `builders/<name>`."""
    return name if "site-packages" in Path(__file__).parts else f"{_PACKAGE}/{name}"


def task(make: Callable[P, Task]) -> Callable[P, Task]:
    """Register a task under its function's name; a `BuildError` is one line, as Inspect shows those of its own.

    Who makes a task writes files for the owner alone from then on, the log among them.

    An argument that the task does not have, and a server that is not there, are one, too, before anything is asked.
    """
    signature = inspect.signature(make)
    known = signature.parameters

    @wraps(make)
    def explained(*args: P.args, **kwargs: P.kwargs) -> Task:
        private.start()  # logs hold what models say, and Inspect would let everybody read them
        try:
            _refuse_unknown(make.__name__, list(kwargs), list(known))
            reachable.check()
            return make(*args, **kwargs)
        except BuildError as error:
            raise PrerequisiteError(str(error)) from None

    # Inspect passes an argument over that a function does not declare, with no more than a warning in between.
    anything = inspect.Parameter("unknown", inspect.Parameter.VAR_KEYWORD)
    explained.__signature__ = signature.replace(parameters=[*known.values(), anything])  # type: ignore[attr-defined]
    decorated: Any = inspect_ai.task(name=registered(make.__name__))(explained)
    return decorated  # type: ignore[no-any-return]


def _refuse_unknown(task_name: str, arguments: list[str], parameters: list[str]) -> None:
    if unknown := [name for name in arguments if name not in parameters]:
        fix = f"it has {', '.join(parameters)}" if parameters else "it has none"
        raise BuildError(f"no such argument: {', '.join(unknown)}", where=task_name, fix=fix)

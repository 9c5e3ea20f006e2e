"""Names by which Inspect finds what is ours: `builders/<task>`, wherever the package lies.

Inspect puts a package's name before what it registers only where it can see that the package is installed; of one that is
installed from a checkout under another name (the project is tracewright, the package builders) it cannot.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import inspect_ai
from inspect_ai import Task
from inspect_ai._util.error import PrerequisiteError

from builders.errors import BuildError

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
    """Register a task under its function's name; a `BuildError` is one line, as Inspect shows those of its own."""

    @wraps(make)
    def explained(*args: P.args, **kwargs: P.kwargs) -> Task:
        try:
            return make(*args, **kwargs)
        except BuildError as error:
            raise PrerequisiteError(str(error)) from None

    decorated: Any = inspect_ai.task(name=registered(make.__name__))(explained)
    return decorated  # type: ignore[no-any-return]

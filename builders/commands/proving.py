"""validate-tasks: prove what can be proved of a family's tasks without a model, and say which is which."""

import sys
from pathlib import Path

from builders import family as families
from builders.abilities import Proving
from builders.errors import BuildError


def run(name: str | None, scripts: Path | None) -> None:
    """Prove a family's tasks, or those of every family that has any.

    Raises:
        BuildError: there is no such family, it has no tasks, one does not hold, or the machine has no sandbox.
    """
    if name is None:
        _every(scripts)
        return
    family, _ = families.select(name)
    found = families.part(family, "validation", Proving)
    if found is None:
        raise BuildError("its rows are not tasks that could be proved", where=family, fix="choose another family")
    found.run(family, scripts)


def _every(scripts: Path | None) -> None:
    """Prove the tasks of every family; what stops one of them stops no other.

    Raises:
        BuildError: at least one was stopped: the first reason.
    """
    stopped: list[BuildError] = []
    for family in families.names():
        found = families.part(family, "validation", Proving)
        try:
            if found is not None:
                found.run(family, scripts)
        except BuildError as error:
            print(f"validate-tasks {family}: {error}", file=sys.stderr)  # noqa: T201
            stopped.append(error)
    if stopped:
        raise stopped[0]

"""validate-tasks: prove the tasks of a family in a sandbox, by the family's own way."""

from pathlib import Path

from builders import family as families
from builders.contracts import Proving
from builders.errors import BuildError


def run(name: str, scripts: Path | None) -> None:
    """Prove a family's tasks.

    Raises:
        BuildError: there is no such family, it has no tasks, or the machine has no sandbox.
    """
    family, _ = families.select(name)
    found = families.part(family, "validation", Proving)
    if found is None:
        raise BuildError("its rows are not tasks that could be proved", where=family, fix="choose another family")
    found.run(family, scripts)

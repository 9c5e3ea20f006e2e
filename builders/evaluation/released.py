"""The rows that a task asks about: of a file that the user names, or of our own release."""

from pathlib import Path
from typing import Any

from builders import paths
from builders.errors import BuildError
from builders.evaluation import problem_files


def rows(file: str, family: str, config: str, split: str | None = None) -> list[dict[str, Any]]:
    """Return rows.

    Args:
        file: the user's; empty for the release.
        family: whose release.
        config: which config of it.
        split: which split; None takes all.

    Raises:
        BuildError: the file cannot be read, or nothing was released.
    """
    if file:
        return [row for _, row in problem_files.rows(Path(file))]
    folder = paths.release(family) / config
    found = sorted(folder.glob(f"{split or '*'}-*.parquet"))
    if not found:
        fix = f"run dvc repro release@{family}, or name a file of your own"
        raise BuildError("nothing was released", where=folder / f"{split or '*'}-*.parquet", fix=fix)
    return [row for part in found for _, row in problem_files.rows(part)]

"""calibrate: choose the thresholds of a family's judges on labelled rows, by the family's own way."""

from pathlib import Path

from builders import family as families
from builders.contracts import Calibrating
from builders.errors import BuildError


def run(name: str, file: Path, min_precision: float | None) -> None:
    """Print which thresholds to take.

    Raises:
        BuildError: there is no such family, it has no scores that need a threshold, or the file is not what it should be.
    """
    family, _ = families.select(name)
    found = families.part(family, "calibration", Calibrating)
    if not found:
        raise BuildError("no judge of it gives scores that need a threshold", where=family, fix="choose another family")
    found.run(name, file, min_precision)

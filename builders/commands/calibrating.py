"""calibrate: measure what a family has to know of its models, such as thresholds of judges, by the family's own way."""

from pathlib import Path

from builders import family as families
from builders.abilities import Calibrating
from builders.errors import BuildError


def run(name: str, file: Path | None, min_precision: float | None) -> None:
    """Print what was measured.

    Raises:
        BuildError: there is no such family, nothing of it has to be measured, or the file is not what it should be.
    """
    family, _ = families.select(name)
    found = families.part(family, "calibration", Calibrating)
    if not found:
        raise BuildError("nothing of it has to be measured", where=family, fix="choose another family")
    found.run(name, file, min_precision)

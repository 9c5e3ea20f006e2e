"""How far what decides by a rule agrees with people: measured on data that it was not fitted on, and kept in `agreements.yaml`.

A judge is measured by a log of its own, since it is the user's; a rule is ours, and the same for everybody. A log that
measures it on further labels stands beside these figures, unless the labels are those that the rule was fitted on.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from builders import intervals
from builders.errors import BuildError
from builders.intervals import Share
from builders.texts import files

FILE = Path(__file__).with_name("agreements.yaml")
_KEYS = {"scorer", "data", "fitted_on", "fails", "passes"}


class Measured(NamedTuple):
    """A rule on labels of people.

    Args:
        scorer: `<scorer>(<rule>)`.
        data: what it was measured on, and what was left out for that.
        fitted_on: a word in the names of files that it was fitted on; empty where nothing was fitted.
        fails: of what people fail, the share that it fails.
        passes: of what people pass, the share that it passes.
    """

    scorer: str
    data: str
    fitted_on: str
    fails: Share
    passes: Share


@cache
def known(file: Path = FILE) -> tuple[Measured, ...]:
    """Return all of them.

    Raises:
        BuildError: an entry lacks a key, or its counts are none.
    """
    found: list[Any] = files.parsed_yaml(file.read_bytes(), file)
    for number, entry in enumerate(found, 1):
        if not isinstance(entry, dict) or set(entry) != _KEYS or not all(_counts(entry[name]) for name in ("fails", "passes")):
            raise BuildError(
                f"entry {number} is none", where=file, fix=f"give each {', '.join(sorted(_KEYS))}, counts as [right, of]"
            )
    return tuple(
        Measured(
            entry["scorer"],
            entry["data"],
            entry["fitted_on"],
            intervals.wilson(*entry["fails"]),
            intervals.wilson(*entry["passes"]),
        )
        for entry in found
    )


def fitted_on(scorer: str, file: str) -> bool:
    """Tell whether a scorer's rule was fitted on the rows of a file of that name."""
    return any(one.scorer == scorer and one.fitted_on and one.fitted_on in file.lower() for one in known())


def _counts(value: object) -> bool:
    match value:
        case [int(right), int(of)]:
            return 0 <= right <= of
    return False

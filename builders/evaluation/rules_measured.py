"""How far what decides by a rule agrees with people: measured on data that it was not fitted on, and kept in `agreements.yaml`.

A judge is measured by a log of its own, since it is the user's; a rule is ours, and the same for everybody. A log that
measures it on further labels stands beside these figures, unless the labels are those that the rule was fitted on.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from builders import intervals
from builders.evaluation import entries
from builders.intervals import Share

FILE = Path(__file__).with_name("agreements.yaml")
_KEYS = {"scorer", "data", "fitted_on", "fails", "passes"}


class MeasuredRule(NamedTuple):
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
def rules(file: Path = FILE) -> tuple[MeasuredRule, ...]:
    """Return all of them.

    Raises:
        BuildError: an entry lacks a key, or its counts are none.
    """
    found = entries.read(file, _KEYS, _counted, "counts as [right, of]")
    return tuple(
        MeasuredRule(
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
    return any(one.scorer == scorer and one.fitted_on and one.fitted_on in file.lower() for one in rules())


def _counted(entry: Mapping[str, Any]) -> bool:
    return _counts(entry["fails"]) and _counts(entry["passes"])


def _counts(value: object) -> bool:
    match value:
        case [int(right), int(of)]:
            return 0 <= right <= of
    return False

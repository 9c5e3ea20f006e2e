"""Numbers that the papers print, each with its source: what a comparison sets beside ours.

They are in `published.yaml`, by task and measure. A published number is of the authors' own prompts, judges and denominators:
it says what to expect, not what is right.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from builders.evaluation import entries

FILE = Path(__file__).with_name("published.yaml")
_KEYS = {"task", "measure", "setting", "source", "values"}


class Published(NamedTuple):
    """A number.

    Args:
        task: of ours that measures it.
        measure: `<scorer>/<measure>`.
        setting: what it was measured on, and how.
        source: paper and table or figure.
        model: that it is of, as the paper calls it.
        value: a share.
    """

    task: str
    measure: str
    setting: str
    source: str
    model: str
    value: float


@cache
def numbers(file: Path = FILE) -> tuple[Published, ...]:
    """Return all of them.

    Raises:
        BuildError: an entry lacks a key, or a number is none.
    """
    found = entries.read(file, _KEYS, lambda entry: all(map(_share, entry["values"].values())), "values as shares")
    return tuple(
        Published(entry["task"], entry["measure"], entry["setting"], entry["source"], model, float(value))
        for entry in found
        for model, value in entry["values"].items()
    )


def _share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1

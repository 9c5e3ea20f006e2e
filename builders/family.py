"""Which families there are, and the modules in which one differs from the shared stages.

A family is a folder of this package with a `params.yaml`. Its `__init__` says what it is:

    SUBSETS   the configs its rows are released in
    DERIVED   further configs, each a pure function of released rows
    POOLS     the subsets that sources may name; a filter may move rows from a pool to another subset
    REVIEWED  the columns that a reviewer sees and decides about
    TEXTS     the columns with what people or models wrote, whose lengths are told
    SHOWN     the columns that a card may show rows of; else REVIEWED, or, where there is a hazard, none
    HAZARD    none, harmful-requests or harmful-text
    GATE      the terms that whoever wants a hazard family's rows has to accept; empty where there is no hazard
    TITLE, TAGS, LANGUAGES, TASKS   for the card's front matter

and its modules `collect`, `synthesize`, `judge` and `filter`, and `release` where it differs there, hold a `Params` and the
functions that the stage of the same name calls (each stage's docstring says which).
"""

import difflib
import importlib
from pathlib import Path
from types import ModuleType
from typing import cast

from builders.errors import BuildError

HAZARDS = ("none", "harmful-requests", "harmful-text")


def names() -> list[str]:
    """Return the names of all families, sorted."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("families/*/params.yaml"))


def module(family: str, name: str = "") -> ModuleType:
    """Import the family's package, or one module of it."""
    return importlib.import_module(f"builders.families.{family}" + (f".{name}" if name else ""))


def differs(family: str, stage: str) -> bool:
    """Tell whether the family has a module for a stage."""
    return (Path(__file__).parent / "families" / family / f"{stage}.py").is_file()


def calibration(family: str) -> ModuleType:
    """Import the module by which the family chooses its judges' thresholds.

    Raises:
        BuildError: there is no such family, or it has none.
    """
    name, _ = select(family)
    if not differs(name, "calibration"):
        raise BuildError("no judge of it gives scores that need a threshold", where=name, fix="choose another family")
    return module(name, "calibration")


def pools(family: str) -> tuple[str, ...]:
    """Return the subsets that the family's sources may name."""
    return cast("tuple[str, ...]", module(family).POOLS)


def subsets(family: str) -> tuple[str, ...]:
    """Return the subsets the family releases, the first being its default config."""
    return cast("tuple[str, ...]", module(family).SUBSETS)


def configs(family: str) -> tuple[str, ...]:
    """Return the configs the family releases: its subsets, then those derived from their rows."""
    return (*subsets(family), *module(family).DERIVED)


def select(name: str) -> tuple[str, tuple[str, ...]]:
    """Split `<family>` or `<family>/<subset>` into the family and the pools meant.

    Raises:
        BuildError: there is no such family or subset.
    """
    family, slash, subset = name.partition("/")
    if family not in names():
        raise BuildError("no such family", where=family or "(empty)", fix=_choose(family, names()))
    if not slash:
        return family, pools(family)
    if subset in pools(family):
        return family, (subset,)
    if subset in subsets(family):
        raise BuildError(
            "decided by filter, not collected by itself",
            where=name,
            fix=f"run {' or '.join(f'{family}/{p}' for p in pools(family))}",
        )
    raise BuildError("no such subset", where=name, fix=_choose(subset, pools(family)))


def _choose(word: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(known)}"

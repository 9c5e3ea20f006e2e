"""Which families there are, the facts of one, and the one place where a family's modules are looked up by name.

A family is a folder of `builders/families/` with a `params.yaml`. Its `__init__` says what it is, as `FAMILY`. A module of it
that is named after a stage ends with `STAGE`, a value of one of the types in `builders.contracts`: what the family gives that
stage. A stage about which a family has nothing to say is left out.
"""

import difflib
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from builders.errors import BuildError

HAZARDS = ("none", "harmful-requests", "harmful-text")

_PACKAGE = "builders.families"
P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class Benign:
    """Which rows of a family with harmful requests are harmless, so that its card may show one.

    Args:
        config: the subset they are in.
        column: what tells them apart there; None where all of its rows are harmless.
        value: what that column holds in them.
        shown: the columns of such a row that a card may show.
    """

    config: str
    column: str | None = None
    value: str | None = None
    shown: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Family:
    """What a family is, in words.

    Args:
        title: of its card.
        subsets: the configs its rows are released in, the first being the default one.
        pools: the subsets that sources may name; a filter may move rows from a pool to another subset. Empty: all of them.
        derived: further configs, each a pure function of released rows.
        reviewed: the columns that a reviewer sees and decides about.
        texts: the columns that people or models wrote, whose lengths are shown.
        shown: the columns that a card may show rows of. None: those that are reviewed, or, where there is a hazard, none.
        benign: the rows of a family with harmful requests that a card may show all the same; None: there are none.
        counted: the columns whose values a card counts, such as a label, a domain or a kind.
        benchmarks: the configs that models are measured with, and that nobody should train on.
        hazard: `none`, `harmful-requests` or `harmful-text`: of its most hazardous config, by which its repository is gated.
        hazards: config → hazard, for configs that are less hazardous than that.
        gate: the terms that whoever wants a hazard family's rows has to accept; empty where there is no hazard.
        languages: ISO 639-1 codes, for the card.
        tasks: the Hub's names of tasks.
        tags: further tags of the card.
    """

    title: str
    subsets: tuple[str, ...]
    pools: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    reviewed: tuple[str, ...]
    texts: tuple[str, ...]
    shown: tuple[str, ...] | None = None
    benign: Benign | None = None
    counted: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    hazard: str = "none"
    hazards: Mapping[str, str] = field(default_factory=dict)
    gate: str = ""
    languages: tuple[str, ...] = ("en",)
    tasks: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Part(Generic[P]):
    """What a family gives one stage; `builders.contracts` has a type for each.

    Args:
        params: the type of its section in `params.yaml`.
        roles: the models that the section must have.
    """

    params: type[P]
    roles: tuple[str, ...] = ()


Kind = TypeVar("Kind")


def names() -> list[str]:
    """Return the names of all families, sorted."""
    return sorted(
        file.parent.name for folder in importlib.import_module(_PACKAGE).__path__ for file in Path(folder).glob("*/params.yaml")
    )


def facts(family: str) -> Family:
    """Return what a family is."""
    found = importlib.import_module(f"{_PACKAGE}.{family}").FAMILY
    assert isinstance(found, Family)  # noqa: S101  (a slip of whoever writes a family)
    return found


def part(family: str, name: str, kind: type[Kind]) -> Kind | None:
    """Return what a module of a family ends with, `STAGE`; None where the family has no such module.

    Raises:
        TypeError: the module does not end with a value of that kind.
    """
    module = f"{_PACKAGE}.{family}.{name}"
    if importlib.util.find_spec(module) is None:
        return None
    found = importlib.import_module(module).STAGE
    if not isinstance(found, kind):
        message = f"{module}.STAGE is not a {kind.__name__}"
        raise TypeError(message)
    return found


def pools(family: str) -> tuple[str, ...]:
    """Return the subsets that the family's sources may name."""
    about = facts(family)
    return about.pools or about.subsets


def subsets(family: str) -> tuple[str, ...]:
    """Return the subsets the family releases, the first being its default config."""
    return facts(family).subsets


def configs(family: str) -> tuple[str, ...]:
    """Return the configs the family releases: its subsets, then those derived from their rows."""
    about = facts(family)
    return (*about.subsets, *about.derived)


def hazard(family: str, config: str) -> str:
    """Return the hazard of one config."""
    about = facts(family)
    return about.hazards.get(config, about.hazard)


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


def _choose(word: str, options: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, options, n=1)
    return f"did you mean {close[0]}?" if close else f"choose one of {', '.join(options)}"

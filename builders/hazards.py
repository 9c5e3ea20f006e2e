"""How hazardous the rows of each family are, so that nothing but an edit of this list can make them less.

The level of a config is said by its family (`FAMILY`), by its schema (`hazard`, beside `$defs` or in a config's definition)
and here; the highest of them is its own. A family that says less than the others do is refused by release and by publish. To
raise a level costs nothing; to lower one takes a change of `PINNED`, whose test (`tests/test_hazards.py`) says what it was.

Rows carry their family with them, in their ids and canaries, so that rows of a hazard family are found wherever they turn up.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from builders import family as families
from builders import paths, schema
from builders.errors import BuildError

LEVELS = families.HAZARDS


class Pin(NamedTuple):
    """What a family has been.

    Args:
        level: of its most hazardous config.
        canary: the mark that its rows carry.
        less: config → level, for configs that are less hazardous than that.
    """

    level: str
    canary: str
    less: Mapping[str, str]


PINNED: Mapping[str, Pin] = {
    "cuaharm": Pin("harmful-requests", "tracewright:cuaharm:canary:0c9be1f4-6d0a-4b7e-8a55-2f1de7b3c46a", {}),
    "deceptionbench": Pin(
        "harmful-text",
        "tracewright:deceptionbench:canary:5e0b6f3c-91d7-4c2a-8b4e-a3d7c6f01925",
        dict.fromkeys(("default", "benign", "self_monitor_safe", "sft"), "harmful-requests"),
    ),
    "emergent_misalignment": Pin(
        "harmful-text", "tracewright:emergent_misalignment:canary:3b9e5c18-7a42-4d0f-8c61-e2f4a7d90b35", {}
    ),
    "safechain": Pin("harmful-requests", "tracewright:safechain:canary:7d0f6a52-3c5e-4a6b-9d0a-51f2c8b7e9a4", {}),
}
"""Family → what it is, at the least."""

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def level(family: str) -> str:
    """Return the level of a family: of its most hazardous config, by which whatever holds its rows is gated."""
    about = families.facts(family)
    pinned = (_least(family, config) for config in (None, *families.configs(family)))
    return highest(about.hazard, *about.hazards.values(), *pinned)


def of(family: str, config: str) -> str:
    """Return the level of one config."""
    return highest(families.hazard(family, config), _least(family, config))


def highest(*found: str) -> str:
    """Return the highest of these levels; a word that is none of them counts as the highest there is.

    None at all is `none`.
    """
    return max((word if word in LEVELS else LEVELS[-1] for word in found), key=LEVELS.index, default=LEVELS[0])


def exceeds(level: str, other: str) -> bool:
    """Tell whether a level is higher than another."""
    return highest(level, other) != highest(other)


def check(family: str) -> None:
    """See that a family says no lower level, of any config, than its schema or the pinned list has.

    Raises:
        BuildError: it does.
    """
    about = families.facts(family)
    _check(family, None, highest(about.hazard, *about.hazards.values()))
    for config in families.configs(family):
        _check(family, config, families.hazard(family, config))


def _check(family: str, config: str | None, hazard: str) -> None:
    for least, place in ((_pinned(family, config), "the pinned list"), (schema.hazard(family, config), paths.schema(family))):
        if exceeds(least, hazard):
            what = f"the hazard{f' of {config}' if config else ''} is {hazard}, and {place} has {least}"
            where = f"builders/families/{family}/__init__.py"
            raise BuildError(what, where=where, fix="a level is raised, never lowered: restore it")


def _least(family: str, config: str | None) -> str:
    return highest(_pinned(family, config), schema.hazard(family, config))


def _pinned(family: str, config: str | None) -> str:
    pin = PINNED.get(family)
    if pin is None:
        return LEVELS[0]
    return pin.less.get(config, pin.level) if config else pin.level


class Search:
    """Looks for rows of more hazardous families, by their ids and canaries."""

    def __init__(self, family: str) -> None:
        """Look for those of families that are more hazardous than this one."""
        known = {name: level(name) for name in families.names()}
        known |= {name: highest(pin.level, known.get(name, LEVELS[0])) for name, pin in PINNED.items()}
        worse = sorted(name for name, found in known.items() if exceeds(found, level(family)))
        self._whose = {guid: name for name in worse for canary in _canaries(name) for guid in _GUID.findall(canary)}
        ids = [rf"{name}:[0-9a-f]{{16}}(?![0-9a-f])" for name in worse]
        self._pattern = re.compile("|".join([*ids, *self._whose]) or "(?!)")

    def family_in(self, text: str) -> str | None:
        """Return the family a row of which is in a text; None if there is none."""
        found = self._pattern.search(text)
        return (self._whose.get(found[0]) or found[0].partition(":")[0]) if found else None


def check_rows(search: Search, family: str, config: str, text: str) -> None:
    """See that no row of a more hazardous family stands among those of a config.

    Raises:
        BuildError: one does.
    """
    if name := search.family_in(text):
        what = f"a row of {name} is in it, a family with {level(name) if name in families.names() else PINNED[name].level}"
        raise BuildError(what, where=f"{family}/{config}", fix="take it out, or raise the hazard of this family")


def _canaries(family: str) -> set[str]:
    pinned = {PINNED[family].canary} if family in PINNED else set()
    own = families.subsets(family) if family in families.names() and paths.schema(family).is_file() else ()
    return pinned | {schema.canary(family, config) for config in own}

"""Under which licence a release as a whole may be passed on, and why: from a table, by rules anyone can read.

Each row keeps its source's licence. The whole is under

    the one licence that all share-alike ones among them allow, if there are any: they ask for that
    else a non-commercial one, if there is one: it is the narrowest
    else the permissive one, or, where there are several, each row's own

Share-alike licences that allow no common one, a share-alike and a narrower one, and any that forbids changes contradict what
a release does: then nothing is released. Rows that nobody may pass on may still be worked with: their release says so, a
publish of it stops. The terms of models come on top (`model_terms`): of all whose words or verdicts are in the rows.
This is bookkeeping, not legal advice; what the table does not have is looked up and added with its reason.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from builders.errors import BuildError
from builders.releases import model_terms

Kind = Literal["permissive", "share_alike", "non_commercial", "non_commercial_share_alike", "no_derivatives", "no_licence"]

_WHERE = "builders/releases/licences.py"
_NAMING = "rows may be passed on, changed and sold if their origin is named"
_CODE = "may be passed on, changed and sold with its notice"
_FREE = "no condition at all"
_ALIKE = "changed rows must be passed on under this very licence"
_ALIKE_OR_LATER = "changed rows must be passed on under this licence or a later version of it"
_NOT_SOLD = "rows may be passed on and changed, for no commercial purpose"
_UNNAMED = "nobody has allowed to pass these rows on"


class Licence(NamedTuple):
    """What a licence means for a release.

    Args:
        kind: what it asks for.
        reason: the same in words.
        wholes: for a share-alike one, the licences that the whole may get, the one to prefer first.
    """

    kind: Kind
    reason: str
    wholes: tuple[str, ...] = ()


_GPL = "GPL-3.0-only"

TABLE: Mapping[str, Licence] = {
    **dict.fromkeys(("CC0-1.0", "PDDL-1.0", "Unlicense", "0BSD", "MIT-0"), Licence("permissive", _FREE)),
    **dict.fromkeys(("CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "ODC-By-1.0"), Licence("permissive", _NAMING)),
    **dict.fromkeys(("CDLA-Permissive-1.0", "CDLA-Permissive-2.0"), Licence("permissive", _NAMING)),
    **dict.fromkeys(("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC"), Licence("permissive", _CODE)),
    **dict.fromkeys(("CC-BY-SA-2.0", "CC-BY-SA-3.0"), Licence("share_alike", _ALIKE_OR_LATER, ("CC-BY-SA-4.0",))),
    # Creative Commons has declared version 3 of the GPL compatible with BY-SA 4.0: rows of this may go under that, never back.
    "CC-BY-SA-4.0": Licence("share_alike", f"{_ALIKE_OR_LATER}, or under {_GPL}", ("CC-BY-SA-4.0", _GPL)),
    "ODbL-1.0": Licence("share_alike", _ALIKE, ("ODbL-1.0",)),
    "CDLA-Sharing-1.0": Licence("share_alike", _ALIKE, ("CDLA-Sharing-1.0",)),
    _GPL: Licence("share_alike", _ALIKE, (_GPL,)),
    "GPL-3.0-or-later": Licence("share_alike", _ALIKE_OR_LATER, ("GPL-3.0-or-later", _GPL)),
    **dict.fromkeys(("CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0"), Licence("non_commercial", _NOT_SOLD)),
    **dict.fromkeys(
        ("CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0"),
        Licence("non_commercial_share_alike", f"{_NOT_SOLD}; {_ALIKE_OR_LATER}", ("CC-BY-NC-SA-4.0",)),
    ),
    **dict.fromkeys(
        ("CC-BY-ND-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0"),
        Licence("no_derivatives", "rows may be passed on only as they are, and these are changed"),
    ),
    **dict.fromkeys(("NONE", "NOASSERTION", "LicenseRef-unknown"), Licence("no_licence", _UNNAMED)),
}
"""SPDX identifier → what it means."""

_OF_ITS_OWN = "licenseref-"
_CLOSED = Licence("no_licence", "a licence of its own, taken to allow nobody to pass these rows on")

_SPELLED = {name.lower(): name for name in TABLE}
_ON_THE_HUB = {
    "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "PDDL-1.0": "pddl",
}
"""SPDX identifier → the Hub's, where they differ by more than case."""
_OTHER = ("0BSD", "MIT-0", "per-row")
"""What the Hub has no word for."""
FILE = "LICENSE.md"
"""What the Hub wants to be shown where it has no word."""


def licence(name: str) -> Licence:
    """Return what a licence means.

    Raises:
        BuildError: the table does not have it.
    """
    found = TABLE.get(_spelled(name))
    if found is None and name.lower().startswith(_OF_ITS_OWN):
        return _CLOSED
    if found is None:
        fix = "fix its name (an SPDX identifier), or add it to the table with a reason"
        raise BuildError(f"the licence {name} is not in the table", where=_WHERE, fix=fix)
    return found


def _spelled(name: str) -> str:
    return _SPELLED.get(name.lower(), name)


def redistributable(name: str) -> bool:
    """Tell whether a licence lets anyone pass a file on as it is, for any purpose."""
    found = TABLE.get(_spelled(name))
    return found is not None and found.kind in {"permissive", "share_alike"}


def facts(sources: Iterable[Mapping[str, Any]], answered_by: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the manifest and the card say about licences.

    Args:
        sources: the manifest's: `id`, `license`, and `rows`, how many of its rows are released.
        answered_by: who answered, by role.

    Raises:
        BuildError: licences contradict one another, or one is not in the table.
    """
    used = {source["id"]: source["license"] for source in sources if source["rows"]}
    whole, reason = combined(used)
    models = []
    for role, answerer in answered_by.items():
        known = model_terms.terms(answerer["server"], answerer["model"])
        models.append({"role": role, "model": answerer["model"], "restricted": known.restricted, "reason": known.reason})
    named = [{"source": name, "license": value, "reason": licence(value).reason} for name, value in used.items()]
    bound = any(model["restricted"] for model in models)  # a judge's too: its verdicts are in the rows
    return {"whole": whole, "reason": reason, "bound_by_models": bound, "sources": named, "models": models}


def combined(used: Mapping[str, str]) -> tuple[str, str]:
    """Return the licence of rows from several sources as a whole, and why.

    Args:
        used: licence by source.

    Returns:
        An SPDX identifier, `per-row` or `unknown`; and the reason.

    Raises:
        BuildError: licences contradict one another, or one is not in the table.
    """
    by_kind: dict[str, dict[str, str]] = {}
    for source, name in used.items():
        by_kind.setdefault(licence(name).kind, {})[source] = _spelled(name)
    _check(by_kind)
    alike = {**by_kind.get("share_alike", {}), **by_kind.get("non_commercial_share_alike", {})}
    if "no_licence" in by_kind:
        return "unknown", f"{_sources(by_kind['no_licence'])} let nobody pass their rows on, so nobody may pass the whole on"
    if alike:
        return _common(alike.values())[0], f"{_sources(alike)} ask for it on the whole"
    narrow = by_kind.get("non_commercial", {})
    if narrow:
        return max(narrow.values()), f"{_sources(narrow)} allow no commercial use, so the whole does not"
    names = sorted(set(map(_spelled, used.values())))
    if len(names) == 1:
        return names[0], "every source has it"
    return "per-row", "every source has a permissive licence of its own, which its rows keep"


def _check(by_kind: Mapping[str, Mapping[str, str]]) -> None:
    """See that no two licences contradict each other."""
    if unchanged := by_kind.get("no_derivatives"):
        raise _conflict(unchanged, "forbid changed rows, and these are changed")
    alike = {**by_kind.get("share_alike", {}), **by_kind.get("non_commercial_share_alike", {})}
    if alike and not _common(alike.values()):
        raise _conflict(alike, "ask each for its own licence on the whole")
    if (sold := by_kind.get("share_alike")) and (narrow := by_kind.get("non_commercial")):
        raise _conflict({**sold, **narrow}, "contradict each other: one lets the whole be sold, the other does not")


def _common(alike: Iterable[str]) -> list[str]:
    """Return the licences that each of these share-alike ones allows the whole to have, the one to prefer first."""
    first, *others = [licence(name).wholes for name in alike]
    return [whole for whole in first if all(whole in allowed for allowed in others)]


def _conflict(used: Mapping[str, str], what: str) -> BuildError:
    return BuildError(f"{_sources(used)} {what}", where="licences", fix="take one of them off the family's sources")


def _sources(used: Mapping[str, str]) -> str:
    return ", ".join(f"{source} ({name})" for source, name in used.items())


def on_the_hub(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the licence fields of a card's front matter.

    Args:
        facts: what `facts` returned.
    """
    whole = facts["whole"]
    if whole == "unknown":
        return {"license": whole}
    if facts["bound_by_models"]:
        return {"license": "other", "license_name": f"{whole.lower()}-and-model-terms", "license_link": FILE}
    if whole in _OTHER:
        return {"license": "other", "license_name": whole.lower(), "license_link": FILE}
    return {"license": _ON_THE_HUB.get(whole, whole.lower())}


def in_words(facts: Mapping[str, Any]) -> str:
    """Return the licence of the whole for who reads metadata alone.

    Args:
        facts: what `facts` returned.
    """
    whole = {"per-row": "each row's own", "unknown": "none that lets anyone pass it on"}.get(facts["whole"], facts["whole"])
    return f"{whole}, and the terms of the models that wrote it, see {FILE}" if facts["bound_by_models"] else str(whole)

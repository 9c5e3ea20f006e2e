"""Under which licence a release as a whole may be passed on, and why: from a table, by rules anyone can read.

Each row keeps its source's licence. The whole is under

    the one share-alike licence among them, if there is one: it asks for that
    else a non-commercial one, if there is one: it is the narrowest
    else the permissive one, or, where there are several, each row's own

Two share-alike licences, a share-alike and a narrower one, and any that forbids changes contradict what a release does:
then nothing is released. Rows that nobody may pass on may still be worked with: their release says so, a publish of it stops.
This is bookkeeping, not legal advice; what the table does not have is looked up and added with its reason.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from builders.errors import BuildError

Kind = Literal["permissive", "share_alike", "non_commercial", "non_commercial_share_alike", "no_derivatives", "no_licence"]

_WHERE = "builders/licences.py"
_NAMING = "rows may be passed on, changed and sold if their origin is named"
_CODE = "may be passed on, changed and sold with its notice"
_FREE = "no condition at all"
_ALIKE = "changed rows must be passed on under this very licence"
_NOT_SOLD = "rows may be passed on and changed, for no commercial purpose"
_UNNAMED = "nobody has allowed to pass these rows on"


class Licence(NamedTuple):
    """What a licence means for a release.

    Args:
        kind: what it asks for.
        reason: the same in words.
        whole: for a share-alike one, the licence that the whole gets.
    """

    kind: Kind
    reason: str
    whole: str = ""


TABLE: Mapping[str, Licence] = {
    **dict.fromkeys(("CC0-1.0", "PDDL-1.0", "Unlicense", "0BSD", "MIT-0"), Licence("permissive", _FREE)),
    **dict.fromkeys(
        ("CC-BY-3.0", "CC-BY-4.0", "ODC-By-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0"), Licence("permissive", _NAMING)
    ),
    **dict.fromkeys(("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC"), Licence("permissive", _CODE)),
    **dict.fromkeys(("CC-BY-SA-3.0", "CC-BY-SA-4.0"), Licence("share_alike", _ALIKE, "CC-BY-SA-4.0")),
    "ODbL-1.0": Licence("share_alike", _ALIKE, "ODbL-1.0"),
    "CDLA-Sharing-1.0": Licence("share_alike", _ALIKE, "CDLA-Sharing-1.0"),
    **dict.fromkeys(("GPL-3.0-only", "GPL-3.0-or-later"), Licence("share_alike", _ALIKE, "GPL-3.0")),
    **dict.fromkeys(("CC-BY-NC-3.0", "CC-BY-NC-4.0"), Licence("non_commercial", _NOT_SOLD)),
    **dict.fromkeys(
        ("CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0"),
        Licence("non_commercial_share_alike", f"{_NOT_SOLD}; {_ALIKE}", "CC-BY-NC-SA-4.0"),
    ),
    **dict.fromkeys(
        ("CC-BY-ND-4.0", "CC-BY-NC-ND-4.0"),
        Licence("no_derivatives", "rows may be passed on only as they are, and these are changed"),
    ),
    **dict.fromkeys(("NONE", "NOASSERTION", "LicenseRef-unknown"), Licence("no_licence", _UNNAMED)),
}
"""SPDX identifier → what it means."""

_OF_ITS_OWN = "licenseref-"
_CLOSED = Licence("no_licence", "a licence of its own, taken to allow nobody to pass these rows on")

_BY_NAME = {name.lower(): licence for name, licence in TABLE.items()}
_ON_THE_HUB = {"odc-by-1.0": "odc-by", "gpl-3.0-only": "gpl-3.0", "gpl-3.0-or-later": "gpl-3.0"}
"""SPDX identifier → the Hub's, where they differ by more than case."""


class Terms(NamedTuple):
    """What the terms of a model say about what it wrote.

    Args:
        models: a pattern for its name.
        restricted: whether they limit what may be done with it.
        reason: what they say.
    """

    models: str
    restricted: bool
    reason: str


_OWN = Terms("", restricted=False, reason="no model: written by hand, or computed, for this project")
_UNKNOWN = Terms("", restricted=True, reason="not in our table: look up what its terms say about what it writes")
_MODELS = (  # the first that fits counts
    Terms(
        r"claude|gpt|\bo[134]\b|gemini",
        restricted=True,
        reason="the provider's terms: not to develop models that compete with its own",
    ),
    Terms(r"llama-?2", restricted=True, reason="Llama 2 licence: not to improve other large language models"),
    Terms(r"llama", restricted=True, reason="Llama 3 licence: a model trained on it is named Llama-…, with 'Built with Llama'"),
    Terms(r"gemma", restricted=True, reason="Gemma terms: passed on with their restrictions of use"),
    Terms(r"qwen2.*(72b|-3b)", restricted=True, reason="Qwen licence: 'Built with Qwen' on a model trained on it"),
    Terms(r"qwen|qwq", restricted=False, reason="Apache-2.0: no terms for what it writes"),
    Terms(r"deepseek", restricted=False, reason="MIT: training other models on what it writes is allowed"),
    Terms(r"phi-|internvl", restricted=False, reason="MIT: no terms for what it writes"),
    Terms(r"mistral-large|codestral|ministral", restricted=True, reason="Mistral research licence: for no commercial purpose"),
    Terms(r"mistral|mixtral", restricted=False, reason="Apache-2.0: no terms for what it writes"),
)
_MODELLESS = ("recorded", "symbolic")


def licence(name: str) -> Licence:
    """Return what a licence means.

    Raises:
        BuildError: the table does not have it.
    """
    found = _BY_NAME.get(name.lower())
    if found is None and name.lower().startswith(_OF_ITS_OWN):
        return _CLOSED
    if found is None:
        fix = "mend its name (an SPDX identifier), or add it to the table with a reason"
        raise BuildError(f"the licence {name} is not in the table", where=_WHERE, fix=fix)
    return found


def redistributable(name: str) -> bool:
    """Tell whether a licence lets anyone pass a file on as it is, for any purpose."""
    found = _BY_NAME.get(name.lower())
    return found is not None and found.kind in {"permissive", "share_alike"}


def terms(server: str, model: str) -> Terms:
    """Return what is known of what a model wrote."""
    if server in _MODELLESS:
        return _OWN
    return next((known for known in _MODELS if re.search(known.models, model.lower())), _UNKNOWN)


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
        known = terms(answerer["server"], answerer["model"])
        models.append({"role": role, "model": answerer["model"], "restricted": known.restricted, "reason": known.reason})
    named = [{"source": name, "license": value, "reason": licence(value).reason} for name, value in used.items()]
    bound = any(model["restricted"] and "judge" not in model["role"] for model in models)
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
        by_kind.setdefault(licence(name).kind, {})[source] = name
    _check(by_kind)
    alike = {**by_kind.get("share_alike", {}), **by_kind.get("non_commercial_share_alike", {})}
    if "no_licence" in by_kind:
        return "unknown", f"{_sources(by_kind['no_licence'])} let nobody pass their rows on, so nobody may pass the whole on"
    if alike:
        whole = licence(next(iter(alike.values()))).whole
        return whole, f"{_sources(alike)} ask for the same licence on the whole"
    narrow = by_kind.get("non_commercial", {})
    if narrow:
        return max(narrow.values()), f"{_sources(narrow)} allow no commercial use, so the whole does not"
    names = sorted(set(used.values()))
    if len(names) == 1:
        return names[0], "every source has it"
    return "per-row", "every source has a permissive licence of its own, which its rows keep"


def _check(by_kind: Mapping[str, Mapping[str, str]]) -> None:
    """See that no two licences contradict each other."""
    if unchanged := by_kind.get("no_derivatives"):
        raise _conflict(unchanged, "forbid changed rows, and these are changed")
    alike = {**by_kind.get("share_alike", {}), **by_kind.get("non_commercial_share_alike", {})}
    if len({licence(name).whole for name in alike.values()}) > 1:
        raise _conflict(alike, "ask each for its own licence on the whole")
    if (sold := by_kind.get("share_alike")) and (narrow := by_kind.get("non_commercial")):
        raise _conflict({**sold, **narrow}, "contradict each other: one lets the whole be sold, the other does not")


def _conflict(used: Mapping[str, str], what: str) -> BuildError:
    return BuildError(f"{_sources(used)} {what}", where="licences", fix="take one of them off the family's sources")


def _sources(used: Mapping[str, str]) -> str:
    return ", ".join(f"{source} ({name})" for source, name in used.items())


def on_the_hub(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the licence fields of a card's front matter.

    Args:
        told: what `facts` returned.
    """
    whole = told["whole"].lower()
    if told["bound_by_models"] and whole != "unknown":
        return {"license": "other", "license_name": f"{whole}-and-model-terms"}
    if whole == "per-row":
        return {"license": "other", "license_name": whole}
    return {"license": _ON_THE_HUB.get(whole, whole)}

"""What a publish would do: compare a release with the version that lies at the destination."""

from pathlib import Path
from typing import NamedTuple

from builders import hazards
from builders.errors import BuildError
from builders.publishing import contents, notes, versions
from builders.publishing.checks import Release
from builders.publishing.places import Former, Place, State
from builders.publishing.versions import Difference, Table, Version
from builders.releases import croissant
from builders.texts import files

_DATA = ".parquet"
_MANIFEST = "manifest.json"
_NOTHING = Difference({}, (), (), (), ())


class Plan(NamedTuple):
    """What there is to do.

    Args:
        latest: the version that lies at the destination, if any.
        difference: what the release changes about it.
        version: what the release will be called; None where it changes nothing.
    """

    latest: Former | None
    difference: Difference
    version: Version | None


def planned(release: Release, place: Place, state: State, scratch: Path) -> Plan:
    """Find out what a release changes about the latest version, and what it will be called.

    Args:
        release: the release.
        place: its destination.
        state: what lies there.
        scratch: a folder for what has to be downloaded.

    Raises:
        BuildError: what lies there is another dataset.
    """
    latest = state.latest
    if latest is None:
        return Plan(None, _NOTHING, versions.FIRST)
    check_same_set(release, latest, place)
    found = _compared(release, place, latest, _other_files(release, latest), scratch)
    newest = max(latest.version, *state.versions)  # no number twice, whatever somebody has called a version
    return Plan(latest, found, versions.following(newest, found))


def hazard(former: Former, place: Place, scratch: Path) -> str:
    """Return how hazardous a version is; the highest there is, where its manifest does not say.

    Args:
        former: the version.
        place: where it lies.
        scratch: a folder for what has to be downloaded.
    """
    if former.published.hazard is not None:
        return former.published.hazard
    if _MANIFEST not in former.sums:
        return hazards.LEVELS[-1]
    file = place.fetch(former, [_MANIFEST], scratch) / _MANIFEST
    facts = files.parsed_json(file.read_bytes(), place.address, 1)
    return hazards.highest(str(facts.get("hazard")) if isinstance(facts, dict) else "")


def check_same_set(release: Release, former: Former, place: Place) -> None:
    """See that a version is one of this family, and a sample build if that is to be published.

    Raises:
        BuildError: it is not.
    """
    there = former.published
    if (there.family, there.sample) != (release.family, release.sample):
        what = f"there lies {'a sample build' if there.sample else 'the dataset'} of {there.family}"
        raise BuildError(what, where=place.address, fix="choose another namespace")


def _other_files(release: Release, latest: Former) -> set[str]:
    """Return the files that differ, but those that publishing itself writes."""
    changed = {path for path in {*release.sums, *latest.sums} if release.sums.get(path) != latest.sums.get(path)}
    changed -= {notes.PUBLISHED, notes.SUMS, notes.CARD, croissant.FILE}
    if notes.plain(latest.card) != notes.plain((release.folder / notes.CARD).read_text(encoding="utf-8")):
        changed.add(notes.CARD)
    if croissant.plain(latest.croissant) != croissant.plain((release.folder / croissant.FILE).read_bytes()):
        changed.add(croissant.FILE)
    return changed


def _compared(release: Release, place: Place, latest: Former, changed: set[str], scratch: Path) -> Difference:
    """Compare rows and columns of the configs whose files differ; the others are not read."""
    data = {path for path in changed if path.endswith(_DATA)}
    names = {path.partition("/")[0] for path in data}
    wanted = [path for path in latest.sums if path.endswith(_DATA) and path.partition("/")[0] in names]
    before = contents.configs(place.fetch(latest, wanted, scratch)) if wanted else {}
    after = contents.configs(release.folder)
    old: dict[str, Table] = {}
    new: dict[str, Table] = {}
    for config in sorted(names):
        sides = [(tables, shards[config]) for tables, shards in ((old, before), (new, after)) if config in shards]
        shared = set.intersection(*(contents.names(shards) for _, shards in sides))
        for tables, shards in sides:
            tables[config] = contents.table(config, shards, shared)
    alike = {config for config in old if old[config] == new.get(config)}
    rewritten = {path for path in data if path.partition("/")[0] in alike}  # other shards, or another order
    return versions.difference(old, new, tuple((changed - data) | rewritten))

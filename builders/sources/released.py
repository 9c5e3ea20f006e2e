"""Rows of a release of ours as a source: of another family in this checkout, in a folder that was published, or on the Hub.

A release says about itself what whoever builds on it has to know: its `manifest.json` how hazardous it is, whether it is a
sample, which models wrote it and which evaluation sets it was kept apart from, its rows their licence, its `SHA256SUMS` which
files it has. All of it is inherited: a family may not build on rows that are more hazardous than its own, and the rest stands
in its own manifest.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson
import yaml

from builders import hazards, paths, records
from builders.errors import BuildError
from builders.sources import hub
from builders.sources.entries import HubFiles, Released

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
UNKNOWN = "LicenseRef-unknown"
_HASH_DIGITS = 64
_LICENCES = ("license", "licence")


class About(NamedTuple):
    """What a release says about itself.

    Args:
        manifest: its manifest.
        files: the files that are read → their hashes, in the order of configs and shards.
        sums: the hash of its list of checksums, which pins all of it.
    """

    manifest: Mapping[str, Any]
    files: Mapping[str, str]
    sums: str


def about(label: str, released: Released) -> About:
    """Return what a release says about itself.

    Raises:
        BuildError: it is not there, or no release of that family, or has no row in those configs and splits.
    """
    where = address(released, MANIFEST)
    manifest, sums, listed = _described(label, released)
    if (named := manifest["family"]) != released.release or any(len(digest) != _HASH_DIGITS for digest in listed.values()):
        what = f"{label}: a release of {named[:_HASH_DIGITS]}, not of {released.release}"
        raise BuildError(what, where=where, fix="name another folder or another family")
    files = {name: listed[name] for config in released.configs for name in sorted(listed) if _is_read(released, config, name)}
    if missing := [config for config in released.configs if not any(name.startswith(f"{config}/") for name in files)]:
        what = f"{label}: the release has no row of {missing[0]} in {', '.join(released.splits)}"
        raise BuildError(what, where=where, fix="name configs and splits that it has")
    return About(manifest, files, records.bytes_digest(sums))


def _described(label: str, released: Released) -> tuple[dict[str, Any], bytes, dict[str, str]]:
    """Return a release's manifest, its file of checksums, and what is in that: path → sha256."""
    try:
        manifest = orjson.loads(_content(label, released, MANIFEST))
        sums = _content(label, released, SUMS)
        listed = {name: digest for digest, _, name in (line.partition("  ") for line in sums.decode().splitlines())}
        _check_kinds(manifest)
    except (ValueError, TypeError, KeyError):
        fix = "name the folder of a release"
        raise BuildError(f"{label}: not a release of ours", where=address(released, MANIFEST), fix=fix) from None
    return manifest, sums, listed


def _check_kinds(manifest: Mapping[str, Any]) -> None:
    """See that a manifest says what is read of it, each of its kind.

    Raises:
        KeyError, TypeError: it does not.
    """
    kinds = {"family": str, "hazard": str, "sample": bool, "decontamination": dict, "answered_by": dict}
    fits = all(isinstance(manifest[name], kind) for name, kind in kinds.items())
    of_configs = manifest.get("hazards") or {}
    if not (fits and isinstance(of_configs, dict) and all(isinstance(one, dict) for one in manifest["answered_by"].values())):
        raise TypeError("no manifest")


def _is_read(released: Released, config: str, name: str) -> bool:
    return (
        name.endswith(".parquet")
        and ".." not in name.split("/")
        and any(name.startswith(f"{config}/{split}-") for split in released.splits)
    )


def check(family: str, label: str, released: Released) -> None:
    """See that a family may build on a release, and that dvc knows of it.

    Raises:
        BuildError: it is not there; or its rows are more hazardous than the family's; or it is this checkout's, and dvc
            would not build it first.
    """
    manifest = about(label, released).manifest
    of_configs = manifest.get("hazards") or {}
    own = hazards.level(family)
    for config in released.configs:
        hazard = of_configs.get(config, manifest["hazard"])
        if hazard not in hazards.LEVELS or hazards.exceeds(hazard, own):
            what = f"{label}: {config} of {released.release} is {hazard}, and {family} {own}"
            fix = f"raise the hazard of {family}, or take a config that is less"
            raise BuildError(what, where=paths.params(family), fix=fix)
    if released.is_local and not _is_known_to_dvc(family, released.release):
        wanted = paths.release(released.release).as_posix()
        what = f"{label} reads {wanted}, and dvc does not know that {family} builds on it"
        raise BuildError(what, where="dvc.yaml", fix=f"write after: {wanted} for {family} there")


def _is_known_to_dvc(family: str, other: str) -> bool:
    try:
        variables = yaml.safe_load(Path("dvc.yaml").read_bytes())["vars"][0]["families"][family]
        return paths.release(other).as_posix() in dict(variables).values()
    except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError):
        return False


def origin(label: str, released: Released) -> dict[str, Any]:
    """Return what pins the rows: the hash of the release's checksums, or repository and commit."""
    if released.hub is not None:
        return {"repository": released.hub, "revision": released.revision}
    return {"sha256": about(label, released).sums}


def inherited(label: str, released: Released) -> dict[str, Any]:
    """Return what a release passes on to the manifest of whatever is built on it."""
    manifest = about(label, released).manifest
    facts = {"release": released.release, "sample": bool(manifest["sample"]), "hazard": manifest["hazard"]}
    return {**facts, "splits": list(released.splits), "kept_apart_from": sorted(manifest["decontamination"])}


def answered_by(label: str, released: Released) -> dict[str, dict[str, Any]]:
    """Return who answered for a release, by its family and role: the terms of their models hold for whatever is built on it."""
    manifest = about(label, released).manifest
    return {f"{released.release} {role}": dict(answerer) for role, answerer in manifest["answered_by"].items()}


def licence(values: Mapping[str, Any]) -> str:
    """Return the licence of a row."""
    found = next((values[name] for name in _LICENCES if values.get(name)), UNKNOWN)
    return found if isinstance(found, str) else UNKNOWN


def address(released: Released, name: str) -> str:
    """Return what messages call a file of a release."""
    if released.hub is not None:
        return hub.address(_files(released, name), name)
    return (_root(released) / name).as_posix()


@contextmanager
def opened(label: str, released: Released, name: str) -> Iterator[BinaryIO]:
    """Open one of the files of rows.

    Raises:
        BuildError: it is gone, or another than the one that was released.
    """
    if released.hub is not None:
        with hub.opened(label, _files(released, name), name, partly=False) as stream:
            yield stream
        return
    file = _root(released) / name
    if not file.is_file() or records.file_digest(file) != about(label, released).files.get(name):
        raise BuildError(f"{label}: changed since it was released", where=file, fix="release it again, or fetch it again")
    with file.open("rb") as stream:
        yield stream


def _content(label: str, released: Released, name: str) -> bytes:
    if released.hub is not None:
        files = _files(released, name)
        hub.check(label, files, Path("params.yaml"))
        with hub.opened(label, files, name, partly=False) as stream:
            return stream.read()
    try:
        return (_root(released) / name).read_bytes()
    except FileNotFoundError:
        fix = f"run dvc repro release@{released.release}" if released.is_local else "name the folder of a version"
        raise BuildError(f"{label}: no release is there", where=address(released, name), fix=fix) from None


def _files(released: Released, name: str) -> HubFiles:
    assert released.hub is not None  # noqa: S101  (asked for by who knows)
    return HubFiles(hub=released.hub, revision=released.revision, paths=[name])


def _root(released: Released) -> Path:
    return paths.release(released.release) if released.folder is None else Path(released.folder)

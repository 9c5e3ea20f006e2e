"""What must hold of a checkout and its release before anything of it is sent anywhere."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from builders import hazards, paths, records, schema
from builders.errors import BuildError
from builders.params import loading
from builders.progress import tracked
from builders.publishing import checkout, contents, notes, secrets
from builders.publishing.contents import Contents
from builders.releases import manifest
from builders.reviewing import gate
from builders.texts import files

_REPRO = "run dvc repro, commit dvc.lock, and publish again"


class Release(NamedTuple):
    """A release that may be published.

    Args:
        family: its name.
        folder: where it lies.
        hazard: the family's.
        sample: whether it is a sample build.
        code: the commit that built it.
        code_date: when that was made, an ISO 8601 date.
        dvc_lock: sha256 of `dvc.lock` at that commit.
        sums: sha256 by path.
        digest: sha256 of its checksums.
        contents: rows and column hashes by config.
    """

    family: str
    folder: Path
    hazard: str
    sample: bool
    code: str
    code_date: str
    dvc_lock: str
    sums: dict[str, str]
    digest: str
    contents: dict[str, Contents]


def checked(family: str, *, sample: bool) -> Release:
    """Return the release of a family, having checked that it is what this commit builds and holds no secret.

    Args:
        family: its name.
        sample: that a sample build is meant to be published.

    Raises:
        BuildError: it is not, or there is none, or it is a sample build and none is meant, or the other way round.
    """
    folder = paths.release(family)
    facts = _manifest(family, folder, sample=sample)
    code = checkout.commit()
    _check_hazard(family, facts, folder)
    if facts["licences"]["whole"] == "unknown":
        raise BuildError(facts["licences"]["reason"], where=family, fix="take those sources off the family's params")
    _check_made_with(family, facts, folder)
    gate.check(family, facts.get("review"), "publish")
    sums = _sums(folder)
    _check_locked(family, folder, sums)
    return Release(
        family=family,
        folder=folder,
        hazard=hazards.level(family),
        sample=sample,
        code=code,
        code_date=checkout.date(),
        dvc_lock=records.file_digest(paths.root() / "dvc.lock"),
        sums=sums,
        digest=records.file_digest(folder / notes.SUMS),
        contents=_contents(family, folder, sums),
    )


def _manifest(family: str, folder: Path, *, sample: bool) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.is_file():
        raise BuildError("there is no release to publish", where=folder, fix="run dvc repro")
    facts: dict[str, Any] = files.parsed_json(path.read_bytes(), path, 1)
    if facts["sample"] and not sample:
        what = "it is a sample build, whose figures measure nothing"
        raise BuildError(what, where=family, fix=f"build the full profile, or add --sample to publish it as {family}-sample")
    if sample and not facts["sample"]:
        raise BuildError("it is not a sample build", where=family, fix="leave --sample out")
    return facts


def _check_hazard(family: str, facts: dict[str, Any], folder: Path) -> None:
    """See that the release is as hazardous as its family is, and that as ever."""
    hazards.check(family)
    if (stated := str(facts.get("hazard"))) != (level := hazards.level(family)):
        what = f"its manifest has the hazard {stated if stated in hazards.LEVELS else 'unknown'}, the family {level}"
        raise BuildError(what, where=folder, fix="restore the higher one, or build the release again (dvc repro)")


def _check_made_with(family: str, facts: dict[str, Any], folder: Path) -> None:
    """See that this checkout is what the release was built with."""
    now = orjson.loads(orjson.dumps(manifest.made_with(family, loading.load(family))))
    if other := [name for name, value in now.items() if facts.get(name) != value]:
        raise BuildError(f"it was built with another {other[0]} than this commit has", where=folder, fix=_REPRO)


def _sums(folder: Path) -> dict[str, str]:
    """Return the release's checksums, having checked that they hold and leave no file out."""
    listed = notes.sums((folder / notes.SUMS).read_text(encoding="utf-8"))
    there = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    del there[notes.SUMS]
    for path in sorted({*listed, *there}):
        if path not in there or records.file_digest(there[path]) != listed.get(path):
            raise BuildError(f"{path} is not the file that {notes.SUMS} names", where=folder, fix="build the release again")
    return listed


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _check_locked(family: str, folder: Path, sums: dict[str, str]) -> None:
    """See that `dvc.lock`, which is published by its hash, names this very release."""
    lock = paths.root() / "dvc.lock"
    found = files.parsed_yaml(lock.read_bytes(), lock) if lock.is_file() else {}
    outs = found.get("stages", {}).get(f"release@{family}", {}).get("outs", [])
    locked = next((out.get("md5") for out in outs if out.get("path") == folder.as_posix()), None)
    if locked != dvc_digest(folder, [*sums, notes.SUMS]):
        raise BuildError(f"dvc.lock has another release of {family}", where=folder, fix=_REPRO)


def dvc_digest(folder: Path, files: list[str]) -> str:
    """Return what dvc calls a folder: the md5 of the list of its files, each with its md5."""
    entries = []
    for path in sorted(files, key=lambda name: tuple(name.split("/"))):
        with (folder / path).open("rb") as file:
            entries.append({"md5": hashlib.file_digest(file, _md5).hexdigest(), "relpath": path})
    return f"{_md5(json.dumps(entries, sort_keys=True).encode()).hexdigest()}.dir"


def _md5(content: bytes = b"") -> Any:  # noqa: ANN401  (hashlib names no type for it)
    return hashlib.md5(content, usedforsecurity=False)


def _check_columns(family: str, config: str, part: pa.Table, folder: Path) -> None:
    if missing := schema.features(family, config).keys() - set(part.column_names):
        what = f"{config} has no column {min(missing)}"
        raise BuildError(what, where=folder, fix=f"build it again: dvc repro release@{family}")


def _contents(family: str, folder: Path, sums: dict[str, str]) -> dict[str, Contents]:
    """Hash every config, having looked for secrets in every file and every value, and for rows of other families."""
    known, search = secrets.of_environment(), hazards.Search(family)
    for path in [*sums, notes.SUMS]:
        if not path.endswith(".parquet"):
            secrets.check_file(known, folder / path)

    def seen(config: str, part: pa.Table) -> None:
        _check_columns(family, config, part, folder)
        for name in part.column_names:
            text = contents.text(part.column(name))
            hazards.check_rows(search, family, config, text)
            if known.kind_in(text):  # a part at a time, which is faster; then which row it is
                for row, value in zip(part.column("id").to_pylist(), part.column(name).to_pylist(), strict=True):
                    secrets.check_value(known, config, row, name, value)

    return {
        config: contents.contents(tracked(contents.batches(shards), f"read {config}", None), seen, config)
        for config, shards in contents.configs(folder).items()
    }

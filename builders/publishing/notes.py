"""What a publish adds to a release: `PUBLISHED.json`, a Versions section at the end of the card, and the sums of both.

The lines of the card that load the dataset get its name, the Croissant metadata address, version and date. None of that counts
when a release is compared with what lies at the destination.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from builders import records
from builders.errors import BuildError
from builders.publishing.contents import Contents
from builders.publishing.versions import Version
from builders.releases import croissant, first_screen, markup

PUBLISHED = "PUBLISHED.json"
SUMS = "SHA256SUMS"
CARD = "README.md"
_SECTION = "\n## Versions\n"
_SHOWN_DIGITS = 10
_COMMIT = re.compile("[0-9a-f]{7,64}")


class Entry(BaseModel):
    """A version, as the changelog tells it.

    Args:
        version: without the `v`.
        code: the commit that built it.
        changes: what changed since the version before, one fact a line.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    code: str
    changes: list[str]


class Where(NamedTuple):
    """How a version is found at its destination.

    Args:
        loading: the line of Python that loads it.
        page: the address of its page, or of its folder.
        name: what `load_dataset` takes.
    """

    loading: str
    page: str
    name: str


class PublishedNote(BaseModel):
    """What `PUBLISHED.json` says.

    Args:
        family: its name.
        sample: whether it is a sample build.
        version: without the `v`.
        code: the commit that built it.
        code_date: when that was made, an ISO 8601 date.
        dvc_lock: sha256 of `dvc.lock` at that commit.
        release: sha256 of the release's own checksums, which a sealed ledger names too.
        contents: rows, and a hash of each column, by config.
        changelog: this version, and those before, newest first.
        hazard: the family's; None in a version that was published before this was noted, whose manifest has it.
    """

    model_config = ConfigDict(frozen=True)

    family: str
    sample: bool
    version: str
    code: str
    code_date: str
    dvc_lock: str
    release: str
    contents: dict[str, Contents]
    changelog: list[Entry]
    hazard: str | None = None


def parsed(text: bytes, where: str) -> PublishedNote:
    """Read `PUBLISHED.json`.

    Raises:
        BuildError: it is not what a publish wrote.
    """
    try:
        found = PublishedNote.model_validate_json(text)
    except ValidationError:
        found = None
    told = [(found.version, found.code), *((one.version, one.code) for one in found.changelog)] if found else []
    if found is None or not all(_is_sound(*one) for one in told):
        raise BuildError(f"{PUBLISHED} there is not ours", where=where, fix="restore it, or publish to another namespace")
    return found


def _is_sound(version: str, code: str) -> bool:
    """Tell whether a version and a commit are such."""
    return Version.parsed(version) is not None and bool(_COMMIT.fullmatch(code))


def sums(text: str) -> dict[str, str]:
    """Return sha256 by path, as `SHA256SUMS` has them."""
    return {path: digest for digest, _, path in (line.partition("  ") for line in text.splitlines())}


def all_sums(folder: Path) -> dict[str, str]:
    """Return sha256 by path of the files in a folder that has a `SHA256SUMS`, as that has them, and its own."""
    return {**sums((folder / SUMS).read_text(encoding="utf-8", errors="replace")), SUMS: records.file_digest(folder / SUMS)}


def plain(card: str) -> str:
    """Return a card without its Versions section and the name of its repository, to be compared."""
    before, section, _ = card.rpartition(_SECTION)
    return first_screen.named(before if section else card, "")


def _added(release: Path, published: PublishedNote, where: Where) -> dict[str, bytes]:
    """Return the files that a publish adds to a release, or puts in the place of its own: path → content."""
    card, about = (release / CARD).read_text(encoding="utf-8"), (release / croissant.FILE).read_bytes()
    return {
        CARD: f"{first_screen.named(card, where.name)}{_SECTION}{_versions(published, where.loading)}".encode(),
        croissant.FILE: croissant.published(about, where.page, published.version, published.code_date),
        PUBLISHED: orjson.dumps(published.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n",
    }


def staged(release: Path, folder: Path, published: PublishedNote, where: Where) -> None:
    """Lay a release, and what a publish adds to it, into a new folder; its large files are links where that goes.

    Args:
        release: the release.
        folder: where to.
        published: what `PUBLISHED.json` is to say.
        where: how it is found there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(release, folder, copy_function=_linked)
    listed = sums((folder / SUMS).read_text(encoding="utf-8"))
    for path, content in _added(folder, published, where).items():
        (folder / path).unlink(missing_ok=True)  # it may be a link to the release's own
        (folder / path).write_bytes(content)
        listed[path] = records.file_digest(folder / path)
    (folder / SUMS).unlink()
    (folder / SUMS).write_text("".join(f"{listed[path]}  {path}\n" for path in sorted(listed)), encoding="utf-8")


def _versions(published: PublishedNote, loading: str) -> str:
    lines = ["", "```python", loading, "```", "", "| version | code | what changed |", "|---|---|---|"]
    lines += [
        f"| v{entry.version} | `{entry.code[:_SHOWN_DIGITS]}` | {'; '.join(map(markup.line, entry.changes))} |"
        for entry in published.changelog
    ]
    lines += ["", f"`{PUBLISHED}` has a hash of each column, of `dvc.lock` and of the release before this section was added."]
    return "\n".join(lines) + "\n"


def _linked(source: str, target: str) -> Any:  # noqa: ANN401  (as copytree wants it)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target

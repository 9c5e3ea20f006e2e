"""Where a release goes: a folder, or a repository of a Hugging Face Hub; and what both can tell and do."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from builders.errors import BuildError
from builders.publishing.notes import PublishedNote, Where
from builders.publishing.versions import Version

VARIABLE = "BUILDERS_DESTINATION"
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Former(NamedTuple):
    """A version that lies at a destination.

    Args:
        revision: what names it there: a commit, or a folder.
        published: what its `PUBLISHED.json` says.
        sums: sha256 by path, its checksums file itself included.
        card: its card.
        croissant: its Croissant metadata.
    """

    revision: str
    published: PublishedNote
    sums: Mapping[str, str]
    card: str
    croissant: bytes

    @property
    def version(self) -> Version:
        """Its version."""
        found = Version.parsed(self.published.version)
        assert found  # noqa: S101  (checked when it was read)
        return found


class State(NamedTuple):
    """What lies at a destination.

    Args:
        head: the revision that readers get who name none; None where there is nothing at all.
        versions: those that are finished.
        latest: the latest of them; None where there is none.
        unfinished: what lies at the head, sent by a publish that was stopped before it had verified it; else None.
        broken: what is wrong with what a publish has left at the head, which may be replaced; empty where there is nothing.
    """

    head: str | None
    versions: frozenset[Version]
    latest: Former | None
    unfinished: Former | None
    broken: str = ""


class Place(Protocol):
    """A destination of one family."""

    @property
    def address(self) -> str:
        """What messages call it."""

    def where(self, version: Version) -> Where:
        """Return how a version is found there."""

    def look(self) -> State:
        """Return what lies there.

        Raises:
            BuildError: something that no publish has put there, or it cannot be reached.
        """

    def shut(self, *, dry_run: bool) -> bool:
        """Close it where rows which must not lie open do; return whether they did.

        Args:
            dry_run: to close nothing.
        """

    def check_gate(self) -> None:
        """See that rows which must not lie open do not.

        Raises:
            BuildError: they do.
        """

    def prepare(self, state: State) -> State:
        """Make it ready to take a version, closed to everyone else where rows may not lie open, and look again."""

    def fetch(self, former: Former, files: list[str], folder: Path) -> Path:
        """Return a folder that has these files of a version; it may be made in `folder`."""

    def send(self, staged: Path, state: State, version: Version) -> str:
        """Bring what is staged there, as a whole or not at all, on top of the head of the state; return its revision.

        Raises:
            BuildError: somebody else was faster, or it cannot be reached.
        """

    def mismatched(self, revision: str, sums: Mapping[str, str]) -> list[str]:
        """Return the files at a revision that are not those with these checksums, missing and further ones included."""

    def source(self, revision: str) -> tuple[str, str | None]:
        """Return name and revision for `load_dataset`."""

    def finish(self, revision: str, version: Version) -> None:
        """Let a verified revision be that version for everyone."""


def named(text: str | None = None) -> tuple[str, str]:
    """Return scheme, `file` or `hf`, and folder or namespace of the destination.

    Args:
        text: the destination; None: what the environment says.

    Raises:
        BuildError: there is none, or it is none.
    """
    text = os.environ.get(VARIABLE, "") if text is None else text
    fix = f"set {VARIABLE} to file:///folder, from the root on, or to hf://datasets/<namespace>"
    if not text:
        raise BuildError("it does not say where to publish", where=VARIABLE, fix=fix)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise BuildError("no destination of that form", where=VARIABLE, fix=fix) from None
    if parts.scheme == "file" and (parts.query or parts.fragment):
        raise BuildError("a folder's name goes on behind ? and #", where=VARIABLE, fix="write %3F and %23 in their place")
    if parts.scheme == "file" and not parts.netloc and re.match(r"/+[^/]", parts.path):
        return "file", unquote(parts.path)
    namespace = parts.path.strip("/")
    if (
        parts.scheme == "hf"
        and parts.netloc == "datasets"
        and _NAMESPACE.fullmatch(namespace)
        and not re.search(r"--|\.\.|[.-]$", namespace)
    ):
        return "hf", namespace
    raise BuildError("no destination of that form", where=VARIABLE, fix=fix)

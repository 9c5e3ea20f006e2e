"""A folder as destination: `<folder>/<family>/vX.Y.Z/`, each of which appears as a whole, by a rename."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from builders import private, records
from builders.errors import BuildError
from builders.publishing import notes
from builders.publishing.notes import Where
from builders.publishing.places import VARIABLE, Former, State
from builders.publishing.versions import Version
from builders.releases import croissant

_PARTIAL = "partial-"


@dataclass(frozen=True)
class Folder:
    """The versions of one family in a folder.

    Args:
        root: `<folder>/<family>`.
        hazard: the family's; the rows of one that has any are for the eyes of their owner alone.
    """

    root: Path
    hazard: str = "none"

    @property
    def _open(self) -> bool:
        return self.hazard == "none"

    @property
    def address(self) -> str:
        """What messages call it."""
        return self.root.as_uri()

    def where(self, version: Version) -> Where:
        """Return how a version is found there."""
        loading = f'rows = datasets.load_dataset("{self.root.name}/{version.tag}", split="train")'
        return Where(loading, (self.root / version.tag).as_uri(), f"{self.root.name}/{version.tag}")

    def look(self) -> State:
        """Return what lies there.

        Raises:
            BuildError: a version that no publish has made, or no place for one.
        """
        self._check_room()
        found = [path.name for path in self.root.iterdir() if path.is_dir()] if self.root.is_dir() else []
        versions = frozenset(version for name in found if (version := Version.tagged(name)))
        latest = self._former(max(versions)) if versions else None
        return State(latest.revision if latest else None, versions, latest, None)

    def _check_room(self) -> None:
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise BuildError("nothing can be put there", where=there, fix=f"fix its permissions or {VARIABLE}")

    def _former(self, version: Version) -> Former:
        folder = self.root / version.tag
        try:
            published = notes.parsed((folder / notes.PUBLISHED).read_bytes(), str(folder))
            sums = notes.all_sums(folder)
            card = (folder / notes.CARD).read_text(encoding="utf-8", errors="replace")
            metadata = (folder / croissant.FILE).read_bytes()
        except FileNotFoundError as error:
            raise BuildError(f"{Path(error.filename).name} is missing", where=folder, fix="move that folder away") from None
        if published.version != str(version):
            what = f"{notes.PUBLISHED} there is that of {published.version}"
            raise BuildError(what, where=folder, fix="move that folder away")
        return Former(version.tag, published, sums, card, metadata)

    def shut(self, *, dry_run: bool) -> bool:
        """Take everybody else's rights away where a hazard family's folder lets them in."""
        lay_open = not self._open and self.root.is_dir() and bool(self.root.stat().st_mode & private.OWNER)
        if lay_open and not dry_run:
            private.shut(self.root)
        return lay_open

    def check_gate(self) -> None:
        """Nobody guards a folder but its owner, who was asked."""

    def prepare(self, state: State) -> State:
        """Make the folder and remove what a stopped publish left in it."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(private.OPEN_FOLDER if self._open else private.FOLDER)
        for left in self.root.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left)
        return state

    def fetch(self, former: Former, files: list[str], folder: Path) -> Path:
        """Return the folder of a version."""
        del files, folder
        return self.root / former.revision

    def send(self, staged: Path, state: State, version: Version) -> str:
        """Copy what is staged beside the versions, onto disk, under a name that is none."""
        del state
        partial = self.root / f"{_PARTIAL}{version.tag}"
        partial.mkdir(mode=private.FOLDER)
        shutil.copytree(staged, partial, copy_function=shutil.copyfile, dirs_exist_ok=True)
        private.give(partial, everybody=self._open)
        for path in partial.rglob("*"):
            _flushed(path)
        return partial.name

    def mismatched(self, revision: str, sums: Mapping[str, str]) -> list[str]:
        """Return the files that are not those with these checksums."""
        folder = self.root / revision
        there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        names = sorted({*there, *sums})
        return [name for name in names if name not in there or records.file_digest(there[name]) != sums.get(name)]

    def source(self, revision: str) -> tuple[str, str | None]:
        """Return name and revision for `load_dataset`."""
        return str(self.root / revision), None

    def finish(self, revision: str, version: Version) -> None:
        """Give the copy its name.

        Raises:
            BuildError: somebody else has published that version meanwhile.
        """
        try:
            (self.root / revision).rename(self.root / version.tag)  # onto a folder with files in it this fails
        except OSError:
            if not (self.root / version.tag).exists():
                raise
            what = f"somebody else has published {version.tag} meanwhile"
            raise BuildError(what, where=self.root, fix="run again") from None
        _flushed(self.root)


def _flushed(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

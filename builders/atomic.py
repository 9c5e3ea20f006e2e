"""A file that appears under its name only when it is complete and on disk, for its owner alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Buffer

from builders import private
from builders.errors import BuildError


class _Target(FileIO):
    """A file whose failing writes name the file that it is going to be."""

    def __init__(self, partial: Path, target: Path) -> None:
        super().__init__(partial, "wb", opener=_for_its_owner)
        self._target = target

    def write(self, data: Buffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            fix = "free some space and run again"
            raise BuildError(f"cannot be written: {error.strerror}", where=self._target, fix=fix) from None


def _for_its_owner(name: str, flags: int) -> int:
    return os.open(name, flags, private.FILE)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when it is complete and on disk.

    Raises:
        BuildError: the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with BufferedWriter(_Target(partial, path)) as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)

"""What a build writes is for the eyes of its owner alone: the rows of a hazard family lie beside those of all others.

Everything that this process makes is made so; where another program makes files, as dvc does when it fills its cache or
checks a folder out, the folders above them are shut.

Changes no byte of a row.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

OWNER = 0o077
"""The umask of who writes for the owner alone."""
FILE, FOLDER = 0o600, 0o700
OPEN_FILE, OPEN_FOLDER = 0o644, 0o755
_SHUT = ("processed", ".dvc/cache", ".dvc/tmp", ".ledger", "restricted", "logs")
"""Folders of a checkout in which rows or replies lie, or may lie."""


def start() -> None:
    """Let this process, and those it starts, make files for the owner alone, and shut the folders that are there."""
    os.umask(OWNER)
    if Path("params.yaml").is_file() and Path("builders").is_dir():
        for name in _SHUT:
            shut(Path(name))


def shut(path: Path) -> None:
    """Take everybody else's rights to a file or folder away, if it is there and ours to change.

    What is neither, such as /dev/null, which somebody may name as a ledger, is everybody's.
    """
    with suppress(OSError):
        mode = path.stat().st_mode
        if (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and mode & OWNER:
            path.chmod(stat.S_IMODE(mode) & ~OWNER)


def give(folder: Path, *, everybody: bool) -> None:
    """Let the owner alone read a folder and all in it, or everybody whom the folders above it let in."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(OPEN_FOLDER if everybody else FOLDER)
        else:
            path.chmod(OPEN_FILE if everybody else FILE)

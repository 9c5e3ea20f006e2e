"""What no limit of the kernel holds back without a control group: memory of all processes, number of files, and time in all."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from builders.sandbox import processes
from builders.sandbox.box import Limits

_EVERY_SECONDS = 0.2


class EndableBox(Protocol):
    """A box that can be ended from outside."""

    @property
    def limits(self) -> Limits:
        """What it may take."""

    @property
    def space(self) -> int:
        """The namespace of its processes."""

    def end(self, why: str) -> None:
        """End it."""


@contextmanager
def watched(box: EndableBox, *folders: Path) -> Iterator[None]:
    """End the box as soon as it takes too much, for as long as the block lasts.

    Args:
        box: what is watched.
        folders: the file systems that it may write to, as the host sees them.
    """
    over = threading.Event()
    until = time.monotonic() + box.limits.box_seconds

    def watch() -> None:
        while not over.wait(_EVERY_SECONDS):
            if why := _excess(box, until, folders):
                box.end(why)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _excess(box: EndableBox, until: float, folders: tuple[Path, ...]) -> str | None:
    if time.monotonic() > until:
        return "lifetime"
    if processes.memory(box.space) > box.limits.memory_bytes:
        return "memory"
    try:
        files = sum(found.f_files - found.f_ffree for found in map(os.statvfs, folders))
    except OSError:
        return None  # the box is ending
    return "files" if files > box.limits.files else None

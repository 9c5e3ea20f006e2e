"""One process per family and stage, and none that outlives its parent.

Changes no byte of a row.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from builders.errors import BuildError

WAIT_SECONDS = 15.0
PARENT_POLL_SECONDS = 0.25
HEED_SECONDS = 4.0
"""How long a process that is told to stop may be in the middle of a library's work, which heeds no signal."""
INTERRUPTED = 130


@contextmanager
def held(path: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock file at `path`, which the system frees when the process ends, however it ends.

    Raises:
        BuildError: another process still holds it after `wait_seconds`; its pid is named.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=wait_seconds)
    holder = path.with_suffix(".pid")
    try:
        lock.acquire()
    except Timeout:
        pid = holder.read_text().strip() if holder.is_file() else "unknown"
        raise BuildError(f"already running, pid {pid}", where=path, fix="wait for it or stop it") from None
    try:
        holder.write_text(f"{os.getpid()}\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def stop_with_parent() -> None:
    """Interrupt this process when its parent dies (dvc does not stop the stages it started), as Ctrl-C would.

    A shell starts background jobs with interrupts ignored; a stage heeds them all the same, for it loses nothing. Where it is
    deep in a library that lets no handler run, SIGTERM ends it without one: what is on disk is as after any kill.
    """
    heeded = threading.Event()

    def stop(*_: object) -> None:
        heeded.set()
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, stop)
    _end_unheeded(heeded)
    threading.Thread(target=_end_after, args=(os.getppid(), _orphan_of_dvc()), daemon=True, name="parent-watch").start()


def _end_after(parent: int, gone: bool) -> None:  # noqa: FBT001  (a thread's target)
    """Tell this process to end as soon as its parent is another."""
    while not gone and os.getppid() == parent:
        time.sleep(PARENT_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_unheeded(heeded: threading.Event) -> None:
    """End this process when SIGTERM has come and its handler has not: the system itself writes down which signals come."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def watch() -> None:
        while (came := os.read(reading, 1)) and signal.SIGTERM not in came:
            pass
        if came and not heeded.wait(HEED_SECONDS):
            os.write(2, b"interrupted; run the same command again to go on\n")
            os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True, name="signal-watch").start()


def _orphan_of_dvc() -> bool:
    """Tell whether dvc started this process and died before the process could look who its parent is.

    dvc's stages are in dvc's session, whoever takes in orphans is not.
    """
    if "DVC_STAGE" not in os.environ:
        return False
    try:
        return os.getsid(os.getppid()) != os.getsid(0)
    except ProcessLookupError:  # it dies at this moment
        return True

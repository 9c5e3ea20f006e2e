"""Which requests are in flight, across the processes that share a ledger: one locked byte of a file for each.

The system frees the bytes of a process that dies, so nobody waits for a reply that will never come: as soon as the process
that commits for it, which has the same files open, has committed what it was sent. A process that has the
ledger to itself keeps its claims in memory: it locks the ledger as a whole, looks now and then whether another has arrived,
and then locks what it has in flight before it lets the other in.

Changes no byte of a row.
"""

import fcntl
import os
import struct
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from builders.errors import BuildError

FILES = 32  # the system walks the list of a file's locks for each of them
POLL_SECONDS = 0.05

_PRESENT, _ARRIVING = 0, 1  # bytes of the file `ledger`
_KINDS = {fcntl.LOCK_EX: fcntl.F_WRLCK, fcntl.LOCK_SH: fcntl.F_RDLCK, fcntl.LOCK_UN: fcntl.F_UNLCK}


@dataclass(eq=False, slots=True)
class _Folder:
    """What this process has of a folder of claims.

    Args:
        path: where it is.
        files: those that are open.
        users: the open ledgers of this process.
        alone: whether no other process has the ledger open.
        lock: held while that changes, and while bytes are locked.
    """

    path: Path
    files: dict[str, int] = field(default_factory=dict)
    users: list["Claims"] = field(default_factory=list)
    alone: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        for name in ("ledger", *map(str, range(FILES))):
            self.files[name] = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def file(self, key: bytes) -> int:
        return self.files[str(key[-1] % FILES)]


_folders: dict[tuple[int, int], _Folder] = {}
"""By device and inode: a file is opened once, for its locks exclude each other where it is opened again."""


class Claims:
    """The claims of one open ledger.

    Attributes:
        held: the keys that are claimed; only to be read.
        alone: whether no other ledger has been open since this one was, of this process or another.
    """

    def __init__(self, path: Path, wait_seconds: float) -> None:
        """Open the folder of claims at `path`, making it if it is not there.

        Raises:
            BuildError: the process that has the ledger to itself does not let us in.
        """
        path.mkdir(exist_ok=True)
        found = path.stat()
        self._inode = found.st_dev, found.st_ino
        self.held: set[bytes] = set()
        self._folder = _folders.setdefault(self._inode, _Folder(path))
        if not self._folder.users:
            self._folder.open()
            self._enter(wait_seconds)
        self._folder.users.append(self)
        self.alone = self._folder.alone and len(self._folder.users) == 1
        for user in self._folder.users[:-1]:
            user.alone = False

    def take(self, key: bytes) -> bool:
        """Claim a key unless it is taken, by another process or by a ledger of this one; return whether it is ours.

        Raises:
            BuildError: the system gives no lock.
        """
        folder = self._folder
        for user in folder.users:
            if key in user.held:
                return False
        self.held.add(key)
        if folder.alone:  # looked at only now: `welcome` looks at the keys after it has changed it
            return True
        try:
            with folder.lock:
                if _locked(folder.file(key), _offset(key)):
                    return True
        except OSError as error:
            fix = "raise the system's limit of locks, or run fewer processes at once"
            raise BuildError(f"the ledger fails: {error}", where=folder.path, fix=fix) from None
        self.held.remove(key)
        return False

    def free(self, keys: Collection[bytes]) -> None:
        """Give keys back; nothing happens to those that are not ours."""
        ours = self.held.intersection(keys)
        self.held -= ours
        if not self._folder.alone:  # looked at only now, as in `take`
            with self._folder.lock:
                for key in ours:
                    _set(self._folder.file(key), fcntl.LOCK_UN, _offset(key))

    def welcome(self) -> None:
        """Let another process in if one has arrived; to be called from time to time, from any thread."""
        folder = self._folder
        with folder.lock:
            if not folder.alone:
                return
            ledger = folder.files["ledger"]
            if _locked(ledger, _ARRIVING):
                _set(ledger, fcntl.LOCK_UN, _ARRIVING)
                return
            folder.alone = False
            for user in folder.users:
                user.alone = False
                for key in list(user.held):
                    _locked(folder.file(key), _offset(key))
            _set(ledger, fcntl.LOCK_SH, _PRESENT)

    def files(self) -> list[int]:
        """Return the open files: whoever has them too, keeps what is claimed, and the ledger's locks, until it ends."""
        return list(self._folder.files.values())

    def close(self) -> None:
        """Give every key back."""
        self.free(self.held)
        self._folder.users.remove(self)
        self._leave()

    def _enter(self, wait_seconds: float) -> None:
        """Lock the ledger as a whole, or wait to be let in by the process that has."""
        folder, arriving = self._folder, False
        ledger, deadline = folder.files["ledger"], time.monotonic() + wait_seconds
        while True:
            folder.alone = _locked(ledger, _PRESENT)
            if folder.alone or _locked(ledger, _PRESENT, fcntl.LOCK_SH):
                break
            arriving = arriving or _locked(ledger, _ARRIVING)
            if time.monotonic() > deadline:
                self._leave()
                what = "another process has the ledger open and does not answer"
                raise BuildError(what, where=folder.path, fix="end it or let it go on, and run again")
            time.sleep(POLL_SECONDS / 5)
        if arriving:
            _set(ledger, fcntl.LOCK_UN, _ARRIVING)

    def _leave(self) -> None:
        if not self._folder.users:
            del _folders[self._inode]
            for file in self._folder.files.values():
                os.close(file)


def _locked(file: int, offset: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        _set(file, kind, offset)
    except (BlockingIOError, PermissionError):  # which of the two, POSIX leaves open
        return False
    return True


def _set(file: int, kind: int, offset: int) -> None:
    """Lock or free a byte at once, for every process that has the open file from this one.

    Where the system cannot do that, which is not Linux, a lock is this process's own: a killed process frees its claims before
    its last group is on disk.
    """
    if sys.platform == "linux":
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi", _KINDS[kind], os.SEEK_SET, offset, 1, 0))
    else:
        fcntl.lockf(file, kind | fcntl.LOCK_NB, 1, offset)


def _offset(key: bytes) -> int:
    """Return the byte that stands for a key: offsets of files have 63 bits."""
    return int.from_bytes(key[:8]) >> 2

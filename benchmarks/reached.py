"""The bytes that probes set, shared by the processes of a test: `probing.py` lays a copy of this module into the package.

Only in the process of pytest itself is more kept apart than that: what a module reached while it was imported, and what a
function that remembers has reached, for those who ask it again.
"""

import functools
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHARED = "TRACEWRIGHT_REACHED"
"""The variable that names the file."""


def _opened() -> "mmap.mmap | bytearray":
    try:
        with Path(os.environ.get(SHARED) or os.devnull).open("r+b") as file:
            return mmap.mmap(file.fileno(), 0)
    except (OSError, ValueError):  # a place from which it cannot be seen, such as a sandbox
        return bytearray(1 << 16)


seen = _opened()
imported: dict[str, bytes] = {}
"""What each module reached while it was imported."""
_epoch = [0]
_own = [0]


def own() -> None:
    """Let this process be the one that keeps things apart."""
    _own[0] = os.getpid()


def begin() -> bytes:
    """Clear the bytes; return what they were."""
    saved = seen[:]
    seen[:] = bytes(len(saved))
    _epoch[0] += 1
    return bytes(saved)


def end(saved: bytes, *, kept: bool) -> bytes:
    """Return what was reached since the bytes were cleared; set again what was set before, and keep the new or not."""
    found = bytes(seen[:])
    seen[:] = both(saved, found) if kept else saved
    _epoch[0] += 1
    return found


def both(one: bytes, other: bytes) -> bytes:
    """Return what is set in either."""
    return (int.from_bytes(one, "little") | int.from_bytes(other, "little")).to_bytes(len(one), "little")


def enter() -> bytes | None:
    """Begin to import a module."""
    return begin() if os.getpid() == _own[0] else None


def leave(path: str, saved: bytes | None) -> None:
    """Note what was called while a module was imported, but for what other modules called then."""
    if saved is not None:
        found = end(saved, kept=False)
        imported[path] = both(imported.get(path, bytes(len(found))), found)


def computed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Note what a function reaches whose value is going to be remembered."""
    reached: list[bytes] = []

    @functools.wraps(function)
    def computing(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  (whatever it takes and returns)
        if os.getpid() != _own[0]:
            return function(*arguments, **named)
        saved = begin()
        try:
            return function(*arguments, **named)
        finally:
            found = end(saved, kept=True)
            reached[:] = [both(reached[0], found) if reached else found]

    computing.reached = reached  # type: ignore[attr-defined]
    return computing


def asked(function: Any) -> Callable[..., Any]:  # noqa: ANN401  (what functools makes of a function)
    """Count what a remembered value took as reached by who asks for it; once, as long as nothing is cleared."""
    noted = [-1]

    @functools.wraps(function)
    def asking(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  (whatever it takes and returns)
        found = function(*arguments, **named)
        if noted[0] != _epoch[0]:
            noted[0] = _epoch[0]
            for bits in function.__wrapped__.reached:
                seen[:] = both(bytes(seen[:]), bits)
        return found

    for name in ("cache_clear", "cache_info", "cache_parameters"):
        setattr(asking, name, getattr(function, name))
    return asking

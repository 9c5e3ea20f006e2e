"""Fill in templates of sources, which have a row from outside before them: in bounded time, with a text of bounded length.

What a template may not reach is the sandbox's business. What it may not use up is this module's: a loop over loops is stopped
after a moment, a text that doubles itself when there is no more room for it, and numbers that grow are refused.
"""

import resource
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

SECONDS = 2.0
MOST_CHARACTERS = 10_000_000
_MOST_NUMBER = 10**18
_MOST_EXPONENT = 64
_ROOM_BYTES = 1 << 30


class UnboundedError(Exception):
    """Raised when a template takes too long, too much room, or numbers that are too large."""


class _Environment(ImmutableSandboxedEnvironment):
    """Refuses arithmetic whose result would be large beyond measure."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Return the result of an operation."""
        if operator == "%" and isinstance(left, str):
            raise UnboundedError
        for part, other in ((left, right), (right, left)):
            if isinstance(part, int) and abs(part) > _MOST_NUMBER:
                raise UnboundedError
            if operator == "*" and isinstance(part, str | list | tuple | bytes) and _times(other) * len(part) > MOST_CHARACTERS:
                raise UnboundedError
        if operator == "**" and isinstance(right, int) and abs(right) > _MOST_EXPONENT:
            raise UnboundedError
        return super().call_binop(context, operator, left, right)


def _times(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0


@lru_cache(maxsize=256)
def _compiled(template: str) -> jinja2.Template:
    # Values come from outside, and a template may index into them: it must reach nothing else.
    return _Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template)


def filled(template: str, values: Mapping[str, Any]) -> str | None:
    """Return a template's text, or None: what a template does with a value that it does not expect is up to the template."""
    try:
        with bounded(SECONDS, _ROOM_BYTES):
            return _joined(_compiled(template).generate(values))
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
        return None
    except (UnboundedError, MemoryError, RecursionError):
        return None


def _joined(pieces: Iterator[str]) -> str:
    found, count = [], 0
    for piece in pieces:
        count += len(piece)
        if count > MOST_CHARACTERS:
            raise UnboundedError
        found.append(piece)
    return "".join(found)


@contextmanager
def bounded(seconds: float, room_bytes: int) -> Iterator[None]:
    """Stop the block when it has taken so long (in the main thread), or asks for so much memory more.

    Raises:
        UnboundedError: it took too long.
        MemoryError: it asked for too much.
    """
    timed = threading.current_thread() is threading.main_thread()

    def late(*_: object) -> None:
        raise UnboundedError

    before = resource.getrlimit(resource.RLIMIT_AS)
    if room := _room(room_bytes, before):
        resource.setrlimit(resource.RLIMIT_AS, (room, before[1]))
    handler = signal.signal(signal.SIGALRM, late) if timed else None
    if timed:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
        if room:
            resource.setrlimit(resource.RLIMIT_AS, before)


def _room(more: int, before: tuple[int, int]) -> int | None:
    """Return how much this process may have with so much more than now; None where the system does not say, or allows less."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    wanted = pages * resource.getpagesize() + more
    return wanted if before[0] == resource.RLIM_INFINITY or wanted < before[0] else None

"""Fill in templates of sources, which have a row from outside before them: in bounded time, with a text of bounded length.

What a template may not reach is the sandbox's business. What it may not use up is this module's: a loop over loops is stopped
after a moment, a text that doubles itself when there is no more room for it, and numbers that grow are refused.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from builders.sources import bounds
from builders.sources.bounds import UnboundedError

SECONDS = 2.0
MOST_CHARACTERS = 10_000_000
_MOST_NUMBER = 10**18
_MOST_EXPONENT = 64
_ROOM_BYTES = 1 << 30


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
    return _Environment(undefined=jinja2.StrictUndefined, autoescape=False, finalize=_written).from_string(template)


def _written(value: object) -> object:
    """Return what is in a text for a value: nothing for a null or NaN, which Python would spell out."""
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def filled(template: str, values: Mapping[str, Any]) -> str | None:
    """Return a template's text, or None: what a template does with a value that it does not expect is up to the template."""
    try:
        with bounds.timed(SECONDS), bounds.room(_ROOM_BYTES):
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

"""Keys that a server repeats are taken out of what is kept of its reply.

Changes no byte of a row.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from builders.progress import say
from builders.records import canonical

_REDACTED = b"[a key was here]"


class Redactor:
    """Takes out of what a server says the keys that it was sent."""

    def __init__(self, role: str, keys: Sequence[str]) -> None:
        """Know whose server it is, and the keys."""
        self._role, self._keys, self._warned = role, keys, False

    def bare(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a server said without the keys, and say so once where it has repeated one."""
        if not self._keys:
            return body
        spelt = bare = canonical(body)
        for key in self._keys:
            bare = bare.replace(orjson.dumps(key)[1:-1], _REDACTED)
        if bare == spelt:
            return body
        if not self._warned:
            say(f"the server of {self._role} repeats a key that it was sent; it is taken out of what is stored")
            self._warned = True
        found: dict[str, Any] = orjson.loads(bare)
        return found

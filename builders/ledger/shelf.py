"""A ledger's own file, and those that it shares with others, read one after another; and where the environment says they lie.

Changes no byte of a row.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from builders import paths
from builders.errors import BuildError
from builders.ledger import costs
from builders.ledger.store import Entry, Paid, Store


def own() -> Path:
    """Return where the ledger lies: `BUILDERS_LEDGER`, or `.ledger/` in the checkout.

    Raises:
        BuildError: the environment names no file.
    """
    path = Path(os.environ.get("BUILDERS_LEDGER") or paths.root() / ".ledger" / "replies.sqlite")
    try:
        fits = bool(path.name) and (path.is_file() or not path.exists())
    except OSError:
        fits = False  # a name that is too long
    if not fits:
        raise BuildError("it names no file", where="BUILDERS_LEDGER", fix="name one, which need not be there yet")
    return path


def shared() -> list[Path]:
    """Return where replies are looked for that the ledger lacks: `BUILDERS_LEDGER_SHARED`, commas between several."""
    return [Path(part.strip()) for part in os.environ.get("BUILDERS_LEDGER_SHARED", "").split(",") if part.strip()]


def stocked() -> bool:
    """Tell whether there is a ledger to read."""
    return own().is_file() or bool(shared())


class Shelf:
    """The files; those that are shared are never written or locked."""

    def __init__(self, path: Path, shared: Sequence[Path], *, read_only: bool) -> None:
        """Open the files.

        Args:
            path: the ledger's own; if it is among those that are shared, it is treated as one.
            shared: the others.
            read_only: nothing is written.

        Raises:
            BuildError: see `Store`.
        """
        self.still = path in shared
        self.shared = [Store(other, read_only=True, still=True) for other in shared if other != path]
        self.own = Store(path, read_only=read_only, still=self.still)

    def close(self) -> None:
        """Close the files."""
        for store in self._all:
            store.close()

    def find(self, key: bytes) -> Entry | None:
        """Return the entry of a key; see `Store.find`."""
        return self.own.find(key) or next((found for store in self.shared if (found := store.find(key))), None)

    def fact(self, name: str) -> bytes | None:
        """Return the fact of that name, or None if there is none; what a ledger says of itself, only from our own."""
        stores = [self.own] if costs.is_ours(name) else self._all
        return next((found for store in stores if (found := store.fact(name)) is not None), None)

    def spent(self) -> list[tuple[bytes, int, Paid]]:
        """Return for each `about` how many replies were paid for and what they cost."""
        return costs.spent(self._all)

    def brought(self, name: str) -> float:
        """Return what others have counted under the name of a note."""
        return costs.brought(self._all, self.own, name)

    @property
    def _all(self) -> list[Store]:
        return [self.own, *self.shared]

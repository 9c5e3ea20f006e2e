"""What can be asked of the ledger as a whole: what is in it and what it cost, and whether it is sound.

Changes no byte of a row.
"""

import hashlib
import heapq
import itertools
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import orjson
from rich.console import Console
from rich.table import Table

from builders import terminal
from builders.errors import BuildError
from builders.ledger import chunks, costs
from builders.ledger.chunks import KEY_BYTES, DamagedError
from builders.ledger.committer import place
from builders.ledger.ledger import Ledger
from builders.ledger.store import Paid, Store, name
from builders.records import canonical

_WIDTH = 120
_NAMED = 8
_COLUMNS = ("family", "stage", "role", "model")


class _Span(NamedTuple):
    first: int
    replies: int


class Damage(NamedTuple):
    """What is broken.

    Args:
        chunks: the first reply's number and the count of replies of each.
        abouts: ids of what requests share.
        misplaced: replies that the index lacks or names wrongly; None where it cannot be read.
    """

    chunks: list[_Span]
    abouts: list[int]
    misplaced: int | None

    def __str__(self) -> str:
        """Say it in one line."""
        parts = [f"chunk {first} with {replies} replies" for first, replies in self.chunks[:_NAMED]]
        if others := self.chunks[_NAMED:]:
            parts.append(f"{len(others)} other chunks with {sum(span.replies for span in others)} replies")
        parts += [f"about {identity}, which replies share" for identity in self.abouts]
        if self.misplaced != 0:
            parts.append("the index" + (f", in {self.misplaced} places" if self.misplaced else ""))
        return f"damaged: {'; '.join(parts)}"


def stats() -> None:
    """Print how many replies there are, what they take on disk, and what they cost.

    Raises:
        BuildError: there is no ledger.
    """
    path = Ledger.path()
    with closing(Store(path, read_only=True)) as store:
        replies, spent = store.replies(), costs.spent([store])
    size = sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.is_file())
    table = Table(*_COLUMNS, title="What was paid for")
    for column in ("replies", "prompt tokens", "completion tokens", "cost"):
        table.add_column(column, justify="right")
    for group, count, paid in _totals(spent):
        table.add_row(
            *map(terminal.text, group),
            f"{count:,}",
            f"{paid.prompt_tokens:,}",
            f"{paid.completion_tokens:,}",
            f"{paid.cost:,.2f}",
        )
    out = terminal.beneath(sys.stdout)
    console = Console(file=out) if Console(file=out).is_terminal else Console(file=out, width=_WIDTH)
    each = f", {size / replies:.0f} bytes a reply" if replies else ""
    console.print(f"{path}: {replies:,} replies, {size:,} bytes{each}", highlight=False, soft_wrap=True, markup=False)
    if table.row_count:
        console.print(table)


def verify(*, drop: bool) -> None:
    """Check every chunk, every shared part of requests, and the index; print what is damaged.

    Args:
        drop: remove what is damaged, so that it is asked for again, and fix the index.

    Raises:
        BuildError: something is damaged, and is not to be dropped; or the file cannot be read at all.
    """
    path = Ledger.path()
    with closing(Store(path, read_only=True)) as store:
        replies, damage = store.replies(), _damage(store)
    if not (damage.chunks or damage.abouts or damage.misplaced != 0):
        print(f"{path}: all {replies} replies are sound")  # noqa: T201
        return
    if not drop:
        fix = "python -m builders ledger verify --drop removes it; what it held is asked for again, and the index made anew"
        raise BuildError(str(damage), where=path, fix=fix)
    with closing(Store(path)) as store:
        _drop(store, damage)
    lost = sum(span.replies for span in damage.chunks)
    print(f"{path}: {damage}; fixed, {lost} replies will be asked for again")  # noqa: T201


def _totals(spent: list[tuple[bytes, int, Paid]]) -> Iterator[tuple[list[str], int, Paid]]:
    """Yield what was paid for each family, stage, role and model."""
    groups: dict[tuple[str, ...], list[tuple[int, Paid]]] = {}
    for body, count, paid in spent:
        if not count:
            continue  # replies of others, that were imported
        about: dict[str, Any] = orjson.loads(body)
        groups.setdefault(tuple(str(about.get(column, "")) for column in _COLUMNS), []).append((count, paid))
    for group, members in sorted(groups.items()):
        prompt, completion, cost = (sum(column) for column in zip(*(paid for _, paid in members), strict=True))
        yield list(group), sum(count for count, _ in members), Paid(int(prompt), int(completion), cost)


def _damage(store: Store) -> Damage:
    """Find what is broken, in the ledger as it is now."""
    with store.explained(), store.reading():
        spans = [_Span(*row) for row in store.connection.execute("SELECT first, replies FROM chunks ORDER BY first").fetchall()]
        damaged = [span for span in spans if not _sound(store, span)]
        rows = store.connection.execute("SELECT id, sha256, body FROM abouts").fetchall()
        abouts = [identity for identity, sha256, body in rows if hashlib.sha256(body).digest() != sha256]
        return Damage(damaged, abouts, _misplaced(store, spans, damaged))


def _sound(store: Store, span: _Span) -> bool:
    try:
        chunk = store.chunk(span.first)
        if chunk is None or chunk.first != span.first:
            return False
        chunks.opened(chunk)
    except (sqlite3.DatabaseError, DamagedError):
        return False
    return True


def _misplaced(store: Store, spans: list[_Span], damaged: list[_Span]) -> int | None:
    """Count the differences between the index and what it should be, damaged chunks aside; None: it cannot be read."""
    expected = (place for span in spans if span not in damaged for place in _places(store, span))
    try:
        rows: Iterator[tuple[int, int]] = store.connection.execute("SELECT number, name FROM places ORDER BY number, name")
        found = (row for row in rows if not any(span.first <= row[0] < span.first + span.replies for span in damaged))
        return sum(1 for _, group in itertools.groupby(heapq.merge(expected, found)) if len(list(group)) == 1)
    except sqlite3.DatabaseError:
        return None


def _places(store: Store, span: _Span) -> Iterator[tuple[int, int]]:
    [keys] = store.connection.execute("SELECT keys FROM chunks WHERE first = ?", (span.first,)).fetchone()
    for slot in range(span.replies):
        yield span.first + slot, name(keys[slot * KEY_BYTES : (slot + 1) * KEY_BYTES])


def _drop(store: Store, damage: Damage) -> None:
    """Remove what is damaged; replies whose shared part is damaged stay, without it."""
    with store.explained(), store.writing():
        for first, _ in damage.chunks:
            store.connection.execute("DELETE FROM chunks WHERE first = ?", (first,))
        for identity in damage.abouts:
            body = canonical({"lost": identity})
            new = (hashlib.sha256(body).digest(), body, identity)
            store.connection.execute("UPDATE abouts SET sha256 = ?, body = ? WHERE id = ?", new)
        if damage.chunks or damage.misplaced != 0:
            store.connection.execute("DELETE FROM places")
            for (first,) in store.connection.execute("SELECT first FROM chunks").fetchall():
                [keys] = store.connection.execute("SELECT keys FROM chunks WHERE first = ?", (first,)).fetchone()
                place(store, first, keys)

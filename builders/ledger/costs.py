"""What replies cost, told apart by the ledger that paid for them, so that ledgers can be merged again and again.

A ledger counts what it pays itself: tokens and money of each `about`, attempts that may have been charged for, GPU time. Of a
merged ledger it notes the same sums under that ledger's identity. They only grow, so of two sums of the same ledger the larger
is the newer, and the order of merges makes no difference. A copy of a ledger has its identity: of two copies that both went on,
the dearer counts.

Changes no byte of a row.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

from builders.ledger import failures
from builders.ledger.store import Paid, Store
from builders.records import canonical

GPU_SECONDS, LOST = "gpu seconds/", "lost/"
"""How the names of notes begin that are sums of this ledger's own: GPU time by family, and broken-off attempts."""
MERGED = "merged/"
_SUMS = (GPU_SECONDS, LOST)

Sums = dict["Place", tuple[float, ...]]


class Place(NamedTuple):
    """Whose sums: the identity of a ledger, and the sha256 of an `about` in hex, or the name of a note."""

    ledger: str
    what: str


def is_ours(name: str) -> bool:
    """Tell whether a note is about its own ledger, and means nothing in another."""
    return name.startswith((*_SUMS, MERGED))


def sums(stores: Iterable[Store]) -> Sums:
    """Return what some ledgers have paid, and those that were merged into them, each counted once.

    Raises:
        BuildError: one is damaged.
    """
    found: Sums = {}
    for store in stores:
        for place, values in (*_own(store).items(), *_merged(store).items()):
            known = found.get(place, values)
            found[place] = tuple(max(pair) for pair in zip(known, values, strict=True))
    return found


def spent(stores: Iterable[Store]) -> list[tuple[bytes, int, Paid]]:
    """Return for each `about` how many replies were paid for and what they cost.

    Raises:
        BuildError: a ledger is damaged.
    """
    stores = list(stores)
    bodies = {sha256: body for store in reversed(stores) for sha256, body, *_ in _paid(store)}
    totals: dict[str, list[tuple[float, ...]]] = {sha256: [] for store in stores for sha256, *_ in _paid(store)}
    for place, values in sums(stores).items():
        if place.what in totals:
            totals[place.what].append(values)
    found = []
    for sha256, parts in totals.items():
        replies, prompt, completion, cost = (math.fsum(column) for column in zip(*parts, strict=True)) if parts else [0.0] * 4
        found.append((bodies[sha256], int(replies), Paid(int(prompt), int(completion), cost)))
    return found


def brought(stores: Iterable[Store], own: Store, name: str) -> float:
    """Return the sum of a note over all ledgers, less what is noted in `own`."""
    total = math.fsum(value for place, (value, *_) in sums(stores).items() if place.what == name)
    return total - float(own.fact(name) or b"0")


def noted(stores: Iterable[Store], own: Store) -> Mapping[str, bytes]:
    """Return the notes that tell a ledger what others have paid, and those merged into them."""
    before = sums([own])
    news = {place: values for place, values in sums([own, *stores]).items() if before.get(place) != values}
    return {f"{MERGED}{ledger}/{what}": canonical(list(values)) for (ledger, what), values in news.items()}


def identity(store: Store) -> str:
    """Return what names a ledger and no other; one that was made before ledgers had names is named by its first key."""
    with store.explained():
        if store.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'identity'").fetchone():
            return str(store.connection.execute("SELECT lower(hex(name)) FROM identity").fetchone()[0])
        first = store.connection.execute("SELECT substr(keys, 1, 16) FROM chunks ORDER BY first LIMIT 1").fetchone()
    return f"from-{first[0].hex()}" if first else ""


def share(store: Store, others: Iterable[Store]) -> None:
    """Store what requests of other ledgers share."""
    rows = [(bytes.fromhex(sha256), body) for other in others for sha256, body, *_ in _paid(other)]
    with store.explained(), store.writing():
        store.connection.executemany("INSERT OR IGNORE INTO abouts (sha256, body) VALUES (?, ?)", rows)


def _paid(store: Store) -> list[tuple[str, bytes, int, Paid]]:
    """Return for each `about` its sha256 in hex, how many replies this ledger paid for, and what they cost."""
    with store.explained():
        query = "SELECT id, sha256, body, replies, prompt_tokens, completion_tokens, cost FROM abouts ORDER BY id"
        rows = store.connection.execute(query).fetchall()
    for number, sha256, body, *_ in rows:
        if not isinstance(body, bytes) or hashlib.sha256(body).digest() != sha256:
            raise failures.damaged(store.path, f"about {number} is damaged, which replies share")
    return [(sha256.hex(), body, replies, Paid(*paid)) for _, sha256, body, replies, *paid in rows]


def _own(store: Store) -> Sums:
    here = identity(store)
    paid = {Place(here, sha256): (float(replies), *map(float, sums)) for sha256, _, replies, sums in _paid(store) if replies}
    named = {name: value for start in _SUMS for name, value in store.noted(start).items()}
    return paid | {Place(here, name): (float(value),) for name, value in named.items()}


def _merged(store: Store) -> Sums:
    found: Sums = {}
    for name, value in store.noted(MERGED).items():
        ledger, _, what = name.removeprefix(MERGED).partition("/")
        found[Place(ledger, what)] = tuple(map(float, orjson.loads(value)))
    return found

"""The problems of a kind and a depth by number: a keyed permutation of all of them.

Problem number n of a kind, a depth and a seed needs no memory of those before it, and no two numbers below the capacity are
the same problem. A space is the numbers that a lot can be given; most of them make no problem. So a small space has the list
of those that do (`spaces.json`, which `python -m benchmarks.problems --spaces` writes), permuted by the seed; in a large one,
number n has some numbers of the permuted space for itself, and is the first of them that makes a problem.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import NamedTuple

from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Kind
from builders.problems.quantities import Unfit

FILE = Path(__file__).with_name("spaces.json")
SMALL = 1 << 14
"""The size up to which a space has a list of its problems."""
_PROBES = 256
_ROUNDS = 4


class Space(NamedTuple):
    """The problems of a kind and a depth.

    Args:
        size: how many numbers there are.
        distinct: how many of them make problems, no two alike: counted in a small space, estimated in a large one.
        owned: how many numbers a problem of a large space has for itself.
        listed: the numbers of a small space that make problems.
    """

    size: int
    distinct: int
    owned: int
    listed: tuple[int, ...]

    @property
    def capacity(self) -> int:
        """How many problems can be numbered."""
        return len(self.listed) or self.size // self.owned


@lru_cache(maxsize=1)
def all_spaces() -> dict[str, Space]:
    """Return the spaces of all kinds and depths, `bar_chart 3` and so on."""
    return {
        name: Space(entry["size"], entry["distinct"], entry["owned"], _members(entry["listed"]))
        for name, entry in json.loads(FILE.read_bytes()).items()
    }


def space(kind: str, depth: int) -> Space:
    """Return the space of a kind and a depth."""
    return all_spaces()[f"{kind} {depth}"]


def candidates(kind: str, depth: int, number: int, seed: int) -> Iterator[int]:
    """Yield the numbers that problem n may have, in the order in which they are tried; no other n has one of them."""
    found = space(kind, depth)
    key = f"{kind} {depth} {seed}"
    place = number % found.capacity
    if found.listed:
        yield found.listed[permuted(place, len(found.listed), key)]
        return
    for step in range(found.owned):
        yield permuted(place * found.owned + step, found.capacity * found.owned, key)


def permuted(place: int, size: int, key: str) -> int:
    """Return where a keyed permutation of so many numbers takes one of them: a Feistel network, gone through until inside."""
    half = max(1, (size - 1).bit_length() + 1 >> 1)
    mask, keys = (1 << half) - 1, _keys(key)
    while True:
        left, right = place >> half, place & mask
        for one in keys:
            left, right = right, left ^ (_mixed(right ^ one) & mask)
        place = left << half | right
        if place < size:
            return place


@lru_cache(maxsize=1024)
def _keys(key: str) -> tuple[int, ...]:
    found = blake2b(key.encode(), digest_size=8 * _ROUNDS).digest()
    return tuple(int.from_bytes(found[8 * k : 8 * k + 8], "big") for k in range(_ROUNDS))


def _mixed(number: int) -> int:
    """Scramble a number (the finish of splitmix64, carried on for longer ones)."""
    low, high = number & (1 << 64) - 1, number >> 64
    found = low
    while True:
        found = (found ^ found >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
        found = (found ^ found >> 27) * 0x94D049BB133111EB & (1 << 64) - 1
        found ^= found >> 31
        if not high:
            return found
        found, high = found ^ high & (1 << 64) - 1, high >> 64


@lru_cache(maxsize=512)
def measured(kind: Kind, depth: int) -> int:
    """Return the size of a space: the most ways that the decisions of one problem have together."""
    probes = Random("probes")  # noqa: S311  (chance, not secrets)
    most = 1
    for _ in range(_PROBES):
        lot = Lot(probes.getrandbits(256), Random(0))  # noqa: S311
        with suppress(Unfit):
            kind.make(depth, lot)
        most = max(most, lot.size)
    return most


def packed(numbers: list[int], size: int) -> str:
    """Write which numbers of a space are listed as text."""
    bits = sum(1 << number for number in numbers)
    return base64.b85encode(zlib.compress(bits.to_bytes(size // 8 + 1, "little"), 9)).decode()


def _members(text: str) -> tuple[int, ...]:
    if not text:
        return ()
    bits = bin(int.from_bytes(zlib.decompress(base64.b85decode(text)), "little"))[:1:-1]
    return tuple(place for place, bit in enumerate(bits) if bit == "1")

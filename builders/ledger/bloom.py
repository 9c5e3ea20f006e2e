"""Which keys a ledger may hold, in memory: a request that was never answered need not be looked up.

Changes no byte of a row.
"""

from builders.ledger.chunks import KEY_BYTES

_MARKS = 1 << 24  # one in seventy unanswered requests is looked up in vain where a million are answered


class BloomFilter:
    """A Bloom filter: what it does not know is not in the ledger, once it has learned all that was there.

    Attributes:
        complete: whether it has learned all.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self.complete = False
        self._marks = bytearray(_MARKS)

    def learn(self, keys: bytes) -> None:
        """Remember keys, one after another."""
        for start in range(0, len(keys), KEY_BYTES):
            self.meet(keys[start : start + KEY_BYTES])

    def meet(self, key: bytes) -> bool:
        """Learn a key; return False if it was not learned before, else True, almost always with reason."""
        marks, bits = self._marks, int.from_bytes(key[:4])
        one = bits & _MARKS - 1
        two = one ^ 1 + (bits >> 24) % 63  # in the same line of the processor's cache
        if marks[one] and marks[two]:
            return True
        marks[one] = marks[two] = 1
        return False

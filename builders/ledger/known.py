"""Which keys a ledger may hold, in memory: a request that was never answered need not be looked up."""

from builders.ledger.chunks import KEY_BYTES

_MARKS = 1 << 24  # one in a hundred unanswered requests is looked up in vain where a million are answered


class Known:
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
        marks = self._marks
        for start in range(0, len(keys), KEY_BYTES):
            marks[int.from_bytes(keys[start : start + 3])] = 1
            marks[int.from_bytes(keys[start + 3 : start + 6])] = 1

    def meet(self, key: bytes) -> bool:
        """Learn a key; return False if it was not learned before, else True, almost always with reason."""
        one, two, marks = int.from_bytes(key[:3]), int.from_bytes(key[3:6]), self._marks
        if marks[one] and marks[two]:
            return True
        marks[one] = marks[two] = 1
        return False

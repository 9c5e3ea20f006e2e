"""Replies to be committed together, in few large objects: many small ones that stay a while slow all that is made meanwhile.

Changes no byte of a row.
"""

import asyncio

from builders.ledger.process import Message
from builders.ledger.store import Entry, Paid


class Group:
    """Replies of one event loop.

    Attributes:
        loop: the loop.
        keys: of the replies.
        done: what is done when a reply is on disk, for each.
    """

    __slots__ = ("_about_of", "_abouts", "_lines", "_paid", "done", "keys", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start with no reply."""
        self.loop = loop
        self.keys: list[bytes] = []
        self.done: list[asyncio.Future[None]] = []
        self._lines = bytearray()
        self._abouts: dict[bytes, int] = {}
        self._about_of: list[int] = []
        self._paid: list[Paid | None] = []

    def add(self, key: bytes, entry: Entry, paid: Paid | None) -> asyncio.Future[None]:
        """Add a reply, and return what is done when it is on disk."""
        about, own, reply = entry
        self.keys.append(key)
        self._lines += b"%b\n%b\n" % (own, reply)
        self._about_of.append(self._abouts.setdefault(about, len(self._abouts)))
        self._paid.append(paid)
        done = self.loop.create_future()
        self.done.append(done)
        return done

    def entry(self, number: int) -> Entry:
        """Return an entry by its place."""
        own, reply = bytes(self._lines).split(b"\n", 2 * number + 2)[2 * number : 2 * number + 2]
        return Entry(list(self._abouts)[self._about_of[number]], own, reply)

    def message(self) -> Message:
        """Return the replies as they are sent: of types that can be marshalled."""
        paid = [(cost.prompt_tokens, cost.completion_tokens, cost.cost) if cost else None for cost in self._paid]
        return b"".join(self.keys), list(self._abouts), self._about_of, bytes(self._lines), paid

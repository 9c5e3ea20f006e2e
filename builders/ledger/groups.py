"""Replies to be committed together, in few large objects: many small ones that stay a while slow all that is made meanwhile."""

import asyncio
from array import array
from typing import Any

from builders.ledger.chunks import KEY_BYTES
from builders.ledger.committer import Write
from builders.ledger.store import Entry, Paid

Message = tuple[bytes, list[bytes], list[int], bytes, bytes]


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
        self._paid = array("d")

    def add(self, key: bytes, entry: Entry, paid: Paid | None) -> asyncio.Future[None]:
        """Add a reply, and return what is done when it is on disk."""
        about, own, reply = entry
        self.keys.append(key)
        self._lines += b"%b\n%b\n" % (own, reply)
        self._about_of.append(self._abouts.setdefault(about, len(self._abouts)))
        self._paid.extend((1, *paid) if paid else (0, 0, 0, 0))
        done = self.loop.create_future()
        self.done.append(done)
        return done

    def entry(self, number: int) -> Entry:
        """Return an entry by its place."""
        own, reply = bytes(self._lines).split(b"\n", 2 * number + 2)[2 * number : 2 * number + 2]
        return Entry(list(self._abouts)[self._about_of[number]], own, reply)

    def message(self) -> tuple[Any, ...]:
        """Return the replies as a `Message` that can be marshalled."""
        return b"".join(self.keys), list(self._abouts), self._about_of, self._lines, self._paid


def writes(message: Message) -> list[Write]:
    """Return the replies of a group.

    Raises:
        ValueError: an entry has line breaks, which canonical JSON has not.
    """
    keys, abouts, about_of, text, paid = message
    lines = text.split(b"\n")[:-1]
    numbers = array("d", paid)
    each_key = [keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES)]
    columns = zip(each_key, about_of, lines[::2], lines[1::2], *[iter(numbers)] * 4, strict=True)
    return [
        Write(key, Entry(abouts[about], own, reply), Paid(int(prompt), int(completion), cost) if counts else None)
        for key, about, own, reply, counts, prompt, completion, cost in columns
    ]

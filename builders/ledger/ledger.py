"""Every model reply ever paid for: durable before it counts, found again by the whole request, asked for only once.

One SQLite file in write-ahead mode. A process of its own commits replies in groups, so that a thousand of them cost a few disk
flushes, and take no time from the process that asks. A killed process loses at most what was in flight and the last group; a
key that somebody is asking for is asked by nobody else.

Changes no byte of a row.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import orjson

from builders.ledger import costs, fitting, shelf
from builders.ledger.chunks import KEY_BYTES
from builders.ledger.claims import POLL_SECONDS, Claims
from builders.ledger.groups import Group
from builders.ledger.shelf import Shelf
from builders.ledger.store import BUSY_SECONDS, Entry, Paid, Store
from builders.ledger.writer import Writer

__all__ = ["BACKLOG", "GROUP_REPLIES", "GROUP_SECONDS", "Entry", "Ledger", "Paid"]

BACKLOG = 8192
GROUP_REPLIES = 256
GROUP_SECONDS = 0.05

Result = TypeVar("Result")


class Ledger:
    """The open ledger of one process; several processes may have the same file open.

    Use as a context manager: leaving it commits what is queued. Its methods belong to the thread of the event loop.
    """

    def __init__(self, path: Path, *, read_only: bool = False, shared: Sequence[Path] = ()) -> None:
        """Open the ledger at `path`, making it if it is not there; read-only, it can neither claim nor put.

        Args:
            path: where it is.
            read_only: nothing is written.
            shared: ledgers in which a reply is looked for that is not here; they are never written or locked.

        Raises:
            BuildError: the file cannot be opened, is not a ledger, or one of another format; or it is missing, to be read only.
        """
        self._path = path
        self._shelf = Shelf(path, shared, read_only=read_only)
        self._store = self._shelf.own
        self._waiting: dict[bytes, asyncio.Future[Entry | None]] = {}  # by the key that is claimed and not durable yet
        self._unsettled: list[Group] = []  # of replies that were put and are not durable yet
        self._queued = 0
        self._without_room: list[asyncio.Future[None]] = []
        self._group: Group | None = None
        self._writer: Writer | None = None
        if not read_only:
            with self._store.explained():
                self._claims = Claims(path.with_name(f"{path.name}.claims"), BUSY_SECONDS)
            self._writer = Writer(path, self._claims, self._settle)
            self._writer.known.complete = self._claims.alone and self._store.empty()

    @staticmethod
    def path() -> Path:
        """Return where the ledger lies, see `shelf`."""
        return shelf.own()

    @classmethod
    def here(cls, *, read_only: bool = False) -> Self:
        """Open the ledger that the environment names, and those that it shares with others; one of these, if it is to be read.

        Raises:
            BuildError: as when it is made.
        """
        path, shared = cls.path(), shelf.shared()
        if read_only and shared and not path.is_file():
            path = shared[0]
        return cls(path, read_only=read_only, shared=shared)

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Commit what is queued, merge what is small, and close the file.

        Raises:
            BuildError: something could not be stored, and no other error is on its way to say so.
        """
        if self._writer:
            self._hand_over(self._group)
            self._writer.close()
            self._settle()
            self._claims.close()
        self._shelf.close()
        if self._writer and self._writer.failure and kind is None:
            raise self._writer.failure

    def get(self, key: str) -> Entry | None:
        """Return the entry of a request's key (sha256, hex), or None if it was never answered.

        Raises:
            BuildError: the reply is damaged, or the file cannot be read.
        """
        return self._shelf.find(_short(key))

    async def claim(self, key: str) -> Entry | None:
        """Return the entry of a key if it was ever answered; None makes it yours to send, then to `put` or `release`.

        Waits while another task or another process has the key in flight, and while BACKLOG replies are queued.

        Raises:
            BuildError: the ledger fails; or what made the task that had the key release it.
        """
        if self._queued >= BACKLOG:
            await self._room()
        short, writer, claims = _short(key), self._working(), self._claims
        while not claims.take(short):
            if short in claims.held:
                if entry := await self._other(short):
                    return entry
            else:
                await asyncio.sleep(POLL_SECONDS)
            self._working()
        # Looked up only now: whoever had the claim before us may have answered since.
        new = not writer.known.meet(short) and writer.known.complete and claims.alone
        if new and not self._shelf.shared:
            return None
        found = None
        try:
            found = self._shelf.find(short)
        except BaseException:
            claims.free([short])
            raise
        if found:
            claims.free([short])
        return found

    def release(self, key: str, error: BaseException | None) -> None:
        """Give a claim back unanswered; nothing happens if the key is put already, or not claimed.

        Args:
            key: sha256, hex.
            error: raised in the tasks that wait for the key. None, or being cancelled: the next of them gets the claim.
        """
        short = _short(key)
        if short not in self._claims.held or any(short in group.keys for group in self._unsettled):
            return
        self._claims.free([short])
        if waiting := self._waiting.pop(short, None):
            _tell(waiting, None, None if isinstance(error, asyncio.CancelledError) else error)

    def put(self, key: str, entry: Entry, paid: Paid | None) -> asyncio.Future[None]:
        """Queue an entry; the first entry of a key stays.

        Args:
            key: sha256, hex.
            entry: what to store.
            paid: what the reply cost; None where somebody else paid for it, and it counts for nothing here.

        Returns:
            A future that is done once the entry is on disk and its claim freed, or fails with a BuildError.

        Raises:
            BuildError: the ledger has failed: nothing is stored any more.
            ValueError: it cannot be stored, see `builders.ledger.fitting`.
        """
        if fault := fitting.unfit(entry, paid):
            raise ValueError(fault)
        writer, short, group = self._working(), _short(key), self._group
        if group is None or not group.loop.is_running():  # asking for the running loop is a system call
            group = self._begun()
        if short not in self._claims.held:
            writer.known.meet(short)
        done = group.add(short, entry, paid)
        if len(group.done) >= GROUP_REPLIES:
            self._hand_over(group)
        return done

    def note(self, name: str, value: bytes) -> None:
        """Store a small fact by name, on disk when this returns."""
        self._store.note({name: value})

    def note_all(self, facts: Mapping[str, bytes]) -> None:
        """Store many facts by their names, all of them on disk when this returns."""
        self._store.note(facts)

    def fact(self, name: str) -> bytes | None:
        """Return the fact of that name, or None if there is none; what a ledger says of itself, only from this one."""
        return self._shelf.fact(name)

    def noted(self, prefix: str) -> dict[str, bytes]:
        """Return the facts of this ledger whose names begin so, by name."""
        return self._store.noted(prefix)

    def spent(self) -> list[tuple[dict[str, Any], int, Paid]]:
        """Return for each `about` how many replies were paid for and what they cost, here and in what is merged or shared."""
        return [(orjson.loads(about), replies, paid) for about, replies, paid in self._shelf.spent()]

    def brought(self, name: str) -> float:
        """Return what others have counted, whose ledgers are merged into this one or shared, under the name of a note."""
        return self._shelf.brought(name)

    def merge(self, others: Sequence[Store], facts: Mapping[str, bytes]) -> None:
        """Note facts, and what other ledgers have paid, on disk when this returns."""
        costs.share(self._store, others)
        self._store.note({**facts, **costs.noted(others, self._store)})

    def entries(self) -> Iterator[tuple[bytes, Entry]]:
        """Yield the 16 bytes of each key and its entry, in the order they were stored."""
        with closing(
            Store(self._path, read_only=True, still=self._shelf.still)
        ) as store:  # of its own: a long read must not hold back `get`
            yield from store.entries()

    def _working(self) -> Writer:
        """Return the writer, or raise why nothing can be stored."""
        if self._writer is None:
            raise RuntimeError("this ledger is open to be read only")
        if self._writer.failure:
            raise self._writer.failure
        return self._writer

    async def _room(self) -> None:
        """Return once fewer than BACKLOG replies are queued."""
        while self._queued >= BACKLOG:
            waiter = asyncio.get_running_loop().create_future()
            self._without_room.append(waiter)
            await waiter

    async def _other(self, short: bytes) -> Entry | None:
        """Wait for the task that has the key in flight; None means that it gave up."""
        waiting = self._waiting.get(short)
        if waiting is None:
            waiting = self._waiting[short] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(waiting)

    def _begun(self) -> Group:
        """Return a new group for the running loop."""
        self._hand_over(self._group)
        loop = asyncio.get_running_loop()
        group = self._group = Group(loop)
        self._unsettled.append(group)
        loop.call_later(GROUP_SECONDS, self._hand_over, group)
        return group

    def _hand_over(self, group: Group | None) -> None:
        if self._writer and group and group is self._group:
            self._group = None
            self._queued += len(group.done)
            self._writer.add(group)

    def _settle(self) -> None:
        """Tell those who wait for the groups that the writer has finished."""
        while self._writer and self._writer.finished:
            group, failure = self._writer.finished.popleft()
            self._queued -= len(group.done)
            self._unsettled.remove(group)
            waiting = self._answered(group)
            with suppress(RuntimeError):  # an interrupted run has closed its loop; the replies are stored all the same
                for other, entry in waiting:
                    _tell(other, entry, failure)
                for done in group.done:
                    if failure:
                        _tell(done, None, failure)
                    elif not done.done():
                        done.set_result(None)
        waiters, self._without_room = self._without_room, []
        for waiter in waiters:
            _tell(waiter, None, None)

    def _answered(self, group: Group) -> list[tuple[asyncio.Future[Entry | None], Entry]]:
        """Give the claims of a group's keys back; return who waits for them, and the replies."""
        keys = group.keys
        self._claims.free(keys)
        if not self._waiting:
            return []
        return [(other, group.entry(number)) for number, key in enumerate(keys) if (other := self._waiting.pop(key, None))]


def _short(key: str) -> bytes:
    """Return the part of a sha256 that names a reply: 128 bits are plenty, see `builders.ledger.store`."""
    return bytes.fromhex(key[: 2 * KEY_BYTES])


def _tell(future: asyncio.Future[Result], result: Result, error: BaseException | None) -> None:
    if future.done():
        return  # cancelled
    if error:
        future.set_exception(error)
        future.exception()  # seen: whoever does not wait for it is told by the next call
    else:
        future.set_result(result)

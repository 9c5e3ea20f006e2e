"""Work on many items at once and hand them back in the order they came, started in an order that suits the server.

Changes no byte of a row.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

BLOCK = 1024
READ_AT_ONCE = 16
AHEAD = 16_384

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Place(Generic[Item, Result]):
    """An item on its way."""

    __slots__ = ("done", "item", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = False
        self.result: Result


async def _block(items: Iterator[Item]) -> list[Item]:
    """Read the next block, which is shorter at the end of the items; let others work in between."""
    block: list[Item] = []
    while len(block) < BLOCK:
        some = list(islice(items, READ_AT_ONCE))
        block += some
        if len(some) < READ_AT_ONCE:
            break
        await asyncio.sleep(0)
    return block


class Flow(Generic[Item, Result]):
    """One pass over items, of which only so many are held at any time."""

    def __init__(
        self,
        work: Callable[[Item], Awaitable[Result]],
        order: Callable[[Item], Any],
        width: Callable[[], float],
        first: Callable[[list[Item]], None] = lambda _: None,
        weight: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        """Prepare a pass.

        Args:
            work: what is done with an item; if it fails, the pass fails at once.
            order: the key by which a block of items is sorted before work on it starts.
            width: returns how many items may be worked on at once, by their weight.
            first: is given the first block before work on it starts.
            weight: how many items an item counts for; one is worked on however much it weighs.
        """
        self._work, self._order, self._width, self._first, self._weight = work, order, width, first, weight
        self._waiting = deque[_Place[Item, Result]]()
        self._starting = deque[_Place[Item, Result]]()
        self._running: dict[asyncio.Task[None], int] = {}
        self._load = 0
        self._failure: BaseException | None = None
        self._changed, self._room = asyncio.Event(), asyncio.Event()

    def fail(self, error: BaseException) -> None:
        """Make the pass fail."""
        self._failure = self._failure or error
        self._changed.set()

    async def through(self, items: Iterator[Item]) -> AsyncGenerator[tuple[Item, Result], None]:
        """Yield each item with what came of it."""
        reading = asyncio.create_task(self._read(items))
        reading.add_done_callback(self._ended)
        waiting = self._waiting
        try:
            while waiting or not reading.done() or self._failure:
                self._start()
                for finished in self._finished():
                    yield finished
                if waiting and waiting[0].done:
                    await asyncio.sleep(0)  # let replies come in while finished items are handed back
                elif waiting or not reading.done():
                    self._changed.clear()
                    await self._changed.wait()
            await reading  # it may have failed just now, and nobody may take what it read so far for everything
        finally:
            for task in (reading, *self._running):
                task.cancel()
            await asyncio.gather(reading, *self._running, return_exceptions=True)

    def _finished(self) -> Iterator[tuple[Item, Result]]:
        """Yield what is done and may be handed back, for as long as nothing fails, and only some at once."""
        for _ in range(READ_AT_ONCE):
            if self._failure:
                raise self._failure
            if not self._waiting or not self._waiting[0].done:
                return
            place = self._waiting.popleft()
            yield place.item, place.result

    def _start(self) -> None:
        width = self._width()
        while self._starting and self._load < width:
            place = self._starting.popleft()
            task = asyncio.create_task(self._done(place))
            self._running[task] = weight = self._weight(place.item)
            self._load += weight
            task.add_done_callback(self._ended)
        if len(self._starting) <= BLOCK // 2 and len(self._waiting) <= AHEAD:
            self._room.set()

    async def _done(self, place: _Place[Item, Result]) -> None:
        place.result = await self._work(place.item)
        place.done = True

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._load -= self._running.pop(task, 0)  # the reading weighs nothing
        if not task.cancelled() and (error := task.exception()):
            self.fail(error)
        self._changed.set()

    async def _read(self, items: Iterator[Item]) -> None:
        """Keep a block of items ready, while there is room for more."""
        first = True
        while True:
            block = await _block(items)
            if first:
                self._first(block)
                first = False
            places: list[_Place[Item, Result]] = [_Place(item) for item in block]
            self._waiting.extend(places)
            self._starting.extend(sorted(places, key=lambda place: self._order(place.item)))
            self._room.clear()
            self._changed.set()
            if len(block) < BLOCK:
                return
            await self._room.wait()

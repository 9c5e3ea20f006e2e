"""Many items at once: handed back in the order they came, started sorted, few held, and no failure overlooked."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from itertools import pairwise
from weakref import WeakSet

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders.asking.flow import AHEAD, BLOCK, READ_AT_ONCE, Flow
from tests.doubles.teacher import Answer, serving
from tests.harness import Workspace

Work = Callable[[int], Awaitable[int]]
THOUGHT = "A thought, and then some more of it.\n</think>\n\nAn answer."


class Watch:
    """What a pass over numbers did, in the order it did it."""

    def __init__(self, turns: Callable[[int], int] = lambda _: 0, width: int = 64, key: Callable[[int], int] = int) -> None:
        """Work on a number for so many turns of the event loop, so many numbers at once."""
        self.read = 0
        self.started: list[int] = []
        self.most_running = self.most_held = self._running = 0
        self.cancelled: set[int] = set()
        self.out: list[int] = []
        self.firsts: list[list[int]] = []
        self._turns, self._width, self._key = turns, width, key
        self.stuck: dict[int, asyncio.Event] = {}

    async def work(self, number: int) -> int:
        self.started.append(number)
        self._running += 1
        self.most_running = max(self.most_running, self._running)
        try:
            for _ in range(self._turns(number)):
                await asyncio.sleep(0)
            if number in self.stuck:
                await self.stuck[number].wait()
        except asyncio.CancelledError:
            self.cancelled.add(number)
            raise
        finally:
            self._running -= 1
        return -number

    def numbers(self, count: int) -> Iterator[int]:
        for number in range(count):
            self.read += 1
            yield number

    async def through(self, items: Iterator[int], work: Work | None = None) -> "Watch":
        flow = Flow(work or self.work, self._key, lambda: self._width, self.firsts.append)
        async with aclosing(flow.through(items)) as rows:
            async for number, result in rows:
                assert result == -number
                self.most_held = max(self.most_held, self.read - len(self.out))
                self.out.append(number)
        return self


def shuffled(seed: int, most: int) -> Callable[[int], int]:
    """Return a function that takes each number to one below `most` or equal to it."""
    return lambda number: random.Random(f"{seed} {number}").randint(0, most)  # noqa: S311


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 3000), st.integers(1, 300), st.integers(0, 30), st.integers(0, 9))
def test_items_come_out_in_the_order_they_went_in_whatever_is_finished_first(
    count: int, width: int, turns: int, seed: int
) -> None:
    watch = Watch(shuffled(seed, turns), width, shuffled(seed, 50))
    asyncio.run(watch.through(watch.numbers(count)))
    assert watch.out == list(range(count))
    assert sorted(watch.started) == watch.out
    assert watch.most_running <= width


@settings(derandomize=True, max_examples=15, deadline=None)
@given(st.integers(0, 3 * BLOCK), st.integers(1, 200), st.integers(0, 9))
def test_work_starts_in_sorted_order_a_block_at_a_time(count: int, width: int, seed: int) -> None:
    key = shuffled(seed, 40)
    watch = Watch(shuffled(seed, 5), width, key)
    asyncio.run(watch.through(watch.numbers(count)))
    blocks = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    assert watch.started == [number for block in blocks for number in sorted(block, key=key)]
    assert watch.firsts == [list(range(min(count, BLOCK)))]


def test_of_a_hundred_thousand_items_few_are_held_at_any_time() -> None:
    class Large:
        def __init__(self, number: int) -> None:
            self.number = number
            alive.add(self)

    alive: WeakSet[Large] = WeakSet()
    count, most = 0, 0

    async def work(_: Large) -> None:
        await asyncio.sleep(0)  # so few at once that reading could run far ahead

    async def through() -> None:
        nonlocal count, most
        flow = Flow(work, lambda item: item.number % 7, lambda: 16)
        async with aclosing(flow.through(map(Large, range(100_000)))) as rows:
            async for item, _ in rows:
                assert item.number == count
                count += 1
                if count % 500 == 0:
                    most = max(most, len(alive))

    asyncio.run(through())
    assert count == 100_000
    assert 0 < most <= 4 * BLOCK


def test_behind_one_slow_item_no_more_than_so_many_wait() -> None:
    """The first is held back until nothing else moves any more."""

    async def freed(watch: Watch) -> None:
        seen = -1
        while watch.read > seen:
            seen = watch.read
            for _ in range(500):
                await asyncio.sleep(0)
        watch.stuck[0].set()

    async def through() -> Watch:
        watch = Watch(width=256)
        watch.stuck[0] = asyncio.Event()
        freeing = asyncio.create_task(freed(watch))
        await watch.through(watch.numbers(3 * AHEAD // 2))
        await freeing
        return watch

    watch = asyncio.run(through())
    assert watch.out == list(range(3 * AHEAD // 2))
    assert AHEAD <= watch.most_held <= AHEAD + 2 * BLOCK


class Lost(Exception):  # noqa: N818  (any exception will do)
    """Stands for whatever may go wrong with an item."""


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 100), st.integers(0, 3), st.integers(0, 9))
def test_an_item_that_fails_fails_the_pass_and_cancels_the_rest(bad: int, width: int, turns: int, seed: int) -> None:
    async def through() -> Watch:
        watch = Watch(shuffled(seed, turns), width)
        watch.stuck = {number: asyncio.Event() for number in range(bad + 1, bad + 3 * BLOCK)}

        async def work(number: int) -> int:
            result = await watch.work(number)
            if number == bad:
                raise Lost
            return result

        with pytest.raises(Lost):
            await watch.through(watch.numbers(bad + 3 * BLOCK), work)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return watch

    watch = asyncio.run(through())
    assert watch.out == list(range(len(watch.out)))
    assert len(watch.out) <= bad
    held = {number for number in watch.started if number > bad}
    assert watch.cancelled >= held


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 2 * BLOCK), st.sampled_from([1, 16, 64, 600]), st.integers(0, 3))
@example(1829, 64, 0)
@example(1731, 64, 1)
@example(1633, 64, 2)
def test_items_that_cannot_be_read_fail_the_pass_however_quick_the_work_was(bad: int, width: int, turns: int) -> None:
    """The examples are those in which all that had been read was handed back just when reading failed."""

    def items() -> Iterator[int]:
        yield from range(bad)
        raise Lost

    with pytest.raises(Lost):
        asyncio.run(Watch(lambda _: turns, width).through(items()))


def test_a_failure_before_any_work_fails_the_pass() -> None:
    def fails(_: object) -> None:
        raise Lost

    async def through(flow: Flow[int, int]) -> None:
        async with aclosing(flow.through(iter(range(3)))) as rows:
            assert [number async for number, _ in rows] == []

    watch = Watch()
    for flow in (Flow(watch.work, fails, lambda: 1), Flow(watch.work, int, lambda: 1, fails)):
        with pytest.raises(Lost):
            asyncio.run(through(flow))
    assert watch.started == []


def test_a_pass_can_be_made_to_fail_from_outside() -> None:
    async def through() -> None:
        watch = Watch()
        watch.stuck[5] = asyncio.Event()
        flow = Flow(watch.work, int, lambda: 3)
        async with aclosing(flow.through(iter(range(9)))) as rows:
            async for number, _ in rows:
                if number == 4:
                    flow.fail(Lost())

    with pytest.raises(Lost):
        asyncio.run(through())


def test_who_stops_listening_leaves_nothing_running() -> None:
    async def through() -> None:
        watch = Watch(width=7)
        watch.stuck = {number: asyncio.Event() for number in range(10, BLOCK)}
        async with aclosing(Flow(watch.work, int, lambda: 7).through(iter(range(BLOCK)))) as rows:
            async for number, _ in rows:
                if number == 3:
                    break
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(through())


def test_replies_come_in_between_a_few_finished_items_and_the_next() -> None:
    """All but the first are finished before any is handed back."""

    async def through() -> list[int]:
        watch, turn = Watch(width=BLOCK), 0
        watch.stuck[0] = asyncio.Event()

        async def turning() -> None:
            nonlocal turn
            while True:
                await asyncio.sleep(0)
                turn += 1
                if turn == BLOCK:
                    watch.stuck[0].set()

        turner = asyncio.create_task(turning())
        async with aclosing(Flow(watch.work, int, lambda: BLOCK).through(iter(range(BLOCK)))) as rows:
            turns = [turn async for _ in rows]
        turner.cancel()
        return turns

    turns = asyncio.run(through())
    assert turns[-1] - turns[0] >= BLOCK // READ_AT_ONCE - 1


def test_rows_whose_prompts_begin_alike_reach_the_server_one_after_another(workspace: Workspace) -> None:
    """So that its prefix cache is of use; the rows are written in the order they came all the same."""
    prompts = [
        f"{'Here is a long story about ' * 20}the {kind}. Question {n}?" for n in range(20) for kind in ("sea", "wood", "sky")
    ]
    workspace.project(teacher="endpoint")
    workspace.collected(*prompts)
    with workspace.params() as params:
        params["sample"]["synthesize"]["replies"] = 1
    with serving(lambda _: Answer(THOUGHT)) as server:
        workspace.build("synthesize", BUILDERS_TEACHER_URL=server.url, BUILDERS_CONCURRENCY="1")
        beginnings = [asked.text.rpartition(" Question")[0] for asked in server.asked]
    assert len(beginnings) == len(prompts)
    changes = sum(one != other for one, other in pairwise(beginnings))
    assert changes == 2
    assert [row["data"]["instruction"] for row in workspace.rows("synthesize")] == prompts


@pytest.mark.parametrize(("weight", "width", "at_once"), [(5, 12, 3), (4, 12, 3), (100, 3, 1), (1, 7, 7)])
def test_items_count_by_their_weight_and_one_is_always_worked_on(weight: int, width: int, at_once: int) -> None:
    watch = Watch(lambda _: 3)

    async def main() -> None:
        flow = Flow(watch.work, int, lambda: width, weight=lambda _: weight)
        async with aclosing(flow.through(iter(range(40)))) as rows:
            assert [number async for number, _ in rows] == list(range(40))

    asyncio.run(main())
    assert watch.most_running == at_once

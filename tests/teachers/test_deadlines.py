"""Deadlines of what is in flight come nearer with what is sent now, and never go away from it."""

import asyncio

import pytest

from builders.teachers.deadlines import LOOK_SECONDS, Deadlines
from builders.teachers.pace import Pace


def _replied(pace: Pace, seconds: float, times: int) -> None:
    for _ in range(times):
        assert pace.entered()
        pace.replied(seconds)


def test_a_deadline_follows_the_servers_down_and_not_up() -> None:
    async def whole() -> None:
        pace = Pace(64)
        deadlines = Deadlines(pace)
        now = asyncio.get_running_loop().time()
        async with deadlines.timeout(now, 1) as first, deadlines.timeout(now, 2) as patient:
            _replied(pace, 10.0, 400)
            deadlines.look()
            assert [first.when(), patient.when()] == pytest.approx([now + 100, now + 200], abs=40)
            _replied(pace, 30.0, 1)
            deadlines.look()
            assert first.when() == pytest.approx(now + 100, abs=40)
            async with deadlines.timeout(now, 1) as later:
                deadlines.look()
                assert later.when() == pytest.approx(now + 300, abs=40)
                _replied(pace, 10.0, 400)
                deadlines.look()
                assert later.when() == pytest.approx(now + 100, abs=40)

    asyncio.run(whole())


def test_nothing_may_take_longer_than_the_longest() -> None:
    async def whole() -> None:
        pace = Pace(64)
        pace.longest_seconds = 150.0
        deadlines = Deadlines(pace)
        now = asyncio.get_running_loop().time()
        async with deadlines.timeout(now, 1) as first, deadlines.timeout(now, 8) as patient:
            _replied(pace, 10.0, 400)
            deadlines.look()
            assert [first.when(), patient.when()] == pytest.approx([now + 100, now + 150], abs=40)

    asyncio.run(whole())


def test_what_takes_too_long_ends_by_itself_however_much_later_it_was_sent() -> None:
    async def whole() -> None:
        pace = Pace(64)
        pace.longest_seconds = 0.05
        deadlines = Deadlines(pace)
        now = asyncio.get_running_loop().time

        async def hung() -> float:
            sent = now()
            limit = deadlines.timeout(sent, 1)
            with pytest.raises(TimeoutError):
                async with limit:
                    await asyncio.Event().wait()
            deadlines.ended(limit)
            return now() - sent

        first = asyncio.create_task(hung())
        took = [await first, await hung()]  # the second when nothing had been in flight for a while
        assert all(pace.longest_seconds <= seconds for seconds in took)
        assert deadlines.oldest(now()) == 0.0

    asyncio.run(whole())


def test_an_answer_that_comes_in_time_is_not_cut_off() -> None:
    async def whole() -> None:
        pace = Pace(64)
        pace.longest_seconds = 2 * LOOK_SECONDS
        deadlines = Deadlines(pace)
        limit = deadlines.timeout(asyncio.get_running_loop().time(), 1)
        async with limit:
            deadlines.look()
            assert limit.when() is not None
        deadlines.ended(limit)
        deadlines.look()
        assert not limit.expired()

    asyncio.run(whole())


def test_a_request_whose_time_is_over_is_given_no_other_deadline() -> None:
    async def whole() -> None:
        deadlines = Deadlines(Pace(64))
        now = asyncio.get_running_loop().time()
        async with deadlines.timeout(now, 1) as limit:
            limit.reschedule(now - 1)
            try:
                await asyncio.Event().wait()
            finally:
                assert limit.expired()
                deadlines.look()

    with pytest.raises(TimeoutError):
        asyncio.run(whole())

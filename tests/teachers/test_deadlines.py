"""Deadlines of what is in flight come nearer with what is sent now, and never go away from it."""

import asyncio

import pytest

from builders.teachers.deadlines import Deadlines
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
            deadlines.hasten()
            assert [first.when(), patient.when()] == pytest.approx([now + 100, now + 200], abs=40)
            _replied(pace, 30.0, 1)
            deadlines.hasten()
            assert first.when() == pytest.approx(now + 100, abs=40)
            async with deadlines.timeout(now, 1) as later:
                assert later.when() == pytest.approx(now + 300, abs=40)
                _replied(pace, 10.0, 400)
                deadlines.hasten()
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
            deadlines.hasten()
            assert [first.when(), patient.when()] == pytest.approx([now + 100, now + 150], abs=40)

    asyncio.run(whole())

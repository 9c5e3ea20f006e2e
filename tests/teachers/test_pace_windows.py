"""The exact course of a limit from window to window, and the edges at which a pace does otherwise."""

import asyncio

import pytest

from builders.teachers.pace import Load, Pace


class Windows:
    """A pace that is shown one window after another, and what becomes of its limit."""

    def __init__(self, fixed: int | None = None, load: Load | None = None) -> None:
        self.now = 0.0
        self.pace = Pace(fixed, lambda: self.now)
        self.pace.load = load

    def seen(self, replies: int, refused: int = 0, *, full: bool = True) -> float:
        """Return the limit after a second with so many replies and refusals."""
        if full:
            while self.pace.entered():
                pass
        for number in range(replies + refused):
            self.pace.in_flight += 1
            self.now += number + 1 == replies + refused
            if number < refused:
                self.pace.refused()
            else:
                self.pace.replied(0.1)
        return self.pace.limit


def test_the_limit_doubles_feels_its_way_and_takes_back_what_brought_nothing() -> None:
    windows = Windows()
    doubled = [windows.seen(rate) for rate in (20, 20, 23, 99, 26)]
    assert doubled == [64.0, 64.0, 128.0, 128.0, 64.0], "26 are fewer than 1.15 times 23"
    felt = [windows.seen(rate) for rate in (20, 20, 20, 21)]
    assert felt == [64.0, 80.0, 80.0, 100.0], "a probe that brought 1.05 times the replies stays"
    assert [windows.seen(22) for _ in range(4)] == [100.0, 80.0, 80.0, 100.0], "one that did not is taken back"
    assert [windows.seen(22) for _ in range(6)] == [100.0, 80.0, 80.0, 80.0, 80.0, 100.0], "the next one comes later"


@pytest.mark.parametrize(
    ("replies", "refused", "limit"), [(18, 2, 64.0), (17, 3, 32.0), (17, 2, 32.0), (44, 8, 27.1), (10, 10, 22.4), (0, 20, 22.4)]
)
def test_the_limit_grows_falls_or_stays_by_the_share_of_refusals(replies: int, refused: int, limit: float) -> None:
    assert Windows().seen(replies, refused) == pytest.approx(limit, abs=0.05)


def test_a_window_in_which_there_was_room_raises_nothing() -> None:
    assert Windows().seen(20, full=False) == 32.0


def test_what_is_refused_falls_back_to_the_limit_that_was_good() -> None:
    windows = Windows()
    assert [windows.seen(20), windows.seen(10, 10)] == [64.0, 32.0]
    assert [windows.seen(20), windows.seen(20)] == [32.0, 40.0]


def test_with_its_load_known_the_limit_doubles_until_something_waits_then_grows_by_a_quarter() -> None:
    windows = Windows(load=Load(running=30, waiting=0, cache=0.89, hits=None))
    assert windows.seen(20) == 64.0
    windows.pace.load = Load(running=30, waiting=5, cache=0.1, hits=None)
    assert [windows.seen(20), windows.seen(20)] == [64.0, 34.0]
    windows.pace.load = Load(running=30, waiting=0, cache=0.1, hits=None)
    assert [windows.seen(20), windows.seen(20)] == [34.0, 42.5]


def test_a_server_is_left_alone_only_above_the_share_of_refusals_at_which_the_limit_falls() -> None:
    async def let_in(replies: int) -> bool:
        pace = Pace(8, lambda: 0.0)
        for ended in [pace.replied] * replies + [pace.refused] * 3:
            assert pace.entered()
            ended(60.0)
        return pace.entered()

    assert [asyncio.run(let_in(replies)) for replies in (17, 16)] == [True, False]


@pytest.mark.parametrize(("replies", "seconds"), [(199, 3600.0), (200, 200.0)])
def test_a_server_that_has_not_answered_is_given_ten_times_as_long_as_a_peer_that_is_known(
    replies: int, seconds: float
) -> None:
    peer, other = Pace(4), Pace(4)
    other.peers = [other, peer]
    for _ in range(replies):
        peer.in_flight += 1
        peer.replied(2.0)
    assert other.deadline_seconds == seconds
    for _ in range(200):
        peer.in_flight += 1
        peer.replied(99.0)
    assert other.deadline_seconds == 3600.0

"""The limit of requests in flight, against servers that are simulated event by event, without a clock."""

import asyncio
import heapq
from collections.abc import Callable

import pytest

from builders.teachers.metrics import load
from builders.teachers.pace import FIRST_LIMIT, LONGEST_SECONDS, SHORTEST_SECONDS, SLOWEST_REPLIES, Load, Pace


class Simulation:
    """A client that always has more to ask, and a server that says how each request ends."""

    def __init__(self, fixed: int | None = None) -> None:
        self.now = 0.0
        self.pace = Pace(fixed, lambda: self.now)
        self.replies = self.refusals = 0
        self._events: list[tuple[float, int, bool]] = []
        self._asked = 0

    def run(self, seconds: float, server: Callable[[int, int], tuple[float, bool]]) -> None:
        """Go on for so many seconds.

        Args:
            seconds: simulated ones.
            server: in flight, number of the request → seconds it takes, whether it is refused.
        """
        end = self.now + seconds
        while self.now < end:
            while self.pace.entered():
                self._asked += 1
                took, refused = server(self.pace.in_flight, self._asked)
                heapq.heappush(self._events, (self.now + took, self._asked, refused))
            self.now, asked, refused = heapq.heappop(self._events)
            if refused:
                self.refusals += 1
                self.pace.refused()
            else:
                self.replies += 1
                self.pace.replied(self._took(asked))

    def _took(self, _asked: int) -> float:
        return 0.1


def parallel(capacity: int) -> Callable[[int, int], tuple[float, bool]]:
    """Return a server that answers so many requests at once in 100 ms each, and makes the others wait."""
    return lambda in_flight, _: (0.1 * max(1.0, in_flight / capacity), False)


@pytest.mark.parametrize("capacity", [8, 64, 200, 1000])
def test_the_limit_finds_what_the_server_can_do_and_does_not_run_away(capacity: int) -> None:
    simulation = Simulation()
    simulation.run(60, parallel(capacity))
    before = simulation.replies
    simulation.run(20, parallel(capacity))
    best = capacity / 0.1 * 20
    assert simulation.replies - before >= 0.85 * best
    assert simulation.pace.limit <= max(4 * capacity, 2 * FIRST_LIMIT)


def test_a_rate_limit_is_found_and_few_requests_are_wasted() -> None:
    def limited(in_flight: int, _: int) -> tuple[float, bool]:
        return (0.1, False) if in_flight <= 50 else (0.01, True)

    simulation = Simulation()
    simulation.run(60, limited)
    replies, refusals = simulation.replies, simulation.refusals
    simulation.run(30, limited)
    done, wasted = simulation.replies - replies, simulation.refusals - refusals
    assert done >= 0.7 * 50 / 0.1 * 30
    assert wasted <= 0.25 * (done + wasted)


def test_a_few_refusals_at_random_do_not_slow_anything_down() -> None:
    simulation = Simulation(64)
    simulation.run(30, lambda _, asked: (0.1, asked % 20 == 0))
    assert simulation.pace.limit == 64


def test_an_overload_makes_it_fall_and_it_recovers_within_seconds() -> None:
    simulation = Simulation(64)
    simulation.run(5, parallel(64))
    simulation.run(3, lambda _, asked: (0.1, asked % 2 == 0))
    fallen = simulation.pace.limit
    assert fallen < 32
    simulation.run(10, parallel(64))
    assert simulation.pace.limit == 64


def test_it_never_falls_below_one_nor_rises_above_what_is_allowed() -> None:
    simulation = Simulation(3)
    simulation.run(30, lambda *_: (0.1, True))
    assert simulation.pace.limit == 1
    simulation.run(30, parallel(64))
    assert simulation.pace.limit == 3


def test_vllm_that_makes_requests_wait_is_sent_no_more_of_them() -> None:
    simulation = Simulation()
    simulation.pace.load = Load(running=40, waiting=200, cache=0.99, hits=None)
    simulation.run(10, parallel(1000))
    assert simulation.pace.limit <= 44
    simulation.pace.load = Load(running=40, waiting=0, cache=0.5, hits=None)
    simulation.run(10, parallel(1000))
    assert simulation.pace.limit > 100


@pytest.mark.parametrize(
    ("load", "limit"),
    [
        (Load(running=100, waiting=11, cache=0.5, hits=None), 110),
        (Load(running=100, waiting=10, cache=0.5, hits=None), 200),
        (Load(running=10, waiting=5, cache=0.5, hits=None), 14),
        (Load(running=10, waiting=4, cache=0.5, hits=None), 200),
        (Load(running=10, waiting=1, cache=0.5, hits=None), 200),
        (Load(running=10, waiting=0, cache=0.9, hits=None), 200),
        (Load(running=300, waiting=40, cache=0.5, hits=None), 200),
    ],
)
def test_vllm_is_sent_more_only_where_nothing_waits_and_its_cache_has_room(load: Load, limit: float) -> None:
    simulation = Simulation()
    simulation.pace.open(200)
    simulation.pace.load = load
    simulation.run(5, parallel(1000))
    assert simulation.pace.limit == limit


def test_a_server_that_is_not_asked_enough_is_not_taken_to_cope_with_more() -> None:
    simulation = Simulation()
    pace = simulation.pace
    for _ in range(1000):
        assert pace.entered()
        simulation.now += 0.1
        pace.replied(0.1)
    assert pace.limit == FIRST_LIMIT


def test_the_deadline_is_long_while_little_is_known_then_follows_the_slowest() -> None:
    pace = Pace(None)
    assert pace.deadline_seconds == LONGEST_SECONDS
    for number in range(1, SLOWEST_REPLIES + 1):
        pace.in_flight += 1
        pace.replied(2.0)
        assert pace.deadline_seconds == pytest.approx(min(LONGEST_SECONDS, 20.0 * SLOWEST_REPLIES / number))
    pace.in_flight += 1
    pace.replied(30.0)
    assert pace.deadline_seconds == 300.0
    for _ in range(2 * SLOWEST_REPLIES):
        pace.in_flight += 1
        pace.replied(0.001)
    assert pace.deadline_seconds == SHORTEST_SECONDS


def test_the_replies_that_come_first_of_many_in_flight_do_not_decide_how_long_the_others_may_take() -> None:
    slots = 10 * SLOWEST_REPLIES
    pace = Pace(slots)
    while pace.entered():
        pass
    for _ in range(SLOWEST_REPLIES):
        pace.replied(1.0)
    assert pace.deadline_seconds == 100.0
    for _ in range(slots - SLOWEST_REPLIES):
        pace.replied(1.0)
    assert pace.deadline_seconds == 10.0


def test_a_busy_server_that_names_a_time_is_left_alone_until_then() -> None:
    async def asked() -> tuple[float, float]:
        pace = Pace(4)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for _ in range(4):
            await pace.enter()
        for _ in range(4):
            pace.refused(0.2)
        await pace.enter()
        return loop.time() - start, pace.in_flight

    waited, in_flight = asyncio.run(asked())
    assert waited >= 0.19
    assert in_flight == 1


@pytest.mark.parametrize("asked_seconds", [(0.05, 0.3), (0.3, 0.05)])
def test_of_several_times_that_a_busy_server_names_the_latest_counts(asked_seconds: tuple[float, float]) -> None:
    async def asked() -> float:
        pace = Pace(4)
        loop = asyncio.get_running_loop()
        for _ in range(4):
            await pace.enter()
        start = loop.time()
        for seconds in asked_seconds:
            pace.refused(seconds)
        async with asyncio.timeout(20):
            await pace.enter()
        return loop.time() - start

    assert asyncio.run(asked()) >= 0.29


def test_a_server_is_left_alone_only_where_it_refuses_a_quarter_of_what_is_let_in_and_more_than_a_few() -> None:
    async def let_in(replies: int, refusals: int) -> bool:
        pace = Pace(8)
        for _ in range(8):
            await pace.enter()
        for _ in range(replies):
            pace.replied(0.1)
        for _ in range(refusals):
            pace.refused(60.0)
        return pace.entered()

    assert [asyncio.run(let_in(*ended)) for ended in ((4, 1), (4, 2), (0, 1), (0, 2))] == [True, False, True, False]


def test_who_gives_up_waiting_leaves_its_slot_to_the_next() -> None:
    async def asked() -> int:
        pace = Pace(1)
        await pace.enter()
        given_up, patient = asyncio.create_task(pace.enter()), asyncio.create_task(pace.enter())
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        pace.replied(0.1)
        await patient
        return pace.in_flight

    assert asyncio.run(asked()) == 1


def test_vllms_metrics_are_read_old_names_and_new() -> None:
    page = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 7.0
# TYPE vllm:%s gauge
vllm:%s{engine="0",model_name="m"} 0.25
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 200.0
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 50.0
"""
    for name in ("kv_cache_usage_perc", "gpu_cache_usage_perc"):
        assert load(page % (name, name)) == Load(3.0, 7.0, 0.25, 0.25)
    assert load("# TYPE other gauge\nother 1\n") is None
    assert load("vllm:num_requests_running{") is None

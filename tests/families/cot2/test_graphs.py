"""graphs: what is reached, in three readings, against walks that are written out one by one."""

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as some

from builders.families.cot2 import graphs
from builders.families.cot2.graphs import Graph, Reach
from tests.families.cot2 import brute

edges = some.lists(
    some.tuples(some.integers(0, 6), some.integers(1, 7)).filter(lambda edge: edge[0] < edge[1]), max_size=12, unique=True
)


@given(edges)
@settings(max_examples=80, deadline=None)
def test_walks_frontiers_and_what_is_within_reach_are_those_of_brute_force(found: list[tuple[int, int]]) -> None:
    walked = brute.walked(found, 0, 5)
    before: set[int] = set()
    readings = {reach: graphs.reached(found, 0, 5, reach) for reach in get_args(Reach)}
    for step, ends in enumerate(walked):
        assert readings["walks"][step] == sorted(ends)
        assert readings["frontier"][step] == sorted(ends - before)
        before |= ends
        assert readings["within"][step] == sorted(before)


@given(edges)
@settings(max_examples=40, deadline=None)
def test_a_shortest_path_is_a_path_of_the_distance(found: list[tuple[int, int]]) -> None:
    far = graphs.distances(found, 0)
    for end in range(1, 8):
        path = graphs.shortest_path(found, 0, end)
        assert len(path) == far.get(end, -1) + 1
        if path:
            assert (path[0], path[-1]) == (0, end)
            assert graphs.is_path(found, path)


def test_a_walk_may_return_and_a_frontier_may_not() -> None:
    circle = [(0, 1), (1, 0)]
    assert graphs.reached(circle, 0, 4, "walks") == [[0], [1], [0], [1]]
    assert graphs.reached(circle, 0, 4, "frontier") == [[0], [1], [], []]
    assert graphs.reached(circle, 0, 3, "within") == [[0], [0, 1], [0, 1]]


def test_shortcuts_count_a_tie_as_half() -> None:
    plain = Graph(5, ((0, 2), (1, 3), (2, 4), (1, 4)), 0, 4, 3)  # the target has more parents and the higher index
    tie = Graph(4, ((0, 2), (1, 3)), 0, 2, 3)
    assert graphs.shortcuts([plain, tie]) == {"fewer_parents": 0.25, "higher_index": 0.5}
    assert graphs.shortcuts([plain._replace(other=None)]) == {}


def test_a_path_needs_an_edge_for_each_of_its_steps() -> None:
    assert graphs.is_path([(0, 1), (1, 2)], (0, 1, 2))
    assert not graphs.is_path([(0, 1), (1, 2)], (0, 2))
    assert not graphs.is_path([(0, 1)], (0,))

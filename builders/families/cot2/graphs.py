"""What can be reached in a directed graph, and what follows for targets (CoT2, arXiv 2505.23648, ProsQA and ProntoQA).

The paper's target at step t is "the empirical distribution over nodes reachable within t steps from the root". Its code for
these tasks was not released, and the sentence has three readings, each a set of nodes with equal weights:

    frontier   the nodes whose distance from the root is exactly t
    within     the nodes whose distance is at most t, the root among them
    walks      the nodes at the end of a walk of exactly t edges

At t = 0 each is the root alone. The last step is the answer in any reading.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

Reach = Literal["frontier", "within", "walks"]
Edge = tuple[int, int]


class Graph(NamedTuple):
    """A directed graph over nodes 0, 1, …, with two of its nodes to tell apart.

    Args:
        nodes: how many.
        edges: pairs of a node and one that it leads to.
        root: where reasoning starts.
        target: where it is to arrive.
        other: a node that must not be reached; None where a question names no second one.
    """

    nodes: int
    edges: tuple[Edge, ...]
    root: int
    target: int
    other: int | None


def followers(edges: Iterable[Edge]) -> dict[int, list[int]]:
    """Return the nodes that each node leads to."""
    found: dict[int, list[int]] = defaultdict(list)
    for start, end in edges:
        found[start].append(end)
    return found


def distances(edges: Iterable[Edge], root: int) -> dict[int, int]:
    """Return the length of a shortest path from the root to every node that can be reached."""
    after = followers(edges)
    found, queue = {root: 0}, [root]
    for node in queue:
        for end in after.get(node, ()):
            if end not in found:
                found[end] = found[node] + 1
                queue.append(end)
    return found


def shortest_path(edges: Sequence[Edge], root: int, end: int) -> tuple[int, ...]:
    """Return the nodes of a shortest path, of several the one whose last edges come first; empty where there is none."""
    far = distances(edges, root)
    if end not in far:
        return ()
    path = [end]
    while path[-1] != root:
        path.append(next(start for start, after in edges if after == path[-1] and far.get(start) == far[path[-1]] - 1))
    return tuple(reversed(path))


def reached(edges: Sequence[Edge], root: int, steps: int, reach: Reach) -> list[list[int]]:
    """Return the nodes of a reading at t = 0, 1, …, `steps` - 1, ascending; empty where no node is so far away."""
    if reach == "walks":
        after = followers(edges)
        level, levels = {root}, []
        for _ in range(steps):
            levels.append(sorted(level))
            level = {end for node in level for end in after.get(node, ())}
        return levels
    far = distances(edges, root)
    if reach == "frontier":
        return [sorted(node for node in far if far[node] == step) for step in range(steps)]
    return [sorted(node for node in far if far[node] <= step) for step in range(steps)]


def parents(edges: Iterable[Edge]) -> Counter[int]:
    """Return how many edges end in each node."""
    return Counter(end for _, end in edges)


def is_path(edges: Iterable[Edge], path: Sequence[int]) -> bool:
    """Tell whether an edge leads from each node of a path to the next."""
    known = set(edges)
    return len(path) > 1 and all(pair in known for pair in pairwise(path))


def shortcuts(graphs: Iterable[Graph]) -> dict[str, float]:
    """Return how often a rule finds the target that does not reason at all; a tie counts as half.

    `fewer_parents` takes the node that fewer edges end in, `higher_index` the one with the larger number.
    """
    hits, count = {"fewer_parents": 0.0, "higher_index": 0.0}, 0
    for graph in graphs:
        if graph.other is None:
            continue
        ends = parents(graph.edges)
        count += 1
        hits["fewer_parents"] += _won(ends[graph.other], ends[graph.target])
        hits["higher_index"] += _won(graph.target, graph.other)
    return {rule: hit / count for rule, hit in hits.items()} if count else {}


def _won(own: int, theirs: int) -> float:
    return 0.5 if own == theirs else float(own > theirs)

"""Make graphs like those of ProsQA: two roots, one of two leaves can be reached from the root that the question asks about.

The construction is that of Coconut's appendix (arXiv 2412.06769): nodes come one by one, each gets a Poisson number of
parents among the nodes that are no descendants of the one root, or of the other, or among all, deeper nodes more often. Nodes
without any edge are dropped. The target is the deepest leaf that only its root reaches, the other node a leaf that only the
other root reaches. What the appendix leaves open was fitted on the published validation file (300 rows): how many nodes are
drawn, and how rarely a node without parents becomes a parent (`_ORPHAN`). The number of steps is drawn first, with the
shares of that file, and graphs are drawn until one has it.

Two rules find the target without reasoning too often, in the published file and here: it has fewer parents, and it came later.
The balanced variant pairs target and other node so that both rules are right half of the time: as many parents for both, and a
coin for which came later.
"""

from collections.abc import Mapping, Sequence
from math import exp
from random import Random
from typing import NamedTuple

from builders.families.cot2 import graphs
from builders.families.cot2.graphs import Edge, Graph

STEPS: Mapping[int, float] = {3: 124, 4: 133, 5: 36, 6: 7}
"""Steps of a row → how many rows of the published validation file have so many."""

_NODES = (26, 27, 28)
_PARENTS = 1.52
_DEPTH, _ORPHAN = 1.5, 0.1
_ONE_SIDE, _EITHER_SIDE = 0.35, 0.7
_BOTH = 3


class DrawnGraph(NamedTuple):
    """A graph that was drawn, before its question is chosen: of each node the roots above it as two bits, and the edges."""

    above: list[int]
    edges: list[Edge]


class Side(NamedTuple):
    """What one root offers: the leaves that it alone reaches, and their distances."""

    root: int
    leaves: list[int]
    far: dict[int, int]

    @property
    def deepest(self) -> int:
        """The distance of its deepest leaf."""
        return max(self.far[leaf] for leaf in self.leaves)


def made(chance: Random, *, balanced: bool) -> Graph:
    """Return a graph with its question."""
    steps = chance.choices(list(STEPS), list(STEPS.values()))[0]
    later = chance.random() < 0.5 if balanced else None  # noqa: PLR2004  (a coin, thrown once: not anew for every graph)
    while True:
        drawn = _drawn(chance)
        asked = _asked(chance, drawn, steps, later)
        if asked is not None:
            return _without_lone_nodes(drawn.edges, asked)


class QuestionNodes(NamedTuple):
    """The nodes of a question."""

    root: int
    target: int
    other: int


def _parents(chance: Random, able: list[int], weights: list[float]) -> list[int]:
    """Draw a node's parents, no one twice; both lists lose those that are drawn."""
    found = []
    for _ in range(min(_poisson(chance), len(able))):
        place = chance.choices(range(len(able)), weights)[0]
        found.append(able.pop(place))
        weights.pop(place)
    return found


def _drawn(chance: Random) -> DrawnGraph:
    count = chance.choice(_NODES)
    above, depth, orphan = [1, 2], [0, 0], [False, False]
    edges: list[Edge] = []
    for node in range(2, count):
        side = chance.random()
        barred = 2 if side <= _ONE_SIDE else 1 if side <= _EITHER_SIDE else 0
        able = [one for one in range(node) if not above[one] & barred]
        found = _parents(chance, able, [_ORPHAN if orphan[one] else 1 + _DEPTH * depth[one] for one in able])
        edges += [(parent, node) for parent in found]
        marks = 0
        for parent in found:
            marks |= above[parent]
        above.append(marks)
        depth.append(1 + min(depth[parent] for parent in found) if found else 0)
        orphan.append(not found)
    return DrawnGraph(above, edges)


def _poisson(chance: Random) -> int:
    least, count, product = exp(-_PARENTS), 0, chance.random()
    while product > least:
        product *= chance.random()
        count += 1
    return count


def _asked(chance: Random, drawn: DrawnGraph, steps: int, later: bool | None) -> QuestionNodes | None:  # noqa: FBT001  (a fact)
    """Return a question with so many steps, about the root with the deeper leaves; None where the graph has none.

    Args:
        chance: the source of chance.
        drawn: the graph.
        steps: from root to target.
        later: of the balanced variant, whether the target must have come after the other node; None for the plain one.
    """
    sides = _sides(drawn)
    if len(sides) < 2 or max(side.deepest for side in sides) != steps:  # noqa: PLR2004  (both roots)
        return None
    side = chance.choice([side for side in sides if side.deepest == steps])
    targets = [leaf for leaf in side.leaves if side.far[leaf] == steps]
    others = sides[1 - side.root].leaves
    if later is not None:
        pairs = _alike(drawn.edges, targets, others)
        fitting = [QuestionNodes(side.root, *pair) for pair in pairs if (pair[0] > pair[1]) == later]
        return chance.choice(fitting) if fitting else None
    return QuestionNodes(side.root, chance.choice(targets), chance.choice(others))


def _sides(drawn: DrawnGraph) -> list[Side]:
    """Return each root that has leaves of its own, with them."""
    parents = {start for start, _ in drawn.edges}
    sides = []
    for root in (0, 1):
        far = graphs.distances(drawn.edges, root)
        leaves = [node for node in far if node not in parents and drawn.above[node] == root + 1]
        if leaves:
            sides.append(Side(root, leaves, far))
    return sides


def _alike(edges: Sequence[Edge], targets: Sequence[int], others: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of a target and another node that as many edges end in."""
    ends = graphs.parents(edges)
    return [(target, other) for target in targets for other in others if ends[target] == ends[other]]


def _without_lone_nodes(edges: Sequence[Edge], question: QuestionNodes) -> Graph:
    kept = sorted({node for edge in edges for node in edge} | {0, 1})
    place = {node: number for number, node in enumerate(kept)}
    renamed = tuple((place[start], place[end]) for start, end in edges)
    return Graph(len(kept), renamed, place[question.root], place[question.target], place[question.other])

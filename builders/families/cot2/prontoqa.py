"""Make small ontologies like those of ProntoQA: can the target be reached from the entity that the question names?

The paper rewrites ProntoQA (arXiv 2210.01240) into "A in B." and "A not in B." over letters and describes its question as
whether the target can be reached. As in ProntoQA a chain of statements leads from an entity to a last one about the target,
"Z in T" where the answer is True and "Z not in T" where it is False; and as there, another statement says the opposite of the
target about something that the entity does not lead to. Here that one ends a second chain which looks like the first, from an
entity that nobody asks about, so that neither the mere statements about the target nor the shape around them give the answer
away. Concepts beside and below the chains, and what they are not, are there to mislead.
"""

from itertools import pairwise
from random import Random
from typing import NamedTuple

from builders.families.cot2.graphs import Edge

MOST_HOPS = 7
"""Two chains of so many hops, with all that may be beside them, have 51 nodes."""

_BESIDE, _BELOW, _NOT = 0.5, 0.4, 0.3


class Ontology(NamedTuple):
    """Statements about nodes, which are numbers from 0 on.

    Args:
        nodes: how many there are.
        edges: "one in other", pairs.
        negations: "one not in other", pairs.
        chain: the nodes from the entity to the one that the last statement is about.
        target: what the last statement is about, too.
        answer: whether the target can be reached.
    """

    nodes: int
    edges: tuple[Edge, ...]
    negations: tuple[Edge, ...]
    chain: tuple[int, ...]
    target: int
    answer: bool


def made(chance: Random, hops: int) -> Ontology:
    """Return an ontology whose target is so many statements away from the entity."""
    edges: list[Edge] = []
    negations: list[Edge] = []
    answer = chance.random() < 0.5  # noqa: PLR2004  (a coin)
    nodes = 1  # the target is number 0 until the names are shuffled
    chains = []
    for holds in (answer, not answer):
        chain = list(range(nodes, nodes + hops))
        nodes += hops
        edges += pairwise(chain)
        (edges if holds else negations).append((chain[-1], 0))
        nodes = _misleading(chance, chain[1:], nodes, edges, negations)
        chains.append(chain)
    name = list(range(nodes))
    chance.shuffle(name)
    renamed = [tuple((name[start], name[end]) for start, end in pairs) for pairs in (edges, negations)]
    return Ontology(nodes, renamed[0], renamed[1], tuple(name[node] for node in chains[0]), name[0], answer)


def _misleading(chance: Random, concepts: list[int], nodes: int, edges: list[Edge], negations: list[Edge]) -> int:
    """Add concepts above and below those of a chain, and what these are not; return how many nodes there are now."""
    for concept in concepts:
        if chance.random() < _BESIDE:
            edges.append((concept, nodes))
            nodes += 1
        if chance.random() < _BELOW:
            edges.append((nodes, concept))
            nodes += 1
        if chance.random() < _NOT:
            negations.append((concept, nodes))
            nodes += 1
    return nodes

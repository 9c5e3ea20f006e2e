"""Read a row of ProsQA or ProntoQA, published or made here: its statements become a graph, its answer is checked against it.

What a row says is compared with what it claims. The faults, in order:

    bad_columns       a column does not hold what it should
    unreadable        a sentence or the question has none of the known wordings
    too_many_nodes    more names than there are symbols
    facts_differ      the question does not state the edges (prosqa)
    no_path           the target cannot be reached, or nothing that is reached has a statement about it
    steps_differ      the steps are no path of statements from root to target
    other_reachable   the other node can be reached (prosqa), or statements about the target contradict each other (prontoqa)
    answer_differs    the answer is not what follows
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeGuard

from builders.families.cot2 import graphs, statements, vocabulary
from builders.families.cot2.graphs import Edge
from builders.families.cot2.statements import Statement

Fault = Literal[
    "bad_columns",
    "unreadable",
    "too_many_nodes",
    "facts_differ",
    "no_path",
    "steps_differ",
    "other_reachable",
    "answer_differs",
]


Facts = tuple[tuple[int, int, bool], ...]
"""Statements: start, end, and whether it holds."""


class Question(NamedTuple):
    """A row as a graph.

    Args:
        names: of the nodes.
        facts: what is stated, in the order of the question: start, end, and whether it holds.
        root: the node that reasoning starts from.
        target: the node that the question is about.
        other: the node of the wrong choice; None where there is none.
        path: the nodes of the published steps from the root; of a statement about what is not so, without the target.
        options: the two nodes to choose from, as asked; empty where the answer is a word.
        answer: the word that is the answer; None where the answer is the target.
        asked_to_hold: of a question about truth, whether it says that the root is in the target, or that it is not.
    """

    names: tuple[str, ...]
    facts: Facts
    root: int
    target: int
    other: int | None
    path: tuple[int, ...]
    options: tuple[int, ...]
    answer: str | None
    asked_to_hold: bool = True

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What leads from one node to another."""
        return tuple((start, end) for start, end, holds in self.facts if holds)


def prosqa(row: Mapping[str, Any]) -> Question | Fault:
    """Return the graph of a row with ProsQA's columns, or what is wrong with it."""
    names, steps, edges = row.get("idx_to_symbol"), row.get("steps"), row.get("edges")
    nodes = [row.get(column) for column in ("root", "target", "neg_target")]
    numbers = all(isinstance(node, int) for node in nodes)
    if not _texts(names) or not _texts(steps) or not isinstance(edges, list) or not numbers:
        return "bad_columns"
    root, target, other = (int(node or 0) for node in nodes)
    *sentences, asked = statements.sentences(str(row["question"]))
    found, choice = _read(sentences), statements.choice(asked)
    if found is None or choice is None:
        return "unreadable"
    if len(names) > vocabulary.SYMBOLS:
        return "too_many_nodes"
    number = {name: place for place, name in enumerate(names)}
    facts = _numbered(found, number)
    options = tuple(number.get(name, -1) for name in (choice.first, choice.second))
    if facts is None or sorted([start, end] for start, end, _ in facts) != sorted(edges):
        return "facts_differ"
    if number.get(choice.root) != root or sorted(options) != sorted((target, other)):
        return "facts_differ"
    question = Question(tuple(names), facts, root, target, other, _path(steps, number), options, None)
    return _fault_of_choice(question, row) or question


def _fault_of_choice(question: Question, row: Mapping[str, Any]) -> Fault | None:
    far = graphs.distances(question.edges, question.root)
    if question.target not in far:
        return "no_path"
    path = question.path
    if not graphs.is_path(question.edges, path) or (path[0], path[-1]) != (question.root, question.target):
        return "steps_differ"
    if question.other in far:
        return "other_reachable"
    answer = statements.read(str(row.get("answer")).removesuffix("."))
    names = question.names
    return None if answer == Statement(names[question.root], names[question.target], holds=True) else "answer_differs"


def prontoqa(row: Mapping[str, Any]) -> Question | Fault:
    """Return the graph of a row with ProntoQA's columns, or what is wrong with it; nodes are numbered as they are named."""
    if not _texts(row.get("chain_of_thought")) or not isinstance(row.get("query"), str):
        return "bad_columns"
    found, claim = _read(statements.sentences(str(row["question"]))), statements.claim(row["query"])
    if found is None or claim is None:
        return "unreadable"
    number = {name: place for place, name in enumerate(dict.fromkeys(name for fact in found for name in fact[:2]))}
    if len(number) > vocabulary.SYMBOLS:
        return "too_many_nodes"
    facts = _numbered(found, number)
    if facts is None or claim.start not in number or claim.end not in number:
        return "no_path"
    return _chained(row, tuple(number), facts, claim)


def _chained(row: Mapping[str, Any], names: tuple[str, ...], facts: Facts, claim: Statement) -> Question | Fault:
    root, target = names.index(claim.start), names.index(claim.end)
    question = Question(names, facts, root, target, None, (), (), None, claim.holds)
    far = graphs.distances([edge for edge in question.edges if edge[1] != target], root)
    last = [(start, holds) for start, end, holds in facts if end == target and start in far]
    if not last:
        return "no_path"
    if len({holds for _, holds in last}) > 1:
        return "other_reachable"
    known = {statements.read(step.removesuffix(".")) for step in row["chain_of_thought"]}
    stated = [fact for fact in facts if Statement(names[fact[0]], names[fact[1]], fact[2]) in known]
    end, holds = last[0]
    path = graphs.shortest_path([(start, after) for start, after, positive in stated if positive], root, end)
    if not path or (end, target, holds) not in stated:
        return "steps_differ"
    answer = str(holds == claim.holds)
    return question._replace(path=path, answer=answer) if row.get("answer") == answer else "answer_differs"


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _read(sentences: Sequence[str]) -> list[Statement] | None:
    found = [statements.read(sentence) for sentence in sentences]
    facts = [statement for statement in found if statement is not None]
    return facts if len(facts) == len(found) else None


def _numbered(facts: Sequence[Statement], number: Mapping[str, int]) -> Facts | None:
    if not all(fact.start in number and fact.end in number for fact in facts):
        return None
    return tuple((number[fact.start], number[fact.end], fact.holds) for fact in facts)


def _path(steps: Sequence[str], number: Mapping[str, int]) -> tuple[int, ...]:
    """Return the nodes that steps lead through; -1 for what is not a node, which no edge leads to."""
    facts = [statements.read(step.removesuffix(".")) for step in steps]
    first = number.get(facts[0].start, -1) if facts[0] else -1
    return (first, *(number.get(fact.end, -1) if fact else -1 for fact in facts))

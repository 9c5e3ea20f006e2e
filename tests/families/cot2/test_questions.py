"""questions: what a row says is compared with what it claims, fault by fault."""

from itertools import pairwise
from typing import Any

import pytest

from builders.families.cot2 import questions
from builders.families.cot2.questions import Question

CHOICE: dict[str, Any] = {
    "question": "A in B. B in C. D in E. A in C or E?",
    "answer": "A in C.",
    "steps": ["A in B.", "B in C."],
    "idx_to_symbol": ["A", "B", "C", "D", "E"],
    "edges": [[0, 1], [1, 2], [3, 4]],
    "root": 0,
    "target": 2,
    "neg_target": 4,
}
CLAIM: dict[str, Any] = {
    "question": "A in B. C in D. B not in D. E in A.",
    "query": "A in D?",
    "chain_of_thought": ["A in B.", "B not in D."],
    "answer": "False",
}


def test_a_sound_choice_becomes_a_graph() -> None:
    facts = ((0, 1, True), (1, 2, True), (3, 4, True))
    assert questions.prosqa(CHOICE) == Question(("A", "B", "C", "D", "E"), facts, 0, 2, 4, (0, 1, 2), (2, 4), None)


def test_a_sound_claim_becomes_a_graph_whose_nodes_are_numbered_as_they_are_named() -> None:
    facts = ((0, 1, True), (2, 3, True), (1, 3, False), (4, 0, True))
    assert questions.prontoqa(CLAIM) == Question(("A", "B", "C", "D", "E"), facts, 0, 3, None, (0, 1), (), "False")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"root": "0"}, "bad_columns"),
        ({"steps": []}, "bad_columns"),
        ({"steps": ["A in B.", 2]}, "bad_columns"),
        ({"edges": None}, "bad_columns"),
        ({"idx_to_symbol": "ABCDE"}, "bad_columns"),
        ({"neg_target": None}, "bad_columns"),
        ({"question": "It rains. A in C or E?"}, "unreadable"),
        ({"question": "A in B. B in C. D in E. A in C?"}, "unreadable"),
        ({"idx_to_symbol": [*CHOICE["idx_to_symbol"], *(f"x{place}" for place in range(50))]}, "too_many_nodes"),
        ({"edges": [[0, 1], [1, 2]]}, "facts_differ"),
        ({"question": "A in B. B in C. X in E. A in C or E?"}, "facts_differ"),
        ({"question": "A in B. B in C. D in X. A in C or E?"}, "facts_differ"),
        ({"question": "A in B. B in C. D in E. A in C or B?"}, "facts_differ"),
        ({"question": "A in B. B in C. D in E. D in C or E?"}, "facts_differ"),
        (
            {"question": "A in B. C in B. D in E. A in C or E?", "edges": [[0, 1], [2, 1], [3, 4]]},
            "no_path",
        ),
        ({"steps": ["A in C."]}, "steps_differ"),
        ({"steps": ["A in B."]}, "steps_differ"),
        ({"steps": ["B in C."]}, "steps_differ"),
        ({"steps": ["It rains.", "B in C."]}, "steps_differ"),
        ({"steps": ["A in B.", "It rains."]}, "steps_differ"),
        ({"steps": ["A in X.", "B in C."]}, "steps_differ"),
        (
            {"question": "A in B. B in C. B in E. A in C or E?", "edges": [[0, 1], [1, 2], [1, 4]]},
            "other_reachable",
        ),
        ({"answer": "A in E."}, "answer_differs"),
        ({"answer": "B in C."}, "answer_differs"),
        ({"answer": "A not in C."}, "answer_differs"),
        ({"answer": None}, "answer_differs"),
    ],
)
def test_a_choice_that_does_not_say_what_it_claims_is_named(changed: dict[str, Any], fault: str) -> None:
    assert questions.prosqa({**CHOICE, **changed}) == fault


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"query": None}, "bad_columns"),
        ({"chain_of_thought": "A in B."}, "bad_columns"),
        ({"question": "A in B. It rains."}, "unreadable"),
        ({"query": "Is it so?"}, "unreadable"),
        ({"question": " ".join(f"A{a} in A{b}." for a in "ABCDEFGH" for b in "IJKLMNOPQR") + " X in Y."}, "no_path"),
        ({"query": "A in E?"}, "no_path"),
        ({"query": "A in X?"}, "no_path"),
        ({"query": "X in D?"}, "no_path"),
        ({"chain_of_thought": ["A in B."]}, "steps_differ"),
        ({"chain_of_thought": ["B not in D."]}, "steps_differ"),
        ({"question": "A in B. A in D. B not in D."}, "other_reachable"),
        ({"answer": "True"}, "answer_differs"),
    ],
)
def test_a_claim_that_does_not_follow_is_named(changed: dict[str, Any], fault: str) -> None:
    assert questions.prontoqa({**CLAIM, **changed}) == fault


@pytest.mark.parametrize(("count", "fault"), [(52, "no_path"), (53, "too_many_nodes")])
def test_more_names_than_there_are_symbols_are_too_many(count: int, fault: str) -> None:
    names = [f"{first}{second}" for first in "ABCDEF" for second in "ABCDEFGHIJ"][:count]
    text = " ".join(f"{one} in {other}." for one, other in pairwise(names))
    assert questions.prontoqa({**CLAIM, "question": text}) == fault


def test_a_choice_may_have_as_many_names_as_there_are_symbols() -> None:
    names = [*CHOICE["idx_to_symbol"], *(f"x{place}" for place in range(47))]
    found = questions.prosqa({**CHOICE, "idx_to_symbol": names})
    assert isinstance(found, Question)
    assert len(found.names) == 52


@pytest.mark.parametrize(
    ("names", "nodes", "changed", "fault"),
    [
        ("BACDE", (1, 2, 4), {"steps": ["X in B.", "B in C."]}, "steps_differ"),
        ("ACBDE", (0, 1, 4), {"steps": ["A in B.", "It rains."]}, "steps_differ"),
        ("AECBD", (0, 2, 1), {"question": "A in B. B in C. D in E. A in C or X?"}, "facts_differ"),
        ("ACEBD", (0, 1, 2), {"question": "A in B. B in C. D in E. A in X or E?"}, "facts_differ"),
    ],
)
def test_what_is_not_named_is_no_node_however_the_nodes_are_numbered(
    names: str, nodes: tuple[int, int, int], changed: dict[str, Any], fault: str
) -> None:
    edges = [[names.index(start), names.index(end)] for start, end in ("AB", "BC", "DE")]
    numbered = dict(zip(("root", "target", "neg_target"), nodes, strict=True))
    row = {**CHOICE, "idx_to_symbol": list(names), "edges": edges, **numbered}
    assert isinstance(questions.prosqa(row), Question)
    assert questions.prosqa({**row, **changed}) == fault

"""The lines and targets of one sequence and of one graph, token by token."""

from typing import Any

import pytest

from builders.families.cot2 import vocabulary
from builders.families.cot2.questions import Question
from builders.families.cot2.targets import TargetKinds, of_digits, of_question

WANTED = TargetKinds((1, None), ("min_abs",), ("frontier", "within", "walks"))
SYMBOLS = ("K", "B", "C", "AD", "E")
FACTS = ((0, 1, True), (0, 2, True), (1, 3, True), (2, 4, True), (2, 3, False))
CHOICE = Question(("k", "b", "c", "d", "e"), FACTS, 0, 3, 4, (0, 1, 3), (4, 3), None)
STATED = "<BOS> K in B . K in C . B in AD . C in E . C not in AD ."


def spelled(name: str, tokens: list[int]) -> str:
    return " ".join(vocabulary.named(name)[token] for token in tokens)


def lines(found: dict[str, Any]) -> dict[str, str]:
    return {name: spelled(found["vocabulary"], tokens) for name, tokens in found["lines"].items()}


def targets(found: dict[str, Any]) -> dict[str, list[str]]:
    """Return each target's steps, each as its tokens and their probabilities."""
    return {
        target["name"]: [
            f"{spelled(found['vocabulary'], tokens)}: {' '.join(f'{share:g}' for share in shares)}"
            for tokens, shares in zip(target["token_ids"], target["probabilities"], strict=True)
        ]
        for target in found["targets"]
    }


def test_a_choice_is_answered_by_the_end_of_its_path() -> None:
    found = of_question(CHOICE, SYMBOLS, WANTED)
    assert lines(found) == {
        "continuous": f"{STATED} K in E or AD ?",
        "no_cot": f"{STATED} K in E or AD ? -> -> -> AD <EOS>",
        "discrete": f"{STATED} K in E or AD ? -> K B AD <EOS>",
    }
    assert targets(found) == {
        "steps": ["K: 1", "B: 1", "AD: 1"],
        "frontier": ["K: 1", "B C: 0.5 0.5", "AD: 1"],
        "within": ["K: 1", "B C K: 0.333333 0.333333 0.333333", "AD: 1"],
        "walks": ["K: 1", "B C: 0.5 0.5", "AD: 1"],
    }
    assert found["letters"] == "K in B. K in C. B in AD. C in E. C not in AD. K in E or AD?"
    assert [target["strategy"] for target in found["targets"]] == ["steps", "frontier", "within", "walks"]
    assert [(target["budget"], target["n_traces"]) for target in found["targets"]] == [(1, 1), *[(None, None)] * 3]
    assert (found["path"], found["symbols"]) == ([0, 1, 3], ["K", "B", "C", "AD", "E"])


@pytest.mark.parametrize(("asked_to_hold", "query"), [(True, "K in AD ?"), (False, "K not in AD ?")])
def test_a_claim_is_answered_by_a_word_after_the_whole_path(*, asked_to_hold: bool, query: str) -> None:
    claim = CHOICE._replace(options=(), answer="False", asked_to_hold=asked_to_hold)
    found = of_question(claim, SYMBOLS, WANTED)
    assert lines(found) == {
        "continuous": f"{STATED} {query}",
        "no_cot": f"{STATED} {query} -> -> -> -> False <EOS>",
        "discrete": f"{STATED} {query} -> K B AD False <EOS>",
    }
    assert targets(found)["steps"] == ["K: 1", "B: 1", "AD: 1", "False: 1"]
    assert targets(found)["frontier"] == ["K: 1", "B C: 0.5 0.5", "E AD: 0.5 0.5", "False: 1"]


def test_a_reading_in_which_a_step_reaches_nothing_is_left_out() -> None:
    beyond = CHOICE._replace(path=(0, 1, 3, 3), options=(), answer="True")
    assert list(targets(of_question(beyond, SYMBOLS, WANTED))) == ["steps", "within"]


def test_the_steps_of_a_sequence_are_its_partial_sums() -> None:
    found = of_digits([2, 1], 9, WANTED)
    assert (found["answer"], found["vocabulary"]) == (1, "mnns_9_2")
    assert found["trace_sorted"] == {"signs": [1, -1], "sums": [2, 1]}
    assert lines(found) == {
        "continuous": "<BOS> D2 D1",
        "no_cot": "<BOS> D2 D1 -> -> S1 <EOS>",
        "discrete_product": "<BOS> D2 D1 -> S2 S1 <EOS>",
        "discrete_sorted": "<BOS> D2 D1 -> S2 S1 <EOS>",
    }
    assert targets(found) == {
        "min_abs_1": ["S2: 1", "S1: 1"],
        "min_abs_all": ["S-2 S2: 0.5 0.5", "S1: 1"],
    }
    assert [(target["strategy"], target["budget"], target["n_traces"]) for target in found["targets"]] == [
        ("min_abs", 1, 1),
        ("min_abs", None, 4),
    ]

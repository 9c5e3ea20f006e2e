"""collect: what a row of one's own must have, and what is taken from a whole example."""

from typing import Any

import pytest

from builders.families.cot2 import collect
from builders.records import Record, Rejection
from tests.harness import OWN

CLAIM: dict[str, Any] = {"query": "A in B?", "chain_of_thought": ["A in B."], "answer": "True"}


def record(subset: str, **data: object) -> Record:
    return Record("cot2:0", subset, None, OWN, data)


@pytest.mark.parametrize(
    ("digits", "most"), [([0, 1], 1), ([1, 2], 9), ([9, 9], 9), ([3] * 10, 9), ([50, 99], 99), ([2, 1], 2)]
)
def test_two_to_ten_digits_up_to_that_of_their_setting_are_a_sequence(digits: list[int], most: int) -> None:
    assert collect.bad_digits(record("mnns", digits=digits, most=most)) is None


@pytest.mark.parametrize(
    ("digits", "most", "kind"),
    [
        ([-1, 1], 9, "list"),
        ([1], 9, "list"),
        ([], 9, "list"),
        ([3] * 11, 9, "list"),
        ([1, 3], 2, "list"),
        ([1, 2], 100, "list"),
        ([1, 2], "9", "list"),
        ([1, 2], None, "list"),
        ([1, "2"], 9, "list"),
        ("12", 9, "str"),
        (None, 9, "NoneType"),
    ],
)
def test_anything_else_is_no_sequence(digits: object, most: object, kind: str) -> None:
    assert collect.bad_digits(record("mnns", digits=digits, most=most)) == Rejection("bad_digits", {"type": kind})
    assert collect.bad_digits(record("prosqa", digits=digits, most=most)) is None


@pytest.mark.parametrize(("split", "length"), [(None, None), ("train", None), ("test", None), ("held_out", 8), (3, 1), ([], 2)])
def test_a_split_is_one_of_those_there_are_or_not_given(split: object, length: int | None) -> None:
    wanted = None if length is None else Rejection("bad_split", {"length": length})
    assert collect.bad_split(record("mnns", split=split)) == wanted


def test_a_graph_is_read_by_the_rules_of_its_subset() -> None:
    claim = record("prontoqa", question="A in B. C not in B.", **CLAIM)
    assert collect.unsound(claim) is None
    assert collect.unsound(record("prontoqa", question="A in B.", **{**CLAIM, "answer": "False"})) == Rejection(
        "answer_differs"
    )
    assert collect.unsound(record("prosqa", question="A in B.", **CLAIM)) == Rejection("bad_columns")
    assert collect.unsound(record("mnns", question="D1 D2")) is None


def test_claims_about_the_same_statements_are_told_apart_by_what_is_asked() -> None:
    assert collect.beside(record("prontoqa", query="A in B?")) == "A in B?"
    assert collect.beside(record("mnns")) == ""


def test_a_whole_example_gives_query_lines_and_answer() -> None:
    given = record("prontoqa", question="A in B.", example={**CLAIM, "question": "not this one"})
    found = collect.completed(given, None)  # type: ignore[arg-type]
    assert {**found.data, "example": None} == {"question": "A in B.", **CLAIM, "example": None}


def test_only_a_claim_without_a_query_is_read_in_coconuts_form() -> None:
    written = {
        "question": "Cats are pets. True or false: Tom is a pet.",
        "steps": ["Tom is a cat. Cats are pets.", "Tom is a pet."],
    }
    found = collect.completed(record("prontoqa", **written), None)  # type: ignore[arg-type]
    assert (found.data["question"], found.data["query"]) == ("Cats are pets.", "True or false: Tom is a pet.")
    assert found.data["chain_of_thought"] == ["Tom is a cat.", "Cats are pets.", "Tom is a pet."]
    assert not found.data.get("steps")
    for given in (
        record("prosqa", **written),
        record("prontoqa", query="A in B?", **written),
        record("prontoqa", question="A."),
    ):
        assert collect.completed(given, None) is given  # type: ignore[arg-type]

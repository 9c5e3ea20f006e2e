"""filter: what is released is looked at once more, step by step."""

from typing import Any

import pytest

from builders.families.cot2 import filter as filtering
from builders.records import Record, Rejection
from tests.harness import OWN

TRACE = {"signs": [1, -1], "sums": [2, 1]}
ROW: dict[str, Any] = {
    "digits": [2, 1],
    "answer": 1,
    "trace_product": TRACE,
    "trace_sorted": TRACE,
    "vocabulary": "mnns_9_2",
    "lines": {"no_cot": [1, 8, 7, 3, 3, 35, 2]},
    "targets": [{"name": "min_abs_all", "token_ids": [[32, 36], [35]], "probabilities": [[0.5, 0.5], [1.0]]}],
}


def rejected(subset: str = "mnns", **changed: object) -> Rejection | None:
    record = Record("cot2:0", subset, None, OWN, {**ROW, **changed})
    found = (rule(record) for rule in filtering.rules(None))  # type: ignore[arg-type]
    return next((rejection for rejection in found if rejection), None)


def test_a_row_is_kept_whose_traces_and_targets_are_what_they_should_be() -> None:
    assert rejected() is None


@pytest.mark.parametrize("name", ["trace_product", "trace_sorted"])
@pytest.mark.parametrize("sums", [[3, 1], [2, 3]])
def test_a_trace_adds_up_to_the_answer_step_by_step(name: str, sums: list[int]) -> None:
    wrong: dict[str, Any] = {name: {**TRACE, "sums": sums}}
    assert rejected(**wrong) == Rejection("trace_broken", {"trace": name})
    assert rejected("prosqa", **wrong) is None


def test_a_trace_ends_in_the_answer() -> None:
    assert rejected(trace_product={"signs": [1, 1], "sums": [2, 3]}) == Rejection("trace_broken", {"trace": "trace_product"})


@pytest.mark.parametrize(
    ("tokens", "shares"),
    [
        ([32, 36], [1.0, 0.0]),
        ([32, 36], [1.5, -0.5]),
        ([32, 36], [0.5, 0.4]),
        ([32, 36], [0.5, 0.5 + 2e-9]),
        ([32, 32], [0.5, 0.5]),
        ([32], [0.5, 0.5]),
        ([], []),
    ],
)
def test_a_step_is_a_distribution_over_different_tokens(tokens: list[int], shares: list[float]) -> None:
    target = {"name": "min_abs_all", "token_ids": [tokens, [35]], "probabilities": [shares, [1.0]]}
    wanted = Rejection("not_a_distribution", {"target": "min_abs_all", "step": 0})
    assert rejected(targets=[*ROW["targets"], target]) == wanted


@pytest.mark.parametrize(("tokens", "shares"), [([34], [1.0]), ([34, 35], [0.5, 0.5])])
def test_the_last_step_is_the_answer_alone(tokens: list[int], shares: list[float]) -> None:
    target = {"name": "last", "token_ids": [[32], tokens], "probabilities": [[1.0], shares]}
    assert rejected(targets=[target]) == Rejection("not_the_answer", {"target": "last", "token": "S1"})


def test_a_release_has_the_columns_of_its_subset_in_order() -> None:
    names = (
        "question",
        "answer",
        "digits",
        "trace_product",
        "trace_sorted",
        "group",
        "split",
        "vocabulary",
        "lines",
        "targets",
    )
    record = Record("cot2:0", "mnns", None, OWN, {**ROW, "question": "D2 D1", "group": "1 2", "split": "train", "most": 9})
    assert tuple(filtering.released(record, None).data) == names  # type: ignore[arg-type]

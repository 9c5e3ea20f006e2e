"""CoT2 under Inspect: final tokens and pass@k, worked out by hand."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from tests.evaluation import planted
from tests.evaluation.planted import Planted
from tests.harness import jsonl

ROWS: list[dict[str, Any]] = [
    {"id": "a", "question": "D3 D4 D5", "digits": [3, 4, 5], "answer": "2"},
    {"id": "b", "question": "D1 D1 D1", "digits": [1, 1, 1], "answer": "1"},
    {"id": "c", "question": "D9 D1 D2", "digits": [9, 1, 2], "answer": "6"},
]
REPLIES = {
    "3, 4, 5": [
        Planted("3 + 4 - 5 = 2"),
        Planted("<think>it may be 2</think>The least is 4"),
        Planted("2", "length"),
        Planted(""),
    ],
    "1, 1, 1": [Planted("S1"), Planted("1"), Planted("**1**"), Planted("1")],
    "9, 1, 2": [Planted("12")] * 4,
}


@pytest.mark.parametrize("kind", planted.KINDS)
def test_accuracy_and_pass_at_k_by_hand(kind: str, tmp_path: Path) -> None:
    """Right are 1, 4 and 0 of 4: accuracy 5/12; pass@1 the same, pass@2 (1/2 + 1 + 0)/3, pass@4 2/3."""
    from builders.families.cot2.evaluate import cot2

    (tmp_path / "rows.jsonl").write_text(jsonl(*ROWS))
    asked = Counter[str]()

    def target(text: str) -> Planted:
        digits = next(name for name in REPLIES if name in text)
        asked[digits] += 1
        return REPLIES[digits][asked[digits] - 1]

    arguments = {"config": "mnns", "rows": str(tmp_path / "rows.jsonl")}
    found = planted.numbers(planted.run(cot2, kind, {"target": target}, arguments, tmp_path, epochs=4))
    wanted = {
        "accuracy": 5 / 12,
        "accuracy_n": 12,
        "pass_at_1": 5 / 12,
        "pass_at_2": (1 / 2 + 1 + 0) / 3,
        "pass_at_4": 2 / 3,
        "pass_at_4_n": 3,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize("config", ["mnns", "prosqa", "prontoqa"])
def test_a_question_is_put_with_its_rules_and_never_with_its_answer(config: str) -> None:
    from builders.families.cot2.evaluate import sample

    rows = {
        "mnns": ROWS[0],
        "prosqa": {"question": "A in B. A in B or C?", "answer": "A in B."},
        "prontoqa": {"question": "A in B.", "query": "A in B?", "answer": "True"},
    }
    made = sample(rows[config], 1)
    assert {"mnns": "3, 4, 5", "prosqa": "A in B or C?", "prontoqa": "Is this true: A in B?"}[config] in str(made.input)
    assert made.target == {"mnns": "2", "prosqa": "B", "prontoqa": "True"}[config]
    assert made.id == {"mnns": "a"}.get(config, "1")
    assert made.metadata == {"row": {name: value for name, value in rows[config].items() if name != "id"}}


@pytest.mark.parametrize("row", [{"answer": "2"}, {"question": 3, "answer": "2"}, {"question": "A in B. A in B or C?"}])
def test_a_row_without_question_or_answer_is_one_clear_line(row: dict[str, Any]) -> None:
    from builders.families.cot2.evaluate import sample

    with pytest.raises(BuildError) as caught:
        sample(row, 4)
    assert str(caught.value) == "row 4: no question and answer; take a file with the published columns"


def test_no_scores_are_no_numbers_and_a_reply_without_an_answer_is_wrong() -> None:
    from inspect_ai.scorer import SampleScore, Score

    from builders.families.cot2.evaluate import summed

    outcomes = [("a", "right"), ("a", "reply_truncated"), ("b", "wrong"), ("b", "right"), ("b", "right")]
    found = summed([SampleScore(score=Score(value=value), sample_id=name) for name, value in outcomes])
    assert summed([]) == {}
    assert {name: found[name] for name in ("pass_at_1", "pass_at_2")} == pytest.approx({"pass_at_1": 7 / 12, "pass_at_2": 1})
    assert "pass_at_3" not in found

"""Whether the final token of a reply is the answer."""

from typing import Any

import pytest

from builders.families.cot2 import measuring

MNNS: dict[str, Any] = {"question": "D1 D1 D1", "digits": [1, 1, 1], "answer": "1"}
PROSQA: dict[str, Any] = {"question": "A in B. A in B or C?", "answer": "A in B.", "neg_target": 2}
PRONTOQA: dict[str, Any] = {"question": "A in B.", "query": "A in B?", "answer": "True"}


@pytest.mark.parametrize(
    ("row", "answer", "right"),
    [
        (MNNS, "1", True),
        (MNNS, "S1 S2 S1 <EOS>", True),
        (MNNS, r"1 + 1 - 1 = \boxed{1}", True),
        (MNNS, "The least is +1.", True),
        (MNNS, "-1", False),
        (MNNS, "1 is not what I found, it is 3", False),
        (MNNS, "", False),
        (PROSQA, "A in B.", True),
        (PROSQA, "**B**", True),
        (PROSQA, "A in C.", False),
        (PROSQA, "b", False),
        (PRONTOQA, "it is true", True),
        (PRONTOQA, "False.", False),
    ],
)
def test_only_the_final_token_counts(row: dict[str, Any], answer: str, *, right: bool) -> None:
    assert measuring.is_right(answer, row) is right


def test_the_tasks_are_told_apart_by_their_columns() -> None:
    assert [measuring.task(row) for row in (MNNS, PROSQA, PRONTOQA)] == ["mnns", "prosqa", "prontoqa"]
    assert [measuring.reference(row) for row in (MNNS, PROSQA, PRONTOQA)] == ["1", "B", "True"]

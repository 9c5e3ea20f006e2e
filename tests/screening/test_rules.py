"""Rules for prompts, one by one."""

import pytest

from builders.families.mmathcot import wording
from builders.screening import rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are the symptoms of Dermatitis herpetiformis et pemphigus vulgaris ?", True),
        ("Dermatitis herpetiformis et pemphigus vulgaris sine signis", False),
        ("Welche Zimmerpflanzen brauchen im Winter wenig Wasser und Licht?", False),
        ("the what of", True),
        ("the what the what", False),
        ("the of to" + " x" * 9, True),
        ("the of to" + " x" * 10, False),
    ],
)
def test_function_words_make_a_text_english(text: str, *, expected: bool) -> None:
    assert rules._is_english(text) is expected  # noqa: SLF001


def test_a_mark_of_byte_order_is_no_part_of_a_problem() -> None:
    assert wording.plain("\ufeffHow many are left?\u200b") == "How many are left?"

"""Rules for prompts, one by one."""

import pytest

from builders.families.mmathcot import wording
from builders.families.mmathcot.collect import STAGE
from builders.records import Record, Rejection
from builders.screening import rules
from tests.harness import OWN


def _problem(identity: str, answer: str) -> Record:
    return Record(identity, "distill", None, OWN, {"question": "How many are left?", "options": [], "answer": answer})


def test_of_two_rows_of_one_prompt_with_answers_that_contradict_each_other_both_go() -> None:
    conflicts: dict[str, str] = {}
    found = rules._exact_duplicates(STAGE, conflicts)  # noqa: SLF001
    assert found(_problem("a", "1/2")) is None
    assert found(_problem("b", "0.5")) == Rejection("exact_duplicate", {"duplicate_of": "a"})
    assert found(_problem("c", "3")) == Rejection("conflicting_answers", {"conflicts_with": "a"})
    again = rules._conflicting(conflicts)  # noqa: SLF001
    assert again(_problem("a", "1/2")) == Rejection("conflicting_answers", {"conflicts_with": "c"})
    assert again(_problem("d", "1/2")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are the symptoms of Dermatitis herpetiformis et pemphigus vulgaris ?", True),
        ("Dermatitis herpetiformis et pemphigus vulgaris sine signis", False),
        ("Welche Zimmerpflanzen brauchen im Winter wenig Wasser und Licht?", False),
    ],
)
def test_function_words_make_a_text_english(text: str, *, expected: bool) -> None:
    assert rules._is_english(text) is expected  # noqa: SLF001


def test_a_mark_of_byte_order_is_no_part_of_a_problem() -> None:
    assert wording.plain("\ufeffHow many are left?\u200b") == "How many are left?"

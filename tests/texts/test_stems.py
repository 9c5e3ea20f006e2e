"""Endings are taken off words, so that forms of one word are alike."""

import pytest

from builders.texts import stems


@pytest.mark.parametrize(
    "forms",
    [
        ("plan", "plans", "planned", "planning"),
        ("hide", "hides", "hiding"),
        ("check", "checked", "checks", "checking"),
        ("call", "calling"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stems.stem(form) for form in forms}) == 1


def test_short_words_stay_whole() -> None:
    assert [stems.stem(word) for word in ("as", "is", "red", "use", "king")] == ["as", "is", "red", "use", "king"]


def test_plain_words_have_no_case_and_no_apostrophes() -> None:
    assert stems.plain("Don\u2019t PANIC, it's fine") == ["dont", "panic", "its", "fine"]

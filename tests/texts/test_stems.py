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


STEMS = """
seemingly seem, markedly mark, tried tri, tries tri, boxes box, slowly slow, cats cat, make mak, missed miss, passing pass,
rolled roll, stopped stop, buzzing buz, ties tie, tied tied, dies die, less les, goes goe, ring ring, ably ably, ingly ing,
edly edly, abedly abed, abingly abing, plee ple, ply ply, apply app, applied appl, apples appl, beeped beep, added ad, hugs hug
"""


@pytest.mark.parametrize("pair", STEMS.replace("\n", " ").strip().split(", "))
def test_the_longest_ending_goes_that_leaves_three_letters(pair: str) -> None:
    word, stem = pair.split()
    assert stems.stem(word) == stem


def test_short_words_stay_whole() -> None:
    assert [stems.stem(word) for word in ("as", "is", "red", "use", "king")] == ["as", "is", "red", "use", "king"]


def test_plain_words_have_no_case_and_no_apostrophes() -> None:
    assert stems.plain("Don\u2019t PANIC, it's fine") == ["dont", "panic", "its", "fine"]

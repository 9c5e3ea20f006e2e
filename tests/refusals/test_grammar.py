"""Phrases between whole words, and where a sentence starts."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.refusals.grammar import any_of, cue

_WORDS = st.lists(st.sampled_from(["no", "not", "note", "on", "one", "sorry"]), min_size=1, max_size=4).map(" ".join)


def test_phrases_stand_on_lines_or_between_bars() -> None:
    found = cue("""
        no way | not (?:today|now)
        never
    """)
    matching = [text for text in (" no way ", " so not now ", " never ", " no ", " not ", " today ") if found.search(text)]
    assert matching == [" no way ", " so not now ", " never "]


@pytest.mark.parametrize("text", [" notes ", " denote ", " no te ", "not"])
def test_only_whole_words_are_found(text: str) -> None:
    assert not cue("not | note").search(text)


def test_the_start_is_that_of_any_sentence() -> None:
    found = cue("no", at_start=True)
    assert found.search(" so be it \n no ")
    assert not found.search(" oh no ")


@settings(derandomize=True, max_examples=200)
@given(st.lists(_WORDS, min_size=1, max_size=6), _WORDS)
def test_sharing_first_letters_changes_nothing(phrases: list[str], text: str) -> None:
    plain = re.compile("(?:" + "|".join(phrases) + ")")
    assert bool(re.fullmatch(any_of(" | ".join(phrases)), text)) == bool(plain.fullmatch(text))


def test_what_may_be_left_out_is_not_shared() -> None:
    assert {word for word in ("email", "mail", "emit", "ail") if re.fullmatch(any_of("e?mail | emit"), word)} == {
        "email",
        "mail",
        "emit",
    }

"""Verbs and families are what they are known to be; where they were meant to change: python -m tests.known."""

from tests import known


def test_every_verb_takes_what_it_is_known_to_take() -> None:
    assert known.options() == known.OPTIONS.read_text(encoding="utf-8").splitlines()


def test_every_family_says_of_itself_what_it_is_known_to_say() -> None:
    assert known.facts() == known.FACTS.read_text(encoding="utf-8").splitlines()

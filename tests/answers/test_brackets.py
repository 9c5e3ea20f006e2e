"""Where brackets close."""

import re

import pytest

from builders.answers import brackets


@pytest.mark.parametrize(
    ("text", "place"), [("(a)", 2), ("(a)b", 2), ("((a) b) c", 6), ("[a)", 2), ("⟨{a}⟩", 4), ("(a", -1), ("(a]b(", 2), ("", -1)]
)
def test_a_bracket_closes_where_as_many_have_closed_as_opened(text: str, place: int) -> None:
    assert brackets.closing(text) == place


def test_a_text_is_parted_outside_of_brackets() -> None:
    assert brackets.split("f(a, b), , c,[d,e]", re.compile(",")) == ["f(a, b)", "c", "[d,e]"]
    assert brackets.split(" , ", re.compile(",")) == []

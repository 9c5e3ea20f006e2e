"""Values as a row can carry them."""

from datetime import date
from typing import Any

import pytest

from builders.sources.settling import fits, settled, tamed, written


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\ud800", "a\\ud800"),
        (["a", "\udc00"], ["a", "\\udc00"]),
        ([["a"], {"b": ("\udc00",)}], [["a"], {"b": ["\\udc00"]}]),
        ({"a": "\ud800"}, {"a": "\\ud800"}),
        ({"\ud800": "a"}, {"\\ud800": "a"}),
    ],
)
def test_half_a_character_is_seen_however_deep_it_is(value: object, kept: object) -> None:
    assert settled(value) == (kept, True)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("caf\u00e9 \U0001f600", "caf\u00e9 \U0001f600"),
        ([float("nan"), -float("inf"), 1.5], [None, None, 1.5]),
        ({1: (2**70, 2**63)}, {"1": [str(2**70), 2**63]}),
        (True, True),
        (None, None),
    ],
)
def test_what_json_has_no_word_for_is_nothing_or_a_text(value: object, kept: object) -> None:
    assert settled(value) == (kept, False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ("x", "x"),
        ([1, "\u00e9"], '[1, "\u00e9"]'),
        ({"a": (None,)}, '{"a": [null]}'),
        (float("nan"), "null"),
        (date(2024, 2, 29), "2024-02-29"),
    ],
)
def test_a_value_is_written_as_a_person_would(value: object, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize(
    ("value", "does"),
    [
        (2**4096 - 1, True),
        (2**4096, False),
        (-(2**4096), False),
        (True, True),
        (1e300, True),
        (b"x", True),
        ({2**4096: 1}, False),
        ({"a": 2**4096}, False),
        ([[2**4096]], False),
        ((1, 2**4096), False),
        ({1, 2**4096}, False),
        (frozenset({2**4096}), False),
        ((1, "x", {2}), True),
    ],
    ids=range(13),
)
def test_a_number_of_more_than_4096_bits_does_not_fit(value: object, *, does: bool) -> None:
    assert fits(value) is does
    assert tamed({"a": value, "b": "x"}) == {"a": value if does else None, "b": "x"}


def test_what_is_more_than_sixty_four_deep_does_not_fit() -> None:
    lists: Any = "x"
    rows: Any = "x"
    for depth in range(1, 66):
        lists, rows = [lists], {"a": rows}
        assert (fits(lists), fits(rows), fits((lists,))) == (depth <= 64, depth <= 64, depth < 64)

"""Values as a row can carry them."""

import pytest

from builders.sources.settling import settled


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

"""Lists that stand in a text: as JSON, as Python, as numpy prints them, or none."""

import pytest

from builders.sources import literals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a", 1]', ["a", 1]),
        ("['a', 1]", ["a", 1]),
        ("('a', 1)", ["a", 1]),
        ("{'a': 1}", {"a": 1}),
        ("['a' 'b']", ["a", "b"]),
    ],
)
def test_a_list_is_read_however_it_is_written(text: str, value: object) -> None:
    assert literals.read(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "[1, 2",
        "[x]",
        "{[1]: 2}",
        "(3)",
        "[" * 9_000 + "]" * 9_000,
        "[" + "-" * 15_000 + "1]",
        "[" + "9" * 5_000 + ", x]",
        "[" + "1, " * 7_000 + "]",
    ],
    ids=range(10),
)
def test_any_other_text_is_none(text: str) -> None:
    assert literals.read(text) is None

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
        ("['a'\n 'b', 'c']", ["a", "b", "c"]),
        ("['it' \"isn't\"]", ["it", "isn't"]),
        ("['a\\'b' 'c']", ["a'b", "c"]),
        ("{'a' 'b'}", {"ab"}),
        ("{}", {}),
        ("()", []),
        ("[" + "1," * 9_999 + "]", [1] * 9_999),
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
        "[" + "1," * 9_999 + "1]",
        "['a' 'b' 3]",
        "('a' 'b')",
        "['a'x 'b']",
        "[1 2]",
        " ['a']",
        "'a'",
        "null",
    ],
    ids=range(18),
)
def test_any_other_text_is_none(text: str) -> None:
    assert literals.read(text) is None


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ({"text": ["x", "y"], "label": ["B", "A"]}, [("B", "x"), ("A", "y")]),
        ({"text": ["x", "y"], "label": ["A", "A"]}, [("", "x"), ("", "y")]),
        ({"text": ["x", "y"], "label": ["A"]}, [("", "x"), ("", "y")]),
        ({"text": ["x", "y"], "names": [1, 2]}, [("", "x"), ("", "y")]),
        ({"text": ["x", None], "label": ["A", "B"]}, [("", "x")]),
        ({"text": ["x", ["z"]], "label": ["A", "B"]}, None),
        ({"texts": ["x"], "labels": ["A"]}, [("A", "x")]),
        ({"option": ["x", "y"], "index": [1, 0]}, [("1", "x"), ("0", "y")]),
        ({"A": ["x"], "B": "y"}, None),
        ({"A": "x", "B": None, "C": "z"}, None),
        ({"A": "x", "B": None}, [("A", "x")]),
        ({"A": "x", "nn": "y"}, None),
        ({"text": "x"}, None),
        ({"yes": True, "no": 2}, None),
        ({"yes": 1, "no": "0"}, None),
        ({}, None),
        ([{"text": "x"}, {"value": "y"}], [("", "x"), ("", "y")]),
        ([{"text": None}, {"text": "y"}], None),
        ([{"option": "x", "text": "y"}], [("x", "y")]),
        ([{"option": "x"}, {"option": 2}], [("", "x"), ("", "2")]),
        ([{"option": "x", "n": 1}], [("", "x")]),
        ([{"value": 1, "key": "B"}, {"value": 2.5, "key": 7}], [("B", "1"), ("7", "2.5")]),
        ([{"text": "x", "label": ["A"], "id": "C"}], [("C", "x")]),
        ([{"label": "x"}], None),
        ([{"n": 1, "m": 2}], None),
        ([("J", "x"), ["j", 2]], [("J", "x"), ("j", "2")]),
        ([("A", None)], None),
        ([("K", "x")], None),
        ([("AB", "x")], None),
        ([["A", "x", "y"]], None),
        ([1.5, True, None], [("", "1.5"), ("", "True")]),
        ([None, "x"], None),
        ([], []),
        ("abc", None),
        (b"abc", None),
        (5, None),
    ],
    ids=range(36),
)
def test_choices_of_a_list_or_a_mapping_have_labels_where_it_is_clear_which(
    value: object, pairs: literals.Named | None
) -> None:
    assert literals.named(value) == pairs

"""Where rows are in a file of JSON or YAML, and what a line says where they are nowhere."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.sources import layouts


def laid(content: Any, *wanted: str, record: str | None = None) -> list[tuple[int, dict[str, Any]]]:  # noqa: ANN401
    return list(layouts.placed(content, wanted, record, "f"))


@pytest.mark.parametrize(
    ("content", "wanted", "rows"),
    [
        ({"a": [{"p": 1}], "b": [{"q": 2}]}, "a", [{"a": {"p": 1}, "b": {"q": 2}}]),
        ({"a": [{"p": 1}], "b": []}, "p", [{"p": 1}]),
        ({"a": [{"p": 1}], "b": [{"p": 2}, 3]}, "p", [{"p": 1}]),
        ({"a": [{"p": 1}], "n": 3}, "q", [{"p": 1}]),
        ({"a": [{"p": 1}], "b": [{"p": 2}]}, "", [{"a": {"p": 1}, "b": {"p": 2}}]),
        ({}, "p", []),
        ({}, "", []),
        ([], "p", []),
        ({"a": [1, 2], "b": [3]}, "a", [{"a": [1, 2], "b": [3]}]),
        ({"columns": ["p"], "data": [[1], [2, 3]]}, "p", [{"p": 1}, {"p": 2}]),
        ({"columns": ["p"], "data": [1]}, "p", [{"columns": "p", "data": 1}]),
        ({"columns": "p", "data": [[1]]}, "data", [{"columns": "p", "data": [[1]]}]),
        ({"columns": ["p"], "data": 3}, "data", [{"columns": ["p"], "data": 3}]),
        ({"a": {"0": 1}, "b": {"0": 2}}, "a", [{"a": 1, "b": 2}]),
        ({"a": {"0": 1}, "b": {"1": 2}}, "a", [{"a": {"0": 1}, "b": {"1": 2}}]),
        ({"x": {"y": {"p": 1}}}, "p", [{"key": "x", "y": {"p": 1}}]),
        ([True], "", [{"value": True}]),
        ([1.5], "", [{"value": 1.5}]),
        ([{"a": 1}, {"a": 2}, {"a": 3}, {"p": 4}], "p", [{"a": 1}, {"a": 2}, {"a": 3}, {"p": 4}]),
        ([{"a": [1, 2, 3, {"p": 4}]}], "p", [{"a": [1, 2, 3, {"p": 4}]}]),
    ],
    ids=range(20),
)
def test_the_layout_that_has_the_columns_is_taken(content: Any, wanted: str, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401
    assert laid(content, *wanted.split()) == list(enumerate(rows, 1))


def test_a_list_of_names_is_above_lists_and_objects() -> None:
    assert laid([["p", "q"], [1], {"p": 2}], "p") == [(2, {"p": 1}), (3, {"p": 2})]


@pytest.mark.parametrize(
    ("content", "wanted", "line"),
    [
        ({"a": [{"p": 1}], "b": [{"p": 2}]}, "p", "f: rows are under a; write record: a"),
        (
            {"a": [{"p": 1}], "b": [{"q": 2}], "c": [3], "d": []},
            "x",
            "f: rows are under several keys: a, b; say under which key, such as record: a",
        ),
        (3, "", "f: neither a list nor a mapping of rows; write one object per row"),
        ("x", "", "f: neither a list nor a mapping of rows; write one object per row"),
        ({"a": {"p": 1}, "b": 3}, "p", "f:2: row 2 is int, not an object; write one object per row"),
        ({"a": {"p": 1}, "b": 3}, "", "f:2: row 2 is int, not an object; write one object per row"),
        ({"a": [1, 2], "b": [3]}, "p", "f:1: row 1 is list, not an object; write one object per row"),
        ({"x": [{"y": {"p": 1}}]}, "p", "f: rows are under x/y; write record: x/y"),
        ([{"a": [1, 2, {"p": 4}]}], "p", "f: rows are under a; write record: a"),
        ([["a"], ["b"]], "", "f:1: row 1 is list, not an object; write one object per row"),
        ([["p", "q"], [1, 2], [3, 4, 5]], "p", "f:3: row 3 is list, not an object; write one object per row"),
        ([None, 1], "", "f:1: row 1 is NoneType, not an object; write one object per row"),
        ([1, None, "x", [2]], "", "f:4: row 4 is list, not an object; write one object per row"),
        ([{"p": 1}, 2], "", "f:2: row 2 is int, not an object; write one object per row"),
        ([{"p": 1}, ["p"]], "p", "f:2: row 2 is list, not an object; write one object per row"),
        ([{1: 2}], "", "f:1: row 1 has a column whose name is not text; quote the name"),
    ],
    ids=range(16),
)
def test_what_holds_no_rows_says_where_they_may_be(content: Any, wanted: str, line: str) -> None:  # noqa: ANN401
    with pytest.raises(BuildError) as caught:
        laid(content, *wanted.split())
    assert str(caught.value) == line


def test_a_path_of_keys_passes_over_what_lacks_them() -> None:
    assert laid({"a": {"b": [{"p": 1}, {"p": 2}]}}, record="a/b") == [(1, {"p": 1}), (2, {"p": 2})]
    assert laid({"a": [{"b": {"p": 1}}, 3, {"c": 1}]}, record="a/b") == [(1, {"p": 1})]
    for content, keys in (({"c": 1, "a": {}}, "a, c"), ([1], "it is a list")):
        with pytest.raises(BuildError, match=f"^f: nothing is under b; write the keys that lead to the rows: {keys}$"):
            laid(content, record="b")


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b'{"a": 1, "b": 2, "a": 3}', 3),
        (b'{"a": 1, "b": 2, "b": 3, "a": 4}', 3),
        (b'{"a": 1, "a": 2, "b": ' + b"[" * 3000 + b"]" * 3000 + b"}", 2),
    ],
    ids=["apart", "two", "deep"],
)
def test_a_key_that_stands_twice_names_the_second(data: bytes, row: int) -> None:
    with pytest.raises(BuildError) as caught:
        layouts.refuse_twins(data, {"a": 1, "b": 2}, "f")
    assert str(caught.value) == f"f: row {row} has the key of an earlier one; give each row its own key"
    layouts.refuse_twins(b'{"a": 1, "b": 2}', {"a": 1, "b": 2}, "f")

"""Rows of CSV and TSV: where they end, what a first line says, and which line is broken."""

from typing import Any

import pytest

from builders.errors import BuildError
from builders.sources import delimited

QUOTED = (
    "; if quotation marks are letters like any other in this file, write quoting: none; "
    "if one within a field has a backslash before it, quoting: backslash; else fix that line"
)

NAMELESS = "the first line has to name the columns: take out what is above it, or name them under header"


def read(text: str, **dialect: Any) -> list[tuple[int, dict[str, Any]]]:  # noqa: ANN401
    lines = iter(text.splitlines(keepends=True))
    return list(delimited.rows(lines, "f", delimited.Dialect(**{"delimiter": ",", **dialect}), ("a",)))


@pytest.mark.parametrize(
    ("text", "dialect", "rows"),
    [
        ("", {}, []),
        ("a,b\n1,2\n\n3,4\n", {}, [(2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"})]),
        ("a,b\n1,2,,\n", {}, [(2, {"a": "1", "b": "2"})]),
        ('a,b\n"x\ny",2\n3,4\n', {}, [(3, {"a": "x\ny", "b": "2"}), (4, {"a": "3", "b": "4"})]),
        ('a,b\n1,"2\n', {"quoting": "none"}, [(2, {"a": "1", "b": '"2'})]),
        ('a, b\n1, "2\n', {"quoting": "none"}, [(2, {"a": "1", "b": '"2'})]),
        ('a,b\n"x\\"y",2\n', {"quoting": "backslash"}, [(2, {"a": 'x"y', "b": "2"})]),
        ("sep=;\na;b\n1;2\n", {}, [(3, {"a": "1", "b": "2"})]),
        ("\ufeffsep=|\r\na|b\r\n1|2\r\n", {}, [(3, {"a": "1", "b": "2"})]),
        ("a, b\n1, 2\n", {}, [(2, {"a": "1", "b": "2"})]),
        ("a, b,c\n1, 2,3\n", {}, [(2, {"a": "1", "b": " 2", "c": "3"})]),
        ("a\n 1\n", {}, [(2, {"a": " 1"})]),
        ("1,2\n", {"names": ("a", "b")}, [(1, {"a": "1", "b": "2"})]),
        ("t\na,b\n1,2\n3,4\n", {}, [(3, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"})]),
        ("a,c,b,c\n1,2,3,4\n", {}, [(2, {"a": "1", "b": "3"})]),
    ],
    ids=range(15),
)
def test_a_row_has_the_line_where_it_ends(text: str, dialect: dict[str, Any], rows: list[tuple[int, dict[str, Any]]]) -> None:
    assert read(text, **dialect) == rows


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,2,3\n", "f:2: 3 fields where the header has 2; quote or fix that row"),
        ("a,b\n1\n", "f:2: 1 fields where the header has 2; quote or fix that row"),
        (
            "x,b\n1\n",
            f"f:2: 1 fields where the header has 2; {NAMELESS}",
        ),
        ("sep=;\na;b\n1;2;3\n", "f:3: 3 fields where the header has 2; quote or fix that row"),
        ("a,b,a\n1,2,3\n", "f:1: the column a stands twice; rename one"),
        ("\n\na,a\n1,2\n", "f:3: the column a stands twice; rename one"),
        ('a,b\n1,"2\n3,4\n', f"f:2: broken row: unexpected end of data, read up to line 3{QUOTED}"),
        ('a,b\n1,2\n1,"2', f"f:3: broken row: unexpected end of data{QUOTED}"),
        ('sep=,\na,b\n1,"2\n3,4\n', f"f:3: broken row: unexpected end of data, read up to line 4{QUOTED}"),
        ('t\na,b\n1,"2\n3,4\n', f"f:3: broken row: unexpected end of data, read up to line 4{QUOTED}"),
        ('t\nu\nv\na,b\n1,"2\n3,4\n', f"f:5: broken row: unexpected end of data, read up to line 6{QUOTED}"),
        ("t\nu\nv\na,b,a\n1,2,3\n", "f:4: the column a stands twice; rename one"),
    ],
    ids=range(12),
)
def test_a_broken_row_is_one_line_that_names_where_it_begins(text: str, line: str) -> None:
    with pytest.raises(BuildError) as caught:
        read(text)
    assert str(caught.value) == line

"""Names of columns: as messages show them, where a table has them, and which of them may be read."""

from collections.abc import Sequence

import pytest

from builders.errors import BuildError
from builders.sources import columns


def test_names_are_listed_in_order_and_not_more_than_twenty() -> None:
    names = [f"c{number:02}" for number in range(23)]
    assert columns.listed(names[1::-1]) == "c00, c01"
    assert columns.listed(names[:20]) == ", ".join(names[:20])
    assert columns.listed(names[:21]) == f"{', '.join(names[:20])} and 1 more"
    assert columns.listed(names) == f"{', '.join(names[:20])} and 3 more"


@pytest.mark.parametrize(
    ("name", "guarded", "shown"),
    [
        ("x" * 30, False, "x" * 30),
        ("x" * 31, False, "(a name of 31 characters)"),
        ("a b", False, "a b"),
        ("a ", False, "'a '"),
        ("a\u200b", False, "'a\\u200b'"),
        ("abc", True, "abc"),
        ("abcd", True, "(a name of 4 characters)"),
        ("TEXT", True, "TEXT"),
    ],
)
def test_a_name_is_shown_as_far_as_it_may_be(name: str, shown: str, *, guarded: bool) -> None:
    assert columns.shown(name, guarded=guarded) == shown


@pytest.mark.parametrize(
    ("cell", "name"), [(None, ""), (0, "0"), (" \ufeff a b \u200b", "a b"), ("\u00adx\u2060", "x"), ("\u200c\u200dx", "x")]
)
def test_a_cell_names_its_column_without_what_nobody_sees(cell: object, name: str) -> None:
    assert columns.named(cell) == name


@pytest.mark.parametrize(
    ("rows", "wanted", "names", "place"),
    [
        ([["t"], ["p", "n"]], ["p"], ["p", "n"], 2),
        ([["t"], ["p", "n"]], [], ["t"], 1),
        ([["t", "u"], ["p", "n"]], ["p"], ["t", "u"], 1),
        ([[], ["", None], ["p"]], ["p"], ["p"], 3),
        ([], ["p"], [], 0),
        ([["t"], ["x", "y", "z"], ["p", "n"]], ["p"], ["t"], 1),
        ([["t"], ["x", "y"], ["p", "n", "m"]], ["p"], ["p", "n", "m"], 3),
        ([["t"], ["p", "q"]], ["p", "q"], ["p", "q"], 2),
    ],
)
def test_the_row_that_names_the_columns_is_found(
    rows: list[Sequence[object]], wanted: list[str], names: list[str], place: int
) -> None:
    assert columns.header(rows, wanted) == (names, place)


def test_a_name_that_stands_twice_is_no_columns_and_none_that_params_may_name() -> None:
    assert columns.kept(["a", "b", "a", "", "c", ""], ["b"], "x") == [1, 4]
    assert columns.kept(["", ""], [""], "x") == []
    with pytest.raises(BuildError, match=r"^x: the column b stands twice; rename one$"):
        columns.kept(["a", "b", "a", "b"], ["b", "c"], "x")

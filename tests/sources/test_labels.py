"""Labels within a text and of texts: which choices they set apart, and in which order."""

import pytest

from builders.sources import labels

Named = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("(A) 3 (B) 4 (D) 5", [("A", "3"), ("B", "4 (D) 5")]),
        ("(A) 3 (B) 4 (A) 5", [("A", "3"), ("B", "4 (A) 5")]),
        (" A) 3 B) 4 ", [("A", "3"), ("B", "4")]),
        ("1. a 2. b 27. c 99. d", [("1", "a"), ("2", "b 27. c 99. d")]),
        ("(A) this; (B) that\n(B) other\n(C) third", [("A", "this; (B) that"), ("B", "other"), ("C", "third")]),
        ("x (A) 3 (B) 4", None),
        ("red A. 1 B. 2", None),
        ("(2) x (3) y", None),
        ("00. a 1. b", None),
        ("(0) a (1) b (2) c", None),
        ("A.1B.2", None),
        ("", None),
    ],
)
def test_a_text_is_divided_at_labels_that_follow_each_other(text: str, parts: Named | None) -> None:
    assert labels.parted(text) == parts


def test_a_text_of_more_than_twenty_thousand_characters_is_not_divided() -> None:
    inside = "x" * 19_990
    assert labels.parted(f" (A) {inside} (B) y ") == [("A", inside), ("B", "y")]
    assert labels.parted(f"(A) {inside} (B) yz") is None


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("How (A) 3 (B) 4", [4]),
        ("How(A) 3", []),
        ("(A) 3", []),
        (" (A) 3", [1]),
        ("x A) 1 B) 2 A) 3", [12, 2]),
        ("x (B) 3", []),
        ("say (1) a", [4]),
        ("say a) b", [4]),
        ("x (A) " + "y" * 19_996, [2]),
        ("x (A) " + "y" * 19_997, []),
        ("x" + " (A)" * 50, list(range(198, 38, -4))),
    ],
    ids=range(11),
)
def test_choices_may_begin_at_a_first_label_behind_a_space(text: str, places: list[int]) -> None:
    assert labels.starts(text) == places


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a;b", ["a", "b"]),
        ("a;;b", ["a", "", "b"]),
        ("a\n\nb", ["a", "b"]),
        ("a\tb", ["a", "b"]),
        ("a|b;c", ["a|b", "c"]),
        ("a,b", ["a", "b"]),
        ("1,5, 2,5", ["1,5", "2,5"]),
        ("a b,c", []),
        ("a,", []),
        (",a", []),
        ("a", []),
        ("• a;• b", ["a", "b"]),
        ("\"a\",'b'", ['"a"', "'b'"]),
    ],
)
def test_choices_without_labels_are_set_apart_by_one_mark(text: str, items: list[str]) -> None:
    assert labels.unlabelled(text) == items


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ([("(b)", "y"), ("[A].", "x")], (["x", "y"], [])),
        ([("A", "x"), ("C", "y")], None),
        ([("A", "x"), ("A", "y")], None),
        ([("1", "x"), ("2", "y")], (["x", "y"], ["1", "2"])),
        ([("0", "x"), ("1", "y")], (["x", "y"], ["0", "1"])),
        ([("2", "x"), ("1", "y")], (["x", "y"], [])),
        ([("1", "A. x"), ("2", "B. y")], (["x", "y"], ["1", "2"])),
        ([("", "A. x"), ("", "y")], (["x", "y"], [])),
        ([("", "B. x"), ("", "y")], (["B. x", "y"], [])),
        ([("", "x"), ("", "B. y")], (["x", "y"], [])),
        ([("", "(A)"), ("", "y")], (["(A)", "y"], [])),
        ([("", "B. x"), ("", "A. y")], (["y", "x"], [])),
        ([("", "A."), ("", "B.")], (["A", "B"], [])),
        ([("", ""), ("", "")], (["A", "B"], [])),
        ([("1", ""), ("2", "")], (["A", "B"], ["1", "2"])),
        ([("", "A. x")], (["x"], [])),
        ([("", "")], ([""], [])),
        ([("A", "A. x"), ("B", "B. y")], (["x", "y"], [])),
        ([("", "(1) x"), ("", "(2) y")], (["(1) x", "(2) y"], [])),
        ([("", "A - x"), ("", "B - y")], (["x", "y"], [])),
        ([("", "A x"), ("", "B y")], (["A x", "B y"], [])),
        ([], ([], [])),
    ],
    ids=range(22),
)
def test_texts_stand_in_the_order_of_their_labels(named: Named, found: tuple[list[str], list[str]] | None) -> None:
    assert labels.ordered(named) == found

"""Choices in every form that sources have them in, with one reading or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.provenance import Provenance
from builders.records import Record
from builders.sources import choices

_MATHQA = "a ) 38 , b ) 27.675 , c ) 30 , d ) data inadequate , e ) none of these"


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ("• A) 3\n• B) 4".removeprefix("• "), ["3", "4"]),
        ("Choice:\nA. True\nB. False", ["True", "False"]),
        (_MATHQA, ["38", "27.675", "30", "data inadequate", "none of these"]),
        ("a ) 1 , 000 , b ) 2 , 000", ["1 , 000", "2 , 000"]),
        ("A. 45°; B. 35°; C. 25°; D. No correct answer", ["45°", "35°", "25°", "No correct answer"]),
        ("Choices: (A) 3 (B) 4 (C) 5", ["3", "4", "5"]),
        ("Answer Choices:\n(A) 3\n(B) 4", ["3", "4"]),
        ("A:40°\nB:60°\nC:120°", ["40°", "60°", "120°"]),
        ("A) 1, B) 2, or C) 3", ["1", "2", "3"]),
        ("(A)3(B)4(C)5", ["3", "4", "5"]),
        ("A 3\nB 4\nC 5", ["3", "4", "5"]),
        ("A. 1 B. 2\nC. 3 D. 4", ["1", "2", "3", "4"]),
        ("【A】3【B】4", ["3", "4"]),
        ("(1) red (2) blue", ["red", "blue"]),
        ("38\n27\n\n30", ["38", "27", "30"]),
        ("38; 27 | 30; 5", ["38", "27 | 30", "5"]),
        ("red|green apples", ["red", "green apples"]),
        ("38, 27, 30", ["38", "27", "30"]),
        ("1,000, 2,000", ["1,000", "2,000"]),
        ("yes,no", ["yes", "no"]),
        ("['a ) rs . 400', 'b ) rs . 300', 'c ) rs . 500']", ["rs . 400", "rs . 300", "rs . 500"]),
        ("['3' '4'\n '5']", ["3", "4", "5"]),
        ("('3', '4')", ["3", "4"]),
        ('["3", "4"]', ["3", "4"]),
        ('{"A": "x", "B": "y"}', ["x", "y"]),
        (["A)21", "B) 34", "(C) 55"], ["21", "34", "55"]),
        (["A. red", "blue"], ["red", "blue"]),
        (["B. red", "A. blue"], ["blue", "red"]),
        ([12, 3.5, True], ["12", "3.5", "True"]),
        (["A", "B"], ["A", "B"]),
        (["(A)", "(B)"], ["A", "B"]),
        ("A. \nB. ", ["A", "B"]),
        (["(A) 3 (B) 4"], ["3", "4"]),
        (["3", "4", None, None], ["3", "4"]),
        ({"B": "y", "A": "x"}, ["x", "y"]),
        ({"A": "x", "B": "y", "C": None}, ["x", "y"]),
        ({"option_a": "x", "option_b": 4}, ["x", "4"]),
        ({"0": "x", "1": "y"}, ["x", "y"]),
        ({"text": ["x", "y"], "label": ["A", "B"]}, ["x", "y"]),
        ({"text": ["x", "y"], "label": ["B", "A"]}, ["y", "x"]),
        ({"choices": ["x", "y"], "labels": [1, 0]}, ["x", "y"]),
        ([{"label": "B", "text": "y"}, {"label": "A", "text": "x"}], ["x", "y"]),
        ([{"A": "x"}, {"B": "y"}], ["x", "y"]),
        ([["B", "y"], ["A", "x"]], ["x", "y"]),
        ([("A", 1), ("B", 2)], ["1", "2"]),
        ({"yes": 1, "no": 0}, ["yes", "no"]),
        ({"both": 0.0, "neither": 1.0, "one": False}, ["both", "neither", "one"]),
        ({"ending0": "x", "ending1": "y"}, ["x", "y"]),
        ({"sol1": "x", "sol2": "y"}, ["x", "y"]),
        ("Option A: x\nOption B: y", ["x", "y"]),
        ('["x", "y", null]', ["x", "y"]),
        ('{"A": true, "B": "y"}', ["True", "y"]),
        ("(a) 3 (b) 4", ["3", "4"]),
        ("[A] 3 [B] 4", ["3", "4"]),
        ("a. 3 b. 4 c. 5", ["3", "4", "5"]),
        ("A - 3 B - 4", ["3", "4"]),
        ("1. red 2. dark blue", ["red", "dark blue"]),
        ("1) red 2) dark blue", ["red", "dark blue"]),
        ("(A) f(B) (B) 4 (C) 5", ["f(B)", "4", "5"]),
        ("(A) both (B) and (C), (B) 4, (C) 5", ["both (B) and (C)", "4", "5"]),
        ("**A.** x\n**B.** y", ["x", "y"]),
        ("**(A)** x\n**(B)** y", ["x", "y"]),
        ("A. x<br/>B. y<BR>C. z", ["x", "y", "z"]),
        ("A．1\u3000\u3000B．2\u3000C．3", ["1", "2", "3"]),  # noqa: RUF001
        ("（A）1（B）2", ["1", "2"]),  # noqa: RUF001
        ("- red\n- blue apples", ["red", "blue apples"]),
        ("• red\n• blue", ["red", "blue"]),
        ("- red\nblue", ["- red", "blue"]),
        ('"x","y"', ["x", "y"]),
        ("'x'; 'y z'", ["x", "y z"]),
        ('"x","y', ['"x"', '"y']),
        ("a\nb\nc\nd\ne\nf\ng\nh\ni\nj", list("abcdefghij")),
        ("Choices: Options: A. x\nB. y", ["Options: A. x", "y"]),
        ({"A": "(A) 1 (B) 2"}, ["1", "2"]),
    ],
)
def test_choices_are_read_from_whatever_form_a_source_has_them_in(value: object, options: list[str]) -> None:
    assert choices.read(value) == choices.Choices(tuple(options), choices.read(value).names)


@pytest.mark.parametrize(
    "value", [None, "", " ", [], {}, (), "[]", "{}", "()", "None", "null", "n/a", "NA", "-", float("nan"), "nan"]
)
def test_a_row_without_choices_has_none_and_nothing_is_unread(value: object) -> None:
    assert choices.read(value) == choices.Choices()


@pytest.mark.parametrize(
    "value",
    [
        "see the figure",
        "A. Vitamin B. B. Vitamin C. C. Vitamin K.",
        "(A) both (B) and (C) (B) 4 (C) 5",
        "38,27,30",
        "red apples, blue",
        "A. 3\nB. ",
        "A. 3",
        ["only"],
        ["1", None, "3"],
        ["1", ["2"]],
        [str(number) for number in range(12)],
        [{"label": "A"}, {"label": "B"}],
        {"A": "x", "C": "y"},
        {"first": "x", "second": "y"},
        {"first": 2, "second": 1},
        [["A", ["x"]], ["B", "y"]],
        [["1", "2"], ["3", "4"]],
        [["A", "x"], ["C", "y"]],
        [["A", "x", "more"], ["B", "y", "more"]],
        5,
        "[1, 2",
        "[x;y",
        "{x;y",
        "x; y;",
        "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk",
        ["x", ""],
        [["(A) 1 (B) 2"]],
        0,
        False,
        "[" * 5000,
    ],
)
def test_what_has_no_reading_or_two_is_unread(value: object) -> None:
    found = choices.read(value)
    assert found.options == ()
    assert found.unread is not None
    assert set(found.unread) <= {"type", "length", "choices"}


def test_the_stricter_separator_decides_between_two_readings() -> None:
    assert choices.read("(A) both (B) and (C)\n(B) 4\n(C) 5").options == ("both (B) and (C)", "4", "5")
    assert choices.read("Choices: (A) 3 (B) 4 (C) (A) and (B)").options == ("3", "4", "(A) and (B)")


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        ("How many?\nChoices:\n(A) 3\n(B) 4", "B", ("How many?", ["3", "4"])),
        ("How many? Options: A. 3 B. 4 C. 5", "4", ("How many?", ["3", "4", "5"])),
        ("How many (A) 3 (B) 4 (C) 5", "C", ("How many", ["3", "4", "5"])),
        ("How many?\nA. 3\nB. 4\nPlease pick one.", "4", ("How many?\nPlease pick one.", ["3", "4"])),
        ("How many?\nChoices:\nA: 3\nB: 4\nAnswer with a letter.", "A", ("How many?\nAnswer with a letter.", ["3", "4"])),
        ("How?\nA. 1\nB. 2", "b", ("How?", ["1", "2"])),
        ("How?\nA. x\nB. Y", " y ", ("How?", ["x", "Y"])),
        ("How?\nA. 1\n2\nB. 3\nPick.", "A", ("How?", ["1\n2", "3\nPick."])),
        ("How?\nA. 1\nB. 2\n \nPick.", "A", ("How?\nPick.", ["1", "2"])),
        ("How?\nChoices: x; y", "A", ("How?", ["x", "y"])),
        ("Choices:\nA. 1\nB. 2", "3", None),
        ("Given (A) the area and (B) the perimeter, how long is it?", "5", None),
        ("a) Find x. b) Find y.", "3 and 4", None),
        ("Which of the points A, B, C is highest?", "B", None),
        ("Simplify a^2 / a.", "a", None),
        ("Which vertex is nearest to the origin?", "C", None),
        ("How many are there?", "12", None),
        ("How many are there?", "AB", None),
        ("Is I the current?", "I", None),
        ("Solve 2a = 4.", "a", None),
        ("Is a + b even?", "a", None),
        ("Take set A", "A", None),
        ("What is in the set A?", "A", None),
        ("Let B be a point.", "B", None),
        ("so, B", "B", None),
        ("Name the vertex.", "C", None),
    ],
)
def test_choices_at_the_end_of_a_question_are_taken_off_it(
    question: str, answer: str, found: tuple[str, list[str]] | None
) -> None:
    left, options = found or (question, [])
    assert choices.problem(question, None, answer) == choices.Problem(left, options, answer, None)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many trees are there?", "b"),
        ("How many trees are there?", "(C)"),
        ("A train leaves. Is a bus faster?", "A"),
        ("If a train leaves at noon, when is it there?", "a"),
        ("How many?\nChoices: in the picture", "B"),
        ("Which of them?\nOptions: none", "C"),
        ("How?\nA. 1\nB. 2", "C"),
        ("A. 1\nB. 2", "A"),
        (" A. 1\nB. 2", "A"),
        ("Options:\nA. 1\nB. 2", "A"),
        ("What is a?", "a"),
        ("A set, a point.", "A"),
        ("See (B) here.", "B"),
        ("B: here.", "B"),
        ("Which very small red point?", "(c) :"),
        ("How many? B) 3 C) 4", "B"),
    ],
)
def test_a_letter_without_choices_is_unread(question: str, answer: str) -> None:
    found = choices.problem(question, None, answer)
    assert found.options == []
    assert found.unread == {"answer": "a letter", "length": len(question)}


def test_choices_join_a_question_below_it_and_those_in_its_picture_are_named() -> None:
    assert choices.joined("Which?", []) == "Which?"
    assert choices.joined("Which?", ["x", "y"]) == "Which?\nChoices:\nA. x\nB. y"
    assert choices.joined("Which?", ["A", " b "]) == "Which?\nChoices, in the picture: A, B"
    assert choices.joined("Which?", ["B", "A"]) == "Which?\nChoices:\nA. B\nB. A"


def test_choices_that_the_question_repeats_stand_once() -> None:
    assert choices.problem("Which?\nA. 1\nB. 2", ["1", "2"], "A").question == "Which?"
    assert choices.problem("Which?\nA. 1\nB. 2", ["1", "3"], "A").question == "Which?\nA. 1\nB. 2"


def test_a_number_that_names_a_choice_becomes_its_letter_unless_it_may_be_another_one() -> None:
    numbered = {"text": ["x", "y"], "label": ["1", "2"]}
    assert choices.problem("Which?", numbered, "2").answer == "B"
    assert choices.problem("Which?", numbered, " (1). ").answer == "A"
    assert choices.problem("Which?", numbered, "3") == choices.Problem("Which?", ["x", "y"], "3", None)
    assert choices.problem("Which?", {**numbered, "label": ["0", "1"]}, "0").answer == "A"
    same = {**numbered, "text": ["1", "x"]}
    assert choices.problem("Which?", same, "(1)") == choices.Problem("Which?", ["1", "x"], "(1)", None)
    assert choices.problem("Which?", {**numbered, "text": ["1", "2"]}, "2").answer == "2"
    ambiguous = choices.problem("Which?", {**numbered, "text": ["2", "1"]}, "2")
    assert ambiguous.options == []
    assert ambiguous.unread == {"answer": "a number of a choice, and another choice"}
    assert choices.problem("Which?", ["1"], "A").unread == {"type": "list", "choices": 1}


def test_a_row_whose_choices_are_unread_is_rejected_with_no_text_as_evidence() -> None:
    row = Record("toy:0", "default", None, Provenance("own", "MIT", None), {"unread": choices.read("see the figure").unread})
    rejection = choices.unread_choices(row)
    assert rejection
    assert (rejection.reason, rejection.evidence) == ("unread_choices", {"type": "str", "length": 14})
    assert choices.unread_choices(Record("toy:0", "default", None, row.provenance, {})) is None


_WORD = st.text("efghxyz0123456789 ", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(
    st.lists(_WORD, min_size=2, max_size=10), st.sampled_from(["({}) ", "{}) ", "{}. ", "{}: "]), st.sampled_from(["\n", "; "])
)
def test_what_is_written_with_letters_is_read_again(texts: list[str], label: str, separator: str) -> None:
    written = separator.join(label.format("ABCDEFGHIJ"[place]) + text for place, text in enumerate(texts))
    assert choices.read(written).options == tuple(texts)


_ANY: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(_ANY, st.text(max_size=40), st.text(max_size=3))
def test_nothing_that_a_source_may_hold_is_too_odd(value: object, question: str, answer: str) -> None:
    found = choices.problem(question, value, answer)
    assert not (found.options and found.unread)
    assert len(found.options) != 1

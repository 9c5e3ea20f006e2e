"""Which option an answer means, and what is rounded where the problem asks for it."""

import pytest

from builders.answers.equivalence import compared

LISTS: dict[str, tuple[str, ...]] = {
    "lengths": ("A) 10 cm", "B) 12 cm", "C) 12 m", "D) none of these"),
    "numbers": ("5", "6", "7"),
    "labels": ("(A) 5", "(b) 6", "C: 7", "D 8"),
    "ratios": ("1:2", "2:15", "7:40"),
    "times": ("2:30", "1:20", "3:45"),
    "pairs": ("1, 2", "2, 1", "1, 3"),
    "twice": ("7", "8", "7"),
    "orders": ("1, 2, 3", "2, 1, 3", "4, 5, 6"),
    "swapped": ("B) 5", "A) 6"),
    "letters": ("A", "B", "C"),
    "many": tuple(map(str, range(11))),
    "marks": ("", "5", "?"),
}
MEANT = """
lengths option_contradicted: A. 12 cm ~ B
lengths option_contradicted: (A) 12 cm ~ 12 cm
lengths option: J ~ D
lengths option_for_value: D ~ 10 cm
lengths value: 13 ~ 14
lengths unit_converted: 12 cm ~ 12 m
lengths option_value: 12 cm ~ C
lengths option_value: none ~ D
numbers option_contradicted: A) 6 ~ A
numbers option_contradicted: A) 9 ~ A
numbers value: 8 ~ 9
numbers option: D ~ A
numbers option: A ~ D
labels option_value: 8 ~ D
ratios option_value: 0:15 ~ B
ratios option_value: 7:40 pm ~ C
ratios option_value: 7:00 ~ C
times option_value: 150:60 ~ A
times option_value: 1:15 ~ A
pairs option_value: 2, 1 ~ A
pairs option_for_value: B ~ 1, 2
twice option_value: 8 ~ A
orders option_value: 3, 1, 2 ~ A
swapped option_contradicted: B) 5 ~ A
letters option: B ~ A
letters option_contradicted: A: B ~ A
letters option_contradicted: B) A ~ A
many option_value: 10 ~ J
many option_value: K ~ A
marks option_value:  ~ A
marks option_contradicted: (C) ! ~ C
marks option_contradicted: (B) ? ~ C

lengths option: J ~ J
lengths option_for_value: D ~ none of these
lengths option_for_value: a ~ 10 cm
lengths value: 13 ~ 13
lengths option_value: 120 mm ~ 12 cm
lengths option_value: 10 ~ A
numbers value: 8 ~ 8
numbers option: d ~ D
numbers option_value: 5.0 ~ A
labels option_value: 5 ~ A
labels option_value: 6 ~ B
labels option_value: 7 ~ C
labels option_value: D 8 ~ D
ratios option_value: 2:4 ~ A
ratios option: A: 2:4 ~ A
ratios option_value: 4:30 ~ B
ratios option: B: 4:30 ~ B
ratios option_value: 14:80 ~ C
pairs option_value: 2, 1 ~ B
pairs option_value: 3, 1 ~ C
pairs option_for_value: A ~ 1, 2
twice option: A ~ C
orders option_value: 6, 5, 4 ~ C
twice option_for_value: C ~ 7
twice option_value: 7 ~ A
swapped option_value: 5 ~ A
letters option: A ~ A
many option_value: 9 ~ J
marks option_value: 5 ~ B
marks option_quoted: ? ~ C
marks option_quoted: (C) ? ~ C
marks option_quoted: C) ? ~ C
"""
OTHERS, MEANT_ONES = (part.split("\n") for part in MEANT.strip("\n").split("\n\n"))


@pytest.mark.parametrize(("line", "expected"), [*((line, False) for line in OTHERS), *((line, True) for line in MEANT_ONES)])
def test_an_option_is_meant_or_not_by_a_rule(line: str, *, expected: bool) -> None:
    about, pair = line.split(": ", 1)
    name, rule = about.split()
    answer, reference = pair.split(" ~ ") if not pair.startswith("~") else ("", pair[2:])
    verdict = compared(answer.strip(), reference, LISTS[name])
    assert (verdict.equivalent, verdict.route) == (expected, rule)


@pytest.mark.parametrize(
    ("answer", "reference", "places", "expected"),
    [
        ("2.5", "2.54", 1, True),
        ("2.54", "2.5", 0, True),
        ("2.5", "3", 0, True),
        ("-2.5", "-3", 0, True),
        ("-2.5", "-2", 0, False),
        ("0.05", "0.1", 1, True),
        ("0.04", "0", 1, True),
        ("0.5", "1", 0, True),
        ("5", "5.004", 2, True),
        ("5", "5.006", 2, False),
        ("x", "x", 2, True),
        ("2.5x", "3x", 0, False),
        ("2.5 cm", "3 cm", 0, True),
        ("2.5 cm", "3 m", 0, False),
        ("1, 2.5", "1, 3", 0, False),
        (r"\sqrt{2}", "1.414", 3, True),
        (r"\sqrt{2}", "1.4", 1, True),
        (r"\sqrt{2}", "1.42", 2, False),
        ("i", "0", 0, False),
        ("1.4+i", "1+i", 0, False),
        ("10^{14}+0.6", "10^{14}+1", 0, True),
        ("10^{16}+0.6", "10^{16}+1", 0, False),
        ("A", "A", 0, True),
    ],
)
def test_one_real_number_is_rounded_half_away_from_zero(answer: str, reference: str, places: int, *, expected: bool) -> None:
    assert compared(answer, reference, places=places).equivalent is expected


def test_numbers_are_read_only_where_their_text_differs_in_more_than_places() -> None:
    assert compared("5.0", "5").route == "number"
    assert compared("5.1", "5").route == "value"
    assert compared("5", "5", places=1).route == compared("5", "5", ("6", "7")).route == "value"
    assert compared("1" * 31, "1" * 31).route == "value"
    assert compared("1" * 30, "1" * 30).route == "number"
    assert compared("0." + "1" * 30, "0." + "1" * 30).route == "number"
    assert compared("-5", "-5.00").route == "number"
    assert compared("5 ", "5").route == "value"


def test_what_is_too_long_to_be_read_is_the_same_only_letter_for_letter() -> None:
    long = "$" + "?" * 400 + "$"
    assert compared(long, long).route == "same_text"
    assert not compared(long, "?" * 400).equivalent
    assert compared("$" + "?" * 398 + "$", "?" * 398).route == "same_text"

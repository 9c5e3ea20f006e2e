"""Equivalent answers and near misses, in both directions, and that nothing makes the checker slow or raises."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import answers as answers_benchmark
from builders.answers import notation
from builders.answers.equivalence import Verdict, compared, places_asked

PAIRS = (Path(__file__).parent.parent / "data" / "answers.txt").read_text(encoding="utf-8").splitlines()


def pairs(mark: str) -> list[tuple[str, str]]:
    """Return the pairs of answers with a mark, in both orders."""
    lines = [line.removeprefix(f"{mark} ").split(" ~ ") for line in PAIRS if line.startswith(f"{mark} ")]
    return [pair for one, other in lines for pair in ((one, other), (other, one))]


@pytest.mark.parametrize(("answer", "reference"), pairs("="))
def test_what_says_the_same_is_accepted(answer: str, reference: str) -> None:
    assert compared(answer, reference).equivalent


@pytest.mark.parametrize(("answer", "reference"), pairs("!"))
def test_near_misses_are_rejected(answer: str, reference: str) -> None:
    assert not compared(answer, reference).equivalent


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("10/3", "3.33", True),  # the reference is rounded
        ("3.3333", "3.33", True),
        ("3.338", "3.33", False),
        ("3.34", "3.33", False),
        ("3.333", "3.33", False),  # one place more may be another number
        ("3.33", "10/3", False),  # the answer is rounded, and nobody asked for that
        ("3.333333", "10/3", True),  # six digits are enough
        ("3.33333", "10/3", True),
        ("3.33334", "10/3", True),
        ("3.33335", "10/3", False),
        ("1/3", "0.3", False),  # one place is too little to stand for a third
        ("1.25", "1.3", False),
        ("1234567.4", "1234567", False),
        ("0.125001", "1/8", False),  # a number with an end has no rounding
        ("2.5000", "2.5", True),
    ],
)
def test_roundings_are_accepted_only_where_they_must_be(answer: str, reference: str, *, expected: bool) -> None:
    assert compared(answer, reference).equivalent is expected


@pytest.mark.parametrize(
    ("problem", "places"),
    [
        ("Round to the nearest tenth.", 1),
        ("to the nearest hundredth of a cm", 2),
        ("to the nearest cent", 2),
        ("to the nearest whole number", 0),
        ("to the nearest degree", 0),
        ("Give two decimal places.", 2),
        ("to 3 decimal places", 3),
        *((f"to the nearest {word}", 0) for word in ("whole", "integer", "unit", "one", "dollar")),
        ("correct to the closest integer", 0),
        ("to the nearest thousandth", 3),
        *((f"to the nearest {word}", 4) for word in ("ten-thousandth", "ten thousandth", "tenthousandth")),
        *((f"to {word} decimal places", places) for places, word in enumerate(("one", "two", "three", "four"), 1)),
        *((f"with {places} decimals", places) for places in (1, 2, 3, 4)),
        ("the nearest town is 3 km away", None),
        ("How many?", None),
    ],
)
def test_a_problem_says_how_to_round(problem: str, places: int | None) -> None:
    assert places_asked(problem) == places


def test_what_the_problem_asks_to_round_is_compared_rounded() -> None:
    assert compared("2.67", "8/3", places=2).equivalent
    assert compared("2.7", "2.67", places=1).equivalent
    assert not compared("2.66", "8/3", places=2).equivalent
    assert compared("-1", "-0.5", places=0).equivalent


OPTIONS = ("A) 10 cm", "B) 12 cm", "C) 12 m", "D) none of these")


@pytest.mark.parametrize(
    ("answer", "reference", "route"),
    [
        ("B", "B", "option"),
        ("(b)", "B", "option"),
        ("b", "B", "option"),
        ("B. 12 cm", "B", "option"),
        ("B: 120 mm", "B", "option"),
        ("12 cm", "B", "option_value"),
        ("0.12 m", "B", "option_value"),
        ("B", "12 cm", "option_for_value"),
        ("None of these.", "D", "option_value"),
        ("12 cm", "0.12 m", "option_value"),
    ],
)
def test_an_option_is_meant_by_its_letter_or_its_value(answer: str, reference: str, route: str) -> None:
    verdict = compared(answer, reference, OPTIONS)
    assert (verdict.equivalent, verdict.route) == (True, route)


@pytest.mark.parametrize(
    ("answer", "reference", "route"),
    [
        ("A", "B", "option"),
        ("A: 12 cm", "A", "option_contradicted"),
        ("B: 10 cm", "B", "option_contradicted"),
        ("10 cm", "B", "option_value"),
        ("12", "B", "option_ambiguous"),
        ("13 cm", "B", "option_value"),
        ("C", "12 cm", "option_for_value"),
        ("F", "B", "option"),
        ("", "B", "option_value"),
    ],
)
def test_another_option_is_not_meant(answer: str, reference: str, route: str) -> None:
    verdict = compared(answer, reference, OPTIONS)
    assert (verdict.equivalent, verdict.route) == (False, route)


def test_the_order_of_a_list_counts_where_an_option_has_another_order() -> None:
    assert not compared("3, 5", "A", ("5, 3", "3, 5")).equivalent
    assert compared("3, 5", "A", ("5, 3", "4, 5")).equivalent


def test_options_of_one_value_are_told_by_how_they_are_written() -> None:
    options = ("2 * 6", "3 * 4", "3 * 5")
    assert compared("3 * 4", "B", options).equivalent
    assert not compared("2 * 6", "B", options).equivalent
    assert compared("12", "B", options).route == "option_ambiguous"
    assert compared("A", "D", ("7 m", "8 m", "9 m", "7 m")).equivalent


@pytest.mark.parametrize(
    ("answer", "reference", "options", "expected"),
    [
        ("(C) 52,750", "C", ("A)1000", "B)2500", "C)52,750"), True),
        ("(C) 2,500", "C", ("A)1000", "B)2500", "C)52,750"), False),
        ("?", "A", ("?", "!"), True),  # an option that cannot be read, letter for letter
        ("?", "B", ("?", "!"), False),
        ("(A) ?", "A", ("?", "!"), True),
        ("?", "A", ("?", "?"), False),  # whichever of the two is meant
        ("E", "D", ("A", "B", "C", "E", "None"), False),  # a letter, though an option says it
        ("431, 254", "A", ("431, 254", "431254"), True),
        ("431254", "A", ("431, 254", "431254"), False),
        ("3:10", "B", ("2:1", "6:20", "7:40"), True),  # ratios, since one of them is no time
        ("3:10", "B", ("2:15", "6:20", "7:40"), False),
    ],
)
def test_options_are_told_by_what_they_say(answer: str, reference: str, options: tuple[str, ...], *, expected: bool) -> None:
    assert compared(answer, reference, options).equivalent is expected


def test_a_verdict_explains_itself() -> None:
    assert compared("x = \\frac{6}{8} m", "75 cm") == Verdict(
        equivalent=True, route="unit_converted", given="x = 3/4 metre", reference="75 metre x 1/100"
    )
    assert compared("(1, 2]", "(1, 2)") == Verdict(
        equivalent=False, route="ordered", given="bracketed (1, 2]", reference="bracketed (1, 2)"
    )


@pytest.mark.parametrize(
    ("answer", "reference", "route"),
    [("60°", "\\pi/3", "angle"), ("\\pi/3 radians", "60 degrees", "angle"), ("3:4:5", "3:4", "different_kinds")],
)
def test_the_rule_that_decided_is_named(answer: str, reference: str, route: str) -> None:
    assert compared(answer, reference).route == compared(reference, answer).route == route


def test_a_number_in_a_base_is_shown_with_its_base_once() -> None:
    assert compared("-101_2", "101 base 2") == Verdict(
        equivalent=False, route="unit", given="-101 base 2", reference="101 base 2"
    )


def test_what_cannot_be_read_is_the_same_only_if_it_says_the_same() -> None:
    assert compared("f(2) \\prec g", "f(2)\\prec  g").route == "words"
    assert compared("?", " ?").route == "same_text"
    assert not compared("\\int_0^1 x", "\\int_0^2 x").equivalent


HOSTILE = [
    "9^9^9^9",
    "9^{9^{9^{9}}}",
    "((((9^99)^99)^99)^99)^99",
    "(((9!)!)!)!",
    "5" + "!" * 300,
    "9" * 5000,
    "(" * 10_000,
    "[" * 390,
    "(" * 200 + "1" + ")" * 190,
    "\\frac" * 70,
    "\\sqrt" * 70 + "2",
    "\\text{" * 60,
    "\\boxed{" * 50 + "1" + "}" * 50,
    "-" * 390,
    "1/" * 190 + "1",
    "1, " * 130,
    "x=y=" * 90,
    "a " * 190,
    "1 cm " * 70,
    "5 " + "m^4 " * 95,
    "\\binom{10^9}{10^8}",
    "x^{10^{300}}",
    "sin " * 95 + "x",
    "|" * 390,
    "½" * 390,
    "1e999",
    "\\infty-\\infty",
    "1/0",
    "\x00" * 300,
    "\ud800",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: repr(hostile[:12]))
def test_no_answer_is_slow(hostile: str) -> None:
    start = time.perf_counter()
    for other in ("5", hostile + " ", "(1, 2)", "x = 5"):
        compared(hostile, other)
        compared(other, hostile, ("5", hostile))
    assert time.perf_counter() - start < 2


_PIECES = st.sampled_from([
    *"0123456789+-*/^(){}[]_,|.:;=<>xy %$!",
    *("\\frac", "\\sqrt", "\\pi", " cm", "\\text{", "\\le", "\\cup", "\\pm", " and ", "^\\circ", "\\binom", "log_"),
])  # fmt: skip
_ANSWERS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=40).map("".join))


@given(_ANSWERS, _ANSWERS, st.lists(_ANSWERS, max_size=3))
@example("^ {2}", "5 ^ {2} m", [])
def test_nothing_raises(answer: str, reference: str, options: list[str]) -> None:
    assert isinstance(compared(answer, reference), Verdict)
    assert isinstance(compared(answer, reference, options, places=2), Verdict)


@given(_ANSWERS.filter(lambda text: any(map(str.isalnum, notation.plain(text)))))
@example("\\infty - \\infty")
def test_an_answer_is_itself(answer: str) -> None:
    assert compared(answer, answer).equivalent


@given(st.fractions(max_denominator=10**6), st.fractions(max_denominator=10**6))
def test_fractions_are_equal_only_to_themselves(first: object, second: object) -> None:
    assert compared(str(first), str(second)).equivalent == (first == second)


@given(st.integers(-(10**12), 10**12), st.integers(-5, 5))
def test_integers_are_equal_only_to_themselves(number: int, offset: int) -> None:
    assert compared(f"{number:,}", f"\\boxed{{{number + offset}}}").equivalent == (offset == 0)


def test_it_works_off_the_main_thread() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(compared("\\frac{1}{2}", "0.5").equivalent))
    thread.start()
    thread.join()
    assert found == [True]


@pytest.mark.real
@pytest.mark.parametrize("name", ["GSM8K", "MATH", "AQuA", "SVAMP", "MAWPS", "MMLU-STEM", "MATH-V", "MathVerse"])
def test_real_answers_are_known_again_and_told_apart(real_data: Path, name: str) -> None:
    judged = [
        (pair.right, answers_benchmark.ours(pair))
        for pair in answers_benchmark.pairs(name, answers_benchmark.rows_of(name, real_data))
    ]
    assert len(judged) > 1500
    assert judged.count((False, True)) == 0
    assert judged.count((True, False)) <= 0.002 * len(judged)

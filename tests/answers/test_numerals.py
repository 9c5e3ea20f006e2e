"""Numbers in words: which texts are one number, and which are none or two."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rewritings import spoken
from builders.answers.numerals import Numeral, in_digits, numeral


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("fifty-seven thousand five hundred", 57500, ""),
        ("one hundred and five apples", 105, "apples"),
        ("two hundred and one half", Fraction(401, 2), ""),
        ("a dozen eggs", 1, "dozen eggs"),
        ("half a dozen eggs", Fraction(1, 2), "dozen eggs"),
        ("three score", 60, ""),
        ("two gross nails", 288, "nails"),
        ("twelve hundred", 1200, ""),
        ("half", Fraction(1, 2), ""),
        ("minus one third", Fraction(-1, 3), ""),
        ("two three-pointers", 2, "three-pointers"),
        ("one hundred thousandths", Fraction(1, 10), ""),
        ("nine hundred, ninety-nine", 999, ""),
        ("a half", Fraction(1, 2), ""),
        ("a third", Fraction(1, 3), ""),
        ("three and a third cups", Fraction(10, 3), "cups"),
        ("two and three quarters", Fraction(11, 4), ""),
        ("three and twenty-five hundredths", Fraction(13, 4), ""),
        ("two point five six", Fraction(64, 25), ""),
        ("two point zero five", Fraction(41, 20), ""),
        ("two point ten", 2, "point ten"),
        ("two point", 2, "point"),
        ("two point nine cats", Fraction(29, 10), "cats"),
        ("two halves", 1, ""),
        ("two twenty-fifths", Fraction(2, 25), ""),
        ("two twenty-halves", 2, "twenty-halves"),
        ("twenty-fifths", 4, ""),
        ("one sixty-fourth", Fraction(1, 64), ""),
        ("seven eighths inch", Fraction(7, 8), "inch"),
        ("five million two thousand", 5002000, ""),
        ("a thousand and one", 1001, ""),
        ("a hundred and a half", Fraction(201, 2), ""),
        ("one hundred and one thousand", 101000, ""),
        ("one hundred and two thirds cups", Fraction(302, 3), "cups"),
        ("one thousand and two thirds", Fraction(3002, 3), ""),
        ("one thousand and two cats", 1002, "cats"),
        ("twelve hundred thousand", 1200000, ""),
        ("one million one hundred thousand one hundred", 1100100, ""),
        ("zero", 0, ""),
        ("a gross", 144, ""),
        ("five a", 5, "a"),
        ("five minus", 5, "minus"),
        ("twenty one", 21, ""),
    ],
)
def test_words_are_read_as_a_number_and_what_it_counts(text: str, number: Fraction, rest: str) -> None:
    found = numeral(text)
    assert found is not None
    assert (found.number, " ".join(found.rest)) == (number, rest)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "cat",
            "three and five",
            "twenty-third",
            "one two",
            "one hundred and two hundred",
            "three-pointers",
            "a",
            "a cat",
        ),
        *("half a", "half a cake", "third", "two and five quarters", "two and a whole", "two point five ten", "two half"),
        *("two twenty-tenths", "five thousand two million", "two thousand two thousand", "five thousand zero", "zero hundred"),
        *("one hundred and cats", "one hundred two thirds", "two hundred zero", "one thousand and two hundred", "two third"),
        *(
            "one thousand and two and three",
            "twenty ten",
            "two or three",
            "two and three",
            "and five",
            "minus",
            "five and cats",
        ),
        "two and one half and one",
    ],
)
def test_what_is_no_number_or_two_is_none(text: str) -> None:
    assert numeral(text) is None


def test_more_words_than_a_number_has_are_none() -> None:
    assert numeral("two" + 23 * " cats") == Numeral(Fraction(2), ("cats",) * 23)
    assert numeral("two" + 24 * " cats") is None
    assert numeral("minus two" + 23 * " cats") == Numeral(Fraction(-2), ("cats",) * 23)


def test_small_numbers_of_a_text_become_digits() -> None:
    assert in_digits("Two boxes of twelve, a hundred; everyone") == "2 boxes of 12, a 100; everyone"


PLACES = (
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth"
    " eighteenth nineteenth twentieth"
)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        *((word, number) for number, word in enumerate(PLACES.split(), 3)),
        *(("half", 2), ("quarter", 4), ("thirtieth", 30), ("fortieth", 40), ("fiftieth", 50), ("sixtieth", 60)),
        *(("seventieth", 70), ("eightieth", 80), ("ninetieth", 90)),
        *(("hundredth", 100), ("thousandth", 1000), ("millionth", 10**6)),
    ],
)
def test_every_word_for_a_part_is_one(word: str, parts: int) -> None:
    found = numeral(f"one {word}")
    assert found is not None
    assert (found.number, found.rest) == (Fraction(1, parts), ())


@pytest.mark.parametrize(("word", "zeros"), [("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)])
def test_every_word_for_many_has_its_zeros(word: str, zeros: int) -> None:
    for text in (f"five {word}", f"negative five {word}", f"minus five {word}"):
        found = numeral(text)
        assert found is not None
        assert (abs(found.number), found.number < 0) == (5 * 10**zeros, text != f"five {word}")


@given(st.integers(0, 10**9 - 1), st.sampled_from([" ", " and "]))
def test_every_number_is_read_back(number: int, joint: str) -> None:
    found = numeral(spoken(number, joint))
    assert found is not None
    assert found.number == number
    assert not found.rest

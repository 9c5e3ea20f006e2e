"""Numbers in words: which texts are one number, and which are none or two."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rewritings import spoken
from builders.answers.numerals import numeral


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
    ],
)
def test_words_are_read_as_a_number_and_what_it_counts(text: str, number: Fraction, rest: str) -> None:
    found = numeral(text)
    assert found is not None
    assert (found.number, " ".join(found.rest)) == (number, rest)


@pytest.mark.parametrize(
    "text",
    ["", "cat", "three and five", "twenty-third", "one two", "one hundred and two hundred", "three-pointers", "a"],
)
def test_what_is_no_number_or_two_is_none(text: str) -> None:
    assert numeral(text) is None


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

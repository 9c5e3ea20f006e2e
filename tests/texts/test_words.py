"""Words, their n-grams, and how alike two sets of them are."""

import pytest
from datatrove.utils.text import simplify_text
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.texts import words

_SETS = st.frozensets(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("...!?", []),
        ("one two  three", ["one", "two", "three"]),
        ("don't stop", ["don", "t", "stop"]),
        ("problem 17, step 3.5", ["problem", "17", "step", "3", "5"]),
        ("caf\u00e9 na\u00efve", ["caf\u00e9", "na\u00efve"]),
        ("\u4f60\u597d\u4e16\u754c", ["\u4f60", "\u597d", "\u4e16", "\u754c"]),
        ("hello\u4e16\u754c again", ["hello", "\u4e16", "\u754c", "again"]),
        ("\u3042\u30a2\u6f22", ["\u3042", "\u30a2", "\u6f22"]),
        ("\u0e01\u0e32", ["\u0e01", "\u0e32"]),
        ("\U00020000\U0002a6df", ["\U00020000", "\U0002a6df"]),
        ("\ud55c\uad6d\uc5b4 \ub2e8\uc5b4", ["\ud55c\uad6d\uc5b4", "\ub2e8\uc5b4"]),
        (
            "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440",
            ["\u043f\u0440\u0438\u0432\u0435\u0442", "\u043c\u0438\u0440"],
        ),
    ],
)
def test_words_are_letters_and_digits_and_unspaced_scripts_go_by_character(text: str, expected: list[str]) -> None:
    assert words.words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no number, well-known or not", ()),
        ("3 cm and 1,234.50 cm", ("3", "1234.50")),
        ("2x - 3y = 7", ("2", "-", "3", "=", "7")),
        ("x\u22125 and x-5", ("-", "5", "-", "5")),
        ("x + y < z", ("+", "<")),
        ("3/4 \u00d7 2", ("3", "/", "4", "*", "2")),
    ],
)
def test_numbers_are_told_with_the_signs_beside_them(text: str, expected: tuple[str, ...]) -> None:
    assert words.numbers(text) == expected


def test_the_tokenizer_that_datatrove_calls_gives_the_same_words() -> None:
    tokenizer = words.Words()
    text = "Solve problem 17, please."
    assert tokenizer.word_tokenize(text) == words.words(text)
    assert tokenizer.sent_tokenize(text) == [text]
    assert tokenizer.span_tokenize(text) == [(0, len(text))]


def test_shingles_are_all_word_n_grams() -> None:
    assert words.shingles("a b c d", 3) == {("a", "b", "c"), ("b", "c", "d")}
    assert words.shingles("a b a b a", 2) == {("a", "b"), ("b", "a")}
    assert words.shingles("a b", 1) == {("a",), ("b",)}


@pytest.mark.parametrize("text", ["", "a", "a b", "a, b!", "..."])
def test_a_text_shorter_than_a_shingle_has_none(text: str) -> None:
    assert words.shingles(text, 3) == frozenset()


@pytest.mark.parametrize("other", ["solve this problem now", "Solve this problem, now!", "  solve\nthis problem now. "])
def test_shingles_do_not_see_case_space_or_punctuation(other: str) -> None:
    assert words.shingles("Solve this problem now", 3) == words.shingles(other, 3) != frozenset()


def test_shingles_see_digits() -> None:
    assert words.shingles("solve problem 17 for me", 3) != words.shingles("solve problem 18 for me", 3)
    assert any("17" in gram for gram in words.shingles("solve problem 17 for me", 3))


@settings(derandomize=True, max_examples=200)
@given(_SETS, _SETS)
def test_jaccard_is_symmetric_and_between_0_and_1(
    first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]
) -> None:
    found = words.jaccard(first, second)
    assert found == words.jaccard(second, first)
    assert 0 <= found <= 1
    assert (found == 1) == (first == second and bool(first))
    assert (found == 0) == (not first & second)


def test_jaccard_is_intersection_over_union() -> None:
    a, b, c, d = (frozenset({(name,)}) for name in "abcd")
    assert words.jaccard(a | b | c, b | c | d) == 0.5
    assert words.jaccard(a | b, a | b) == 1.0
    assert words.jaccard(a, frozenset()) == 0.0
    assert words.jaccard(frozenset(), frozenset()) == 0.0


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("  \n\t ", 0),
        ("don't stop", 2),
        ("3 + 4 = 7", 5),
        ("求三角形的面积", 7),
        ("求 ABC 的面积。", 6),
        ("The word 水 means water.", 5),
    ],
)
def test_the_length_of_a_text_counts_spaced_words_and_unspaced_characters(text: str, length: int) -> None:
    assert words.count(text) == length


@given(st.text(st.one_of(st.characters(), st.sampled_from("Aé\u0301 \u0307İß.,\u00bd\u0e33가")), max_size=20))
def test_texts_are_simplified_as_datatrove_simplifies_them(text: str) -> None:
    assert words.simplified(text) == words.words(simplify_text(text, words.NORMALISATION))

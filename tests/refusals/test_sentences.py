"""Texts taken apart: what their author says, in plain words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.refusals import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n...\n", []),
        ("I can't, sorry!", [" i can not sorry "]),
        ("I shan't", [" i shall not "]),
        ("It ain't", [" it is not "]),
        ("I didn't", [" i did not "]),
        ("I'm here", [" i am here "]),
        ("They've gone", [" they have gone "]),
        ("Let's go", [" let us go "]),
        *((f"{word}'s so", [f" {word} is so "]) for word in ("it", "that", "here", "there", "what")),
        *((f"I can{mark}t", [" i can not "]) for mark in "\u2019\u2018\u02bc\u00b4\uff07"),
        *((f"yes{mark}no", [" yes ", " no "]) for mark in "\u2014\u2013"),
        *((f"y{mark}es", [" yes "]) for mark in "\u200b\ufeff"),
        ("I can\u2019t.", [" i can not "]),
        ("I cannot. You won't? They\u2019re off; we'll see: I'd say", [
            " i can not ", " you will not ", " they are off ", " we will see ", " i would say ",
        ]),
        ("**I'm** *really* not `able` to", [" i am really not able to "]),
        ("### Sorry\n\n> No.", [" sorry ", " no "]),
        ("A dash \u2014 and another - here", [" a dash ", " and another ", " here "]),
        ("In 3.5 hours", [" in 3 5 hours "]),
        ("He said 'no way' twice", [" he said no way twice "]),
        ("Yes (or no)", [" yes ", " or no "]),
        ("a\u200bb na\u00efve \U0001f600 ok", [" ab na\u00efve ok "]),
    ],
)  # fmt: skip
def test_sentences_are_words_between_blanks(text: str, expected: list[str]) -> None:
    assert sentences.read(text).sentences == expected


def test_what_is_quoted_is_not_said() -> None:
    text = sentences.read('Say \u201cI can\'t help with that\u201d and go. "No," too.')
    assert text.sentences == [" say and go ", " too "]
    assert text.words == 10


def test_a_single_quotation_mark_quotes_nothing() -> None:
    assert sentences.read("A 5\" pipe. I can't.").sentences == [" a 5 pipe ", " i can not "]


def test_code_is_not_said_nor_counted() -> None:
    text = sentences.read("Run this:\n```python\nraise ValueError('I refuse')\n```\nDone. ```open to the end")
    assert text.sentences == [" run this ", " done "]
    assert (text.code, text.words) == (True, 3)


def test_items_are_sentences() -> None:
    text = sentences.read("First:\n- one\n* two\n3. three\n4) four\n(5) five\n\u2022 six")
    assert text.sentences == [" first ", " one ", " two ", " three ", " four ", " five ", " six "]
    assert text.items == 6


@pytest.mark.parametrize(
    ("text", "composed"),
    [
        ("Dear Mr Lang,\n\nI can't come.", True),
        ("Here it is:\n\nSubject: Friday\n\nI won't be there.", True),
        ("Hi Kim,\n\nno.", True),
        ("Guard: No.\nVisitor: Why?", True),
        ("**Guard:** No.\n**Visitor:** Why?", True),
        ("Note: bring a bag.", False),
        ("Dear me, I can't help with that.", False),
        ("Hi there! I can't.", False),
        ("Boil it: five minutes. Then: eat.", False),
    ],
)
def test_letters_and_dialogues_are_composed(text: str, *, composed: bool) -> None:
    assert sentences.read(text).composed is composed


def test_of_a_long_text_both_ends_are_read() -> None:
    middle = "Nothing here. " * 2000
    text = sentences.read(f"It begins. {middle}It ends.")
    assert (text.sentences[0], text.sentences[-1]) == (" it begins ", " it ends ")
    assert sum(map(len, text.sentences)) <= sentences.MOST_CHARACTERS * 1.2


@settings(derandomize=True, max_examples=300)
@given(st.text(max_size=300))
def test_any_text_becomes_words_between_single_blanks(text: str) -> None:
    for sentence in sentences.read(text).sentences:
        assert sentence == f" {' '.join(sentence.split())} "
        assert sentence == sentence.lower()
        assert not set(sentence) & set('\n.!?;:*_`"()[]')


@pytest.mark.parametrize(
    ("text", "said", "items", "words"),
    [
        ("'no'", "'no'", 0, 1),
        ('Say "a" and "bc" now', "say a bc now", 0, 5),
        (f'Say "{"x" * 600}" now', "say now", 0, 3),
        (f'"{"x" * 601}"', "x" * 601, 0, 1),
        ('He "two\nlines" now', "he two|lines now", 0, 4),
        *((f"{opening}ab{closing} x", "x", 0, 2) for opening, closing in ("\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb")),
        ("a\u2026 b", "a|b", 0, 2),
        ("a; b: c? d! e. f", "a|b|c|d|e|f", 0, 6),
        ("a -- b - c", "a|b|c", 0, 5),
        ("a-b\tc;d", "a b c d", 0, 2),
        ("won't shan't ain't", "will not shall not is not", 0, 3),
        ("dogs' and cats", "dogs and cats", 0, 3),
        ("cannot can't", "can not can not", 0, 2),
        ("who's", "who's", 0, 1),
        ("i'd i'll i've you're i'm i", "i would i will i have you are i am i", 0, 6),
        ("- a\n-b\n+ c\n 12. d\n123. e\n(1) f\n1) g\n* h", "a|b|c|d|123|e|f|g|h", 6, 15),
        ("(12) one", "one", 1, 2),
        ("(123) one", "123|one", 0, 2),
        ("x ```code``` y ```more", "x|y", 0, 2),
        ("a (b) c [d] e#f|g~h", "a|b|c d e f g h", 0, 5),
        ("\u00dcn\u00efcode \u2014 dash", "\u00fcn\u00efcode|dash", 0, 3),
        ("a\r\nb", "a|b", 0, 2),
    ],
)
def test_marks_end_sentences_or_go(text: str, said: str, items: int, words: int) -> None:
    found = sentences.read(text)
    assert ("|".join(sentence[1:-1] for sentence in found.sentences), found.items, found.words) == (said, items, words)


@pytest.mark.parametrize(
    ("text", "composed"),
    [
        ("> Subject: x", True),
        ("x subject: y", False),
        ("Dear Kim", True),
        (f"Dear {'m' * 59}", True),
        (f"Dear {'m' * 60}", False),
        ("Hi Kim, yes", False),
        ("hey Kim,", True),
        ("hello Kim,", True),
        ("hello Kim Lang,", False),
        ("Guard: a", False),
        ("Guard: a\nKim:", False),
        ("Guard:a\nKim:b", False),
        ("G: a\nK: b", False),
        ("Gu: a\nKi: b", True),
        (f"{'g' * 25}: a\n{'k' * 25}: b", True),
        (f"{'g' * 26}: a\n{'k' * 25}: b", False),
    ],
)
def test_only_who_is_addressed_or_speaks_makes_a_letter_or_a_dialogue(text: str, *, composed: bool) -> None:
    assert sentences.read(text).composed is composed


def test_a_text_of_six_thousand_characters_is_read_whole() -> None:
    assert len(sentences.read("a b " * 1500).sentences) == 1
    found = sentences.read("a b " * 1500 + "c")
    assert [sentence.count(" ") - 1 for sentence in found.sentences] == [2250, 750]

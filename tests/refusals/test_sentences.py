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

"""Which texts that are much alike ask for different things."""

import pytest

from builders.screening import differing, near_duplicates

_LONG = (
    "A farmer carries baskets of ripe apples from the orchard to the market and sells them there to people of the town, who "
    "come early in the day and pay with coins. How much does he earn, if nothing is left in the evening?"
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("What are the treatments for Alport syndrome ?", "What are the treatments for Bloom syndrome ?"),
        ("Is the small cube heavier than the ball?", "Is the large cube heavier than the ball?"),
        ("Take two pills of it in the morning with water", "Take three pills of it in the morning with water"),
        ("Which of these is true of the figure?", "Which of these is not true of the figure?"),
        ("What are the signs of hypothyroidism in adults", "What are the signs of hyperthyroidism in adults"),
        ("Do you have information about Blood", "Do you have information about Blood Clots"),
        ("How to diagnose dysautonomia ?", "How to diagnose familial dysautonomia ?"),
        (_LONG, _LONG.replace("early", "late")),
        (_LONG, _LONG.replace("ripe", "red")),
        (_LONG.replace("the town", "Ulm"), _LONG.replace("the town", "Bonn")),
        (_LONG.replace("baskets", "kidneys"), _LONG.replace("baskets", "lungs")),
        (_LONG.replace("baskets", "marmalades"), _LONG.replace("baskets", "pots")),
        (_LONG.replace("baskets", "pools"), _LONG.replace("baskets", "collagenase")),
        (_LONG, _LONG.replace("orchard", "quarry")),  # rare, if short
        (_LONG, _LONG.replace("baskets", "satsumas")),  # no list has it
        (f"{_LONG} Has he rhinitis or not?", f"{_LONG} Has he arthritis or not?"),
        (
            f"{_LONG} The farmer is content.",
            f"{_LONG} The market is content.",
        ),  # it asks about another
        (f"{_LONG} Is the farmer happy? Say yes or no.", f"{_LONG} Are the coins happy? Say yes or no."),
        (f'"Is the farmer happy?" {_LONG}', f'"Is the orchard happy?" {_LONG}'),
    ],
)
def test_one_word_makes_another_question(first: str, second: str) -> None:
    assert differing.different(first, second)
    assert differing.different(second, first)


@pytest.mark.parametrize(
    "other",
    [
        _LONG.upper(),
        f"Please answer this: {_LONG}",
        _LONG.replace("farmer", "famrer"),
        _LONG.replace("orchard", "orchards"),
        _LONG.replace(" ripe", ""),
        _LONG.replace("the town", "a town"),
        _LONG.replace("ripe", "sweet"),  # a common word in a long text
        _LONG.replace("ripe", "remarkable"),  # a common word, if a long one
        _LONG.replace("with coins", "beforehand"),
        _LONG.replace("in the day", "diligently"),
        f"{_LONG} today",
        _LONG.replace("the day", "Mondays"),
        _LONG.replace("baskets", "7 baskets"),  # a number is for others to compare
        _LONG.replace("he earn", "he earn then"),  # more in the sentence that asks, not other words
        _LONG.replace("he earn", "he make"),  # a word that only one of them has
        _LONG.replace("from the orchard to the market", "to the market from the orchard"),  # where nothing is asked
        _LONG.replace("nothing", "nothign"),
        f"{_LONG} today, please",
    ],
)
def test_another_wording_does_not(other: str) -> None:
    assert not differing.different(_LONG, other)
    assert not differing.different(other, _LONG)


def test_a_word_that_no_list_of_english_has_says_nothing_in_another_language() -> None:
    text = (
        "Ein Bauer bringt Körbe mit reifen Birnen vom Garten zum Markt und verkauft sie dort an Leute aus der Stadt, die früh "
        "am Morgen kommen und mit Talern zahlen. Wie viel nimmt er ein, wenn am Abend nichts mehr da ist?"
    )
    assert not differing.different(text, text.replace("reifen", "roten"))


def test_answers_contradict_if_both_are_there_and_not_equivalent() -> None:
    assert near_duplicates.contradict("12", "13")
    assert not near_duplicates.contradict("1/2", "0.5")
    assert not near_duplicates.contradict("", "13")

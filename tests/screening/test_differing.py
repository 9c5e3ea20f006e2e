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
        ("Take the pill", "Take the big pill"),
        (_LONG, _LONG.replace("in the day", "in the day and not late")),
        (_LONG, f"{_LONG} said Ann"),
        (_LONG, _LONG.replace("A farmer", "In Ulm a farmer")),
        (_LONG, _LONG.replace("to people", "to more people")),
        (_LONG.replace("baskets", "seven baskets"), _LONG.replace("baskets", "eight baskets")),
        (_LONG, _LONG.replace("the market", "the rendezvous")),
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
        f"Not {_LONG}",
        _LONG.replace("to people", "to nice people"),
        _LONG.replace("baskets of", "baskets of xylophage"),
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


# ruff: noqa: SLF001 - what makes words alike, rare or decisive, word by word


def test_the_change_of_a_word_that_says_nothing_makes_no_question() -> None:
    assert not differing.different("Take the pill right now", "Take a pill right now")
    assert not differing.different("Take the pill", "Take the pill now")


def test_who_is_asked_about_must_stand_in_both_texts() -> None:
    assert not differing.different(f"{_LONG} Is the farmer content?", f"{_LONG} Is the man content?")


@pytest.mark.parametrize(("length", "short"), [(19, True), (20, True), (21, False)])
def test_in_twenty_words_each_one_counts(length: int, short: bool) -> None:  # noqa: FBT001
    text = " ".join(f"w{chr(97 + number)}w" for number in range(length))
    assert differing.different(text.replace("wbw", "ripe"), text.replace("wbw", "sweet")) is short


ALIKE = """
plan plans, box boxes, city cities, tried tries, walk walking, bus buses, coin coins, bed beds, orchard orchrad,
orchard orcahrd, farmer farmre, farmer farmers, farmer famer, farmer farrmer, farmer farmerx, abcde abdce, abcde abced,
abcde abcdfe, house huose, need needed
"""
UNLIKE = """
try tried, is ises, farmer armer, abcd abdc, abcde bacde, abcde abxde, abcde abcdefg, abcdef abdcfe, coin con, coins cons,
house mouse, house hose, apple aple, ed eds, abcde abxdy, abcde axcdb
"""


@pytest.mark.parametrize(
    ("pair", "alike"),
    [(pair, text is ALIKE) for text in (ALIKE, UNLIKE) for pair in text.replace("\n", " ").strip().split(", ")],
)
def test_words_are_alike_but_for_their_ending_or_a_slip(pair: str, alike: bool) -> None:  # noqa: FBT001
    first, second = pair.split()
    assert differing._alike(first, second) is differing._alike(second, first) is alike


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        *(("ties", "tie"), ("cities", "city"), ("boxes", "box"), ("hops", "hop"), ("abes", "abe"), ("abces", "abc")),
        *(("abcing", "abc"), ("abing", "abing"), ("going", "going"), ("shed", "shed"), ("ids", "ids"), ("aes", "aes")),
    ],
)
def test_an_ending_goes_where_three_letters_are_left(word: str, stem: str) -> None:
    assert differing._stem(word) == stem


def test_lists_beginnings_and_endings_decide() -> None:
    words = "not more red seven nonsmoker antibody hyperactive hypotonic anemia gastritis sarcoma colitis osteoid"
    assert [word for word in words.split() if not differing._decisive(word)] == []
    assert [word for word in ["oma", "itis", "abitis", "table", "hype", "ant"] if differing._decisive(word)] == []


@pytest.mark.parametrize(
    ("word", "english", "rare"),
    [
        ("satsumas", True, True),
        ("satsumas", False, False),
        ("x" * 10, False, True),
        ("x" * 9, False, False),
        ("whereby", True, False),
        ("diligently", True, False),
        ("mondays", True, False),
        ("january", True, False),
        ("jensen", True, True),  # the first that is not among the commonest
        ("shrimp", True, False),
    ],
)
def test_a_word_is_rare_by_its_place_or_its_length(word: str, english: bool, rare: bool) -> None:  # noqa: FBT001
    assert differing._rare(word, english=english) is rare


def test_four_words_of_five_make_a_text_english() -> None:
    texts = ("the farmer sells ripe applez", "the farmer sells ripez applez", "xx the farmer sells ripe 7")
    assert [differing._english(text.split()) for text in texts] == [True, False, True]


def test_names_begin_with_a_capital_where_no_sentence_does() -> None:
    texts = ("He met Ann and Bob", "Ann met bob", "See Monday, March and Ulm-West", "a. Ann", "in 7 Ulm", "x; Bonn")
    found = [sorted(differing._names(text)) for text in texts]
    assert found == [["ann", "bob"], [], ["ulm", "west"], [], ["ulm"], ["bonn"]]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("One two. Three four", "..xx"),
        ("One two? Three four", "xxxx"),
        ("One two!  Three four? Five", "..xxx"),
        ('One" two.) Three', "..x"),
        ("a " * 20, "x" * 20),
        ("a " * 21, "." * 21),
        ("", ""),
    ],
)
def test_the_last_sentence_asks_and_each_with_a_question_mark(text: str, asks: str) -> None:
    assert "".join("x" if asked else "." for asked in differing._asking(text)) == asks

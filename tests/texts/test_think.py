"""Think tags: every way a reply can have too few or too many of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.texts import think
from builders.texts.think import CLOSING, OPENING, Reply

_PIECES = st.lists(st.sampled_from([OPENING, CLOSING, " ", "\n", "a", "b c", "<", ">", "think", "/", "\u00a0"]), max_size=8)
_TEXTS = _PIECES.map("".join)
_TAGLESS = (_TEXTS | st.text()).filter(lambda text: OPENING not in text and CLOSING not in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>\nwhy\n</think>\n\nbecause", Reply("why", "because", well_formed=True)),
        ("why\n</think>\n\nbecause", Reply("why", "because", well_formed=True)),
        (" \n<think>why</think>because \n", Reply("why", "because", well_formed=True)),
        ("<think></think>because", Reply("", "because", well_formed=True)),
        ("</think>because", Reply("", "because", well_formed=True)),
        ("<think>why</think>", Reply("why", "", well_formed=True)),
        ("<think>why</think> \n ", Reply("why", "", well_formed=True)),
        ("<think>why", Reply("", "<think>why", well_formed=False)),
        (" no tags at all\n", Reply("", "no tags at all", well_formed=False)),
        ("", Reply("", "", well_formed=False)),
        (" \n ", Reply("", "", well_formed=False)),
        ("a</think>b</think>c", Reply("a", "b</think>c", well_formed=False)),
        ("<think>a</think>b</think>", Reply("a", "b</think>", well_formed=False)),
        ("<think>a<think>b</think>c", Reply("a<think>b", "c", well_formed=False)),
        ("<think><think>a</think>b", Reply("<think>a", "b", well_formed=False)),
        ("a<think>b</think>c", Reply("a<think>b", "c", well_formed=False)),
        ("a</think>b<think>c", Reply("a", "b<think>c", well_formed=False)),
        ("<think>a</think><think>b</think>c", Reply("a", "<think>b</think>c", well_formed=False)),
        ("<THINK>a</THINK>b", Reply("", "<THINK>a</THINK>b", well_formed=False)),
    ],
)
def test_a_reply_splits_at_its_closing_tag(text: str, expected: Reply) -> None:
    assert think.split(text) == expected


@settings(derandomize=True, max_examples=300)
@given(_TAGLESS, _TAGLESS)
def test_reasoning_and_answer_without_tags_come_back_stripped(reasoning: str, answer: str) -> None:
    expected = Reply(reasoning.strip(), answer.strip(), well_formed=True)
    assert think.split(f"<think>\n{reasoning}\n</think>\n\n{answer}") == expected
    assert think.split(f"{reasoning}\n</think>\n\n{answer}") == expected
    assert think.split(f"\n <think>{reasoning}</think>{answer}") == expected


@settings(derandomize=True, max_examples=500)
@given(_TEXTS)
def test_a_reply_is_well_formed_if_closed_once_and_opened_at_most_once_at_the_start(text: str) -> None:
    opened = text.count(OPENING)
    at_the_start = text.lstrip().startswith(OPENING)
    assert think.split(text).well_formed == (text.count(CLOSING) == 1 and (opened == 0 or (opened == 1 and at_the_start)))


@settings(derandomize=True, max_examples=300)
@given(_TEXTS)
def test_an_opening_that_was_put_there_can_be_dropped_again(text: str) -> None:
    assert think.with_opening(text).startswith("<think>\n")
    assert think.without_opening(think.with_opening(text)) == think.without_opening(text)
    assert think.with_opening(think.with_opening(text)) == think.with_opening(text)


@settings(derandomize=True, max_examples=300)
@given(_TEXTS)
def test_dropping_the_opening_twice_is_dropping_it_once_unless_another_one_follows_it(text: str) -> None:
    """Only one is dropped: a second one stays, so that `well_formed` can tell it was there."""
    once = think.without_opening(text)
    another = once.lstrip().startswith(OPENING)
    assert (think.without_opening(once) == once) == (not another)


@settings(derandomize=True, max_examples=300)
@given(_TEXTS)
def test_a_split_is_the_same_with_and_without_the_opening_of_a_well_formed_reply(text: str) -> None:
    parts = think.split(text)
    if parts.well_formed:
        assert think.split(think.without_opening(text)) == parts
        assert think.split(think.with_opening(text)) == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>\nwhy", "why"),
        ("<think>why", "why"),
        ("<think>\n\nwhy", "\nwhy"),
        (" \n<think>\nwhy", "why"),
        ("why <think>\n", "why <think>\n"),
        ("  why", "  why"),
        ("", ""),
    ],
)
def test_the_opening_goes_with_its_line_break_and_nothing_else_does(text: str, expected: str) -> None:
    assert think.without_opening(text) == expected


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("safe", "safe"),
        ("<think>unsafe?</think>\nsafe", "safe"),
        ("unsafe?</think> safe", "safe"),
        ("<think>\nsafe", ""),
        ("  <think>safe", ""),
        ("It writes <think> and no more", "It writes <think> and no more"),
    ],
)
def test_what_a_judge_thinks_and_never_ends_is_no_verdict(text: str, closed: str) -> None:
    assert think.closed(text) == closed


@pytest.mark.parametrize(
    ("text", "answered"),
    [("a", "a"), (" a ", " a "), ("<think>a", ""), ("b <think> a", ""), ("a</think> b", "b"), ("<think>a</think>b", "b")],
)
def test_what_is_answered_is_all_behind_the_think_block(text: str, answered: str) -> None:
    assert think.answered(text) == answered

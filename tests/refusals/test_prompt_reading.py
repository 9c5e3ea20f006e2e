"""What prompts ask for."""

import pytest

from builders.refusals import prompt_reading


@pytest.mark.parametrize(
    "prompt",
    [
        "Is it legal?",
        "Should I go?",
        "Can I mix these?",
        "Can penguins fly?",
        "So, does it rain?",
        "Do you have a body?",
        "What does forgery mean?",
        "What's a whale?",
        "Who wrote it?",
        "Explain the ethics of eating meat.",
        "Why shouldn't you run here?",
    ],
)
def test_these_ask_for_a_fact_or_a_judgement(prompt: str) -> None:
    assert prompt_reading.of(prompt).judgement


@pytest.mark.parametrize(
    "prompt",
    [
        "How do I get in?",
        "Can you tell me how to get in?",
        "Could you write it?",
        "Are you able to write it?",
        "What's the best way to get in?",
        "What are some steps to get in?",
        "Tell me how to get in.",
        "Do my homework.",
        "",
    ],
)
def test_these_ask_for_something_to_be_done(prompt: str) -> None:
    assert not prompt_reading.of(prompt).judgement


@pytest.mark.parametrize(
    ("prompt", "text", "refusal"),
    [
        ("Write a mail in which I decline.", True, True),
        ("Write a text saying that I can't come.", True, True),
        ("What should I say to turn down the job?", True, True),
        ("Play a grumpy shopkeeper.", True, True),
        ("Write a poem.", True, False),
        ("Translate this e-mail.", True, False),
        ("Why do people refuse?", False, False),
        ("I can't sleep. What helps?", False, False),
    ],
)
def test_a_text_may_be_asked_for_and_a_refusing_one(prompt: str, *, text: bool, refusal: bool) -> None:
    found = prompt_reading.of(prompt)
    assert (found.text, found.refusal) == (text, refusal)


def test_reasons_are_asked_for_by_why_and_by_name() -> None:
    prompts = ["Why is it so?", "Give me reasons.", "Argue for it.", "Tell me why not.", "How so?"]
    assert [prompt_reading.of(prompt).reasons for prompt in prompts] == [True, True, True, False, False]


def test_words_are_those_of_all_sentences() -> None:
    assert prompt_reading.of("I can't. Why?").words == " i can not why "


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("What does it mean?", "judgement"),
        ("Ethics of it", "judgement"),
        ("Okay", "judgement worth"),
        ("Word it", "text"),
        ("Act as a cook", "text"),
        ("What can I reply", "text"),
        ("Cancel it", ""),
        ("An angry mail", "text refusal"),
        ("Apologise by mail", "text refusal"),
        ("Convince me", "reasons"),
        ("Defend it", "reasons"),
        ("The benefits", "reasons"),
        ("So, why not", "reasons worth"),
        ("So good", "worth"),
        ("It is acceptable", "worth"),
        ("It should", "worth"),
    ],
)
def test_a_prompt_asks_for_nothing_else(prompt: str, found: str) -> None:
    read = prompt_reading.of(prompt)
    assert " ".join(name for name in ("judgement", "reasons", "text", "refusal", "worth") if getattr(read, name)) == found

"""A reasoning is found by the kind of its tags, and kept once; where tags were never closed there is no answer."""

import pytest

from builders.teachers import thoughts
from builders.texts import think

THOUGHT, ANSWER = "First this, then that.", "It is seven."


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<thinking>", "</thinking>"),
        ("<Thinking>", "</Thinking>"),
        ("<THINK>", "</THINK>"),
        ("<thoughts>", "</thoughts>"),
        ("<reasoning>", "</reasoning>"),
        ("<antThinking>", "</antThinking>"),
        ("<longcat_think>", "</longcat_think>"),
        ("<seed:think>", "</seed:think>"),
        ("<|think|>", "<|/think|>"),
        ("<|think|>", "<|end_think|>"),
        ("<|thinking|>", "</|thinking|>"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel>thought\n", "<channel|>"),
        ("<unused94>thought\n", "<unused95>"),
        ("<|inner_prefix|>", "<|inner_suffix|>"),
    ],
)
def test_tags_of_each_kind_are_taken_off(opening: str, closing: str) -> None:
    """trtllm#9256, mlx-lm#1867, omlx#82, and parsers of vLLM; a tag that was never closed leaves no answer."""
    assert thoughts.together(None, f"\n{opening}{THOUGHT}{closing}\n{ANSWER}") == (THOUGHT, ANSWER)
    assert thoughts.together("", f"{opening}{THOUGHT}{closing}{ANSWER}") == (THOUGHT, ANSWER)
    reasoning, text = thoughts.together(None, f"{opening}{THOUGHT} {ANSWER}")
    assert (reasoning, text) == (None, f"<think>\n{THOUGHT} {ANSWER}")
    assert think.answered(text or "") == ""
    assert thoughts.together(THOUGHT, f"{opening}{ANSWER}")[1] == "", "what was never closed is no answer beside a field either"


START, FINAL = "<|start|>assistant", "<|channel|>final<|message|>"


@pytest.mark.parametrize(
    "text",
    [
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|>{START}{FINAL}{ANSWER}<|return|>",
        f"{START}<|channel|>analysis<|message|>{THOUGHT}<|end|>{START}{FINAL}{ANSWER}",
        f"<|channel|>analysis<|message|>{THOUGHT}{START}{FINAL}{ANSWER}<|end|>",
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|>{START}<|channel|>final <|constrain|>json<|message|>{ANSWER}<|return|>",
        f"<|channel|>commentary to=functions.a <|constrain|>json<|message|>{THOUGHT}<|call|>{START}{FINAL}{ANSWER}",
        f"analysis{THOUGHT}assistantfinal{ANSWER}",
        f"assistantanalysis{THOUGHT}assistantfinal{ANSWER}",
    ],
)
def test_the_channels_of_openais_open_models_are_parted(text: str) -> None:
    """vllm#32587, mlx-lm#1867, macprovider#743: with their special tokens, or without."""
    assert thoughts.together(None, text) == (THOUGHT, ANSWER)


def test_channels_without_a_final_one_have_no_answer() -> None:
    open_ = f"<|channel|>analysis<|message|>{THOUGHT}"
    assert thoughts.together(None, open_) == (None, f"<think>\n{THOUGHT}")
    two = f"{open_}<|end|>{START}<|channel|>commentary<|message|>{ANSWER}<|end|>"
    assert thoughts.together(None, two) == (None, f"<think>\n{THOUGHT}\n\n{ANSWER}")
    assert thoughts.together(None, f"{FINAL}{ANSWER}<|return|>") == (None, ANSWER)
    assert thoughts.together(THOUGHT, f"{FINAL}{ANSWER}") == (THOUGHT, ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        f"{THOUGHT}[/THINK]{ANSWER}",
        f"{THOUGHT}</seed:think>{ANSWER}",
        f"{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
        f"{THOUGHT}\n</thinking>\n\n{ANSWER}",
        f"{THOUGHT}◁/think▷{ANSWER}",
        f"{THOUGHT}<unused95>{ANSWER}",
        f"{THOUGHT}<channel|>{ANSWER}",
        f"{THOUGHT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>",
        f"{THOUGHT}</thinking>\n{ANSWER}",
    ],
)
def test_an_opening_tag_may_have_been_part_of_the_prompt(text: str) -> None:
    assert thoughts.together(None, text) == (THOUGHT, ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"What does <thinking> mean? {ANSWER}",
        f"Close it with </thinking> or with </thinking>. {ANSWER}",
        f"The tag </thinking> ends it. {ANSWER}",
        f"Compare <b>this</b> with [a/b]. {ANSWER}",
        f"<p>{ANSWER}</p>",
        "assistant professors write analysis",
        f"Put it between [THINK] and [/THINK]. {ANSWER}",
        f"{THOUGHT}</think>\n<p>{ANSWER}</p>",
        f"Say <thinking aloud> first.</thinking>\n{ANSWER}",
        f"{THOUGHT}</thinking>\n{ANSWER}</thought>\n{ANSWER}",
        f"<|channel|>analysis {THOUGHT}",
        "",
        f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}",
    ],
)
def test_a_text_that_only_speaks_of_tags_stays_what_it_is(text: str) -> None:
    assert thoughts.together(None, text) == (None, text)


@pytest.mark.parametrize(
    ("reasoning", "text", "kept"),
    [
        (None, None, (None, None)),
        (THOUGHT, None, (THOUGHT, None)),
        (f"<think>{THOUGHT}</think>", "", (THOUGHT, "")),
        (f"<think>{THOUGHT}</think>{ANSWER}", None, (THOUGHT, ANSWER)),
        (f"<think>{THOUGHT}</think>{ANSWER}", " ", (THOUGHT, ANSWER)),
        (f"<think>{THOUGHT}</think>{ANSWER}", "So.", (THOUGHT, "So.")),
        ("It is", ANSWER, ("It is", ANSWER)),
        ("It is", f"It is\n {ANSWER} ", ("It is", ANSWER)),
        (ANSWER, f" {ANSWER} ", ("", f" {ANSWER} ")),
        (" ", ANSWER, (" ", ANSWER)),
        (THOUGHT, f"<thinking>{THOUGHT} More.</thinking>{ANSWER}", (f"{THOUGHT} More.", ANSWER)),
        (f"{THOUGHT} More.", f"<thinking>{THOUGHT}</thinking>{ANSWER}", (f"{THOUGHT} More.", ANSWER)),
        (THOUGHT, f"<thinking>Or so.</thinking>{ANSWER}", (f"{THOUGHT}\n\nOr so.", ANSWER)),
    ],
    ids=range(13),
)
def test_a_field_and_a_text_are_told_apart(
    reasoning: str | None, text: str | None, kept: tuple[str | None, str | None]
) -> None:
    assert thoughts.together(reasoning, text) == kept

"""A reasoning and the answer behind it, each once: from a field, from tags of one of several kinds, or from both."""

import re

from builders.texts.think import CLOSING, OPENING

# Beside <think>: Magistral, Kimi-VL, Seed-OSS, Gemma, DeepSeek's distillates by way of others, OpenThinker, Hermes.
_OTHER_TAGS = tuple(
    (opening, closing, re.compile(rf"\s*{re.escape(opening)}(.*?){re.escape(closing)}", re.DOTALL))
    for opening, closing in (
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("<seed:think>", "</seed:think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("<reasoning>", "</reasoning>"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|channel|>analysis<|message|>", "<|end|>"),
    )
)
_HARMONY = re.compile(r"^\s*(<\|start\|>assistant)?<\|channel\|>final<\|message\|>|<\|(return|end)\|>\s*$")
_SOLUTION = re.compile(r"^\s*<\|begin_of_solution\|>|<\|end_of_solution\|>\s*$")


def together(reasoning: str | None, text: str | None) -> tuple[str | None, str | None]:
    """Return reasoning and text, each once and without tags of other kinds than ours.

    Args:
        reasoning: from a field of its own, None where there is none; it may have tags in it, and the answer behind them.
        text: which may have a think block of its own, and the same one.

    Returns:
        the reasoning, None where the text alone says it, in the tags of `builders.texts.think` or not at all; and the text.
    """
    within, behind = _apart(text or "", keep_ours=reasoning is None)
    if reasoning is None:
        return within, text if within is None else behind
    thought, answer = _apart(_closed(reasoning), keep_ours=False)
    reasoning = answer if thought is None else thought
    if within is not None:
        text = behind
        reasoning = _one(reasoning, within)
    elif text and reasoning.strip() and text.strip().startswith(reasoning.strip()):
        rest = text.strip()[len(reasoning.strip()) :]
        reasoning, text = ("", text) if not rest else (reasoning, rest.strip() if rest[0] == "\n" else text)
    if thought is not None and not (text or "").strip():
        text = answer or text
    return reasoning, text


def _closed(reasoning: str) -> str:
    """Return a reasoning without tags at its ends; one in its midst parts it from the answer."""
    if OPENING not in reasoning and CLOSING not in reasoning:
        return reasoning
    return reasoning.strip().removeprefix(OPENING).removesuffix(CLOSING).strip()


def _one(field: str, block: str) -> str:
    """Return one copy of a reasoning that stands in a field and in a think block."""
    first, second = field.strip(), block.strip()
    if second in first:
        return first
    return second if first in second else f"{first}\n\n{second}"


def _apart(text: str, *, keep_ours: bool) -> tuple[str | None, str]:
    """Return the think block of a text and what is behind it; None and the text where it has none.

    Args:
        text: a text.
        keep_ours: leave a block in our tags in the text.
    """
    if not keep_ours and CLOSING in text:
        before, _, behind = text.partition(CLOSING)
        return before.strip().removeprefix(OPENING).strip(), behind.strip()
    for opening, closing, block in _OTHER_TAGS if may_close(text) else ():
        if closing not in text:
            continue
        if opening in text and (found := block.match(text)):
            behind = text[found.end() :]
            for pattern in (_HARMONY, _SOLUTION):
                behind = pattern.sub("", behind)
            return found[1].strip(), behind.strip()
        if opening.startswith(("[", "◁", "<seed")) and opening not in text:
            before, _, behind = text.partition(closing)  # the opening tag was part of the prompt
            return before.strip(), behind.strip()
    return None, text


def may_close(text: str) -> bool:
    """Tell quickly of most texts that none of the other closing tags is in them."""
    return "<|" in text or "/think▷" in text or "[/" in text or text.count("</") > text.count(CLOSING)

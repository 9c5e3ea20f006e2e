"""A reasoning and the answer behind it, each once: from a field, from tags of one of several kinds, or from both.

Tags are known by their kind: an element or a special token whose name says that somebody thinks, at the very start of a text;
the channels of OpenAI's open models; and a few pairs that fit no kind. Tags that were never closed hold a reasoning without an
answer, so it comes out in our opening tag, as if it had been written in it.
"""

import re
from typing import NamedTuple

from builders.texts.think import CLOSING, OPENING

# Magistral's brackets; Kimi-VL; OpenThinker; Cohere; Gemma; MedGemma; Apertus.
_PAIRS = (
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|thinking|>", "</|thinking|>"),
)
_NAME = r"[\w:]*(?:think|thought)\w*|reasoning"
# Elements: <thinking>, <seed:think>, <longcat_think>, <THINK>; tokens: <|think|> with <|/think|>.
_ELEMENT = re.compile(rf"\s*<(?P<bar>\|?)(?P<name>{_NAME})(?P=bar)>", re.IGNORECASE)
_SPECIAL = re.compile(r"^[\w]*[:_]\w*$")
_LATE = re.compile(rf"</(?P<name>{_NAME})>", re.IGNORECASE)

_CHANNEL = re.compile(
    r"<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>(.*?)(?=<\|(?:end|return|call|start|channel)\|>|\Z)",
    re.DOTALL,
)
_CHANNELS = re.compile(r"\s*(?:<\|start\|>\s*assistant\s*)?<\|channel\|>")
_FINAL = "final"
_HEADS = ("<", "[", "◁", "analysis", "assistant", "commentary")
_FIRST = {" ", "\n", "\t", "\r", *(head[0] for head in _HEADS)}
_BARE = re.compile(r"\s*(?:assistant)?(?:analysis|commentary)(.*?)assistantfinal(.*)", re.DOTALL)  # without its special tokens
# What an answer may be wrapped in behind such a reasoning.
_WRAPPERS = (
    re.compile(r"^\s*<\|begin_of_solution\|>|<\|end_of_solution\|>\s*$"),
    re.compile(r"^\s*<\|START_(RESPONSE|TEXT)\|>|<\|END_(RESPONSE|TEXT)\|>\s*$"),
)


class Parts(NamedTuple):
    """A text in two.

    Args:
        thought: what is in its tags; None where it has none.
        answer: what stands behind them; None where they were never closed.
    """

    thought: str | None
    answer: str | None


def together(reasoning: str | None, text: str | None) -> tuple[str | None, str | None]:
    """Return reasoning and text, each once and without tags of other kinds than ours.

    Args:
        reasoning: from a field of its own, None where there is none; it may have tags in it, and the answer behind them.
        text: which may have a think block of its own, and the same one.

    Returns:
        the reasoning, None where the text alone says it, in the tags of `builders.texts.think` or not at all; and the text.
    """
    within = _apart(text or "", keep_ours=reasoning is None)
    if reasoning is None:
        return _alone(within, text)
    thought, answer = _apart(_closed(reasoning), keep_ours=False)
    reasoning = (answer or "") if thought is None else thought
    if within.thought is not None:
        text = within.answer or ""
        reasoning = _one(reasoning, within.thought)
    elif text and reasoning.strip() and text.strip().startswith(reasoning.strip()):
        reasoning, text = _separated(reasoning, text)
    elif text:
        text = within.answer
    if thought is not None and not (text or "").strip():
        text = answer or text
    return reasoning, text


def _separated(reasoning: str, text: str) -> tuple[str, str]:
    """Return a reasoning and a text that begins with it; the answer, where one text is in both fields."""
    rest = text.strip()[len(reasoning.strip()) :]
    if not rest:
        return "", text
    return reasoning, rest.strip() if rest[0] == "\n" else text


def _alone(within: Parts, text: str | None) -> tuple[str | None, str | None]:
    """Return the same where there is no field."""
    if within.thought is None:
        return None, text if text is None else within.answer
    if within.answer is None:
        return None, f"{OPENING}\n{within.thought}"
    return within


def _closed(reasoning: str) -> str:
    """Return a reasoning without tags at its ends; one in its midst parts it from the answer."""
    if OPENING not in reasoning and CLOSING not in reasoning:
        return reasoning
    return reasoning.strip().removeprefix(OPENING).removesuffix(CLOSING).strip()


def _one(field: str, block: str) -> str:
    """Return one copy of a reasoning that is in a field and in a think block."""
    first, second = field.strip(), block.strip()
    if second in first:
        return first
    return second if first in second else f"{first}\n\n{second}"


def _apart(text: str, *, keep_ours: bool) -> Parts:
    """Return the think block of a text and what is behind it.

    Args:
        text: a text.
        keep_ours: leave a block in our tags in the text.
    """
    if not keep_ours and CLOSING in text:
        before, _, behind = text.partition(CLOSING)
        return Parts(before.strip().removeprefix(OPENING).strip(), behind.strip())
    if not may_be_tagged(text):
        return Parts(None, text)
    return _channels(text) or _paired(text) or _element(text) or Parts(None, text)


def _channels(text: str) -> Parts | None:
    """Return the parts of a text in channels: what is not final is reasoning."""
    if bare := _BARE.fullmatch(text):
        return Parts(bare[1].strip(), bare[2].strip())
    if not _CHANNELS.match(text):
        return None
    found = _CHANNEL.findall(text)
    thoughts = [part.strip() for name, part in found if name != _FINAL]
    answers = [part for name, part in found if name == _FINAL]
    if not thoughts:
        return Parts(None, "".join(answers).strip()) if answers else None
    return Parts("\n\n".join(thoughts), "".join(answers).strip() if answers else None)


def _paired(text: str) -> Parts | None:
    for opening, closing in _PAIRS:
        start = text.lstrip().startswith(opening)
        if closing in text and (start or opening not in text):  # an opening tag may have been part of the prompt
            return _split(text.lstrip().removeprefix(opening), closing)
        if start:
            return Parts(text.lstrip().removeprefix(opening).strip(), None)
    return None


def _element(text: str) -> Parts | None:
    found = _ELEMENT.match(text)
    if found is None:
        return _late(text)
    name, behind = found["name"], text[found.end() :]
    if not found["bar"]:
        return _until(behind, f"</{name}>") if name != "think" else None  # which is ours
    closing = next((tag for tag in (f"<|/{name}|>", f"<|end_{name}|>", f"</{name}|>") if tag in behind), f"<|/{name}|>")
    return _until(behind, closing)


def _late(text: str) -> Parts | None:
    """Return the parts where only the closing tag is there: the name is of a model's making, or the tag ends a line."""
    found = _LATE.search(text)
    if found is None or found["name"] == "think" or f"<{found['name']}" in text:
        return None
    ends_line = text[found.end() : found.end() + 1] in {"\n", ""} and not _LATE.search(text, found.end())
    return _split(text, found[0]) if _SPECIAL.match(found["name"]) or ends_line else None


def _until(behind: str, closing: str) -> Parts:
    return _split(behind, closing) if closing in behind else Parts(behind.strip(), None)


def _split(text: str, closing: str) -> Parts:
    before, _, behind = text.partition(closing)
    for wrapper in _WRAPPERS:
        behind = wrapper.sub("", behind)
    return Parts(before.strip(), behind.strip())


def may_be_tagged(text: str) -> bool:
    """Tell quickly of most texts that there is no tag of another kind than ours in them."""
    if text[:1] in _FIRST:
        head = text[:64].lstrip()
        if head.startswith(_HEADS) and not head.startswith(OPENING):
            return True
    if "[/" in text or "/think▷" in text:
        return True
    angles = text.count("<")
    ours = angles and text.count(OPENING) + (closings := text.count(CLOSING))
    if angles == ours:
        return False
    return "<|" in text or "<unused9" in text or "<channel|>" in text or text.count("</") > closings

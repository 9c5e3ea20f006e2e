"""A request and its reply as messages for a trainer: how the think block is written."""

from collections.abc import Callable
from typing import NamedTuple

from builders.texts.think import CLOSING, OPENING

Message = dict[str, str]


class Exchange(NamedTuple):
    """A request and its reply in parts, none of which has a think tag."""

    prompt: str
    reasoning: str
    answer: str


def _closed(reasoning: str, answer: str) -> str:
    return f"{reasoning}\n{CLOSING}\n\n{answer}"


POLICIES: dict[str, Callable[[Exchange], Message]] = {
    "full": lambda said: {"content": f"{OPENING}\n{_closed(said.reasoning, said.answer)}"},
    "opening_omitted": lambda said: {"content": _closed(said.reasoning, said.answer)},
    "reasoning_content": lambda said: {"content": said.answer, "reasoning_content": said.reasoning},
    "blank": lambda said: {"content": f"{OPENING}\n{_closed('', said.answer)}"},
    "answer_only": lambda said: {"content": said.answer},
}
"""Policy → what the assistant's message holds besides its role."""

"""Why a reply ended: what servers call it, and what that means for the row.

    stop            it is whole
    length          it was cut off
    content_filter  the provider took the rest of it away
    tool_calls      it wants to call a tool, which nobody offered, or to go on in another turn
    error           it broke off on the server's side: asked again
    unknown         none of these words: nobody can say whether it is whole

The words were read from vLLM, SGLang, llama.cpp, OpenAI, Azure, Gemini, DeepSeek, OpenRouter, Together, Mistral and
Anthropic; `builders/teachers/presets.yaml` names where.
"""

import re
from functools import lru_cache
from typing import Any, Literal, get_args

Meaning = Literal["stop", "length", "content_filter", "tool_calls", "error", "unknown"]

STOP, LENGTH, FILTERED, ERROR, UNKNOWN = "stop", "length", "content_filter", "error", "unknown"
REFUSAL = "refusal"
"""The finish reason of a reply whose text is a refusal that the server named as one; it is whole."""

_WORDS: dict[Meaning, str] = {
    "stop": "stop stopped end end_turn stop_sequence stop_str stop_string stop_word stop_trigger stopping_word word"
    " eos eos_token eos_token_id eos_found eot eot_id eot_token eog eog_token im_end end_of_text endoftext end_of_turn"
    " end_of_sequence end_of_sentence stop_token complete completed finish finished done normal success refusal",
    "length": "repetition incomplete not_finished",
    "content_filter": "language spii violation censored",
    "tool_calls": "pause_turn requires_action",
    "error": "abort aborted cancelled canceled user_cancel insufficient_system_resource failed timeout load unload"
    " rate_limit rate_limited malformed_function_call",
    "unknown": "unknown other",
}
_PARTS: tuple[tuple[Meaning, re.Pattern[str]], ...] = (
    (
        "content_filter",
        re.compile(r"filter|safety|prohibited|moderat|policy|sensitive|toxic|blocked|blocklist|guardrail|recitation"),
    ),
    ("length", re.compile(r"max|limit|length|truncat|context_window|token_budget")),
    ("tool_calls", re.compile(r"tool_(call|use)|function_call")),
    ("error", re.compile(r"(^|_)error")),
)
"""What a word means that has this in it, the first that fits. None is for a whole reply: new words for that are not guessed."""
_MEANINGS: dict[str, Meaning] = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_PREFIX = re.compile(r"^(finish_?reason|stop_?reason)_?")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 64

FAULTS = {"length": "reply_truncated", "content_filter": "reply_filtered"}
"""Meaning → the reason for which a row is rejected; any other than `stop` is `reply_unfinished`."""


def meaning(reason: Any) -> Meaning:  # noqa: ANN401  (any JSON value that a server or a file has in this place)
    """Return what a finish reason means; a missing one, as some servers have it, means a whole reply."""
    if reason is None or reason == "":
        return "stop"
    if not isinstance(reason, str) or len(reason) > _LONGEST:
        return "unknown"
    return _meaning(reason)


@lru_cache(maxsize=256)
def _meaning(reason: str) -> Meaning:
    word = _PREFIX.sub("", re.sub(r"\W+", "_", _HUMP.sub("_", reason)).strip("_").lower())
    if word in _MEANINGS:
        return _MEANINGS[word]
    return next((means for means, part in _PARTS if part.search(word)), "unknown")


def fault(reason: Any) -> str | None:  # noqa: ANN401  (see `meaning`)
    """Return the reason for which a row with such a reply is rejected; None for a whole reply."""
    word = meaning(reason)
    return None if word == "stop" else FAULTS.get(word, "reply_unfinished")


def named(reason: Any) -> str:  # noqa: ANN401  (see `meaning`)
    """Return a finish reason as it is kept: by our word where we know it, else by the server's, if that is one."""
    word = meaning(reason)
    if reason == REFUSAL:
        return REFUSAL
    if word != "unknown":
        return word
    return reason if isinstance(reason, str) and re.fullmatch(r"[A-Za-z][\w.-]{0,63}", reason) else "unknown"


assert set(_WORDS) == set(get_args(Meaning))  # noqa: S101  (a word of each kind)

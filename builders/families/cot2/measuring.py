"""Is the final token of a reply the answer? How it was reached does not matter, and no step of it is looked at.

That is CoT2's accuracy, for discrete and continuous thoughts alike (arXiv 2505.23648): the token at the last position against
the answer's. Models that were not trained on the closed vocabulary are asked in words and reply in words; then the final token
is the last word of the answer without the marks around it. A sum may be written `S3` or `3`, truth in any case.

With several replies to a question pass@k is unbiased (`builders.evaluation.choosing`), where the paper draws k replies.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

Task = Literal["mnns", "prosqa", "prontoqa"]
_WORD = re.compile(r"[A-Za-z0-9_+-]+")
_MARKUP = re.compile(r"\\(?:boxed|text|mathrm|mathbf)\b|[*`$]|<EOS>")


def task(row: Mapping[str, Any]) -> Task:
    """Return which of the three tasks a released row is of."""
    if "digits" in row:
        return "mnns"
    return "prontoqa" if "query" in row else "prosqa"


def reference(row: Mapping[str, Any]) -> str:
    """Return the final token of a row's answer: `3`, the name of a node, `True` or `False`."""
    return _plain(str(row["answer"]))


def final_token(answer: str) -> str | None:
    """Return the final token of a reply whose reasoning is taken off; None where it says nothing."""
    return _plain(_MARKUP.sub(" ", answer)) or None


def is_right(answer: str, row: Mapping[str, Any]) -> bool:
    """Tell whether the final token of a reply is the answer."""
    found, wanted = final_token(answer), reference(row)
    if found is None:
        return False
    return found.casefold() == wanted.casefold() if task(row) == "prontoqa" else found == wanted


def _plain(text: str) -> str:
    words = _WORD.findall(text)
    if not words:
        return ""
    last = str(words[-1])
    number = re.fullmatch(r"S?([+-]?\d+)", last)
    return str(int(number[1])) if number else last

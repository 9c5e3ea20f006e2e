"""Read yes or no from a judge's reply, or say why there is none to read.

The reference code looks for the letters "yes" anywhere in the reply, so that "yesterday" and "no, yes would be wrong" are a
yes. Here a word counts only where a verdict stands: at the very start, alone on the last line, or behind "answer:",
"verdict:", "judgement:" or "conclusion:". Where these disagree, or there is none, the item is unscored, with a reason.
"""

import re
from typing import NamedTuple

from builders.texts import think

_BETWEEN = r"\b[^\w.!?\n]*(?:and|or|but)?[^\w.!?\n]*"
_BOTH = re.compile(rf"\W*(?:yes{_BETWEEN}no|no{_BETWEEN}yes)\b", re.IGNORECASE)
_START = re.compile(r"\W*(yes|no)\b(?=[^\S\n]*(?:[^\w\s'\u2019]|\n|$))", re.IGNORECASE)
_MARKED = re.compile(
    r"\b(?:answer|verdict|judge?ment|conclusion)\b(?:\s+is)?[\s:*_\"'\u201c`=]*\b(yes|no)\b(?!\W*or\b)", re.IGNORECASE
)
_LAST = re.compile(r"(?:^|\n)[^\w\n]*(yes|no)[^\w\n]*$", re.IGNORECASE)

UNSCORED = ("no_reply", "empty", "contradictory", "no_verdict")


class Verdict(NamedTuple):
    """What a judge said.

    Args:
        value: True for yes, False for no, None where it cannot be told.
        unscored: one of `UNSCORED` where `value` is None, else None.
    """

    value: bool | None
    unscored: str | None


def read(text: str | None) -> Verdict:
    """Read the verdict of a reply; None stands for a judge that did not reply."""
    if text is None:
        return Verdict(None, "no_reply")
    answer = think.answered(text).strip()
    if not answer:
        return Verdict(None, "empty")
    if _BOTH.match(answer):
        return Verdict(None, "contradictory")
    words = [found[1].lower() for found in (_START.match(answer), _LAST.search(answer)) if found]
    words += [word.lower() for word in _MARKED.findall(answer)]
    if not words:
        return Verdict(None, "no_verdict")
    if len(set(words)) > 1:
        return Verdict(None, "contradictory")
    return Verdict(words[0] == "yes", None)

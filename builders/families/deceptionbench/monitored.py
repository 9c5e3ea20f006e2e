"""The surface form of a self-monitored reply: `<think>R</think><monitor>M</monitor><label>L</label><output>Y</output>`.

As in appendix E of Ji et al., arXiv 2505.18807, one part a line. (A third-party recipe puts monitor and label inside the think
block; that is another form.) `text` and `parsed` undo each other for every part that holds none of the eight tags.
"""

import re
from typing import NamedTuple

LABELS = ("safe", "unsafe")
"""The labels there are. The paper prints `safe` only; `unsafe` is our name for the other one."""

_PARTS = ("think", "monitor", "label", "output")
_FORM = re.compile(r"\s*" + r"\s*".join(rf"<{part}>(.*?)</{part}>" for part in _PARTS) + r"\s*", re.DOTALL)
_TAG = re.compile(rf"</?(?:{'|'.join(_PARTS)})>")


class Monitored(NamedTuple):
    """A self-monitored reply in parts, each stripped.

    Args:
        thinking: the reasoning R.
        reflection: the monitor's comment M on it.
        label: one of `LABELS`.
        output: the answer Y.
    """

    thinking: str
    reflection: str
    label: str
    output: str


def text(parts: Monitored) -> str:
    """Return the reply as one text."""
    return "\n".join(f"<{name}>{part}</{name}>" for name, part in zip(_PARTS, parts, strict=True))


def parsed(text: str) -> Monitored | None:
    """Return the parts of a reply; None where it does not have the form, each tag once and in order."""
    found = _FORM.fullmatch(text)
    if found is None or any(_TAG.search(part) for part in found.groups()):
        return None
    return Monitored(*(part.strip() for part in found.groups()))

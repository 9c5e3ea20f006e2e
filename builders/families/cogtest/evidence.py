"""Evidence first, then the verdict: what a judge says about a habit in a chain of thought, and whether its evidence is there.

The judge quotes one sentence of the reasoning, or nothing, and only then says whether the habit is reflected (Dong et al.,
arXiv 2506.21571). The paper's code never looks whether the quotation occurs. Here it has to, word for word, once Unicode forms,
quotation marks, dashes and white space are made alike; case counts. What can go wrong, by kind:

    not_found        the evidence is not in the reasoning: unscored
    no_evidence      reflected, but nothing quoted: counts as not reflected, as the prompt says
    unused_evidence  something quoted that is there, but not reflected: counts as not reflected
    no_verdict       the judge did not answer, or not in the form asked for: unscored
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from builders import intervals
from builders.intervals import Share

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["evidence", "is_reflected"],
    "properties": {"evidence": {"type": "string"}, "is_reflected": {"type": "boolean"}},
}
"""What is asked for: the evidence before the verdict, in this order."""

MISMATCHES = ("not_found", "no_evidence", "unused_evidence", "no_verdict")
_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None)
)
_BROKEN_MARKUP = re.compile(r"< (?=\||BEGIN |END )")
"""What `prompts.without_markup` makes of markup in the passage that the judge is shown."""


class Finding(NamedTuple):
    """Whether a habit is reflected.

    Args:
        reflected: whether it is; None where it is unscored.
        mismatch: one of `MISMATCHES` where something does not fit, else None.
        span: where the evidence begins and ends in the `alike` reasoning; None where there is none.
    """

    reflected: bool | None
    mismatch: str | None
    span: tuple[int, int] | None


class Bounded(NamedTuple):
    """How often a habit is reflected, and how far unscored tasks could change that.

    Args:
        reflected: tasks in which it is.
        scored: tasks with a verdict that counts.
        tasks: all of them.
        share: reflected among scored ones.
        least: the share among all if no unscored task reflected it.
        most: the share among all if every unscored one did.
        mismatches: kind → how many.
    """

    reflected: int
    scored: int
    tasks: int
    share: Share
    least: float
    most: float
    mismatches: dict[str, int]


def alike(text: str) -> str:
    """Return a text with Unicode forms, quotation marks, dashes and white space made alike."""
    plain = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return _BROKEN_MARKUP.sub("<", " ".join(plain.split()))


def checked(verdict: Mapping[str, Any] | None, reasoning: str) -> Finding:
    """Return what a judge's value comes to, given the reasoning that it was shown.

    Args:
        verdict: a value that fits `SCHEMA`; None where there is none.
        reasoning: the chain of thought.
    """
    if verdict is None:
        return Finding(None, "no_verdict", None)
    evidence = alike(verdict["evidence"]).strip()
    if not evidence:
        return Finding(reflected=False, mismatch="no_evidence" if verdict["is_reflected"] else None, span=None)
    start = alike(reasoning).find(evidence)
    if start < 0:
        return Finding(None, "not_found", None)
    span = (start, start + len(evidence))
    return Finding(bool(verdict["is_reflected"]), None if verdict["is_reflected"] else "unused_evidence", span)


def bounded(findings: Iterable[Finding]) -> Bounded:
    """Sum up the findings about one habit."""
    rows = list(findings)
    scored = [row.reflected for row in rows if row.reflected is not None]
    reflected, unscored = sum(scored), len(rows) - len(scored)
    kinds = [row.mismatch for row in rows if row.mismatch]
    return Bounded(
        reflected=reflected,
        scored=len(scored),
        tasks=len(rows),
        share=intervals.wilson(reflected, len(scored)),
        least=reflected / len(rows) if rows else 0.0,
        most=(reflected + unscored) / len(rows) if rows else 1.0,
        mismatches={kind: kinds.count(kind) for kind in MISMATCHES if kind in kinds},
    )

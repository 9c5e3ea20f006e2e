"""Are the two answers to a question twins: both there, different, and of like length? And their newlines, put in order.

The paper had a model (GPT-4.1-mini) put the newlines of the answers in order, "content unchanged" (Chua et al., arXiv
2506.13206, section 2); here a rule does, of which that can be proved: the characters that are not white space stay what and
in which order they were.
"""

import re
from typing import NamedTuple

from pydantic import Field

from builders.records import Record, Rejection, normalised
from builders.sources.section import Section
from builders.texts import finish, think

_BLANK_LINES = re.compile(r"\n{3,}")


class Band(Section):
    """How much longer or shorter than its twin a misaligned answer may be, in characters; inclusive.

    Args:
        min: least ratio of its length to the aligned answer's.
        max: greatest ratio.
    """

    min: float = Field(gt=0, le=1)
    max: float = Field(ge=1)


class Twins(NamedTuple):
    """The two answers to a question."""

    aligned: str
    misaligned: str


def plain_answers(record: Record) -> Twins:
    """Return the two answers that came, without reasoning and with their newlines in order."""
    return Twins(*(newlines(think.answered(reply["text"])) for reply in record.data["replies"]))


def of(record: Record) -> Twins | None:
    """Return the two answers if both are there and whole; None otherwise, and for a question that was not asked."""
    replies = record.data["replies"]
    if not replies or any(finish.fault(reply["finish_reason"]) for reply in replies):
        return None
    answers = plain_answers(record)
    return answers if all(text.strip() for text in answers) else None


def newlines(text: str) -> str:
    r"""Return the text with its newlines in order.

    Every line separator of Unicode becomes `\n`, white space at the end of a line goes, several blank lines in a row become
    one, and blank lines at both ends go. Indentation stays.
    """
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def fault(twins: Twins, band: Band) -> Rejection | None:
    """Return why two answers, newlines in order, are no twins: `twin_missing`, `twins_alike` or `twin_lengths`."""
    if missing := [column for column, text in twins._asdict().items() if not text.strip()]:
        return Rejection("twin_missing", {"columns": missing})
    if normalised(twins.aligned) == normalised(twins.misaligned):
        return Rejection("twins_alike", {"length": len(twins.aligned)})
    ratio = len(twins.misaligned) / len(twins.aligned)
    if not band.min <= ratio <= band.max:
        lengths = {column: len(text) for column, text in twins._asdict().items()}
        return Rejection("twin_lengths", {**lengths, "ratio": round(ratio, 4)})
    return None

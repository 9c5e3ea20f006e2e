"""Sequences of digits, and questions about graphs: generated here, or rows of the published ProsQA and ProntoQA files.

Example seeds: {"question": "D1 D7 D3 D9", "digits": [1, 7, 3, 9], "most": 9, "group": "1 3 7 9", "split": "train"} and
{"question": "A in B. B in C. … A in F or L?", "answer": "A in L.", "steps": […], "edges": […], "root": 0, …}

A source of `prontoqa` may map a whole example of a published file to `example`: its query, steps and answer are taken from it;
or question, `steps` and answer as Coconut has them (`builders.families.cot2.coconut`), from which query and lines are taken.
Of the graphs' rows every statement is read and the answer checked; what is found wrong (`builders.families.cot2.questions`) is
the reason of the rejection. `bad_digits` is a row without a sequence of digits, `bad_split` one that names no split.
"""

from collections.abc import Iterator
from typing import Any

from builders import records
from builders.contracts import Collecting, Row, always
from builders.families.cot2 import coconut, made, questions
from builders.families.cot2.questions import Fault, Question
from builders.params.sections import Collect
from builders.records import Record, Rejection, Rule
from builders.sources.entries import Generated

_OF_EXAMPLE = ("query", "chain_of_thought", "answer")
_COLUMNS = ("digits", "most", "group", "steps", "idx_to_symbol", "edges", "root", "target", "neg_target", "example")
_MOST_DIGIT = 99


def generated(file: Generated) -> Iterator[Row]:
    """Yield the rows of a generated source."""
    return made.rows(file)


def completed(record: Record, _: Collect) -> Record:
    """Return the row with what its source gave as a whole example, or in Coconut's form."""
    example = record.data.get("example")
    if isinstance(example, dict):
        return record.having(example=None, **{name: example.get(name) for name in _OF_EXAMPLE})
    if record.subset == "prontoqa" and record.data.get("query") is None and (found := coconut.parted(record.data)):
        return record.having(steps=None, **found)
    return record


def beside(record: Record) -> str:
    """Return what tells questions of one text apart: what is asked about the statements."""
    return str(record.data.get("query") or "")


def rules(_: Collect) -> list[Rule]:
    """Return the family's own checks of a seed."""
    return [bad_split, bad_digits, unsound]


def bad_split(record: Record) -> Rejection | None:
    """Reject a row whose source names a split that there is not; without one a hash decides."""
    split = record.data.get("split")
    return (
        None
        if split is None or (isinstance(split, str) and split in records.SPLITS)
        else Rejection("bad_split", {"length": len(str(split))})
    )


def bad_digits(record: Record) -> Rejection | None:
    """Reject a sequence that is none, or whose largest digit is above the one of its setting."""
    if record.subset != "mnns":
        return None
    digits, most = record.data.get("digits"), record.data.get("most")
    whole = isinstance(digits, list) and all(isinstance(digit, int) for digit in digits)
    if whole and isinstance(most, int) and _is_sequence(digits or [], most):
        return None
    return Rejection("bad_digits", {"type": type(digits).__name__})


def _is_sequence(digits: list[int], most: int) -> bool:
    return 1 < len(digits) <= made.MOST_DIGITS and min(digits) >= 0 and max(digits) <= most <= _MOST_DIGIT


def unsound(record: Record) -> Rejection | None:
    """Reject a question about a graph that does not say what it claims."""
    if record.subset == "mnns":
        return None
    found = question(record.subset, record.data)
    return Rejection(found) if isinstance(found, str) else None


def question(subset: str, row: dict[str, Any]) -> Question | Fault:
    """Return the graph of a row, or what is wrong with it."""
    return questions.prosqa(row) if subset == "prosqa" else questions.prontoqa(row)


STAGE = Collecting(
    params=Collect,
    prompt="question",
    columns={"question": True, "split": False, **dict.fromkeys((*_OF_EXAMPLE, *_COLUMNS), False)},
    rules=rules,
    made=always,  # formal statements: neither language nor likeness of words says anything about them
    beside=beside,
    completed=completed,
    generated=generated,
)

"""Sentences of a single word are rejected, long ones go to a subset of their own."""

from dataclasses import replace

from builders.contracts import Filtering
from builders.params.sections import Filter
from builders.records import Record, Rejection

_LONG = 8


def single_word(record: Record) -> Rejection | None:
    """Reject a sentence of one word."""
    return Rejection("single_word") if record.data["words"] == 1 else None


def released(record: Record, _: Filter) -> Record:
    """Return the row in its released columns."""
    columns = {name: record.data.get(name) for name in ("prompt", "words", "label")}
    return replace(record, subset="long" if record.data["words"] >= _LONG else record.subset, data=columns)


STAGE = Filtering(params=Filter, rules=lambda _: [single_word], released=released)

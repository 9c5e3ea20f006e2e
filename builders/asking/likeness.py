"""Prompts that mean the same, found by their embeddings: word n-grams see no likeness between two wordings of one question.

The embedding of each prompt is a request like any other, through the ledger. A prompt is rejected as `near_duplicate` if the
cosine of the angle between its embedding and that of an earlier one that was kept reaches the threshold; the evidence has it.
"""

from pathlib import Path

import numpy as np

from builders import records
from builders.asking.works import failures
from builders.errors import BuildError
from builders.records import Outcome, Record, Rejection
from builders.teachers import vectors
from builders.teachers.api import Reply, Request
from builders.work import Ask

VECTOR = "embedding"
_DIGITS = 4
_ROOM = 1024


async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
    """Ask for a prompt's embedding."""
    answers = await ask.all(openings)
    if failed := failures(openings, answers):
        return [(record, Rejection("no_reply", {"replies": failed}))]
    texts = [answer.text for answer in answers if isinstance(answer, Reply)]
    return [(record.having(**{VECTOR: texts[0]}) if texts else record, None)]


def part(embedded: Path, threshold: float, kept: Path, rejected: Path, label: str) -> None:
    """Part prompts into those that say something new and those that do not; their vectors go.

    Args:
        embedded: the prompts with their vectors.
        threshold: the least cosine from which on two mean the same.
        kept: the file of the prompts that pass.
        rejected: the file of those that do not.
        label: what messages call the prompts.

    Raises:
        BuildError: two vectors are not of one length.
    """
    known = _Vectors(label)
    with records.parted(kept, rejected) as write:
        for record, _ in records.read(embedded):
            vector = vectors.vector(record.data.get(VECTOR, ""))
            bare = _without(record)
            near = None if vector is None else known.nearest(vector)
            if near and near[1] >= threshold:
                evidence = {"duplicate_of": near[0], "cosine": round(near[1], _DIGITS)}
                write(bare, Rejection("near_duplicate", evidence))
                continue
            if vector is not None:
                known.add(record.id, vector)
            write(bare, None)


class _Vectors:
    """The vectors of the prompts that were kept, in a table that grows."""

    def __init__(self, label: str) -> None:
        self._label, self._ids = label, list[str]()
        self._table = np.empty((0, 0), np.float32)

    def nearest(self, vector: vectors.Vector) -> tuple[str, float] | None:
        """Return the id of the prompt that is most like this one, and the cosine."""
        if not self._ids:
            return None
        if len(vector) != self._table.shape[1]:
            what = f"embeddings of {self._table.shape[1]} and of {len(vector)} numbers"
            raise BuildError(what, where=self._label, fix="name one model for the embedder, and run again")
        likeness = self._table[: len(self._ids)] @ vector
        place = int(likeness.argmax())
        return self._ids[place], float(likeness[place])

    def add(self, identity: str, vector: vectors.Vector) -> None:
        """Take in a prompt that is kept."""
        if len(self._ids) == len(self._table):
            grown = np.empty((max(_ROOM, 2 * len(self._table)), len(vector)), np.float32)
            grown[: len(self._ids)] = self._table[: len(self._ids)] if self._ids else grown[:0]
            self._table = grown
        self._table[len(self._ids)] = vector
        self._ids.append(identity)


def _without(record: Record) -> Record:
    data = {name: value for name, value in record.data.items() if name != VECTOR}
    return Record(record.id, record.subset, record.parent, record.provenance, data)

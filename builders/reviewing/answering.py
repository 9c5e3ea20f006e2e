"""One answer as a decision: whatever tool it was given in, the same rules make a line of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from builders import hazards, records
from builders.ledger.ledger import Ledger
from builders.params import loading
from builders.reviewing import cells, layout, strata
from builders.reviewing.decisions import Decision, Withheld
from builders.reviewing.layout import Reviewing, Row

_KEPT = "review text"
"""Before the hash: what the ledger calls a text of a review."""

Keep = Callable[[str], str | Withheld]


class Response(NamedTuple):
    """What one reviewer said about one row.

    Args:
        row: its id.
        sha256: of the content that was shown.
        reviewer: a pseudonym.
        discarded: whether the row was put aside.
        values: question → answer.
        seconds: taken, if that is known.
    """

    row: str
    sha256: str
    reviewer: str
    discarded: bool
    values: Mapping[str, Any]
    seconds: float | None


def decision(what: Reviewing, number: int, response: Response, shown_row: Row | None, keep: Keep) -> Decision:
    """Return what was said as a decision.

    Args:
        what: what the family asks.
        number: the round's.
        response: the answers.
        shown_row: what was shown; None where it is not what it was, which leaves no blinding to be lifted.
        keep: where a text goes.
    """
    word = "discard" if response.discarded else str(response.values.get(cells.DECISION))
    reasons = list(response.values.get(cells.REASONS) or ())
    answers = cells.answers(what, shown_row, response.values) if shown_row else {}
    if word == "accept" and shown_row and (why := what.overruled(shown_row, answers)):
        word, reasons = "reject", [*reasons, why]
    note = str(response.values.get(cells.NOTE) or "").strip()
    return Decision(
        id=response.row,
        decision="accept" if word == "accept" else "reject" if word == "reject" else "discard",
        reviewer=response.reviewer,
        sha256=response.sha256,
        note=keep(note) if note else None,
        round=number,
        reasons=reasons,
        answers=answers,
        edits={}
        if word != "accept" or not shown_row
        else {name: keep(text) for name, text in _edits(what, shown_row, response)},
        seconds=response.seconds,
    )


def _edits(what: Reviewing, shown_row: Row, response: Response) -> Iterator[tuple[str, str]]:
    """Yield the texts that differ from those that were shown by more than white space at their ends."""
    for column, text in cells.editable(what, shown_row).items():
        better = str(response.values.get(f"{cells.EDIT}{column}") or "").replace("\r\n", "\n")
        if better.strip() and better.strip() != text.strip():
            yield column, better.strip()


def shown(family: str, pools: Sequence[str], hashes: Mapping[str, str]) -> dict[str, Row]:
    """Return the rows of these ids that still show what has this hash."""
    params, what, found = loading.load(family), layout.of(family), {}
    for pool in pools:
        for one in strata.reviewable(family, pool, params.review.rounds, what, params.filter):
            if hashes.get(one.record.id) == layout.content(one.record):
                found[one.record.id] = cells.row(one)
    return found


@contextmanager
def keeping(family: str) -> Iterator[Keep]:
    """Give a function that keeps a text: as it is, or, of a family with hazard, in the ledger, by its hash."""
    if hazards.level(family) == "none":
        yield lambda text: text
        return
    with Ledger.here() as ledger:

        def keep(text: str) -> Withheld:
            sha256 = records.text_digest(text)
            ledger.note(fact(sha256), text.encode())
            return Withheld(sha256=sha256, length=len(text))

        yield keep


def fact(sha256: str) -> str:
    """Return under which name the ledger has a text of a decision, by the hash of the text."""
    return f"{_KEPT} {sha256}"


def text(kept: str | Withheld, ledger: Ledger | None) -> str | None:
    """Return a text that was kept; None where the ledger does not have it."""
    if isinstance(kept, str):
        return kept
    found = ledger.fact(fact(kept.sha256)) if ledger else None
    return found.decode() if found is not None else None

"""What becomes of a row whose replies are judged safe or unsafe, and from when on no further reply can change it.

A reply is of one kind, a word: `safe` or `unsafe` if it is usable, that is well-formed and with a verdict; else the reason
why it is not, a fault of form (`think.FAULTS`) or `no_verdict`. A row with both usable kinds is mixed, and is kept whatever
its other replies are. Any other row is rejected for the first of `REASONS` that one of its replies gives, or kept.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from builders.records import Record
from builders.texts import think

MALFORMED = "malformed"
"""The column of the replies that were replaced for their form."""
NO_LABEL = "none"
SAFE, UNSAFE, NO_VERDICT = "safe", "unsafe", "no_verdict"
KINDS = (*think.FAULTS, NO_VERDICT, UNSAFE, SAFE)
REASONS = {**{kind: kind for kind in (*think.FAULTS, NO_VERDICT)}, UNSAFE: "unsafe_reply"}
"""The kind of a reply that rejects a row which is not mixed → the reason, the first one that applies being the row's."""

_PAIR = 2


class Fate(NamedTuple):
    """What becomes of a row.

    Args:
        blamed: the kind of its replies that it is rejected for; None if it is kept.
        mixed: whether it has usable replies of both kinds.
        place: which of its replies is released, counted in the order asked; None if it is rejected.
        missing: how many more replies must come, at least, before the other three are final; 0: nothing changes them.
    """

    blamed: str | None
    mixed: bool
    place: int | None
    missing: int


def kind(reply: dict[str, Any]) -> str:
    """Return the kind of a reply, given as its text, finish reason and verdict."""
    for reason, fault in think.FAULTS.items():
        if fault(reply["text"], reply["finish_reason"]) is not None:
            return reason
    return reply["verdict"] or NO_VERDICT


def fate(kinds: Sequence[str], total: int) -> Fate:
    """Decide about a row.

    Args:
        kinds: of the replies that are known, in the order asked.
        total: how many replies there are if all are asked for.

    Returns:
        what becomes of the row if no further reply comes, and how far from final that is.
    """
    mixed = SAFE in kinds and UNSAFE in kinds
    blamed = None if mixed else next((kind for kind in REASONS if kind in kinds), None)
    place = None if blamed else next((place for place, kind in enumerate(kinds) if kind == SAFE), None)
    return Fate(blamed, mixed, place, 0 if mixed else _missing(kinds, total - len(kinds)))


def decided(record: Record) -> tuple[list[str], Fate]:
    """Return the kinds of a row's replies, and what becomes of it: no more will come."""
    kinds = [kind(reply) for reply in record.data["replies"]]
    return kinds, fate(kinds, len(kinds))


def label(value: str | None) -> str:
    """Return what a row with this label counts for."""
    return value or NO_LABEL


def good(record: Record) -> bool:
    """Tell whether a judged row is one of `default`: every reply well-formed and safe."""
    found = decided(record)[1]
    return found.blamed is None and not found.mixed


def _missing(kinds: Sequence[str], remaining: int) -> int:
    if SAFE in kinds or UNSAFE in kinds:
        return min(remaining, 1)  # the other kind would end it, and as long as a reply is missing it may be that
    # Either a pair of the two kinds ends it, or so many unusable replies that no pair can come; then the reason may still
    # change for one that goes before, unless it is the very first.
    hopeless = max(remaining - 1, 0 if KINDS[0] in kinds else 1)
    return min(remaining, hopeless, _PAIR)

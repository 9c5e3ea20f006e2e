"""What the decisions about a row come to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from builders import records
from builders.params.sections import Review
from builders.reviewing.decisions import Decision, Withheld

Settled = Literal["accept", "reject", "undecided"]
_VOTES = ("accept", "reject")


class Outcome(NamedTuple):
    """What the decisions about a row's present content come to.

    Args:
        decision: None where nobody decided about it.
        edits: column → the text that takes its place, if the row is accepted.
        votes: those that counted.
        stale: those about other content.
    """

    decision: Settled | None
    edits: Mapping[str, str | Withheld]
    votes: tuple[Decision, ...]
    stale: tuple[Decision, ...]


def outcome(decided: Sequence[Decision], content: str, rules: Review) -> Outcome:
    """Return what the decisions about a row come to.

    Args:
        decided: of each reviewer the last.
        content: sha256 of what the row shows now.
        rules: what decides where they disagree.
    """
    stale = tuple(one for one in decided if one.sha256 not in {None, content})
    votes = tuple(one for one in decided if one not in stale and one.decision in _VOTES)
    word = settled(votes, rules)
    edits: Mapping[str, str | Withheld] | None = {}
    if word == "accept":
        edits = _edited([one for one in votes if one.decision == "accept"], rules)
    return Outcome("undecided" if edits is None else word, edits or {}, votes, stale)


def settled(votes: Sequence[Decision], rules: Review) -> Settled | None:
    """Return what votes come to; None for no votes."""
    counted = Counter(vote.decision for vote in votes)
    if len(counted) <= 1:
        return _word(next(iter(counted), None))
    if rules.conflicts in _VOTES:
        return _word(rules.conflicts)
    if rules.conflicts == "majority" and counted["accept"] != counted["reject"]:
        return _word(max(counted, key=counted.__getitem__))
    if rules.conflicts == "senior":
        senior = {vote.decision for vote in votes if vote.reviewer in rules.seniors}
        return _word(next(iter(senior))) if len(senior) == 1 else "undecided"
    return "undecided"


def _word(decision: str | None) -> Settled | None:
    return "accept" if decision == "accept" else "reject" if decision == "reject" else None


def _edited(accepting: Sequence[Decision], rules: Review) -> Mapping[str, str | Withheld] | None:
    """Return the one edit that those who accept a row propose, by number or by a senior; None if they propose several."""
    proposed = [one for one in accepting if one.edits]
    if rules.conflicts == "senior" and (senior := [one for one in proposed if one.reviewer in rules.seniors]):
        proposed = senior
    counted = Counter(records.digest(one.model_dump(mode="json")["edits"]) for one in proposed)
    ranked = counted.most_common(2)
    if not ranked:
        return {}
    if len(ranked) > 1 and (rules.conflicts != "majority" or ranked[0][1] == ranked[1][1]):
        return None
    return next(one.edits for one in proposed if records.digest(one.model_dump(mode="json")["edits"]) == ranked[0][0])

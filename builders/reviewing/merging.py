"""What people decided makes of a row, and what a pool's rows and decisions come to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from builders import atomic, paths
from builders.ledger.ledger import Ledger
from builders.params.loading import Params
from builders.params.sections import Filter, Review
from builders.provenance import Reviewed
from builders.records import Record, Rejection
from builders.reviewing import answering, layout, strata, voting
from builders.reviewing.decisions import Decision, Withheld
from builders.reviewing.layout import Reviewing
from builders.reviewing.voting import Outcome

ByRow = Mapping[str, Sequence[Decision]]
"""Row id → the decisions about it."""

_TOLD = {"id", "decision", "reviewer", "sha256", "note"}


class Merge:
    """Merges decisions into the rows of a family."""

    def __init__(self, what: Reviewing, params: Review, filter_params: Filter, decided: ByRow, ledger: Ledger | None) -> None:
        """Take what decides about a row.

        Args:
            what: what the family asks reviewers.
            params: its section review.
            filter_params: its section filter, whose rules better texts must keep.
            decided: all decisions, by row.
            ledger: has the texts that are not in the decisions.
        """
        self._what, self._params, self._filter_params, self._decided, self._ledger = (
            what,
            params,
            filter_params,
            decided,
            ledger,
        )

    def __call__(self, record: Record) -> tuple[Record, Rejection | None]:
        """Return the row as its reviewers want it, or why it is rejected."""
        decided = self._decided.get(record.id, ())
        if not decided:
            return record, None
        found = voting.outcome(decided, layout.content(record), self._params)
        if found.decision == "reject" or (found.decision == "undecided" and self._params.undecided == "reject"):
            reason = "review_rejected" if found.decision == "reject" else "review_undecided"
            return record, Rejection(reason, {"decisions": [_stated(one, found) for one in decided]})
        if found.decision is None:
            return (record.reviewed(Reviewed("stale", 0)) if found.stale else record), None
        if found.edits:
            return self._edited(record, found)
        return record.reviewed(Reviewed(found.decision, len(found.votes))), None

    def _edited(self, record: Record, outcome: Outcome) -> tuple[Record, Rejection | None]:
        """Return the row with its better texts, held against the rules that filter has for them; validate checks the schema."""
        texts = {column: answering.text(kept, self._ledger) for column, kept in outcome.edits.items()}
        edits = {column: text for column, text in texts.items() if text is not None}
        if len(edits) < len(texts):
            missing = {column: kept.model_dump() for column, kept in outcome.edits.items() if isinstance(kept, Withheld)}
            return record, Rejection("edit_missing", missing)
        revised = self._what.revised(record, edits, self._filter_params) if self._what.revised else record.having(**edits)
        if isinstance(revised, Rejection):
            return record, Rejection("edit_rejected", {"reason": revised.reason, **revised.evidence})
        return revised.reviewed(Reviewed("edited", len(outcome.votes))), None


def _stated(decision: Decision, outcome: Outcome) -> dict[str, Any]:
    return {**decision.model_dump(mode="json", include=_TOLD), "stale": decision in outcome.stale}


def tally(family: str, pool: str, params: Params, decided: ByRow) -> dict[str, Any]:
    """Return what a pool's rows and the decisions about them come to: the rows of each stratum, and each reviewed row.

    Args:
        family: its name.
        pool: the pool.
        params: the family's.
        decided: all decisions, by row.
    """
    what, sizes = layout.of(family), Counter[str]()
    reviewed: list[dict[str, Any]] = []
    for one in strata.reviewable(family, pool, params.review.rounds, what, params.filter):
        sizes[one.stratum] += 1
        if made := decided.get(one.record.id):
            found = voting.outcome(made, layout.content(one.record), params.review)
            row = {"id": one.record.id, "stratum": one.stratum, "kept": one.reason is None}
            reviewed.append({**row, **_facts(found)})
    return {"strata": dict(sizes), "rows": reviewed}


def _facts(outcome: Outcome) -> dict[str, Any]:
    votes = [
        {
            "reviewer": vote.reviewer,
            "round": vote.round,
            "decision": vote.decision,
            "edited": bool(vote.edits),
            "answers": dict(vote.answers),
        }
        for vote in outcome.votes
    ]
    stale = [{"reviewer": one.reviewer, "round": one.round} for one in outcome.stale]
    return {"decision": outcome.decision, "edited": bool(outcome.edits), "votes": votes, "stale": stale}


def needed(params: Review, decided: ByRow) -> bool:
    """Tell whether there is anything to tally: decisions, or a policy that demands some."""
    return bool(decided) or params.policy is not None


def tally_file(family: str, pool: str) -> Path:
    """Return where a pool's tally is."""
    return paths.processed(family) / "review" / "tallies" / f"{pool}.json"


def save(family: str, pool: str, tally: dict[str, Any] | None) -> None:
    """Write a pool's tally; None: take away one that an earlier run wrote."""
    file = tally_file(family, pool)
    if tally is None:
        file.unlink(missing_ok=True)
        return
    with atomic.whole(file) as target:
        target.write(orjson.dumps(tally, option=orjson.OPT_INDENT_2) + b"\n")


def tallies(family: str, pools: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the tallies of a family's pools."""
    for pool in pools:
        if (file := tally_file(family, pool)).is_file():
            yield orjson.loads(file.read_bytes())

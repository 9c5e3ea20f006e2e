"""A round: which rows it is about, kept in `raw/<family>/reviews/round-N.json` from the moment it is opened.

The file names rows and hashes of what they showed, never a text. As long as a round is open, pushing and exporting go on with
it; the next one is opened when every row has its decisions, or when that is asked for.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from builders import atomic, paths, records
from builders import family as families
from builders.errors import BuildError
from builders.params import loading
from builders.params.loading import Params
from builders.params.reviewing import Rounds
from builders.reviewing import decisions, layout, strata, voting
from builders.reviewing.decisions import Decision
from builders.reviewing.layout import Reviewing
from builders.reviewing.strata import Reviewable
from builders.sources.section import Section
from builders.texts import files


class RoundRow(Section):
    """A row of a round: its id, what it showed when the round was opened, and its stratum then."""

    id: str
    sha256: str
    stratum: str


class Round(Section):
    """A round that was opened.

    Args:
        round: its number, from 1.
        pools: those whose rows it was drawn from.
        overlap: how many people answer about each row.
        verdicts: whether what the pipeline decided is suggested.
        schema_sha256: of the family's schema.
        shown_sha256: of the panes and questions.
        rows: in the order in which they are shown.
    """

    round: int
    pools: Sequence[str]
    overlap: int
    verdicts: str
    schema_sha256: str
    shown_sha256: str
    rows: Sequence[RoundRow]


class OpenRound(NamedTuple):
    """A round that can be worked on, with its rows as they are now; those whose content has changed since are left out."""

    family: str
    round: Round
    rows: list[Reviewable]


def opened(name: str, *, following: bool) -> OpenRound:
    """Return the round that is open, or open the next one.

    Args:
        name: a family, or one of its subsets, whose rows alone the next round is drawn from.
        following: open the next one even if one is open.

    Raises:
        BuildError: params have no rounds, no row is left to review, or the schema has changed since the round was opened.
    """
    family, pools = families.select(name)
    params = loading.load(family)
    rounds = _rounds(family, params)
    last = latest(family)
    if last and not following and not complete(family, last):
        check_unchanged(family, last)
        return OpenRound(family, last, _current(family, last, params))
    made = _drawn(family, pools, params, rounds, last.round + 1 if last else 1)
    return OpenRound(family, made, _current(family, made, params))


def latest(family: str) -> Round | None:
    """Return the last round that was opened."""
    return max(every(family), key=lambda one: one.round, default=None)


def every(family: str) -> Iterator[Round]:
    """Yield all rounds."""
    for file in paths.raw(family, "reviews").glob("round-*.json"):
        yield loading.line(Round, files.parsed_json(file.read_bytes(), file, 1), str(file))


def answers(family: str, number: int) -> Path:
    """Return the file of a round's decisions."""
    return paths.raw(family, "reviews") / f"round-{number}.jsonl"


def complete(family: str, opened_round: Round) -> bool:
    """Tell whether every row of a round has the decisions it is to have."""
    counted: dict[str, int] = defaultdict(int)
    for decision in decisions.read(answers(family, opened_round.round)):
        counted[decision.id] += 1
    return all(counted[row.id] >= opened_round.overlap for row in opened_round.rows)


def changed(family: str, opened_round: Round) -> str | None:
    """Return what has changed of what a round shows and asks since it was opened; None if nothing has."""
    if records.file_digest(paths.schema(family)) != opened_round.schema_sha256:
        return "the schema has"
    return "what reviewers see or are asked has" if shown(layout.of(family)) != opened_round.shown_sha256 else None


def check_unchanged(family: str, opened_round: Round) -> None:
    """See that a round still shows and asks what it did when it was opened.

    Raises:
        BuildError: it does not.
    """
    if what := changed(family, opened_round):
        fix = "restore it to go on with the round, or open the next one: review-push --next"
        raise BuildError(f"{what} changed since round {opened_round.round} was opened", where=family, fix=fix)


def shown(what: Reviewing) -> str:
    """Return the sha256 of panes and questions."""
    panes = [[pane.name, pane.title, pane.kind] for pane in what.panes]
    questions = [[asked.name, asked.title, dict(asked.options), asked.several, asked.required] for asked in what.questions]
    return records.digest([panes, questions, dict(what.reasons or {}), list(what.editable)])


def _rounds(family: str, params: Params) -> Rounds:
    if params.review.rounds is None:
        what = f"no review rounds in the profile {params.project.profile}"
        raise BuildError(what, where=paths.params(family), fix="give its section review the key rounds")
    return params.review.rounds


def _drawn(family: str, pools: Sequence[str], params: Params, rounds: Rounds, number: int) -> Round:
    """Open a round: rows about which reviewers disagreed first, then a sample of those that nobody has decided about."""
    what = layout.of(family)
    decided = decisions.by_row(paths.raw(family, "reviews"))
    unsettled: dict[str, list[str]] = defaultdict(list)
    again: list[str] = []
    found: dict[str, RoundRow] = {}
    for pool in pools:
        for one in strata.reviewable(family, pool, rounds, what, params.filter):
            sha256 = layout.content(one.record)
            state = voting.outcome(decided.get(one.record.id, ()), sha256, params.review).decision
            if state in {"accept", "reject"}:
                continue
            found[one.record.id] = RoundRow(id=one.record.id, sha256=sha256, stratum=one.stratum)
            if state == "undecided":
                again.append(one.record.id)
            else:
                unsettled[one.stratum].append(one.record.id)
    again = again[: rounds.size]
    ids = [*again, *strata.sampled(unsettled, rounds.size - len(again), rounds, number)]
    if not ids:
        raise BuildError("no row is left to review", where=family, fix="there is nothing to do")
    made = Round(
        round=number,
        pools=list(pools),
        overlap=rounds.overlap,
        verdicts=rounds.verdicts,
        schema_sha256=records.file_digest(paths.schema(family)),
        shown_sha256=shown(what),
        rows=[found[identity] for identity in ids],
    )
    with atomic.whole(paths.raw(family, "reviews") / f"round-{number}.json") as file:
        file.write(orjson.dumps(made.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n")
    return made


def _current(family: str, opened_round: Round, params: Params) -> list[Reviewable]:
    """Return the rows of a round in its order, as they are now."""
    wanted = {row.id: row for row in opened_round.rows}
    found: dict[str, Reviewable] = {}
    for pool in opened_round.pools:
        for one in strata.reviewable(family, pool, params.review.rounds, layout.of(family), params.filter):
            if one.record.id in wanted and layout.content(one.record) == wanted[one.record.id].sha256:
                found[one.record.id] = one
    return [found[row.id] for row in opened_round.rows if row.id in found]


def progress(opened_round: Round, made: Sequence[Decision]) -> Mapping[str, Any]:
    """Return how far a round is: rows, rows with all their decisions, decisions by reviewer."""
    counted, by_reviewer = defaultdict[str, int](int), defaultdict[str, int](int)
    for decision in made:
        counted[decision.id] += 1
        by_reviewer[decision.reviewer] += 1
    done = sum(counted[row.id] >= opened_round.overlap for row in opened_round.rows)
    return {"rows": len(opened_round.rows), "done": done, "reviewers": dict(sorted(by_reviewer.items()))}

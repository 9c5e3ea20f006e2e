"""Pull what reviewers answered in Argilla into `raw/<family>/reviews/round-N.jsonl`; as often as one likes, also half-way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from builders import family as families
from builders import records
from builders.errors import BuildError
from builders.reviewing import answering, decisions, layout, rounds
from builders.reviewing.argilla import settings
from builders.reviewing.argilla.client import Client
from builders.reviewing.decisions import Decision
from builders.reviewing.rounds import Round

_ASIDE_SECONDS = 900
"""Longer between two decisions, and the reviewer has done something else."""

Json = dict[str, Any]


def run(family: str) -> None:
    """Pull every round of a family that the server has.

    Raises:
        BuildError: there is no round, or what it showed has changed, or the server does not have it.
    """
    family, _ = families.select(family)
    opened = sorted(rounds.every(family), key=lambda one: one.round)
    if not opened:
        raise BuildError("no round was opened", where=family, fix=f"python -m builders review-push {family}")
    with Client.connected() as client:
        people = reviewers(client)
        for one in opened:
            found = client.dataset(settings.workspace(family), settings.name(family, one.round))
            if found is None:
                if one is opened[-1] and not decisions.read(rounds.answers(family, one.round)):
                    fix = f"python -m builders review-push {family}, on the server that has the round"
                    raise BuildError(f"the server has no dataset {settings.name(family, one.round)}", where=client.url, fix=fix)
                continue
            if one is not opened[-1] and (what := rounds.changed(family, one)):
                print(f"round {one.round} of {family}: left as it was pulled; {what} changed since")  # noqa: T201
                continue
            rounds.check_unchanged(family, one)
            made = list(_decisions(family, one, client.records(str(found["id"])), people))
            kept = _merged(family, one, made, people.values())
            done = rounds.progress(one, kept)
            counts = f"{len(kept)} decisions, {done['done']} of {done['rows']} rows have all theirs"
            print(f"round {one.round} of {family}: {counts}")  # noqa: T201


def reviewers(client: Client) -> dict[str, str]:
    """Return the pseudonym of every user of the server, by user id."""
    return {str(user["id"]): pseudonym(str(user["id"])) for user in client.get("users")["items"]}


def pseudonym(user: str) -> str:
    """Return a name that tells reviewers apart and nobody who they are."""
    return f"reviewer-{records.digest(['reviewer', user])[:8]}"


def _merged(family: str, one: Round, made: Sequence[Decision], people: Iterable[str]) -> list[Decision]:
    """Write a round's decisions: those of this server as they are now, those that came another way as they were."""
    file, here = rounds.answers(family, one.round), set(people)
    kept = [*(before for before in decisions.read(file) if before.reviewer not in here), *made]
    decisions.write(file, kept)
    return kept


def _decisions(family: str, one: Round, records: Iterable[Json], people: Mapping[str, str]) -> Iterator[Decision]:
    """Yield the decisions in the responses of a round's records."""
    hashes = {row.id: row.sha256 for row in one.rows}
    pulled = {record["external_id"]: record for record in records if record["external_id"] in hashes}
    seconds = _seconds(pulled.values())
    shown = answering.shown(family, one.pools, {name: record["metadata"]["sha256"] for name, record in pulled.items()})
    with answering.keeping(family) as keep:
        for identity in hashes:
            for response in pulled.get(identity, {}).get("responses") or ():
                if response["status"] == "draft":
                    continue
                answer = _answer(pulled[identity], response, people, seconds.get(response["id"]))
                yield answering.decision(layout.of(family), one.round, answer, shown.get(identity), keep)


def _answer(record: Json, response: Json, people: Mapping[str, str], seconds: float | None) -> answering.Response:
    user = str(response["user_id"])
    return answering.Response(
        row=record["external_id"],
        sha256=record["metadata"]["sha256"],
        reviewer=people.get(user) or pseudonym(user),
        discarded=response["status"] == "discarded",
        values={name: value["value"] for name, value in (response["values"] or {}).items()},
        seconds=seconds,
    )


def _seconds(records: Iterable[Json]) -> dict[str, float]:
    """Return how long after the one before each response of a user came, by its id, where that was not long."""
    given = [
        (one["user_id"], datetime.fromisoformat(one["updated_at"]), one["id"]) for r in records for one in r["responses"] or ()
    ]
    given.sort()
    taken = {}
    for (user, before, _), (other, after, identity) in pairwise(given):
        seconds = (after - before).total_seconds()
        if user == other and seconds <= _ASIDE_SECONDS:
            taken[identity] = round(seconds, 1)
    return taken

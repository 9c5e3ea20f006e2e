"""How far the rounds of a family are, from what was pulled; and, where a server answers, who is behind which pseudonym."""

import os
from collections.abc import Iterator

from builders import family as families
from builders import paths
from builders.errors import BuildError
from builders.params import loading
from builders.reviewing import decisions, layout, rounds, strata, voting
from builders.reviewing.argilla import pull
from builders.reviewing.argilla.client import Client
from builders.reviewing.server import launching


def run(family: str) -> None:
    """Print how far each round is.

    Raises:
        BuildError: no round was opened.
    """
    family, _ = families.select(family)
    opened = sorted(rounds.every(family), key=lambda one: one.round)
    if not opened:
        raise BuildError("no round was opened", where=family, fix=f"python -m builders review-push {family}")
    print("\n".join([*(line for one in opened for line in _lines(family, one)), *_counted(family), *_people()]))  # noqa: T201


def _lines(family: str, one: rounds.Round) -> Iterator[str]:
    done = rounds.progress(one, decisions.read(rounds.answers(family, one.round)))
    yield f"round {one.round}: {done['done']} of {done['rows']} rows have their {one.overlap} decisions"
    for reviewer, count in done["reviewers"].items():
        yield f"  {reviewer}: {count} decisions"


def _counted(family: str) -> Iterator[str]:
    """Yield how many rows are decided about as they are now, undecided, and stale."""
    params, what = loading.load(family), layout.of(family)
    decided = decisions.by_row(paths.raw(family, "reviews"))
    counted = dict.fromkeys(("accept", "reject", "undecided", "stale"), 0)
    for one in strata.everything(family, params.review.rounds, what, params.filter):
        if one.record.id in decided:
            outcome = voting.outcome(decided[one.record.id], layout.content(one.record), params.review)
            counted["stale"] += bool(outcome.stale)
            if outcome.decision:
                counted[outcome.decision] += 1
    yield ", ".join(f"{word} {count}" for word, count in counted.items())


def _people() -> Iterator[str]:
    """Yield who is who, if a server is there to ask."""
    if not os.environ.get("ARGILLA_API_URL") and not (launching.home() / "server.json").is_file():
        return
    try:
        with Client.connected() as client:
            for user in client.get("users")["items"]:
                yield f"{pull.pseudonym(str(user['id']))} is {user['username']} on {client.url}"
    except BuildError as error:
        yield f"who is who: {error.what}"

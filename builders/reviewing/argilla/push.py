"""Push a round to Argilla: a dataset with what the family shows and asks, and its rows; a second push goes on with the first.

A row is found again by its id, so one that is sent twice is there once.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from builders import family as families
from builders.progress import tracked
from builders.reviewing import cells, hazards, layout, rounds
from builders.reviewing.argilla import settings
from builders.reviewing.argilla.client import Client
from builders.reviewing.layout import Reviewing
from builders.reviewing.rounds import OpenRound, Round
from builders.reviewing.strata import Reviewable

_MOST_RECORDS = 200
_MOST_BYTES = 4_000_000
_AGENT = "pipeline"
_EMPTY = "(empty)"
"""For a message without content, which Argilla does not take."""

Json = dict[str, Any]


def run(name: str, *, accept_hazard: bool, following: bool) -> None:
    """Open a round, or go on with the one that is open, and send it.

    Args:
        name: a family, or one of its subsets.
        accept_hazard: that rows of a family with hazard may leave this machine.
        following: open the next round even if one is open.

    Raises:
        BuildError: the round cannot be opened, or the server does not take it.
    """
    family, _ = families.select(name)
    hazards.check(family, accept_hazard=accept_hazard)
    with Client.connected() as client:
        workspace = client.workspace(settings.workspace(family))
        opened = rounds.opened(name, following=following)
        what = layout.of(family)
        dataset = _dataset(client, family, what, opened.round, workspace)
        total = _sent(client, dataset, what, opened)
        where = f"{client.url}/dataset/{dataset}/annotation-mode"
        print(f"round {opened.round.round} of {family}: {total} rows, {opened.round.overlap} answers each, at {where}")  # noqa: T201


def _dataset(client: Client, family: str, what: Reviewing, opened_round: Round, workspace: str) -> str:
    """Return the id of the round's dataset, made as far as it was not."""
    name = settings.name(family, opened_round.round)
    found = client.dataset(settings.workspace(family), name)
    found = found or client.post("datasets", settings.dataset(family, what, opened_round, workspace))
    identity, there = str(found["id"]), found["status"] == "ready"
    for kind, bodies in settings.parts(what).items():
        listed = client.get(f"{'me/' if kind == 'metadata-properties' else ''}datasets/{identity}/{kind}")["items"]
        known = {one["name"] for one in listed}
        for body in bodies:
            if body["name"] not in known:
                client.post(f"datasets/{identity}/{kind}", body)
    if not there:
        client.put(f"datasets/{identity}/publish")
    return identity


def _sent(client: Client, dataset: str, what: Reviewing, opened: OpenRound) -> int:
    """Send the rows of a round and return how many they are."""
    questions = {one["name"]: str(one["id"]) for one in client.get(f"datasets/{dataset}/questions")["items"]}
    suggests = opened.round.verdicts == "suggested"
    made = (record(what, one, questions, suggests=suggests) for one in opened.rows)
    total = 0
    for batch in batches(tracked(made, f"push {opened.family}", len(opened.rows))):
        client.put(f"datasets/{dataset}/records/bulk", {"items": batch})
        total += len(batch)
    return total


def batches(records: Iterable[Json]) -> Iterator[list[Json]]:
    """Yield records in parts that one request may hold."""
    batch: list[Json] = []
    size = 0
    for one in records:
        length = len(orjson.dumps(one))
        if batch and (len(batch) == _MOST_RECORDS or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    if batch:
        yield batch


def record(what: Reviewing, one: Reviewable, questions: Mapping[str, str], *, suggests: bool) -> Json:
    """Return a row as Argilla takes it.

    Args:
        what: what is shown of it.
        one: the row.
        questions: their ids, by name.
        suggests: whether what the pipeline decided is suggested.
    """
    columns = cells.row(one)
    fields = {name: _value(value) for name, value in cells.shown(what, columns).items()}
    suggestions = [(f"{cells.EDIT}{column}", text) for column, text in cells.editable(what, columns).items()]
    if suggests:
        suggestions.append((cells.DECISION, cells.suggested(one)))
    return {
        "external_id": one.record.id,
        "fields": fields,
        "metadata": {"stratum": one.stratum, "subset": one.record.subset, "sha256": layout.content(one.record)},
        "suggestions": [{"question_id": questions[name], "value": value, "agent": _AGENT} for name, value in suggestions],
    }


def _value(value: Any) -> Any:  # noqa: ANN401  (a text, messages, an image, a pair)
    if isinstance(value, bytes):
        return f"data:image/png;base64,{base64.b64encode(value).decode()}"
    if isinstance(value, list):
        return [{**message, "content": message["content"] or _EMPTY} for message in value]
    return value

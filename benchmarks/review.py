"""How fast a round is on an Argilla server started here: logging, opening the next pending row, filters and searches.

    python -m benchmarks.review [RECORDS]
    python -m benchmarks.review --index [RECORDS]     the search index alone, without the server around it

Starts a server in a temporary folder (make argilla makes its environment), logs made-up rows of 120 words with two metadata
properties and a suggestion, answers up to a thousand, and times requests as the web pages make them, one after the other.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from builders.reviewing.argilla import push
from builders.reviewing.argilla.client import Client
from builders.reviewing.server import launching
from builders.reviewing.server.documents import Answer, Document, Order, Query, Range, Scope, Terms
from builders.reviewing.server.index import Index

RECORDS = 20_000
REQUESTS = 60
NAME = "benchmark"
WORDS = 120
SEED = 20
VOCABULARY = [f"{stem}{ending}" for stem in ("lam", "ter", "gol", "fen", "rad", "mur", "pol", "sit") for ending in range(250)]
STATUS = {"entity": "response", "property": "status"}

Json = dict[str, Any]


def main() -> None:
    """Print the rates and latencies."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--index"]
    count = int(arguments[0]) if arguments else RECORDS
    load = os.getloadavg()[0]
    if "--index" in sys.argv:
        alone(count, load)
        return
    with tempfile.TemporaryDirectory() as folder, launching.started(Path(folder), launching.free_port()) as server:
        owner = Client(server.url, server.api_key)
        reviewer = Client(server.url, server.accounts[1].api_key)
        dataset = made(owner)
        print(f"{count} records of {WORDS} words, load {load:.1f} when it began")
        print(f"logged {logged(owner, dataset, count):.0f} records/s")
        answered(reviewer, dataset, count // 10)
        table({name: partial(searched, reviewer, dataset, body) for name, body in requests().items()})


def table(requests: Mapping[str, Callable[[], object]], clock: Callable[[], float] = time.perf_counter) -> None:
    """Print how long each of these takes, by a clock."""
    print(f"{REQUESTS} of each\n\n| request | p50 ms | p95 ms |\n|---|---:|---:|")
    for name, request in requests.items():
        taken = timed(request, clock)
        print(f"| {name} | {taken[49]:.1f} | {taken[94]:.1f} |")


def alone(count: int, load: float) -> None:
    """Print the same of the index alone."""
    chance = random.Random(SEED)  # noqa: S311  (made-up rows)
    print(f"the index alone, {count} records of {WORDS} words, load {load:.1f} when it began")
    with tempfile.TemporaryDirectory() as folder, closing(Index(Path(folder) / "index.sqlite")) as index:
        index.create(NAME, ["solution"])
        documents = [document(chance, number) for number in range(count)]
        began = time.process_time()
        for start in range(0, count, 200):
            index.put(NAME, documents[start : start + 200])
        print(f"put {count / (time.process_time() - began):.0f} records a second of CPU")
        print("milliseconds of CPU:")
        table({name: partial(index.search, NAME, wanted, 0, 10) for name, wanted in wanteds().items()}, time.process_time)


def document(chance: random.Random, number: int) -> Document:
    """Return a made-up record, every tenth answered."""
    texts = {"solution": " ".join(chance.choices(VOCABULARY, k=WORDS))}
    facts: dict[str, str | int] = {"stratum": f"stratum {number % 12}", "size": number % 400}
    suggestions = {"decision": {"value": chance.choice(("accept", "reject")), "agent": "pipeline"}}
    answers = [] if number % 10 else [Answer(f"answer {number}", "ann", "submitted", {"decision": "accept"})]
    return Document(f"record {number}", f"row:{number}", "pending", number, number, texts, facts, suggestions, answers, {})


def wanteds() -> dict[str, Query]:
    """Return what is timed of the index, by name."""
    pending = Terms(Scope("response", "", "status", "ann"), ["pending"])
    stratum = Terms(Scope("metadata", "stratum"), ["stratum 3"])
    size, accepted = Range(Scope("metadata", "size"), 100, 120), Terms(Scope("suggestion", "decision", "value"), ["accept"])
    return {
        "the next pending record": Query(conditions=[pending], user="ann"),
        "pending, one stratum": Query(conditions=[pending, stratum], user="ann"),
        "pending, a range of numbers, a suggestion": Query(conditions=[pending, size, accepted], user="ann"),
        "pending, sorted by a number": Query(conditions=[pending], orders=[Order(Scope("metadata", "size"), descending=True)]),
        "one word": Query(text="gol17"),
        "two words, pending": Query(text="gol17 fen101", conditions=[pending]),
        "a beginning": Query(text="mur1*"),
    }


def made(owner: Client) -> str:
    """Make and publish a dataset and return its id."""
    workspace = owner.workspace(launching.WORKSPACE)
    dataset = str(owner.post("datasets", {"name": NAME, "workspace_id": workspace})["id"])
    text = {"type": "text", "use_markdown": True}
    options = [{"value": word, "text": word} for word in ("accept", "reject")]
    owner.post(f"datasets/{dataset}/fields", {"name": "solution", "title": "Solution", "required": True, "settings": text})
    decision = {"type": "label_selection", "options": options}
    asked = {"name": "decision", "title": "Decision", "required": True, "settings": decision}
    owner.post(f"datasets/{dataset}/questions", asked)
    for name, kind in (("stratum", "terms"), ("size", "integer")):
        owner.post(f"datasets/{dataset}/metadata-properties", {"name": name, "title": name, "settings": {"type": kind}})
    owner.put(f"datasets/{dataset}/publish")
    return dataset


def logged(owner: Client, dataset: str, count: int) -> float:
    """Log records and return how many a second."""
    chance = random.Random(SEED)  # noqa: S311  (made-up rows)
    question = owner.get(f"datasets/{dataset}/questions")["items"][0]["id"]

    def record(number: int) -> Json:
        return {
            "external_id": f"row:{number}",
            "fields": {"solution": " ".join(chance.choices(VOCABULARY, k=WORDS))},
            "metadata": {"stratum": f"stratum {number % 12}", "size": number % 400},
            "suggestions": [{"question_id": question, "value": chance.choice(("accept", "reject")), "agent": "pipeline"}],
        }

    begun = time.perf_counter()
    for batch in push.batches(record(number) for number in range(count)):
        owner.put(f"datasets/{dataset}/records/bulk", {"items": batch})
    return count / (time.perf_counter() - begun)


def answered(reviewer: Client, dataset: str, count: int) -> None:
    """Answer some records."""
    found = searched(reviewer, dataset, {}, limit=min(count, 1000))["items"]
    values = {"decision": {"value": "accept"}}
    items = [{"record_id": one["record"]["id"], "status": "submitted", "values": values} for one in found]
    for start in range(0, len(items), 100):
        reviewer.post("me/responses/bulk", {"items": items[start : start + 100]})


def requests() -> dict[str, Json]:
    """Return what is timed, by name."""
    pending = {"type": "terms", "scope": STATUS, "values": ["pending"]}
    stratum = {"type": "terms", "scope": {"entity": "metadata", "metadata_property": "stratum"}, "values": ["stratum 3"]}
    size = {"type": "range", "scope": {"entity": "metadata", "metadata_property": "size"}, "ge": 100, "le": 120}
    suggestion = {"entity": "suggestion", "question": "decision", "property": "value"}
    order = {"scope": {"entity": "metadata", "metadata_property": "size"}, "order": "desc"}

    def text(query: str) -> Json:
        return {"text": {"q": query}}

    return {
        "the next pending record": {"filters": {"and": [pending]}},
        "pending, one stratum": {"filters": {"and": [pending, stratum]}},
        "pending, a range of numbers, a suggestion": {
            "filters": {"and": [pending, size, {"type": "terms", "scope": suggestion, "values": ["accept"]}]}
        },
        "pending, sorted by a number": {"filters": {"and": [pending]}, "sort": [order]},
        "one word": {"query": text("gol17")},
        "two words, pending": {"query": text("gol17 fen101"), "filters": {"and": [pending]}},
        "a beginning": {"query": text("mur1*")},
    }


def searched(reviewer: Client, dataset: str, body: Json, limit: int = 10) -> Any:  # noqa: ANN401  (JSON)
    """Search as the pages do: a page of ten records with suggestions and responses."""
    return reviewer.post(f"me/datasets/{dataset}/records/search?include=responses,suggestions&limit={limit}", body)


def timed(request: Callable[[], object], clock: Callable[[], float]) -> list[float]:
    """Return the percentiles of a request's time, in milliseconds."""
    taken = []
    for _ in range(REQUESTS):
        begun = clock()
        request()
        taken.append(1000 * (clock() - begun))
    return quantiles(taken, n=100)


if __name__ == "__main__":
    main()

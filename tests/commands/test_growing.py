"""What topics may become is counted over the rows that are looked at, and taken to be so for the others."""

from types import SimpleNamespace
from typing import Any

import pytest

from builders.commands import growing
from builders.commands.growing import grown
from builders.provenance import Provenance
from builders.records import Record

TOPICS = ("two", "none", "plain", "three")


def row(text: str) -> Record:
    return Record(text, "default", None, Provenance("own", "MIT", None), {"text": text})


class Topics:
    """A topic brings as many prompts as it says, from each of two requests; `plain` is a prompt itself."""

    @staticmethod
    def topics(record: Record, params: object) -> list[str]:
        assert params == "params"
        return [] if record.id == "plain" else [f"{record.id} a", f"{record.id} b"]

    @staticmethod
    def spawned(record: Record, reply: str, params: object) -> list[dict[str, Any]]:
        assert (reply, params) == (f"a reply to {record.id} a", "params")
        return [{"text": f"{record.id} {number}"} for number in range({"two": 2, "three": 3}.get(record.id, 0))]

    @staticmethod
    def steered(params: object) -> None:
        assert params == "params"


def pool(rows: int) -> Any:  # noqa: ANN401  (a Pool)
    job = SimpleNamespace(family="any", params=SimpleNamespace(synthesize="params"))
    return SimpleNamespace(job=job, rows=rows, records=lambda: iter([row(topic) for topic in TOPICS][:rows]))


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = SimpleNamespace(
        spawning=Topics, drawing=SimpleNamespace(group=lambda record: record.data["text"].partition(" ")[0])
    )
    monkeypatch.setattr(growing.contracts, "synthesizing", lambda _: found)  # type: ignore[attr-defined]
    return found


def reply(request: Any) -> Any:  # noqa: ANN401  (as the family's)
    return f"a reply to {request}"


def test_each_topic_brings_as_many_as_all_its_requests_and_the_next_is_looked_at(family: SimpleNamespace) -> None:
    assert family.drawing
    found = grown(pool(4), reply, 10)
    assert [example.data["text"] for example in found.examples] == ["two 0", "plain", "three 0"]
    assert found.rows == 4 + 1 + 6
    assert found.groups == {"two": 4, "plain": 1, "three": 6}
    assert [[*map(str, asked)] for asked in found.topics] == [
        ["two a", "two b"],
        ["none a", "none b"],
        [],
        ["three a", "three b"],
    ]


def test_what_is_not_looked_at_is_like_what_is(family: SimpleNamespace) -> None:
    found = grown(pool(4), reply, 1)
    assert (len(found.examples), found.rows, found.groups) == (1, 16, {"two": 16})
    family.drawing = None
    assert grown(pool(4), reply, 3).groups == {}
    assert round(grown(pool(4), reply, 3).rows, 9) == 6.666666667


def test_of_nothing_nothing_comes_and_without_topics_rows_are_prompts(family: SimpleNamespace) -> None:
    assert grown(pool(0), reply, 3) == ([], 0, {}, [])
    family.spawning = None
    found = grown(pool(3), reply, 2)
    assert ([example.id for example in found.examples], found.rows, found.groups, found.topics) == (["two", "none"], 3, {}, [])

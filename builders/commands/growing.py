"""What a pool's rows may become before anybody is asked: prompts, of which a topic brings as many as its requests may.

Changes no byte of a row.
"""

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

from builders import contracts
from builders.asking import drawing
from builders.commands.openings import Pool
from builders.contracts import Spawning
from builders.records import Record
from builders.teachers.api import Reply, Request


class Grown(NamedTuple):
    """The prompts that there are, or may be.

    Args:
        examples: some of them; made up where they are still to come.
        rows: how many there are at most.
        groups: group that a quota counts by → how many of them there are at most; empty where every row is a prompt.
        topics: the requests for prompts about some of the pool's rows.
    """

    examples: list[Record]
    rows: float
    groups: dict[str, int]
    topics: list[list[Request]]


def grown(pool: Pool, reply: Callable[[Request], Reply], most: int) -> Grown:
    """Return what the rows of a pool may become.

    Args:
        pool: with the rows.
        reply: makes up a reply, with as many prompts as there may be.
        most: rows to look at; the others are taken to be like them.
    """
    family = contracts.synthesizing(pool.job.family)
    looked = list(islice(pool.records(), most))
    if not family.spawning:
        return Grown(looked, pool.rows, {}, [])
    examples, rows, groups, topics = list[Record](), 0, Counter[str](), list[list[Request]]()
    steered = list[Request]()
    for record in looked:
        asked = family.spawning.topics(record, pool.job.params.synthesize)
        prompt, count = _prompts(pool, family.spawning, record, reply(asked[0]), len(asked)) if asked else (record, 1)
        steered = steered or _steered(pool, family.spawning, record, asked, reply)
        topics.append(steered if asked and steered else asked)
        if prompt is None:
            continue
        examples.append(prompt)
        rows += count
        if family.drawing:
            groups[family.drawing.group(prompt)] += count
    times = pool.rows / max(len(looked), 1)
    return Grown(examples, rows * times, {name: round(count * times) for name, count in groups.items()}, topics)


def _prompts(pool: Pool, spawning: Spawning[Any], record: Record, reply: Reply, requests: int) -> tuple[Record | None, int]:
    """Return the first prompt that a topic may bring, and how many there may be."""
    data = spawning.spawned(record, reply, pool.job.params.synthesize)
    return (record.having(**data[0]), len(data) * requests) if data else (None, 0)


def _steered(
    pool: Pool, spawning: Spawning[Any], record: Record, planned: list[Request], reply: Callable[[Request], Reply]
) -> list[Request]:
    """Return the requests about a topic as they are where each is told of what came before; none where they are not."""
    steered = spawning.steered(pool.job.params.synthesize)
    requests, replies = list[Request](), list[Reply]()
    for one in planned if steered else ():
        assert steered  # noqa: S101
        if (request := steered(record, one, replies)) is None:
            break
        requests.append(request)
        replies.append(reply(request))
    return requests


def expected(source: drawing.Source, grown: Grown) -> dict[str, tuple[drawing.Group, float]]:
    """Return by group what is wanted and there, and of how many prompts it will be drawn."""
    return drawing.expected(source, grown.groups or drawing.by_group(source))

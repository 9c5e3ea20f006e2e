"""What is done about one row: a coroutine that asks, looks at the replies, asks again, and returns what comes of the row."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from builders.records import Outcome, Record
from builders.teachers.api import NoReplyError, Reply, Request

Answer = Reply | NoReplyError
Result = TypeVar("Result")


class Ask(Protocol):
    """What a row's work asks with."""

    async def __call__(self, request: Request) -> Answer:
        """Return the reply to a request, or why there is none."""

    async def all(self, requests: Iterable[Request]) -> list[Answer]:
        """Return the answers to several requests that are asked at once, in their order."""

    def sampled(self, stage: str, role: str, candidates: int, accepted: int) -> None:
        """Note how many candidates were asked for and accepted: what was selected is biased by it."""


Work = Callable[[Record, list[Request], Ask], Awaitable[list[Outcome]]]
"""What is done about one row: the row, the requests about it that are known from the start, and what it asks with."""


async def unchanged(record: Record, _: list[Request], __: Ask) -> list[Outcome]:
    """Keep the row as it is; work that asks nobody."""
    return [(record, None)]


def gathered(merges: Callable[[Record, list[Request], list[Answer]], Outcome]) -> Work:
    """Return work that asks what is known from the start, all at once, and merges the answers into the row."""

    async def work(record: Record, openings: list[Request], ask: Ask) -> list[Outcome]:
        return [merges(record, openings, await ask.all(openings))]

    return work


async def together(awaitables: Iterable[Awaitable[Result]]) -> list[Result]:
    """Await all and return what they give, in their order; when one fails, cancel the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()

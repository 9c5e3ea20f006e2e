"""A connection: a server is met before anything is sent there, and an engine that cannot start ends it for all."""

import asyncio

from builders.errors import BuildError
from builders.teachers.connection import Connection
from builders.teachers.pace import Pace
from builders.teachers.server import Server
from tests.doubles.teacher import Answer, serving

NOWHERE = Server("http://127.0.0.1:1/v1", None)


async def posted(connection: Connection, count: int) -> list[bytes | BaseException]:
    """Post some requests at once."""
    async with connection:
        posts = (connection.post("chat/completions", b"{}", bytes) for _ in range(count))
        return await asyncio.gather(*posts, return_exceptions=True)


def test_an_engine_that_cannot_start_is_started_once_whoever_waits() -> None:
    starts: list[int] = []

    async def start() -> Server:
        starts.append(len(starts))
        raise BuildError("it does not start", where="engine", fix="run again")

    connection = Connection("teacher", NOWHERE, Pace(2), start=start)
    found = asyncio.run(posted(connection, 2))
    assert [str(error) for error in found] == ["engine: it does not start; run again"] * 2
    assert starts == [0]


def test_a_server_that_is_not_there_is_met_before_anything_is_sent() -> None:
    with serving(lambda _: Answer("hello")) as server:
        gone = Server(server.url, None)
    connection = Connection("teacher", gone, Pace(2))
    found = asyncio.run(posted(connection, 2))
    assert all("the server of teacher is not there" in str(error) for error in found)
    assert connection.attempts == 0

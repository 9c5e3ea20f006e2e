"""Pages of a server: what comes, what is none, and what is said of it in a few words."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiohttp.client_reqrep import ConnectionKey

from builders.teachers import pages, trust
from builders.teachers.bodies import UnknownEncodingError
from builders.teachers.faults import BusyError
from tests.doubles.asking import ask, question, role
from tests.doubles.teacher import Answer, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: "


def _models(number: int) -> bytes:
    return orjson.dumps({"data": [{"id": f"m{one}"} for one in range(number)]})


def _names(number: int) -> str:
    return ", ".join(f"m{one}" for one in range(number))


async def _page(answered: bytes) -> tuple[int, bytes]:
    """Return the page of a server that answers with some bytes and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answered)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession(auto_decompress=False) as session:
        return await pages.page(session, f"http://127.0.0.1:{port}/")


def test_a_page_is_its_status_and_body_and_leads_nowhere_else() -> None:
    assert asyncio.run(_page(HEAD + b"2\r\n\r\n[]")) == (200, b"[]")
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    assert asyncio.run(_page(moved)) == (302, b"")


@pytest.mark.parametrize(
    ("answered", "why"),
    [
        (HEAD + b"1\r\nContent-Encoding: br\r\n\r\nx", "a body in an encoding that was not asked for"),
        (HEAD + b"99999999999\r\n\r\n", "TooLargeError"),
        (HEAD + b"9\r\n\r\nx", "ClientPayloadError"),
        (b"", "ServerDisconnectedError"),
    ],
    ids=["encoding", "large", "half", "nothing"],
)
def test_what_is_no_page_is_an_error_of_a_few_words(answered: bytes, why: str) -> None:
    with pytest.raises(OSError, match=f"^{why}$") as caught:
        asyncio.run(_page(answered))
    assert type(caught.value) is OSError


def test_where_nothing_listens_there_is_no_connection() -> None:
    async def looked(port: int) -> None:
        async with aiohttp.ClientSession() as session:
            await pages.page(session, f"http://127.0.0.1:{port}/")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(ConnectionError):
        asyncio.run(looked(port))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BusyError("HTTP 429", None), "HTTP 429"),
        (OSError(2, "No such file or directory"), "No such file or directory"),
        (OSError("a few words"), "a few words"),
        (ConnectionError("a prompt"), "ConnectionError"),
        (TimeoutError(), "no answer in time"),
        (UnknownEncodingError(), "a body in an encoding that was not asked for"),
        (ValueError("a prompt"), "ValueError"),
    ],
    ids=range(7),
)
def test_what_went_wrong_is_said_without_quoting_anybody(error: Exception, said: str) -> None:
    assert pages.why(error) == said


def test_a_certificate_is_refused_by_its_message_or_by_the_kind_of_error() -> None:
    key = ConnectionKey("a", 443, True, True, None, None, None)  # noqa: FBT003
    named = ValueError("a prompt")
    assert str(trust.refused(aiohttp.ClientConnectorCertificateError(key, named))) == (
        "its certificate is not trusted: ValueError"
    )
    named.verify_message = "expired"  # type: ignore[attr-defined]
    assert str(trust.refused(aiohttp.ClientConnectorCertificateError(key, named))) == "its certificate is not trusted: expired"
    assert trust.refused(ConnectionError()) is None


@pytest.mark.parametrize(
    ("page", "listing", "said"),
    [
        (lambda: b"{}", "", "/models: the server lists no models (HTTP 200); name teacher's model in params"),
        (lambda: b'{"data": []}', "", "/models: the server lists 0 models; name teacher's model in params:"),
        (lambda: b"", "dropped", ": the server of teacher is not there (ServerDisconnectedError); start the server or"),
        (lambda: _models(20), "", f"/models: the server lists 20 models; name teacher's model in params: {_names(20)}"),
        (lambda: _models(21), "", f"model in params: {_names(20)} and 1 more"),
    ],
    ids=["none", "empty", "dropped", "twenty", "more"],
)
def test_a_list_that_names_no_model_says_why(page: Callable[[], bytes], listing: str, said: str, tmp_path: Path) -> None:
    with serving(lambda _: Answer("fine")) as server:
        server.page, server.listing = page(), listing
        unnamed = role(model=None)
        [stop] = ask(tmp_path / "ledger.sqlite", server.url, question("why?", unnamed), role=unnamed).stops
    assert said in stop
    assert "and 0 more" not in stop
    assert server.asked == []

"""The loops of servers in tests: what connects while a server closes is closed with it."""

import asyncio
import gc
import socket

import pytest

from tests.doubles import loops


@pytest.mark.parametrize("turns", range(5))
def test_a_connection_that_a_closing_server_has_accepted_is_closed(turns: int, recwarn: pytest.WarningsRecorder) -> None:
    """It may have been accepted by the kernel, by the loop, or have its transport."""
    loop = loops.Loop()

    async def serving() -> None:
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            for _ in range(turns):
                await asyncio.sleep(0)
            server.close()

    loops.run(loop, serving())
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []

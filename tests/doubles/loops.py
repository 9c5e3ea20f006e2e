"""The event loop in which a test's server runs, and its end."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any


class Loop(asyncio.SelectorEventLoop):
    """A loop that closes what a server has accepted when it stopped listening; asyncio's own forgets it, open."""

    async def _accept_connection2(
        self,
        protocol_factory: Any,  # noqa: ANN401  (asyncio's own, which says no more of them)
        conn: socket.socket,
        extra: Any,  # noqa: ANN401
        sslcontext: Any = None,  # noqa: ANN401
        server: asyncio.Server | None = None,
        *seconds: Any,  # noqa: ANN401
    ) -> None:
        if server is not None and not server.sockets:
            conn.close()
            return
        await super()._accept_connection2(protocol_factory, conn, extra, sslcontext, server, *seconds)  # type: ignore[misc]


def run(loop: Loop, serving: Coroutine[None, None, None]) -> None:
    """Run a server to its end, and close what connected while it was closing: nobody else would."""
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serving)
    loop.run_until_complete(_closed(loop))
    loop.close()


async def _closed(loop: Loop) -> None:
    await asyncio.sleep(0)  # connections that were accepted get their transports
    for transport in list(loop._transports.values()):  # type: ignore[attr-defined]  # noqa: SLF001
        transport.abort()
    await asyncio.sleep(0)  # and these are closed
    await asyncio.sleep(0)

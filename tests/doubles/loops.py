"""The end of an event loop in which a server ran."""

import asyncio
from collections.abc import Coroutine


def run(loop: asyncio.AbstractEventLoop, serving: Coroutine[None, None, None]) -> None:
    """Run a server to its end, and close what connected while it was closing: nobody else would."""
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serving)
    loop.run_until_complete(_closed(loop))
    loop.close()


async def _closed(loop: asyncio.AbstractEventLoop) -> None:
    await asyncio.sleep(0)  # connections that were accepted get their transports
    for transport in list(loop._transports.values()):  # type: ignore[attr-defined]  # noqa: SLF001
        transport.abort()
    await asyncio.sleep(0)  # and these are closed
    await asyncio.sleep(0)

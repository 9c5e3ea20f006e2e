"""serve: keep a vLLM up across stages, or as many as there are GPUs for, and print the line to export.

The stages of a shell that has exported it ask these engines instead of starting their own. An engine is started again when it
dies, at the same address, and stopped when the command is interrupted.
"""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack, suppress

from rich.console import Console
from rich.status import Status

from builders import family as families
from builders import locks, paths
from builders.errors import BuildError
from builders.params import loading
from builders.params.roles import Role
from builders.teachers import launching
from builders.teachers.vllm import Engine
from builders.work import together

LOCK_SECONDS = 1.0
"""Another one that serves the role is not about to end."""


def run(family: str, role: str) -> None:
    """Serve the model of one role of a family until interrupted.

    Raises:
        BuildError: there is no such role, its engine does not start, or it has died too often.
    """
    family, _ = families.select(family)
    loaded = loading.load(family)
    roles = {**loaded.judge.roles, **loaded.synthesize.roles}
    if role not in roles:
        raise BuildError("no such role", where=f"{family} {role}", fix=f"choose one of {', '.join(sorted(roles))}")
    lock = paths.processed(family) / f".serve_{role}.lock"
    with locks.held(lock, LOCK_SECONDS), suppress(asyncio.CancelledError):
        asyncio.run(_serve(family, role, roles[role]))


async def _serve(family: str, name: str, role: Role) -> None:
    """Serve until cancelled, as an interrupt does."""
    task = asyncio.current_task()
    assert task  # noqa: S101  (a coroutine runs in one)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    status = Console(stderr=True).status("")
    status.start()
    try:
        async with AsyncExitStack() as stack:
            engines = _engines(family, name, role, status)
            await together(map(stack.enter_async_context, engines))
            status.stop()  # before the line: a live line would take standard output for its own
            print(f"export BUILDERS_{name.upper()}_URL={','.join(engine.url for engine in engines)}", flush=True)  # noqa: T201
            await together(_kept(engine, status) for engine in engines)
    finally:
        status.stop()


def _engines(family: str, name: str, role: Role, status: Status) -> list[Engine]:
    """Return the engines that are to serve a role: one, or as many as there are GPUs for."""
    groups, log = launching.groups(name), paths.processed(family) / f".serve_{name}.log"
    if len(groups) == 1:
        return [Engine(name, role, log, status.update)]
    logs = [log.with_suffix(f".{number}.log") for number in range(1, 1 + len(groups))]
    return [Engine(name, role, own, status.update, share) for own, share in zip(logs, groups, strict=True)]


async def _kept(engine: Engine, status: Status) -> None:
    """Keep an engine up."""
    while True:
        await engine.ended()
        status.start()
        await engine.alive()
        status.stop()
        print(f"{engine.label} serves again, restart {engine.restarts}", file=sys.stderr)  # noqa: T201

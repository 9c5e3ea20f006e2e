"""A vLLM of our own: started, watched, started again when it dies, and stopped with everything it spawned.

How it is started says `builders.teachers.launching`. A keeper process stops it when we are gone, however we went. After
`RESTARTS` deaths in a row without a reply or a steady run in between, it is given up: something about the model, the
machine or a request kills it again and again.

Changes no byte of a row.
"""

import asyncio
import contextlib
import re
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import aiohttp

from builders.errors import BuildError
from builders.params.roles import Role
from builders.teachers import keeper, launching, trust
from builders.teachers.server import address

READY_SECONDS = 1800.0
"""A model of 70 billion parameters takes long to load; what it has downloaded so far is kept."""
SILENT_SECONDS = 120.0
STEADY_SECONDS = 600.0
RESTARTS = 3
POLL_SECONDS = 0.25
HEALTH_SECONDS = 10.0

_PREFIX = re.compile(r"^(\([^)]*pid=\d+\) )?((DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ \S+ \[[^\]]*\] ?)?")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception))(?:: .*)?$")
_USAGE = re.compile(r"\S+: [Ee]rror\b")
_NOT_THE_CAUSE = "root cause"
_TAIL_BYTES = 2**18
_LINE_CHARACTERS = 300


class _DeathError(Exception):
    """The engine died, or is as good as dead."""


class Engine:
    """One vLLM that serves one role's model; use as an async context manager.

    Args:
        url: its base URL, the same one after a restart.
        label: what it is called.
        restarts: how often it was started again.
        ready_seconds: how long it may take to be ready.
        silent_seconds: how long it may give no answer, when asked for its health, before it is taken for dead.
        steady_seconds: after serving for so long, a death is the first in a row.
    """

    def __init__(
        self,
        name: str,
        role: Role,
        log: Path,
        show: Callable[[str], None],
        share: Sequence[str] | None = None,
    ) -> None:
        """Work out how to start it.

        Args:
            name: the role's name.
            role: what it serves, and how.
            log: the file that gets everything it prints.
            show: told what it is doing while one waits for it.
            share: the GPUs that it has, where others serve the role, too; None: all that the environment names.

        Raises:
            BuildError: params do not name the model, or the environment says something that we cannot do.
        """
        port, seen = _free_port(), launching.gpus() if share is None else share
        self._command = launching.command(name, role, port, seen)
        self._environment = launching.environment(self._command[0], seen)
        self.label = f"vLLM for {name}" + (f" on GPU {', '.join(share)}" if share else "")
        self._model, self._log, self._show = role.model, log, show
        self.ready_seconds, self.silent_seconds, self.steady_seconds = READY_SECONDS, SILENT_SECONDS, STEADY_SECONDS
        self._root = f"http://127.0.0.1:{port}"
        self.url = f"{self._root}/v1"
        self.restarts = 0
        self._deaths_in_a_row = 0
        self._given_up: str | None = None
        self._serving_since: float | None = None
        self._checking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Start it and return when it is ready.

        Raises:
            BuildError: it dies before that, or takes too long.
        """
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")
        self._session = aiohttp.ClientSession()
        try:
            await self._start()
            await self._until_serving(self.ready_seconds)
        except _DeathError as death:
            await self.__aexit__()
            raise BuildError(f"{self.label} {death}", where=self._log, fix=_fix(str(death))) from None
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it with everything it spawned."""
        await self._stop()
        await self._session.close()

    async def alive(self) -> None:
        """Return once it serves, having started it again if it died.

        Raises:
            BuildError: it has died too often.
        """
        async with self._checking:
            while self._given_up is None:
                patience = self.ready_seconds if self._serving_since is None else self.silent_seconds
                try:
                    await self._until_serving(patience)
                except _DeathError as death:
                    await self._start_again(str(death))
                else:
                    return
            fix = "read the log, fix what kills it and run again; every reply so far is in the ledger"
            raise BuildError(self._given_up, where=self._log, fix=fix)

    def answered(self) -> None:
        """Take note that it gave a reply: the next death is the first in a row."""
        self._deaths_in_a_row = 0

    async def ended(self) -> None:
        """Return when its process has ended."""
        await self._keeper.wait()

    async def _start(self) -> None:
        self._serving_since = None
        self._log_start = self._log.stat().st_size
        with self._log.open("ab") as log:
            self._keeper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", keeper.__file__, *self._command),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    async def _start_again(self, why: str) -> None:
        steady = self._serving_since is not None and time.monotonic() - self._serving_since >= self.steady_seconds
        self._deaths_in_a_row = 1 if steady else self._deaths_in_a_row + 1
        await self._stop()
        if self._deaths_in_a_row > RESTARTS:
            self._given_up = f"{self.label} died {self._deaths_in_a_row} times in a row; the last time it {why}"
            return
        self.restarts += 1
        self._show(f"{self.label} {why}; restart {self.restarts}")
        await self._start()

    async def _stop(self) -> None:
        """Close the keeper's input, which has it stop everything, and wait until it has."""
        if not hasattr(self, "_keeper"):
            return
        assert self._keeper.stdin is not None  # noqa: S101  (we asked for a pipe)
        self._keeper.stdin.close()
        try:
            await asyncio.wait_for(self._keeper.wait(), keeper.TERM_SECONDS + keeper.KILL_SECONDS + HEALTH_SECONDS)
        except TimeoutError:
            self._keeper.kill()
            await self._keeper.wait()

    async def _until_serving(self, seconds: float) -> None:
        """Return when it serves its model.

        Raises:
            _DeathError: it ends, or does not serve within so many seconds.
        """
        end, starting = time.monotonic() + seconds, self._serving_since is None
        while True:
            if self._keeper.returncode is not None:
                raise _DeathError(self._cause(self._keeper.returncode))
            left = end - time.monotonic()
            if left <= 0:
                message = f"; the last it said was: {self._last_line()}" if starting else ""
                raise _DeathError(f"does not serve after {seconds:.0f} s{message}")
            if await self._serves(min(left, HEALTH_SECONDS)):
                self._serving_since = self._serving_since or time.monotonic()
                return
            waited = f"{seconds - left:.0f} s"
            doing = f"is starting, {waited}: {self._last_line()}" if starting else f"gives no answer, {waited}"
            self._show(f"{self.label} {doing}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._keeper.wait(), POLL_SECONDS)

    async def _serves(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                async with self._session.get(f"{self._root}/health") as response:
                    if not response.ok:
                        return False
                async with self._session.get(f"{self.url}/models") as response:
                    listed = await response.json()
                return any(model["id"] == self._model for model in listed["data"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            return False

    def _cause(self, code: int) -> str:
        """Say how it died: the signal, or the error it printed, or the exit code.

        Once it has served, the error's name must do: the rest may quote a prompt.
        """
        if code < 0:
            return f"lost its keeper, killed by signal {-code}"
        if code > 128:  # noqa: PLR2004  (the shells' convention)
            memory = ", perhaps for want of memory" if code == 128 + 9 else ""
            return f"was killed by signal {code - 128}{memory}"
        if line := _error(self._lines()):
            named = _EXCEPTION.match(line)
            return f"died: {line}" if self._serving_since is None or not named else f"died: {named[1]}"
        return f"ended with exit code {code}"

    def _last_line(self) -> str:
        return next((line for line in reversed(self._lines()) if re.search(r"\w", line)), "")[:100]

    def _lines(self) -> list[str]:
        """Return the end of what this start of it printed, without colours, process names and times."""
        with self._log.open("rb") as log:
            log.seek(max(self._log_start, self._log.stat().st_size - _TAIL_BYTES))
            text = log.read().decode(errors="replace").replace("\r", "\n")
        return [_PREFIX.sub("", _COLOUR.sub("", line)).strip() for line in text.splitlines()]


async def running(url: str) -> str:
    """Return the version of the vLLM at a base URL.

    Raises:
        BuildError: nothing is there, or something else.
    """
    root, fix = url.rstrip("/").removesuffix("/v1"), "start one with python -m builders serve, or set teacher: endpoint"
    try:
        connector = aiohttp.TCPConnector(ssl=trust.of(url))
        session = aiohttp.ClientSession(connector=connector)
        async with asyncio.timeout(HEALTH_SECONDS), session, session.get(f"{root}/version") as found:
            return str((await found.json())["version"])
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        if untrusted := trust.refused(error):
            raise BuildError(untrusted.why, where=address(url), fix=untrusted.fix) from None
        raise BuildError("no server answers", where=address(url), fix=fix) from None
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        raise BuildError("the server is not vLLM", where=address(url), fix=fix) from None


_GIVEN = set[int]()


def _free_port() -> int:
    """Return a port that nothing listens on, another one each time: an engine takes its own only once it has loaded."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def _error(lines: list[str]) -> str:
    """Return the last error that does not only point to another one; of a long usage message, its last line."""
    for number, line in reversed(list(enumerate(lines))):
        if (_EXCEPTION.match(line) or _USAGE.match(line)) and _NOT_THE_CAUSE not in line:
            more = lines[number + 1 : number + 2] if "validation error" in line else []  # pydantic says what on the next line
            return " ".join([line, *more])[:_LINE_CHARACTERS]
    return ""


def _fix(death: str) -> str:
    if "No module named 'vllm" in death:
        return "install vllm into this environment, or name the python of one that has it in BUILDERS_VLLM_PYTHON"
    return "fix the role's params or the environment, and run again; the log says more"

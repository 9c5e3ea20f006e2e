"""Start an Argilla server, with its web pages, on this machine: the server, a Redis and their accounts, all in one folder.

The folder is `.argilla/`, or the one that BUILDERS_ARGILLA_HOME names: Argilla's database, the search index, the logs, and
`server.json` with the address and the owner's key, which only its owner may read. A second start finds what was there.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import orjson

from builders import paths
from builders.errors import BuildError

WORKSPACE, RESTRICTED = "tracewright", "tracewright-restricted"
"""Where rounds are: those of families without hazard, and those whose rows only chosen people should see."""
OWNER, ANNOTATORS = "owner", ("annotator-1", "annotator-2")
PORT = 6900
_ENVIRONMENT = Path(".venv-argilla")
_HOST = "127.0.0.1"
_START_SECONDS = 300
_STOP_SECONDS = 20
_POLL_SECONDS = 0.1
_OWN = 0o600


class Account(NamedTuple):
    """Somebody who may log in."""

    username: str
    password: str
    api_key: str
    role: str


class Server(NamedTuple):
    """A server that answers.

    Args:
        url: its address, also of its web pages.
        api_key: the owner's.
        accounts: those that were made just now, with their passwords, which are kept nowhere.
        process: the server's.
        redis: that of the Redis which it needs.
    """

    url: str
    api_key: str
    accounts: tuple[Account, ...]
    process: "subprocess.Popen[bytes]"
    redis: "subprocess.Popen[bytes]"


def home() -> Path:
    """Return the folder with everything that the server keeps."""
    return Path(os.environ.get("BUILDERS_ARGILLA_HOME") or paths.root() / ".argilla")


def run(port: int) -> None:
    """Serve until interrupted, and say where, and with which passwords if they are new.

    Raises:
        BuildError: another server was chosen, this one is running already, it does not start, or it or its Redis ends.
    """
    if address := os.environ.get("ARGILLA_API_URL"):
        fix = "use that one; or unset ARGILLA_API_URL and ARGILLA_API_KEY to start one here"
        raise BuildError("another server is chosen by ARGILLA_API_URL, so none is started", where=address, fix=fix)
    with started(home(), port) as server:
        lines = [f"Argilla: {server.url}", f"its folder: {home()}"]
        lines += [f"{account.username} ({account.role}): {account.password}" for account in server.accounts]
        if server.accounts:
            lines.append("these passwords are shown only now")
        print("\n".join([*lines, "stop it with Ctrl-C"]), flush=True)  # noqa: T201
        while server.process.poll() is None and server.redis.poll() is None:
            time.sleep(_POLL_SECONDS)
        fault = _ended(server)
    raise fault


def _ended(server: Server) -> BuildError:
    """Say which of the two has ended; the other one is stopped with it."""
    if server.process.poll() is None:
        what = f"its Redis stopped with exit code {server.redis.returncode}, and the server was stopped, too"
        fix = f"read {_redis_log(home())}, then start it again: everything is there"
        return BuildError(what, where=server.url, fix=fix)
    return BuildError(f"the server stopped with exit code {server.process.returncode}", where=_log(home()), fix="read its log")


@contextmanager
def started(folder: Path, port: int) -> Iterator[Server]:
    """Start a server and wait until it answers; stop it at the end.

    Raises:
        BuildError: its environment is missing, the port is taken, or it does not come up.
    """
    python = Path(os.environ.get("BUILDERS_ARGILLA_PYTHON") or paths.root() / _ENVIRONMENT / "bin" / "python")
    if not python.is_file():
        raise BuildError("no environment with the Argilla server", where=python, fix="make argilla makes it")
    if _answers(port):
        fix = "use the server that runs there, or choose another port with --port"
        raise BuildError("the port is taken", where=f"{_HOST}:{port}", fix=fix)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = folder / "server.json"
    accounts = () if known.is_file() else _accounts()
    api_key = accounts[0].api_key if accounts else str(orjson.loads(known.read_bytes())["api_key"])
    with ExitStack() as stack:
        queue = free_port()
        redis = stack.enter_context(_running(_redis(python, queue), _redis_log(folder), {}))
        _wait_for(redis, queue, _redis_log(folder))
        environment = {
            "ARGILLA_HOME_PATH": str(folder.resolve()),
            "ARGILLA_SEARCH_ENGINE": "embedded",
            "ARGILLA_REDIS_URL": f"redis://{_HOST}:{queue}/0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "1",
        }
        command = [str(python), "-m", "builders.reviewing.server.app", _HOST, str(port)]
        process = stack.enter_context(_running(command, _log(folder), environment, _wanted(accounts)))
        url = f"http://{_HOST}:{port}"
        _wait_until_up(process, url, folder)
        _save(known, {"url": url, "api_key": api_key})
        yield Server(url, api_key, accounts, process, redis)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])


def _accounts() -> tuple[Account, ...]:
    names = [(OWNER, "owner"), *((name, "annotator") for name in ANNOTATORS)]
    return tuple(Account(name, secrets.token_urlsafe(12), secrets.token_urlsafe(24), role) for name, role in names)


def _wanted(accounts: Sequence[Account]) -> bytes:
    wanted = {
        "accounts": [account._asdict() for account in accounts],
        "workspaces": [WORKSPACE, RESTRICTED] if accounts else [],
    }
    return orjson.dumps(wanted) + b"\n"


def _redis(python: Path, port: int) -> list[str]:
    """Return the command of Debian's Redis, or of fakeredis where that is not installed; either keeps nothing on disk."""
    if own := shutil.which("redis-server"):
        return [own, "--bind", _HOST, "--port", str(port), "--save", "", "--appendonly", "no"]
    return [str(python), "-m", "builders.reviewing.server.redis", str(port)]


@contextmanager
def _running(
    command: Sequence[str], log: Path, environment: Mapping[str, str], stdin: bytes = b""
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command in this checkout, its output in a log that only its owner may read."""
    everything = {**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[3])}
    log.touch(mode=_OWN)
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=everything)  # noqa: S603
    try:
        with process.stdin or sys.stdin.buffer as pipe:
            pipe.write(stdin)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(redis: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(port):
        if redis.poll() is not None:
            raise BuildError(f"Redis stopped with exit code {redis.returncode}", where=f"{_HOST}:{port}", fix=f"read {log}")
        if time.monotonic() > deadline:
            raise BuildError("Redis does not answer", where=f"{_HOST}:{port}", fix=f"read {log}")
        time.sleep(_POLL_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((_HOST, port)) == 0


def _wait_until_up(process: "subprocess.Popen[bytes]", url: str, folder: Path) -> None:
    """Wait until the server answers.

    Raises:
        BuildError: it ends, or does not come up.
    """
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx2.get(f"{url}/api/v1/status", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(_POLL_SECONDS)
    raise BuildError("the Argilla server does not come up", where=url, fix=f"read {_log(folder)}")


def _log(folder: Path) -> Path:
    return folder / "argilla.log"


def _redis_log(folder: Path) -> Path:
    return folder / "redis.log"


def _save(path: Path, value: object) -> None:
    path.touch(mode=_OWN)
    path.write_bytes(orjson.dumps(value))

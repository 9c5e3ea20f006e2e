"""The command line in processes of its own that start at once: forks of a process that has imported what it needs.

    with forking({"HF_ENDPOINT": hub.url}) as commands:
        with commands.started(folder, ["publish", "toy"], {}) as process:
            process.kill()

An import of `datasets` takes seconds; a test that kills the command in each of its phases cannot wait for it each time.
What a library reads from the environment when it is imported, such as the address of the Hub, is given at the start.

`plain()` has imported no module of ours, nor any that reads the environment, but the libraries of others: its forks are a
Python that takes what follows `python`, for code that was edited and for what a library reads when it is imported.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import types
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TextIO

from filelock import FileLock

LOADED = (
    "datasets",
    "huggingface_hub",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "pyarrow.parquet",
    "builders.publishing.publish",
    "builders.releases.manifest",
    "builders.__main__",
)
ROOMS = ("stages", "commands", "asking", "teachers", "ledger", "sealed", "screening", "releases")
OTHERS = (
    *("PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "aiohttp", "asyncio", "dill", "filelock", "fsspec", "httpx"),
    *("httpx2", "importlib.metadata", "jinja2", "jsonschema", "loguru", "matplotlib.backends.backend_agg", "matplotlib.figure"),
    *("mmh3", "multiprocess", "multiprocess.managers", "numpy", "orjson", "pandas", "psutil", "pyarrow.dataset"),
    *("pyarrow.parquet", "pydantic", "regex", "requests", "scipy.fft", "tiktoken", "tokenizers", "tqdm.auto", "uvloop"),
    *("PIL.ImageOps", "concurrent.futures.process", "datatrove.pipeline.base", "fsspec.implementations.cached", "http.server"),
    *("httpcore2", "jinja2.sandbox", "jsonschema_rs", "prometheus_client", "py3langid.langid", "pyarrow.json", "pydantic.main"),
    *("pydantic.dataclasses", "tenacity", "truststore"),
    *("xxhash", "yaml", "zstandard", "dvc.cli", "dvc.commands.repro", "dvc.commands.status", "dvc.repo", "dvc.testing"),
)
"""Libraries that most of our modules, or dvc, import, and that read nothing of the environment that a test changes."""
EVALUATED = ("BUILDERS_", "HF_", "PYTHONPATH", "TMPDIR", "TZ")
"""How the variables begin that a fork without modules of ours heeds, whatever they were when it was started."""
KILLED = -signal.SIGKILL
SCRIPT = "--script"
"""Instead of a verb: run the file that follows, with what follows that as its arguments."""
PYTHON = "--python"
"""Instead of a verb: what follows is what `python` takes, `-m` and a module, or `-c` and code, and their arguments."""


class Done(NamedTuple):
    """What became of a command: as subprocess says it, and the seconds of CPU that it took, its children's included."""

    returncode: int
    stdout: str
    stderr: str
    cpu: float = 0.0


class Command:
    """A running command."""

    def __init__(self, commands: "Commands", pid: int, place: Path) -> None:
        self._commands, self.pid, self._place = commands, pid, place
        self._ended: dict[str, Any] | None = None

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Done:
        """Return what became of it."""
        self._ended = ended = self._ended or self._commands.ended(self.pid)
        out, err = (self._place.with_suffix(suffix).read_text() for suffix in (".out", ".err"))
        return Done(ended["code"], out, err, ended["cpu"])


class Running:
    """A running command whose output comes as it is said: what tests need of `subprocess.Popen` with text in pipes."""

    def __init__(self, commands: "Commands", pid: int, out: TextIO, err: TextIO) -> None:
        self._commands, self.pid, self.stdout, self.stderr = commands, pid, out, err
        self.returncode: int | None = None
        self.cpu = 0.0

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        if self.returncode is None:
            ended = self._commands.ask({"ended": self.pid})
            self.returncode, self.cpu = ended["code"], ended["cpu"]
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return its exit code when it has ended; a test that hangs is stopped by pytest."""
        del timeout
        if self.returncode is None:
            ended = self._commands.ended(self.pid)
            self.returncode, self.cpu = ended["code"], ended["cpu"]
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return what it said beside what was read already, when it has ended."""
        with ThreadPoolExecutor(2) as reading:
            output = [reading.submit(stream.read) for stream in (self.stdout, self.stderr)]
        self.wait(timeout)
        return output[0].result(), output[1].result()

    def close(self) -> None:
        """End it, if it still runs."""
        self.kill()
        self.wait()
        self.stdout.close()
        self.stderr.close()


class Commands:
    """A process that forks, as who is connected to it sees it."""

    def __init__(self, connection: socket.socket) -> None:
        with connection:  # what is read and written keeps it open
            self._said = connection.makefile("rw")
        self._asking = Lock()
        self._count = 0

    def close(self) -> None:
        """Take leave of it: it ends when nobody is left."""
        self._said.close()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._asking:
            self._said.write(json.dumps(request) + "\n")
            self._said.flush()
            answer: dict[str, Any] = json.loads(self._said.readline())
        return answer

    def ended(self, pid: int) -> dict[str, Any]:
        """Return what became of a command when it has ended; others may be started meanwhile."""
        watched = os.pidfd_open(pid)
        select.select([watched], [], [])
        os.close(watched)
        return self.ask({"ended": pid})

    def started(self, folder: Path, arguments: list[str], environment: dict[str, str], *, alone: bool = False) -> Command:
        """Start a command in a folder, with these variables besides those of the start, or with these alone."""
        place = self._place(folder)
        request = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": environment,
            "alone": alone,
            "place": str(place),
        }
        return Command(self, self.ask(request)["pid"], place)

    def speaking(self, folder: Path, arguments: list[str], environment: dict[str, str]) -> Running:
        """Start a command in a folder, with these variables alone, whose output can be read while it runs."""
        place = self._place(folder)
        ends = []
        for suffix in (".out", ".err"):
            os.mkfifo(place.with_suffix(suffix))
            ends.append(os.open(place.with_suffix(suffix), os.O_RDONLY | os.O_NONBLOCK))  # at once, who writes comes later
        request = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": environment,
            "alone": True,
            "place": str(place),
        }
        pid = self.ask({**request, "connected": True})["pid"]
        for end in ends:
            os.set_blocking(end, True)
        for suffix in (".out", ".err"):  # both ends are open
            place.with_suffix(suffix).unlink()
        out, err = (os.fdopen(end) for end in ends)
        return Running(self, pid, out, err)

    def _place(self, folder: Path) -> Path:
        self._count += 1
        return folder.parent / f"said-{os.getpid()}-{id(self)}-{self._count}"

    def run(self, folder: Path, *arguments: str, **environment: str) -> Done:
        """Run a command and wait for it."""
        return self.started(folder, list(arguments), environment).wait()


@contextmanager
def forking(environment: dict[str, str]) -> Iterator[Commands]:
    """Give a process that has imported what publishing needs, with this environment."""
    name = f"commands-{uuid.uuid4()}"
    with _started(environment, "serve_publishing", name), closing(Commands(_connected(name))) as commands:
        yield commands


@cache
def shared() -> Commands:
    """Give a process that has imported what any command needs, for the tests of all workers; it ends with them.

    It knows no network, and no variable of ours.
    """
    return _lasting({**_bare(), "HF_HUB_OFFLINE": "1", "HF_HOME": os.devnull}, "serve")


@cache
def plain() -> Commands:
    """Give a process that has imported no module of ours, for the tests of all workers; it ends with them."""
    return _lasting(_bare(), "serve_plainly")


def _lasting(environment: dict[str, str], serving: str) -> Commands:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    name = f"commands-{run}-{serving}"
    with FileLock(Path(tempfile.gettempdir(), f"{name}.lock")):
        try:
            connection = _connected(name)
        except ConnectionRefusedError:  # nobody has needed it yet
            atexit.register(_started(environment, serving, name).poll)
            connection = _connected(name)
    commands = Commands(connection)
    atexit.register(commands.close)
    return commands


def _started(environment: dict[str, str], serving: str, name: str) -> "subprocess.Popen[bytes]":
    """Start a process that serves under a name, and wait until it does."""
    command = [sys.executable, "-c", f"from tests.doubles import forks; forks.{serving}()", name]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline(), "it has not started"
    return process


def _connected(name: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(f"\0{name}")  # a name that is gone with who has it, and no file
    except BaseException:
        connection.close()
        raise
    return connection


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("BUILDERS_", "HF_"))}


def serve() -> None:
    """Fork for each command that is asked for, and tell what became of it."""
    import builders

    _load(LOADED)
    for room in ROOMS:
        for module in pkgutil.iter_modules([str(Path(builders.__path__[0], room))]):
            importlib.import_module(f"builders.{room}.{module.name}")
    from builders import family as families
    from builders import paths
    from builders.releases import code, tokens
    from builders.screening import rules
    from tests.harness import know_toys

    _remember()
    rules.language_model()
    tokens.tokenizer("", None)
    know_toys(setattr)
    for family in families.names():
        for stage in paths.STAGES:
            families.part(family, stage, families.Part)
        code.hashes(family, "release")  # it remembers what it has read
    _answer_all()


def serve_publishing() -> None:
    """Fork for each command that is asked for, having imported what publishing needs, and tell what became of it."""
    _load(LOADED)
    from tests.harness import know_toys

    know_toys(setattr)
    _answer_all()


def serve_plainly() -> None:
    """Fork for each Python that is asked for, and tell what became of it."""
    _load(OTHERS)
    _remember()
    assert not [name for name in sys.modules if name.partition(".")[0] in {"builders", "datasets", "huggingface_hub"}]
    _answer_all()


def _remember() -> None:
    """Do once what libraries take long for, and what has the same outcome in every fork."""
    from datatrove.utils._import_utils import check_required_dependencies
    from py3langid import langid

    check_required_dependencies("hashing", ["xxhash"])  # it looks through all that is installed, once
    langid._load_model_file = read = cache(langid._load_model_file)  # noqa: SLF001  (it unpacks 30 MB)
    read(langid.MODEL_DIR / langid.MODEL_FILE)


def _load(names: tuple[str, ...]) -> None:
    """Import modules, without looking for garbage meanwhile: what is imported stays."""
    gc.disable()
    for name in names:
        importlib.import_module(name)


def _answer_all() -> None:
    """Serve under the name that was given, to all who connect, until the last of them has gone."""
    gc.collect()
    gc.freeze()  # what is the same in all forks is looked at in none of them
    gc.enable()
    with socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as waiting:
        server.bind(f"\0{sys.argv[1]}")
        server.listen()
        waiting.register(server, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201
        alone = False
        while not alone:
            for key, _ in waiting.select():
                if key.data is None:
                    connection = server.accept()[0]
                    waiting.register(connection, selectors.EVENT_READ, connection.makefile("rw"))
                elif not _answered(key.data):
                    waiting.unregister(key.fileobj)
                    key.data.close()
                    alone = len(waiting.get_map()) == 1


def _answered(said: TextIO) -> bool:
    """Answer the next request of somebody; tell whether there was one."""
    line = said.readline()
    if line:
        request = json.loads(line)
        answer = _ended(*os.wait4(request["ended"], os.WNOHANG)) if "ended" in request else {"pid": _forked(**request)}
        said.write(json.dumps(answer) + "\n")
        said.flush()
    return bool(line)


def _ended(pid: int, status: int, usage: resource.struct_rusage) -> dict[str, float | None]:
    return {"code": os.waitstatus_to_exitcode(status) if pid else None, "cpu": usage.ru_utime + usage.ru_stime}


def _forked(  # noqa: PLR0913  (a request)
    folder: str, arguments: list[str], environment: dict[str, str], place: str, *, alone: bool, connected: bool = False
) -> int:
    """Fork; with `connected`, return only when what the command says is connected to who reads it."""
    sys.stdout.flush()
    ready, writer = os.pipe()
    if pid := os.fork():
        os.close(writer)
        if connected:
            os.read(ready, 1)
        os.close(ready)
        return pid
    code = 1
    try:
        if alone:
            os.environ.clear()
        with Path(f"{place}.out").open("w") as out, Path(f"{place}.err").open("w") as err, Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
            os.close(ready)
            os.close(writer)
            code = _command(folder, arguments, environment, out, err)
    except BaseException:  # noqa: BLE001  (as Python itself does)
        traceback.print_exc()
    finally:
        _flush()
        os._exit(code)


def _command(folder: str, arguments: list[str], environment: dict[str, str], out: TextIO, err: TextIO) -> int:
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
    sys.stdout = os.fdopen(1, "w", encoding=sys.stdout.encoding, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding=sys.stderr.encoding, errors="backslashreplace", closefd=False)
    os.chdir(folder)
    os.environ.update(environment)
    if arguments[0] == PYTHON:
        code = _as_python(arguments[1:])
    elif arguments[0] == SCRIPT:
        sys.argv = arguments[1:]
        code = _exit_code(lambda: runpy.run_path(arguments[1], run_name="__main__"))
    else:
        from builders.__main__ import main

        code = main(arguments)
    return code


def _flush() -> None:
    """Hand on what was said last; who read it may be gone."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _as_python(arguments: list[str]) -> int:
    """Do what `python` does with these arguments, the working directory being first on the path."""
    time.tzset()
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    sys.path[1:1] = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    importlib.invalidate_caches()
    how, what, *rest = arguments
    sys.argv = [how, *rest]
    if any(Path(folder, "sitecustomize.py").is_file() for folder in sys.path):
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")
    if how == "-m":
        return _exit_code(lambda: runpy.run_module(what, run_name="__main__", alter_sys=True))
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    return _exit_code(lambda: exec(compile(what, "<string>", "exec"), main.__dict__))  # noqa: S102


def _exit_code(run: Any) -> int:  # noqa: ANN401  (what takes nothing, whatever it returns)
    try:
        run()
    except SystemExit as exit_:
        if not isinstance(exit_.code, str):
            return exit_.code or 0
        print(exit_.code, file=sys.stderr)  # noqa: T201
        return 1
    except BaseException:  # noqa: BLE001  (as Python itself does)
        traceback.print_exc()
        return 1
    return 0

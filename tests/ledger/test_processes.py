"""Several processes and one ledger: each request is sent once, what was called durable outlives its process."""

import asyncio
import fcntl
import itertools
import os
import random
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psutil
import pytest

from builders.errors import BuildError
from builders.ledger.claims import Claims
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.records import canonical, digest

FREE = Paid(0, 0, 0.0)
IMPORTS = """
import asyncio, os, random, resource, sys
from pathlib import Path
from builders.errors import BuildError
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.records import canonical, digest
path, chosen = Path(sys.argv[1]), sys.argv[2:]
def entry(number):
    text = random.Random(number).randbytes(1000).hex()
    return Entry(canonical({"role": "teacher"}), canonical([number]), canonical({"content": text}))
"""
PUTTING = """
async def run():
    with Ledger(path) as ledger:
        for start in range(0, 100_000, 100):
            puts = {n: ledger.put(digest(n), entry(n), Paid(1, 1, 0.0)) for n in range(start, start + 100)}
            for n, put in puts.items():
                await put
                print(n, flush=True)
asyncio.run(run())
"""
SHARING = """
async def ask(ledger, n):
    if found := await ledger.claim(digest(n)):
        assert found == entry(n)
    else:
        print(n)
        await asyncio.sleep(random.random() / 1000)
        await ledger.put(digest(n), entry(n), Paid(1, 1, 0.0))
async def run():
    with Ledger(path) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        numbers = list(range(300))
        random.Random(chosen[0]).shuffle(numbers)
        for start in range(0, 300, 60):
            await asyncio.gather(*(ask(ledger, n) for n in numbers[start : start + 60]))
asyncio.run(run())
"""
MERGING = """
from builders.ledger.committer import Committer, Write
committer = Committer(path)
for n in range(int(chosen[0]), 600, 3):
    entry = Entry(b"{}", canonical([n]), canonical("large " * 6000))
    committer.commit([Write(bytes.fromhex(digest(n)[:32]), entry, Paid(1, 1, 0.0))])
    committer.merge(closing=n % 5 == 0)
committer.close()
"""
CLAIMING = """
async def run():
    with Ledger(path) as ledger:
        assert await ledger.claim(digest(1)) is None
        print("claimed", flush=True)
        sys.stdin.readline()
        if chosen == ["answer"]:
            await ledger.put(digest(1), entry(1), Paid(1, 1, 0.0))
        else:
            ledger.release(digest(1), None)
asyncio.run(run())
"""
STORING = """
async def run():
    with Ledger(path) as ledger:
        await ledger.put(digest(0), entry(0), Paid(1, 1, 0.0))
        print("stored", flush=True)
        sys.stdin.readline()
        for n in range(1, 769):  # three groups
            assert await ledger.claim(digest(n)) is None
            ledger.put(digest(n), Entry(b"{}", canonical([n]), canonical("small")), Paid(1, 1, 0.0))
        print("put", flush=True)
        sys.stdin.readline()
asyncio.run(run())
"""
STARTING = """
async def run():
    with Ledger(path) as ledger:
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")), 4096))
        await ledger.put(digest(1), entry(1), Paid(1, 1, 0.0))
try:
    asyncio.run(run())
except BuildError as error:
    print(error)
"""
FULL = """
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
def said(error):
    return type(error) is BuildError and "the ledger fails" in str(error)
async def failing(awaitable):
    try:
        await awaitable
    except BuildError as error:
        return said(error)
async def run():
    with Ledger(path) as ledger:
        await ledger.put(digest("before"), entry(0), Paid(1, 1, 0.0))
        for n in range(1, 9):
            assert await ledger.claim(digest(n)) is None
        waiting = asyncio.create_task(ledger.claim(digest(1)))
        await asyncio.sleep(0)
        large = [Entry(b"{}", b"[]", canonical(random.randbytes(100_000).hex())) for n in range(8)]
        puts = [ledger.put(digest(n), entry, Paid(1, 1, 0.0)) for n, entry in enumerate(large, 1)]
        results = await asyncio.gather(*puts, return_exceptions=True)
        assert all(map(said, results)), results
        assert await failing(waiting)
        assert await failing(ledger.claim(digest(9)))
        ledger.put(digest(9), entry(9), Paid(1, 1, 0.0))
try:
    asyncio.run(run())
except BuildError as error:
    print(error)
"""


def entry(number: int) -> Entry:
    """Return what the programs store under a number."""
    text = random.Random(number).randbytes(1000).hex()  # noqa: S311
    return Entry(canonical({"role": "teacher"}), canonical([number]), canonical({"content": text}))


@contextmanager
def running(program: str, path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", IMPORTS + program, str(path), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def committing_process() -> psutil.Process:
    """Return the one that commits for this process."""
    [found] = [child for child in psutil.Process().children() if "builders.ledger.committing" in child.cmdline()]
    return found


def stopped(process: psutil.Process) -> bool:
    """Tell whether every thread of a process has stopped: until then one may still read."""
    return all(psutil.Process(thread.id).status() == psutil.STATUS_STOPPED for thread in process.threads())


def unread_bytes(process: psutil.Process) -> int:
    """Return how much lies in the pipe that a process reads."""
    with open(f"/proc/{process.pid}/fd/0", "rb") as pipe:  # noqa: PTH123  (no file)
        [size] = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    return int(size)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize("lines", [1, 57, 300, 1204, 2599])
def test_what_was_called_durable_is_found_after_a_kill(lines: int, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with running(PUTTING, path) as process:
        numbers = [line(process) for _ in range(lines)]
        process.kill()
        assert process.stdout
        numbers += process.stdout.read().split("\n")[:-1]
    with Ledger(path) as ledger:
        assert all(ledger.get(digest(int(number))) == entry(int(number)) for number in numbers)
        assert ledger.spent()[0][1] == len(list(ledger.entries())) >= len(numbers)


def test_two_processes_that_ask_the_same_requests_send_each_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with ExitStack() as stack:
        processes = [stack.enter_context(running(SHARING, path, name)) for name in "abc"]
        assert [line(process) for process in processes] == ["ready"] * 3
        for process in processes:
            go(process)
        sent = [process.communicate(timeout=600)[0].split() for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0]
    assert Counter(itertools.chain.from_iterable(sent)) == Counter(map(str, range(300)))
    assert sum(map(bool, sent)) > 1
    with Ledger(path) as ledger:
        assert sorted(entry.own for _, entry in ledger.entries()) == sorted(canonical([number]) for number in range(300))


def test_several_processes_write_and_merge_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with ExitStack() as stack:
        processes = [stack.enter_context(running(MERGING, path, str(number))) for number in range(3)]
        assert [process.wait(600) for process in processes] == [0, 0, 0]
    with Ledger(path) as ledger:
        entries = dict(ledger.entries())
        assert sorted(entry.own for entry in entries.values()) == sorted(canonical([number]) for number in range(600))
        assert all(ledger.get(key.hex()) == entry for key, entry in entries.items())


@pytest.mark.parametrize("end", ["answer", "release", "kill"])
def test_who_waits_for_another_process_gets_its_reply_or_its_claim(end: str, tmp_path: Path) -> None:
    async def wait(process: subprocess.Popen[str]) -> Entry | None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            waiting = asyncio.create_task(ledger.claim(digest(1)))
            await asyncio.sleep(0)
            assert not waiting.done()
            if end == "kill":
                process.kill()
            else:
                go(process)
            return await waiting

    with running(CLAIMING, tmp_path / "ledger.sqlite", end) as process:
        assert line(process) == "claimed"
        assert asyncio.run(wait(process)) == (entry(1) if end == "answer" else None)


def test_what_another_process_stores_is_found_by_one_that_had_the_ledger_to_itself(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            for number in (2, 3, 4):  # one after another: by the third, the keys of the first are learned
                assert await ledger.claim(digest(number)) is None
                await ledger.put(digest(number), entry(number), FREE)
            assert await ledger.claim(digest(5)) is None
            with running(CLAIMING, tmp_path / "ledger.sqlite", "answer") as process:
                assert line(process) == "claimed"
                go(process)
                assert process.wait(600) == 0
            assert [await ledger.claim(digest(number)) for number in (1, 2, 3)] == [entry(1), entry(2), entry(3)]

    asyncio.run(run())


def test_a_stopped_process_that_has_the_ledger_to_itself_is_one_clear_line(tmp_path: Path) -> None:
    with running(CLAIMING, tmp_path / "ledger.sqlite", "release") as process:
        assert line(process) == "claimed"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(BuildError, match="another process has the ledger open and does not answer"):
            Claims(tmp_path / "ledger.sqlite.claims", 0.2)


def test_what_a_killed_process_had_sent_is_on_disk_before_another_may_ask(tmp_path: Path) -> None:
    """Groups are sent though nothing comes of those before them."""
    path = tmp_path / "ledger.sqlite"
    with running(STORING, path) as process:
        assert line(process) == "stored"
        [committing] = psutil.Process(process.pid).children()
        committing.suspend()
        deadline = time.monotonic() + 600
        while not stopped(committing):
            assert time.monotonic() < deadline
        go(process)
        assert line(process) == "put"
        while unread_bytes(committing) < 768 * 50:
            assert time.monotonic() < deadline
        process.kill()
        process.wait(600)
        with pytest.raises(BuildError, match="another process has the ledger open"):
            Claims(tmp_path / "ledger.sqlite.claims", 0.2)
        committing.resume()
    with Ledger(path) as ledger:
        assert sum(1 for _ in ledger.entries()) == 769
        assert ledger.get(digest(0)) == entry(0)


def test_a_ledger_whose_committing_process_is_killed_fails_those_who_wait(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            await ledger.put(digest(1), entry(1), FREE)
            committing_process().kill()
            await ledger.put(digest(2), entry(2), FREE)

    with pytest.raises(BuildError, match="the process that writes the ledger ended with -9; run again"):
        asyncio.run(run())
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [ledger.get(digest(number)) for number in (1, 2)] == [entry(1), None]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_committing_process_ends_with_its_input_and_not_when_it_is_told_to(number: signal.Signals, tmp_path: Path) -> None:
    """Whoever ends a whole job tells all of its processes at once."""

    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            await ledger.put(digest(1), entry(1), FREE)
            committing_process().send_signal(number)
            await ledger.put(digest(2), entry(2), FREE)

    asyncio.run(run())
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [ledger.get(digest(number)) for number in (1, 2)] == [entry(1), entry(2)]


def test_what_the_committing_process_says_is_heard_though_it_takes_nothing_any_more(tmp_path: Path) -> None:
    """More than the pipe holds is on its way to it when it ends."""
    path = tmp_path / "ledger.sqlite"

    async def run() -> None:
        with Ledger(path) as ledger:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA user_version = 9")
            large = Entry(b"{}", b"[]", canonical("large " * 100_000))
            await asyncio.gather(*(ledger.put(digest(number), large, FREE) for number in range(8)))

    with pytest.raises(BuildError, match="this is a ledger of format 9"):
        asyncio.run(run())


def test_a_committing_process_that_cannot_be_started_is_one_line_that_says_why(tmp_path: Path) -> None:
    with running(STARTING, tmp_path / "ledger.sqlite") as process:
        output, _ = process.communicate(timeout=600)
    assert "the ledger fails: Too many open files; look whether this machine lets another process start" in output


def test_a_lock_that_the_system_does_not_give_fails_those_who_wait(tmp_path: Path) -> None:
    """It is asked for now and then, beside the commits."""

    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            [file] = [file for file in psutil.Process().open_files() if file.path.endswith(".claims/ledger")]
            reading, writing = os.pipe()
            os.dup2(reading, file.fd)  # where no byte can be locked
            os.close(reading)
            os.close(writing)
            async with asyncio.timeout(30):
                for number in itertools.count():
                    await ledger.put(digest(number), entry(number), FREE)

    with pytest.raises(BuildError, match="the ledger fails: "):
        asyncio.run(run())


def test_a_full_disk_fails_everybody_and_keeps_what_was_committed(tmp_path: Path) -> None:
    """A limit on file size stands for a full disk: SQLite sees the same failing write."""
    path = tmp_path / "ledger.sqlite"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    with running(FULL, path) as process:
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0
    assert "the ledger fails" in output
    assert "free some space" in output
    with Ledger(path) as ledger:
        assert ledger.get(digest("before")) == entry(0)
        assert [ledger.get(digest(number)) for number in range(1, 10)] == [None] * 9


def test_a_ledger_that_is_moved_away_fails_those_who_wait(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            await ledger.put(digest(1), entry(1), FREE)
            (tmp_path / "ledger.sqlite").rename(tmp_path / "moved.sqlite")
            await ledger.put(digest(2), entry(2), FREE)

    with pytest.raises(BuildError, match="the ledger fails"):
        asyncio.run(run())

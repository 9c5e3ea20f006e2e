"""The ledger: durable before it counts, first entry stays, failures reach those who wait."""

import asyncio
import os
import resource
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger import GROUP_REPLIES, Entry, Ledger
from builders.records import digest


def put_all(path: Path, entries: dict[str, Entry]) -> None:
    async def put() -> None:
        with Ledger(path) as ledger:
            await asyncio.gather(*(ledger.put(key, entry) for key, entry in entries.items()))

    asyncio.run(put())


def test_an_unknown_key_is_none(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.get(digest("never asked")) is None


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.dictionaries(st.text().map(digest), st.tuples(st.binary(), st.binary()), max_size=20))
def test_what_was_put_is_found_by_another_process_opening_the_file(
    tmp_path_factory: pytest.TempPathFactory, given_: dict[str, tuple[bytes, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    entries = {key: Entry(*entry) for key, entry in given_.items()}
    put_all(path, entries)
    with Ledger(path) as ledger:
        assert {key: ledger.get(key) for key in entries} == entries


def test_more_entries_than_one_group_are_all_stored(tmp_path: Path) -> None:
    entries = {digest(number): Entry(b"request", str(number).encode()) for number in range(2 * GROUP_REPLIES + 7)}
    put_all(tmp_path / "ledger.sqlite", entries)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert all(ledger.get(key) == entry for key, entry in entries.items())


def test_the_first_entry_of_a_key_stays(tmp_path: Path) -> None:
    key = digest("one")
    put_all(tmp_path / "ledger.sqlite", {key: Entry(b"r", b"first")})
    put_all(tmp_path / "ledger.sqlite", {key: Entry(b"r", b"second")})
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.get(key) == Entry(b"r", b"first")


def test_a_put_that_returned_is_on_disk_when_the_process_is_killed_right_after(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    program = f"""
import asyncio, os, signal
from pathlib import Path
from builders.ledger import Entry, Ledger
from builders.records import digest

async def put():
    ledger = Ledger(Path({str(path)!r}))
    await asyncio.gather(*(ledger.put(digest(n), Entry(b"request", b"reply")) for n in range(300)))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(put())
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert killed.returncode == -9
    with Ledger(path) as ledger:
        assert all(ledger.get(digest(number)) for number in range(300))


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    program = f"""
import asyncio, sys
from pathlib import Path
from builders.ledger import Entry, Ledger
from builders.records import digest

async def put():
    with Ledger(Path({str(path)!r})) as ledger:
        for n in range(40):
            await ledger.put(digest([sys.argv[1], n]), Entry(b"request", b"reply"))

asyncio.run(put())
"""
    with ExitStack() as stack:
        writers = [stack.enter_context(subprocess.Popen([sys.executable, "-c", program, name])) for name in "ab"]
        assert [writer.wait(60) for writer in writers] == [0, 0]
    with Ledger(path) as ledger:
        assert all(ledger.get(digest([name, number])) for name in "ab" for number in range(40))


def test_a_file_that_is_no_ledger_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(BuildError, match="the ledger fails: file is not a database"):
        Ledger(path)


def test_a_folder_in_the_ledgers_place_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the ledger fails"):
        Ledger(tmp_path)


def test_a_full_disk_fails_those_who_wait_and_keeps_what_was_committed(tmp_path: Path) -> None:
    """A limit on file size stands for a full disk: SQLite sees the same failing write."""
    path = tmp_path / "ledger.sqlite"
    put_all(path, {digest("before"): Entry(b"request", b"reply")})
    program = f"""
import asyncio, resource, signal
from pathlib import Path
from builders.errors import BuildError
from builders.ledger import Entry, Ledger
from builders.records import digest

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

async def put():
    with Ledger(Path({str(path)!r})) as ledger:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
        noise = [Entry(b"request", __import__("os").urandom(20_000)) for _ in range(20)]
        results = await asyncio.gather(*(ledger.put(digest(n), e) for n, e in enumerate(noise)), return_exceptions=True)
        assert any(isinstance(result, BuildError) for result in results), results
        try:
            await ledger.put(digest("after"), Entry(b"request", b"reply"))
        except BuildError as error:
            print(error)

asyncio.run(put())
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY or os.geteuid() == 0
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "the ledger fails" in done.stdout
    with Ledger(path) as ledger:
        assert ledger.get(digest("before")) == Entry(b"request", b"reply")
        assert ledger.get(digest("after")) is None

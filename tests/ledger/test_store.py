"""The file: merging keeps every byte, a torn tail costs only what was torn off, other files are refused in one line."""

import asyncio
import itertools
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.chunks import CHUNK_BYTES, SMALL_BYTES
from builders.ledger.committer import Committer, Write
from builders.ledger.ledger import Entry, Ledger, Paid
from builders.ledger.store import Store
from builders.records import canonical, digest

ABOUTS = [canonical({"role": role}) for role in ("teacher", "judge")]


def write(number: int, size: int = 30) -> Write:
    reply = canonical({"content": f"reply {number} ".ljust(size, ".")})
    entry = Entry(ABOUTS[number % 2], canonical([f"row {number}", number]), reply)
    return Write(bytes.fromhex(digest(number)[:32]), entry, Paid(1, 1, 0.0))


def spans(path: Path) -> list[tuple[int, int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT first, replies, size FROM chunks ORDER BY first").fetchall()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    runs=st.lists(
        st.lists(st.lists(st.sampled_from([30, 700, 90_000, SMALL_BYTES, CHUNK_BYTES]), min_size=1, max_size=9), max_size=9),
        min_size=1,
        max_size=3,
    )
)
@example(runs=[[[90_000]] * 60, [[30]] * 5])
def test_merging_keeps_every_entry_and_leaves_no_two_small_chunks_side_by_side(
    runs: list[list[list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    stored: list[Write] = []
    for groups in runs:
        with closing(Committer(path)) as committer:
            for sizes in groups:
                writes = [write(len(stored) + place, size) for place, size in enumerate(sizes)]
                committer.commit(writes)
                committer.merge(closing=False)
                stored += writes
            committer.merge(closing=True)
    with closing(Store(path, read_only=True)) as store:
        assert list(store.entries()) == [(write.key, write.entry) for write in stored]
        assert [store.find(write.key) for write in stored] == [write.entry for write in stored]
        assert store.replies() == len(stored)
    chunks = spans(path)
    assert [first for first, _, _ in chunks] == [
        sum(replies for _, replies, _ in chunks[:place]) for place in range(len(chunks))
    ]
    assert all(
        replies == 1 or size <= CHUNK_BYTES + 100 * replies  # ids, row and line breaks come on top of the replies
        for _, replies, size in chunks
    )
    assert not [pair for pair in itertools.pairwise(chunks) if pair[0][2] + pair[1][2] < SMALL_BYTES]


def test_groups_of_one_are_merged_while_the_ledger_is_open(tmp_path: Path) -> None:
    with closing(Committer(tmp_path / "ledger.sqlite")) as committer:
        for number in range(200):
            committer.commit([write(number, 30_000)])
            committer.merge(closing=False)
    assert len(spans(tmp_path / "ledger.sqlite")) < 200 * 30_000 / SMALL_BYTES + CHUNK_BYTES / 30_000


def test_keys_that_the_index_cannot_tell_apart_are_told_apart(tmp_path: Path) -> None:
    one, two, three = (write(number)._replace(key=b"samename" + bytes([number]) * 8) for number in range(3))
    with closing(Committer(tmp_path / "ledger.sqlite")) as committer, closing(Store(tmp_path / "ledger.sqlite")) as store:
        committer.commit([one])
        assert (store.find(one.key), store.find(two.key)) == (one.entry, None)
        committer.commit([two, one._replace(entry=two.entry)])
        assert [store.find(each.key) for each in (one, two, three)] == [one.entry, two.entry, None]


def test_a_chunk_that_another_process_has_merged_is_left_alone(tmp_path: Path) -> None:
    with closing(Committer(tmp_path / "ledger.sqlite")) as one, closing(Committer(tmp_path / "ledger.sqlite")) as two:
        for number in range(0, 40, 2):
            one.commit([write(number)])
            two.commit([write(number + 1)])
        one.merge(closing=True)
        two.merge(closing=True)
        two.commit([write(40)])
    with closing(Store(tmp_path / "ledger.sqlite")) as store:
        assert [entry for _, entry in store.entries()] == [write(number).entry for number in range(41)]
    assert [(first, replies) for first, replies, _ in spans(tmp_path / "ledger.sqlite")] == [(0, 40), (40, 1)]


def test_a_reader_finds_what_was_merged_after_it_looked(tmp_path: Path) -> None:
    with closing(Committer(tmp_path / "ledger.sqlite")) as committer, closing(Store(tmp_path / "ledger.sqlite")) as store:
        for number in range(20):
            committer.commit([write(number)])
            assert store.find(write(number).key) == write(number).entry
        committer.merge(closing=True)
        committer.commit([write(20)])
        assert [store.find(write(number).key) for number in range(21)] == [write(number).entry for number in range(21)]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A ledger as a crash leaves it, and how long its write-ahead log was after each group of ten."""
    folder = tmp_path_factory.mktemp("crashed")
    with closing(Store(folder / "open.sqlite")):
        pass
    lengths = []
    with closing(Committer(folder / "open.sqlite")) as committer:
        for group in range(12):
            committer.commit([write(number) for number in range(group * 10, group * 10 + 10)])
            lengths.append((folder / "open.sqlite-wal").stat().st_size)
        for end in ("", "-wal"):
            shutil.copyfile(folder / f"open.sqlite{end}", folder / f"crashed.sqlite{end}")
    return folder / "crashed.sqlite", lengths


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data(), noise=st.sampled_from([b"", b"\xff" * 5000]))
def test_a_write_ahead_log_torn_anywhere_keeps_every_group_before_the_tear(
    data: st.DataObject, noise: bytes, crashed: tuple[Path, list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    original, lengths = crashed
    length = data.draw(st.integers(0, lengths[-1]) | st.sampled_from(lengths).flatmap(lambda end: st.integers(end - 1, end)))
    path = tmp_path_factory.mktemp("torn") / "ledger.sqlite"
    shutil.copyfile(original, path)
    path.with_name("ledger.sqlite-wal").write_bytes(Path(f"{original}-wal").read_bytes()[:length] + noise)
    with closing(Store(path)) as store:
        found = list(store.entries())
        whole = sum(end <= length for end in lengths) * 10
        assert found == [(write(number).key, write(number).entry) for number in range(whole)]
        assert [store.find(key) for key, _ in found] == [entry for _, entry in found]


def test_a_ledger_of_the_first_format_is_one_clear_line(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        connection.execute("CREATE TABLE replies (key BLOB PRIMARY KEY, request BLOB, reply BLOB) WITHOUT ROWID")
    with pytest.raises(BuildError, match="this is a ledger of format 0, not 1; move it away and run again"):
        Ledger(tmp_path / "ledger.sqlite")


def test_an_empty_file_is_called_that_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch()
    with pytest.raises(BuildError, match="the file is empty, no ledger"):
        Store(path, read_only=True)
    with pytest.raises(BuildError, match="the file is empty, no ledger"):
        Store(path, read_only=True, still=True)
    assert path.read_bytes() == b""


def test_a_file_that_is_no_ledger_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(BuildError, match="the ledger fails: file is not a database"):
        Ledger(path)


def test_what_is_no_file_is_no_ledger_and_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    monkeypatch.setenv("BUILDERS_LEDGER", str(pipe))
    with pytest.raises(BuildError, match="BUILDERS_LEDGER: it names no file"):
        Ledger.path()
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()] == [("pipe", 0o644)]


def test_a_folder_in_the_ledgers_place_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the ledger fails"):
        Ledger(tmp_path)


def test_a_ledger_that_is_only_read_takes_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        with Ledger(tmp_path / "ledger.sqlite", read_only=True) as ledger:
            with pytest.raises(RuntimeError, match="read only"):
                ledger.put(digest(1), write(1).entry, Paid(0, 0, 0.0))
            with pytest.raises(RuntimeError, match="read only"):
                await ledger.claim(digest(1))

    with Ledger(tmp_path / "ledger.sqlite"):
        pass
    asyncio.run(run())


READING = """
import os, sys, tempfile
from pathlib import Path
from builders.errors import BuildError
from builders.ledger.ledger import Ledger
if os.geteuid() == 0:
    os.setuid(65534)  # whom permissions hold back
try:
    with Ledger(Path(sys.argv[1]), read_only=True) as ledger:
        print(len(list(ledger.entries())), ledger.get(sys.argv[2]) is not None)
    Ledger(Path(sys.argv[1]))
except BuildError as error:
    print(error)
"""


def read_by_another(path: Path, number: int) -> list[str]:
    """Return what somebody says who may read the ledger and its folder, but not write there."""
    command = [sys.executable, "-c", READING, str(path), write(number).key.hex()]
    for file in path.parent.iterdir():
        file.chmod(0o644)  # a ledger is its owner's alone until they let others in
    path.parent.chmod(0o555)
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    path.parent.chmod(0o755)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A ledger in a folder that everybody can get to, closed in order."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "ledger.sqlite"
        with closing(Committer(path)) as committer:
            committer.commit([write(number) for number in range(20)])
        yield path


def test_a_ledger_that_may_only_be_read_is_read_and_says_why_it_is_not_written(shared: Path) -> None:
    found, refused = read_by_another(shared, 3)
    assert found == "20 True"
    assert re.fullmatch(r"\S+: the ledger fails: Permission denied; see that file and folder .* can be written, .*", refused)


def test_one_that_was_not_closed_in_order_is_not_read_in_part(shared: Path) -> None:
    with closing(Committer(shared)) as committer:
        committer.commit([write(20)])
        for end in ("", "-wal"):
            shutil.copyfile(f"{shared}{end}", f"{shared.with_name('crashed.sqlite')}{end}")
    [refused] = read_by_another(shared.with_name("crashed.sqlite"), 20)
    assert "the ledger fails: unable to open database file; see that file and folder" in refused


def test_a_missing_ledger_is_not_made_by_reading_it(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no ledger here"):
        Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []

"""How replies are cut into chunks and small ones run together; a change is whole, and made to the file that was opened."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.ledger import committer as committers
from builders.ledger.committer import Committer, Write
from builders.ledger.store import Entry, Store


def spans(path: Path) -> list[tuple[int, int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT first, replies, size FROM chunks ORDER BY first").fetchall()


def write(number: int) -> Write:
    return Write(bytes([number]) * 16, Entry(b"{}", b"[]", b"{}"), None)


def fail(store: Store, end: str) -> None:
    with store.writing():
        store.connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (end, b""))
        store.connection.execute(end)
        raise ValueError("it fails")


def test_a_block_that_fails_changes_nothing_and_what_ended_it_is_told(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "ledger.sqlite")) as store:
        for end in ("SELECT 1", "ROLLBACK", "COMMIT"):
            with pytest.raises(ValueError, match=r"^it fails$"):
                fail(store, end)
        assert store.noted("") == {"COMMIT": b""}
        assert (store.chunk(0), store.empty(), store.replies()) == (None, True, 0)


def test_a_ledger_that_was_replaced_while_it_was_open_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(Committer(path)) as committer:
        committer.commit([write(0)])
        path.rename(tmp_path / "elsewhere.sqlite")
        shutil.copyfile(tmp_path / "elsewhere.sqlite", path)
        with pytest.raises(BuildError, match="the ledger fails: the file was replaced while it was open; see that file and"):
            committer.commit([write(1)])


@pytest.mark.parametrize("more", [0, 1])
def test_a_chunk_has_as_much_text_as_it_may_and_no_more(more: int, tmp_path: Path) -> None:
    def sized(number: int, size: int) -> Write:
        return Write(bytes([number]) * 16, Entry(b"{}", b"[]", b"x" * (size - 2)), None)

    path = tmp_path / "ledger.sqlite"
    with closing(Committer(path)) as committer:
        committer.commit([sized(1, 1 << 20), sized(2, (1 << 20) + more), sized(3, 10)])
    assert [replies for _, replies, _ in spans(path)] == [[2, 1], [1, 2]][more]


@pytest.mark.parametrize(
    ("small", "runs"),
    [
        ([(0, 2, 1 << 20), (2, 1, 1 << 20)], [2]),
        ([(0, 2, 1 << 20), (2, 1, (1 << 20) + 1)], [1, 1]),
        ([(0, 2, 9), (3, 1, 9), (4, 1, 9)], [1, 2]),
        ([(0, 2, 9), (1, 1, 9)], [1, 1]),
        ([], []),
    ],
)
def test_small_chunks_are_merged_where_they_follow_each_other_and_fit(
    small: list[tuple[int, int, int]], runs: list[int]
) -> None:
    assert [len(run) for run in committers._runs([committers._Small(*each) for each in small])] == runs  # noqa: SLF001

"""What is said of a ledger's file that fails: what failed, and what to do about it."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import Timeout

from builders.ledger import failures

FULL = "free some space or point BUILDERS_LEDGER elsewhere; what was committed is safe"
BUSY = "let the process that keeps it busy end, and run again"
ACCESS = "see that file and folder are there and can be written, or point BUILDERS_LEDGER elsewhere"
DISORDER = "restore it from a copy, or what is left of it with .recover of the sqlite3 command, or move it away"


def _no_text() -> Exception:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode()
    return caught.value


def _of_sqlite(name: str, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> Exception:
    error = kind("it fails")
    error.sqlite_errorname = name  # type: ignore[attr-defined,unused-ignore]
    return error


@pytest.mark.parametrize(
    ("error", "what", "fix"),
    [
        (_of_sqlite("SQLITE_BUSY"), "it fails", BUSY),
        (_of_sqlite("SQLITE_BUSY_SNAPSHOT"), "it fails", BUSY),
        (_of_sqlite("SQLITE_CANTOPEN"), "it fails", ACCESS),
        (_of_sqlite("SQLITE_READONLY_DBMOVED"), "it fails", ACCESS),
        (_of_sqlite("SQLITE_FULL"), "it fails", FULL),
        (_of_sqlite("SQLITE_CORRUPT", sqlite3.DatabaseError), "it fails", DISORDER),
        (Timeout("a.lock"), "The file lock 'a.lock' could not be acquired.", BUSY),
        (_no_text(), "what SQLite says of it is not text", DISORDER),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device", FULL),
        (OSError("a few words"), "a few words", FULL),
        *(
            (OSError(number, os.strerror(number)), os.strerror(number), ACCESS)
            for number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_it_is_said_what_failed_and_what_to_do(error: Exception, what: str, fix: str) -> None:
    assert str(failures.failed(Path("a.sqlite"), error)) == f"a.sqlite: the ledger fails: {what}; {fix}"


def test_a_file_that_another_keeps_busy_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(file, timeout=0)) as other:
        one.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("BEGIN EXCLUSIVE")
    assert str(failures.failed(file, caught.value)) == f"{file}: the ledger fails: database is locked; {BUSY}"

"""What goes wrong with a ledger's file: what failed, and what to do about it.

Changes no byte of a row.
"""

import errno
import sqlite3
from pathlib import Path

from filelock import Timeout

from builders.errors import BuildError

BROKEN = (sqlite3.Error, UnicodeDecodeError)
"""What a file in disorder raises: SQLite quotes it in its messages, which Python then cannot read."""
CAUSES = (*BROKEN, OSError, Timeout)
"""What using a file may raise."""

_NO_ACCESS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
_IN_DISORDER = {sqlite3.DatabaseError, UnicodeDecodeError}
"""Not OperationalError, which a disk causes."""


def damaged(path: Path, what: str) -> BuildError:
    """Return the error that says that part of a ledger is damaged, and what to do."""
    fix = "python -m builders ledger verify --drop removes what is damaged, to be asked for again"
    return BuildError(what, where=path, fix=fix)


def failed(path: Path, error: Exception) -> BuildError:
    """Return the error that says what failed, and what to do."""
    fix = "free some space or point BUILDERS_LEDGER elsewhere; what was committed is safe"
    code = str(getattr(error, "sqlite_errorname", ""))
    if type(error) in _IN_DISORDER:
        fix = "restore it from a copy, or what is left of it with .recover of the sqlite3 command, or move it away"
    elif code.startswith("SQLITE_BUSY") or isinstance(error, Timeout):
        fix = "let the process that keeps it busy end, and run again"
    elif code.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")) or getattr(error, "errno", None) in _NO_ACCESS:
        fix = "see that file and folder are there and can be written, or point BUILDERS_LEDGER elsewhere"
    message = "what SQLite says of it is not text" if isinstance(error, UnicodeDecodeError) else str(error)
    what = (isinstance(error, OSError) and error.strerror) or message
    return BuildError(f"the ledger fails: {what}", where=path, fix=fix)

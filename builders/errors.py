"""What can go wrong, and what becomes of it.

1. **A bad row is data.** Whatever a row, a reply or a verdict may hold is met by a `Rejection`: the row goes to `rejected/`
   with its stage, a reason and evidence, and the build goes on. A row that cannot even be read is a `bad_prompt`.
2. **A failing server is retried**, with back-off, until its reply is there, the attempts are used up (`no_reply`, a rejected
   row), or the server says that nobody may go on (key, credit): then 3.
3. **A bad build is a `BuildError`**: input, parameters or machine must be put right first. The command prints one line, which
   says where, what, and what to do, and ends with exit code 2. What was paid for is in the ledger; the same command goes on.
4. **Anything else is a bug of ours**: one line without its message, which may quote a row, and exit code 1;
   `python -X dev -m builders` shows where it came from. Ctrl-C and SIGTERM end with 130.

No line and no evidence quotes a row of a hazard family: id, column, length and hash stand for it.

Changes no byte of a row.
"""

from functools import partial
from pathlib import Path


class BuildError(Exception):
    """Raised when a stage cannot go on: the input, the parameters or the machine must be put right first.

    Args:
        what: what is wrong, without any text of a hazard row (id, column, length and hash instead).
        where: the file, key or address it was found at.
        fix: what the user can do about it.
    """

    def __init__(self, what: str, *, where: str | Path, fix: str) -> None:
        """Word the line: where, what, what to do."""
        self.what, self.where, self.fix = what, str(where), fix
        super().__init__(" ".join(f"{where}: {what}; {fix}".split()))

    def __reduce__(self) -> tuple[partial["BuildError"], tuple[()]]:
        """Return how to make it anew in another process."""
        return partial(type(self), self.what, where=self.where, fix=self.fix), ()

"""The one error users see.

A bad row is data: it goes to `rejected/` with its reason. A bad build is a `BuildError`: one line that says what is wrong,
where, and what to do, and exit code 2 of `python -m builders`.

Changes no byte of a row.
"""

from pathlib import Path


class BuildError(Exception):
    """Raised when a stage cannot go on: the input, the parameters or the machine must be mended first.

    Args:
        what: what is wrong, without any text of a hazard row (id, column, length and hash instead).
        where: the file, key or address it was found at.
        fix: what the user can do about it.
    """

    def __init__(self, what: str, *, where: str | Path, fix: str) -> None:
        """Word the line: where, what, what to do."""
        self.what, self.where, self.fix = what, str(where), fix
        super().__init__(" ".join(f"{where}: {what}; {fix}".split()))

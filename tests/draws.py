"""What draws are made of, call by call, as it stands in the code: another word or another order makes other rows.

    python -m tests.draws      # where rows were meant to become others

A draw depends on its parts alone (`records.seeded`), so that anybody draws the same; rows that are published were drawn so.
"""

import ast
from pathlib import Path

from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "draws.txt"
_NAMES = {"seeded", "Random"}


def drawn(root: Path) -> list[str]:
    """Return a line for each draw in the code below a folder: its module and what it is made of."""
    return sorted(line for path in root.rglob("*.py") for line in _of(path, path.relative_to(root).as_posix()))


def _of(path: Path, name: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
    return [f"{name}: {ast.unparse(call)}" for call in calls if ast.unparse(call.func).rpartition(".")[2] in _NAMES]


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in drawn(PROJECT / "builders")), encoding="utf-8")

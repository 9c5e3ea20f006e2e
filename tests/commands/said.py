"""What commands print about the sample of `quiz`, as it is known: `tests/data/said.txt`.

python -m tests.commands.said      # where it was meant to change
"""

import tempfile
from pathlib import Path

from builders import paths
from builders.__main__ import main
from tests.harness import PROJECT, Workspace

FILE = PROJECT / "tests" / "data" / "said.txt"
_KEPT, _REJECTED = "quiz:0aa55d8e1df80312", "quiz:2879db4efc8151b8"
COMMANDS = (
    ("funnel", "quiz"),
    ("sources", "quiz"),
    ("plan", "quiz"),
    ("params", "quiz"),
    ("explain", _KEPT),
    ("explain", _REJECTED),
    ("explain", _KEPT, "--full", "--show-text"),
)


def said(built: Workspace) -> str:
    """Return what each command prints where the sample is built, below the command."""
    parts = []
    for command in COMMANDS:
        with built.inside(COLUMNS="120") as output:
            code = main(list(command))
        parts.append(f"$ {' '.join(command)} → {code}\n{output.getvalue()}\n")
    return "".join("".join(f"{line.rstrip()}\n" for line in part.splitlines()) for part in parts)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        built = Workspace.make(Path(folder) / "project")
        built.quick(*paths.STAGES)
        FILE.write_text(said(built), encoding="utf-8")

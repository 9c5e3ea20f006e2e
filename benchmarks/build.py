"""How long a build takes, as shares of the bounds that users were promised.

    python -m benchmarks.build

In a fresh copy of the project: `dvc repro` from nothing (bound 40 s a family), again with nothing to do (5 s), and
`python -m builders --help` (0.5 s); medians of several runs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from builders import family as families
from tests.harness import Workspace

RUNS = 3


def main() -> int:
    """Print a line for each promise; exit code 1 if one is broken."""
    builds, idles, helps = [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as scratch:
            workspace = Workspace.make(Path(scratch) / "project", "safechain")
            config = workspace.root / ".dvc" / "config"
            config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))
            builds.append(_seconds(workspace, "dvc", "repro"))
            idles.append(_seconds(workspace, "dvc", "repro"))
            helps.append(_seconds(workspace, "builders", "--help"))
    kept = True
    for name, seconds, bound in (
        ("build from nothing", builds, 40.0 * len(families.names())),
        ("build with nothing to do", idles, 5.0),
        ("python -m builders --help", helps, 0.5),
    ):
        median = statistics.median(seconds)
        kept &= median < bound
        print(f"{name:<28}{median:>7.2f} s of {bound:>5.1f} s   {median / bound:>5.2f}")
    print(f"{os.cpu_count()} cores, median of {RUNS} runs")
    return 0 if kept else 1


def _seconds(workspace: Workspace, module: str, *arguments: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, cwd=workspace.root, env=workspace.environment(), check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())

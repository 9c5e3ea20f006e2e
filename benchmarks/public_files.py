"""Public files of the field in their original layout, each named in params alone: how many rows collect accounts for.

    TRACEWRIGHT_DATA=<folder> python -m benchmarks.public_files

The entries are `benchmarks/public_files.yaml`. Printed are, for each file, the rows its repository says that it has, those that
collect read, those it kept and why the others fell out; exit code 1 where rows are missing or none is kept.
"""

import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from builders import paths
from tests.harness import PROJECT, Workspace

ENTRIES = Path(__file__).with_name("public_files.yaml")
_OF_ENTRY = ("at", "rows", "family")


class Outcome(NamedTuple):
    """What came of a file.

    Args:
        at: where it is below the data.
        rows: how many it has.
        kept: rows that collect kept.
        rejected: why the others fell out.
    """

    at: str
    rows: int
    kept: int
    rejected: Counter[str]

    @property
    def sound(self) -> bool:
        """Whether all rows are accounted for, and some are kept."""
        return self.kept > 0 and self.kept + self.rejected.total() == self.rows


def entries() -> list[dict[str, Any]]:
    """Return the entries."""
    found: list[dict[str, Any]] = yaml.safe_load(ENTRIES.read_bytes())
    return found


def run(root: Path, data: Path, entries: list[dict[str, Any]]) -> list[Outcome]:
    """Collect each file by itself in a workspace at `root`."""
    workspace = Workspace.make(root, "safechain")
    workspace.project(profile="own")
    return [_outcome(workspace, data, entry) for entry in entries]


def _outcome(workspace: Workspace, data: Path, entry: dict[str, Any]) -> Outcome:
    family, found = entry["family"], data / entry["at"]
    own = workspace.root / "raw" / family / "own"
    pool = entry.get("subset") or _shipped(family)
    (shutil.copytree if found.is_dir() else shutil.copyfile)(found, own / found.name)
    with workspace.params(family) as params:
        collect = params["own"]["collect"]
        collect |= {"prompt_words": {"min": 1, "max": 100_000}, "language": {**collect["language"], "allowed": ["en", "zh"]}}
        source = {"id": "own", "license": "MIT", "subset": pool, "file": found.name}
        collect["sources"] = [{**source, **{key: value for key, value in entry.items() if key not in _OF_ENTRY}}]
    workspace.quick("collect", family=f"{family}/{pool}")
    rejected = Counter(workspace.reasons("collect", pool, family))
    return Outcome(entry["at"], entry["rows"], len(workspace.rows("collect", pool, family)), rejected)


def _shipped(family: str) -> str:
    """Return the subset of the source that the profile of one's own comes with."""
    profile = yaml.safe_load((PROJECT / paths.params(family)).read_bytes())["own"]
    return str(profile["collect"]["sources"][0]["subset"])


def main() -> int:
    """Run in a temporary folder and print the table."""
    data = os.environ.get("TRACEWRIGHT_DATA")
    if not data:
        print("TRACEWRIGHT_DATA is not set: point it to the folder that holds safety/, math/ and others", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        outcomes = run(Path(scratch) / "project", Path(data), entries())
    print(f"{'file':<74}{'rows':>6}{'read':>6}{'kept':>6}  rejected")
    for outcome in outcomes:
        read = outcome.kept + outcome.rejected.total()
        print(f"{outcome.at:<74}{outcome.rows:>6}{read:>6}{outcome.kept:>6}  {dict(outcome.rejected)}")
    wrong = [outcome.at for outcome in outcomes if not outcome.sound]
    print(f"{len(outcomes)} files; not sound: {wrong or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

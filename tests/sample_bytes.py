"""What the sample build writes, as digests: a change of code that is to leave the bytes alone is held against them.

python -m tests.sample_bytes      # after make datasets, where the bytes were meant to change
"""

import json
from pathlib import Path

from builders import family as families
from builders import records, shards
from tests.harness import PROJECT

FILE = PROJECT / "tests" / "data" / "sample_bytes.json"
_KEPT = (
    "rejected/*.jsonl",
    "release/*/*.parquet",
    "stats.json",
)


def digests(processed: Path) -> dict[str, str]:
    """Return the sha256 of each file of rows below a family's folder, by its path there."""
    files = (path for pattern in _KEPT for path in processed.glob(pattern))
    found = {path.relative_to(processed).as_posix(): records.file_digest(path) for path in files}
    places = {path.parent for path in processed.glob(f"*/**/*{shards.SUFFIX}")}
    rows = {f"{place.relative_to(processed).as_posix()}.jsonl": shards.digest(place) for place in places}
    return dict(sorted({**found, **rows}.items()))


def known() -> dict[str, dict[str, str]]:
    """Return the digests that were kept: family → path → sha256."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text())
    return found


if __name__ == "__main__":
    built = {family: digests(PROJECT / "processed" / family) for family in families.names()}
    FILE.write_text(json.dumps(built, indent=1) + "\n")

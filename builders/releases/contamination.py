"""`contamination.jsonl` of a release: which rows were rejected since a benchmark has their prompt, and what matched.

One line for each row and benchmark; the row is named by its id, the benchmark's by its key or hash, and neither is quoted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from builders import family as families
from builders import paths, records
from builders.screening.decontamination import REASON

FILE = "contamination.jsonl"


def lines(family: str) -> Iterator[dict[str, Any]]:
    """Yield every match of a rejected row with a benchmark, stage by stage."""
    for stage in paths.STAGES[:-1]:
        for pool in families.pools(family):
            for record, rejection in records.rejected(family, stage, pool):
                if rejection.reason != REASON:
                    continue
                for entry in (rejection.evidence, *rejection.evidence.get("also", ())):
                    yield {
                        "id": record.id,
                        "stage": stage,
                        "subset": record.subset,
                        "source": record.provenance.source,
                        "benchmark": entry["set"],
                        "kind": entry["kind"],
                        "benchmark_row": entry["row"],
                        "released": False,
                    }


def write(family: str, folder: Path) -> None:
    """Write the file into the release that is in a folder, empty where nothing matched."""
    with (folder / FILE).open("wb") as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines(family))

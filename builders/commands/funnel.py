"""The table of what is built: for each family and subset, rows in, kept, rejected by reason, and where they lie."""

import sys
from collections import Counter
from itertools import chain, repeat
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from builders import family as families
from builders import paths, terminal
from builders.errors import BuildError

_WIDTH = 120


def run(name: str | None) -> None:
    """Print the table for one family, or for all that are built, and name the others.

    Raises:
        BuildError: there is no such family, or it is not built.
    """
    selected = [families.select(name)[0]] if name else [family for family in families.names() if _stats(family).is_file()]
    table = Table("family", "subset", "rows in", "kept", "rejected", title="What is built")
    table.add_column("where", overflow="fold")
    for family in selected:
        for row in _rows(family):
            table.add_row(*map(terminal.text, row))
    out = terminal.beneath(sys.stdout)
    console = Console(file=out) if Console(file=out).is_terminal else Console(file=out, width=_WIDTH)
    if selected:
        console.print(table)
    missing = [] if name else [family for family in families.names() if family not in selected]
    if missing:
        console.print(f"Not built: {', '.join(missing)}. Run make datasets, or dvc repro release@<family>.", markup=False)


def _stats(family: str) -> Path:
    return paths.processed(family) / "stats.json"


def _rows(family: str) -> list[tuple[str, ...]]:
    file = _stats(family)
    if not file.is_file():
        raise BuildError(f"{family} is not built", where=file, fix="run make datasets, or dvc repro")
    stages = orjson.loads(file.read_bytes())["stages"]
    rejected = Counter[str]()
    for stage in stages:
        rejected.update(stage["rejected"])
    seeds = stages[0]["in"] + sum(stage["spawned"] for stage in stages)
    reasons = "\n".join(f"{reason} {count}" for reason, count in rejected.items()) or "none"
    kept = stages[-1]["out"]
    of_family = chain([(family, str(seeds), reasons)], repeat(("", "", "")))  # in its first row only
    return [
        (name, subset, read, str(kept.get(subset, 0)), why, str(paths.release(family) / subset))
        for subset, (name, read, why) in zip(families.subsets(family), of_family, strict=False)
    ]

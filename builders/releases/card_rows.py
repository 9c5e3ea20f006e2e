"""Rows that a card shows: where it may, shortened, and as they are."""

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from builders import family as families
from builders import hazards, paths
from builders.errors import BuildError
from builders.releases import markup

PICTURES = "pictures"
"""The folder of a release with the pictures of rows that its card shows."""
SHOWN_ROWS = 4
_SHOWN_CHARACTERS = 900
_SHOWN_PIXELS = 320
_FIRST_CHARACTERS = 150
_FIRST_PIXELS = 110

Row = dict[str, Any]


def columns_shown(family: str) -> tuple[str, ...]:
    """Return the columns that a card may show rows of: none of a family whose prompts are harmful.

    A family with harmful answers names under `shown` the columns that hold none; one without hazard may do so too.
    """
    about = families.facts(family)
    if hazards.level(family) == "harmful-requests":
        return ()
    if about.shown is not None:
        return about.shown
    return about.reviewed if hazards.level(family) == "none" else ()


def sample_rows(family: str, rows: Callable[[str], Iterable[Row]]) -> list[Row]:
    """Return the rows that a card shows: subset after subset the first row of the first source, then of the second, and so on.

    Args:
        family: its name.
        rows: returns the released rows of a subset.
    """
    if not columns_shown(family):
        return []
    found: list[tuple[int, int, int, Row]] = []
    for place, subset in enumerate(families.subsets(family)):
        by_source: dict[str, list[Row]] = defaultdict(list)
        for row in rows(subset):
            beside = by_source[row["provenance"]["source"]]
            if len(beside) < SHOWN_ROWS:
                beside.append(row)
        for source, beside in enumerate(by_source.values()):
            found += [(turn, source, place, row) for turn, row in enumerate(beside)]
    return [row for *_, row in sorted(found, key=lambda entry: entry[:-1])][:SHOWN_ROWS]


def rows(family: str, sample: Sequence[Row], folder: Path) -> str:
    """Return rows as Markdown, long texts shortened, where a card may show any; pictures in them are written to the release."""
    columns = columns_shown(family)
    if not columns:
        return "None is shown here: a row may hold a harmful request."
    parts = []
    for row in sample:
        cells = {column: _shown(row, column, folder) for column in columns}
        lines = [f"| `{column}` | {cell} |" for column, cell in cells.items() if cell]
        parts.append("\n".join([f"| `id` | `{row['id']}` |", "|---|---|", *lines]))
    left = "" if hazards.level(family) == "none" else "\n\nThe other columns are not shown here."
    return "\n\n".join(parts) + left


def first_row(family: str, wanted: Sequence[str], rows: Callable[[str], Iterable[Row]], folder: Path) -> str:
    """Return the row of the first screen as a short table; empty where none may be shown, or none is there.

    Args:
        family: its name.
        wanted: the columns.
        rows: returns the released rows of a subset, with the bytes of their images.
        folder: the release, where a picture of the row is written.

    Raises:
        BuildError: a card may not show one of the columns.
    """
    about = families.facts(family)
    allowed = about.benign.shown if about.benign else columns_shown(family)
    if hidden := [column for column in wanted if column not in allowed]:
        fix = f"choose from {', '.join(allowed) or 'none'}"
        raise BuildError(f"the first screen may not show {hidden[0]}", where=paths.card(family), fix=fix)
    row = next(_showable(family, rows), None) if wanted else None
    if row is None:
        return ""
    lines = [f"| `{column}` | {cell} |" for column in wanted if (cell := _shown(row, column, folder, first=True))]
    return "\n".join(["| a row | |", "|---|---|", *lines]) if lines else ""


def _showable(family: str, rows: Callable[[str], Iterable[Row]]) -> Iterator[Row]:
    about = families.facts(family)
    if benign := about.benign:
        yield from (row for row in rows(benign.config) if benign.column is None or row[benign.column] == benign.value)
    else:
        yield from (row for subset in about.subsets for row in rows(subset))


def _shown(row: Row, column: str, folder: Path, *, first: bool = False) -> str:
    """Return what a cell says, shorter on the first screen; empty where there is nothing to show."""
    value = row.get(column)
    if isinstance(value, dict) and "bytes" in value:
        path = _picture(value["bytes"], row["id"].partition(":")[2], folder)
        return f'<img src="{path}" alt="The {column} of this row" width="{_FIRST_PIXELS if first else _SHOWN_PIXELS}">'
    return _cell(value, _FIRST_CHARACTERS if first else _SHOWN_CHARACTERS) if isinstance(value, str | int | float) else ""


def _picture(data: bytes, name: str, folder: Path) -> str:
    """Write a picture to the release and return its path there."""
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(data)) as image:
        path = f"{PICTURES}/{name}.{str(image.format).lower()}"
    (folder / PICTURES).mkdir(exist_ok=True)
    (folder / path).write_bytes(data)
    return path


def _cell(value: object, most: int) -> str:
    """Return a value as one cell of a table, its markup shown and not obeyed."""
    text = str(value)
    if len(text) > most:
        text = (text[:most].rpartition(" ")[0] or text[:most]).rstrip() + " …"
    return markup.cell(text)

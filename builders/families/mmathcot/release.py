"""What a release of this family has beyond its rows: the images themselves, a contact sheet, and the funnel by source."""

import io
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from PIL import Image, ImageDraw
from pydantic import Field

from builders import family as families
from builders import image_files, paths, records
from builders.contracts import Releasing, Splitting
from builders.families.mmathcot import figures, made
from builders.families.mmathcot.problems import lettering
from builders.params import sections
from builders.sources.section import Section

FAMILY = "mmathcot"
SHEET = "figures.png"
_MADE = "made/"
_SIZE, _SIZE_AT = struct.Struct(">II"), 16  # width and height of a PNG, in the first of its chunks
_TILE, _CAPTION, _GAP = (300, 225), 34, 12

Row = dict[str, Any]
Rows = Callable[[str], Iterable[Row]]


class Sheet(Section):
    """The contact sheet of the card.

    Args:
        figures: most figures on it, of as many kinds as there are.
        columns: how many stand side by side.
    """

    figures: int = Field(ge=1)
    columns: int = Field(ge=1)


class Params(sections.Release):
    """Parameters of the stage.

    Args:
        sheet: the contact sheet.
    """

    sheet: Sheet


def embedded(row: Row) -> Row:
    """Return a row with the bytes of its image: a source's file without side data, or the engine's figure, painted now.

    Raises:
        BuildError: a source's file is gone or has changed.
    """
    figure, name = row["figure"], row["image"]
    if figure is None:
        return row
    if figure["facts"] is None:
        data = image_files.bare(figures.read(name, figure["sha256"]))
        return {**row, "image": {"bytes": data, "path": name}, "figure": {**figure, "sha256": records.bytes_digest(data)}}
    data = made.painted(row["kind"], orjson.loads(figure["facts"]), figure["style"])
    width, height = _SIZE.unpack_from(data, _SIZE_AT)
    described = {**figure, "sha256": records.bytes_digest(data), "width": width, "height": height}
    return {**row, "image": {"bytes": data, "path": name}, "figure": described}


def audit(rows: Rows, _: Params) -> dict[str, Any]:
    """Return the funnel by module and source, and how many rows there are by kind and depth, by verdict, with an image."""
    kept: Counter[tuple[str, str]] = Counter()
    kinds: dict[str, Counter[int]] = defaultdict(Counter)
    by, pictured = Counter[str](), 0
    for module in families.subsets(FAMILY):
        for row in rows(module):
            kept[module, row["source"]] += 1
            by[row["verdict"]["by"]] += 1
            pictured += row["image"] is not None
            if row["depth"] is not None:
                kinds[row["kind"]][row["depth"]] += 1
    return {
        "funnel": list(_funnel(kept)),
        "kinds": {kind: {str(depth): kinds[kind][depth] for depth in sorted(kinds[kind])} for kind in sorted(kinds)},
        "depths": sorted({depth for counts in kinds.values() for depth in counts}),
        "verdicts": dict(sorted(by.items())),
        "pictured": pictured,
    }


def pictures(rows: Rows, folder: Path, params: Params) -> None:
    """Write the contact sheet: the first figures of each kind, taken in turn, the engine's before those of sources."""
    if tiles := _tiles(rows, params.sheet.figures):
        _sheet(tiles, params.sheet.columns).save(folder / SHEET, "PNG")


def _funnel(kept: Counter[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield what became of the rows of each source: in = released + rejected."""
    rejected: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for stage in paths.STAGES[:-1]:
        for pool in families.pools(FAMILY):
            for record, rejection in records.rejected(FAMILY, stage, pool):
                rejected[pool, record.provenance.source][rejection.reason] += 1
    for module, source in sorted({*kept, *rejected}, key=lambda place: (families.pools(FAMILY).index(place[0]), place[1])):
        reasons = rejected[module, source]
        released = kept[module, source]
        total = released + sum(reasons.values())
        yield {"module": module, "source": source, "in": total, "released": released, "rejected": dict(reasons)}


def _tiles(rows: Rows, most: int) -> list[tuple[str, bytes]]:
    """Return caption and image of the figures to show."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for module in families.subsets(FAMILY):
        for row in rows(module):
            if row["figure"] is not None:
                shown = by_kind[(_MADE if row["figure"]["facts"] else "") + (row["kind"] or row["source"])]
                if len(shown) < most:
                    shown.append(row)
    order = sorted(by_kind, key=lambda kind: (not kind.startswith(_MADE), kind))
    queue = [by_kind[kind][turn] for turn in range(most) for kind in order if turn < len(by_kind[kind])]
    return [(_caption(row), embedded(row)["image"]["bytes"]) for row in queue[:most]]


def _caption(row: Row) -> str:
    kind = (row["kind"] or row["source"]).replace("_", " ")
    return f"{kind}, {row['depth']} steps" if row["depth"] else kind


def _sheet(tiles: list[tuple[str, bytes]], columns: int) -> Image.Image:
    width, height = _TILE[0] + _GAP, _TILE[1] + _CAPTION + _GAP
    lines = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width + _GAP, lines * height + _GAP), "white")
    paint = ImageDraw.Draw(sheet)
    letters = lettering.font("sans", 7.5, "upright")
    for place, (caption, data) in enumerate(tiles):
        x, y = _GAP + place % columns * width, _GAP + place // columns * height
        with Image.open(io.BytesIO(data)) as image:
            small = image.convert("RGB")
        small.thumbnail(_TILE, Image.Resampling.LANCZOS)
        sheet.paste(small, (x + (_TILE[0] - small.width) // 2, y + (_TILE[1] - small.height) // 2))
        paint.rectangle((x - 1, y - 1, x + _TILE[0], y + _TILE[1]), outline=(210, 210, 210))
        paint.text((x, y + _TILE[1] + 3), caption, font=letters, fill=(60, 60, 60))
    return sheet


def group(row: Row) -> str:
    """Return what a row must not share with one of another split: its image, or, without one, its question."""
    return str(row["prompt_family"])


STAGE = Releasing(params=Params, audit=audit, embedded=embedded, pictures=pictures, splitting=Splitting(group=group))

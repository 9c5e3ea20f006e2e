"""A contact sheet: many figures in a grid, each with its kind and depth, as a PNG."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from builders.families.mmathcot.problems import lettering, painting
from builders.families.mmathcot.problems.drawing import WHITE
from builders.families.mmathcot.problems.engine import drawing
from builders.families.mmathcot.problems.problem import Problem

TILE, CAPTION, GAP = (300, 236), 24, 8
"""Size of a figure's tile, height of its caption, space between tiles, in pixels."""
_COLOURS = 96


def sheet(problems: Sequence[Problem], columns: int) -> bytes:
    """Return the figures of some problems in rows, each above the name of its kind and its number of steps."""
    rows = -(-len(problems) // columns)
    wide, high = TILE[0] + GAP, TILE[1] + CAPTION + GAP
    paper = Image.new("RGB", (columns * wide + GAP, rows * high + GAP), (226, 229, 233))
    for place, problem in enumerate(problems):
        paper.paste(_tile(problem), (GAP + place % columns * wide, GAP + place // columns * high))
    target = io.BytesIO()
    indexed = paper.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    indexed.save(target, "PNG", compress_type=painting.RUN_LENGTHS, compress_level=6)
    return target.getvalue()


def _tile(problem: Problem) -> Image.Image:
    tile = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), WHITE)
    figure = painting.image(drawing(problem))
    scale = min(TILE[0] / figure.width, TILE[1] / figure.height)
    small = figure.resize((round(figure.width * scale), round(figure.height * scale)), Image.Resampling.LANCZOS)
    tile.paste(small, ((TILE[0] - small.width) // 2, (TILE[1] - small.height) // 2))
    font = lettering.font("sans", 13 / lettering.SCALE, "upright")
    caption = f"{problem.kind}, {problem.depth} steps"
    ImageDraw.Draw(tile).text((TILE[0] / 2, TILE[1] + CAPTION / 2), caption, fill=(40, 40, 40), font=font, anchor="mm")
    return tile

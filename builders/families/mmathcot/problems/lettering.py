"""Letters in figures: fonts that come with matplotlib, variables in italics, and how large a text is."""

import importlib.util
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Face = Literal["stix", "sans", "serif"]

SCALE = 3
"""Letters are painted so many times larger and then reduced: that smooths their edges, and keeps their shapes."""

_FILES: dict[Face, tuple[str, str]] = {
    "stix": ("STIXGeneral.ttf", "STIXGeneralItalic.ttf"),
    "sans": ("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf"),
    "serif": ("DejaVuSerif.ttf", "DejaVuSerif-Italic.ttf"),
}
_RELATIVE_SIZE: dict[Face, float] = {"stix": 1.22, "sans": 1.0, "serif": 1.0}
_VARIABLE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}(?=['′₁₂₃]|$|\()|(?<![A-Za-z])[xyznabcfrk](?![A-Za-z])")
_PROSE = re.compile(r"[A-Za-z]{3}|[a-z] [A-Za-z]|[A-Za-z] [a-z]{2}")


def runs(text: str) -> list[tuple[str, bool]]:
    """Split a text into runs that are set upright (False) or, being variables or names of points, in italics (True)."""
    if _PROSE.search(text):
        return [(text, False)]
    found, place = [], 0
    for match in _VARIABLE.finditer(text):
        if match.start() > place:
            found.append((text[place : match.start()], False))
        found.append((match.group(), True))
        place = match.end()
    return [*found, (text[place:], False)] if place < len(text) else found


@lru_cache(maxsize=1 << 14)
def extent(text: str, face: Face, size: float) -> tuple[float, float]:
    """Return the width and height, in pixels, of a box around a text whose capitals are in its middle."""
    left, right, reach = ink(text, face, size)
    return (right - left) / SCALE, 2 * reach / SCALE


@lru_cache(maxsize=1 << 14)
def ink(text: str, face: Face, size: float) -> tuple[float, float, float]:
    """Return where a text's ink begins and ends, from its origin, and how far it reaches from the middle of its capitals.

    In enlarged pixels. All texts of a size have the middle of their capitals equally far above the baseline: `rise`.
    """
    x, boxes, middle = 0.0, [], rise(face, size)
    for run, italic in runs(text):
        letters = font(face, size, "italic" if italic else "upright")
        left, top, right, bottom = letters.getbbox(run, anchor="ls")
        boxes.append((x + left, x + right, max(bottom + middle, -top - middle, middle)))
        x += letters.getlength(run)
    lefts, rights, reaches = zip(*boxes, strict=True)
    return min(lefts), max(rights), max(reaches)


@lru_cache(maxsize=1 << 14)
def shape(text: str, face: Face, size: float, rim: int) -> Image.Image:
    """Return how much of each pixel a text covers, as an image of the finished size with the text in its middle.

    Args:
        text: what is written.
        face: the typeface.
        size: in pixels of the finished figure.
        rim: how far it reaches beyond the text's ink, in enlarged pixels.
    """
    left, right, reach = ink(text, face, size)
    wide, high = (math.ceil((length + 2 * rim) / SCALE) + 2 for length in (right - left, 2 * reach))
    large = Image.new("L", (wide * SCALE, high * SCALE), 0)
    paint = ImageDraw.Draw(large)
    x, y = (large.width - left - right) / 2, large.height / 2 + rise(face, size)
    for run, italic in runs(text):
        letters = font(face, size, "italic" if italic else "upright")
        paint.text((x, y), run, font=letters, fill=255, anchor="ls", stroke_width=rim)
        x += letters.getlength(run)
    return large.reduce(SCALE)


@lru_cache(maxsize=256)
def rise(face: Face, size: float) -> float:
    """Return how far the middle of capitals lies above the baseline, in enlarged pixels."""
    return -font(face, size, "upright").getbbox("H", anchor="ls")[1] / 2


@lru_cache(maxsize=256)
def font(face: Face, size: float, slant: Literal["upright", "italic"]) -> ImageFont.FreeTypeFont:
    """Return a font for a size in pixels of the finished figure."""
    name = _FILES[face][slant == "italic"]
    return ImageFont.truetype(
        str(_folder() / name), round(size * _RELATIVE_SIZE[face] * SCALE), layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Find matplotlib's fonts without importing it."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(name="matplotlib")
    return Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"

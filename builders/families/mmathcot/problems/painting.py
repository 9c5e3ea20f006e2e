"""From a drawing to the bytes of a PNG, the same on every machine."""

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

import aggdraw
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.drawing import HAIR, WHITE, Colour, Drawing, Fill

Pixels: TypeAlias = "NDArray[np.uint32]"
Whole: TypeAlias = "NDArray[np.integer[Any]]"
INDEXES = 256
"""Colours that a palette has room for; the first of ours is white."""
LEVELS_BITS = (4, 3, 2)
"""How finely a channel is told apart: as finely as the palette has room for. The last always has."""
RUN_LENGTHS = 3
"""zlib's Z_RLE: other strategies of Pillow's zlib-ng may compress differently on other processors."""
RIM = 5
"""How far white reaches around a label that lies on hair lines, in enlarged pixels."""


def png(drawing: Drawing) -> bytes:
    """Paint a drawing and return it as a PNG with a palette, on pure white, with the drawing's own colours unchanged."""
    colours = {item.colour for item in (*drawing.marks, *drawing.labels)} - {WHITE}
    indexed = _indexed(_painted(drawing), sorted(colours))
    target = io.BytesIO()
    indexed.save(target, "PNG", compress_type=RUN_LENGTHS, compress_level=6)
    return target.getvalue()


def image(drawing: Drawing) -> Image.Image:
    """Paint a drawing, in RGBA without anything transparent."""
    return _image(_painted(drawing))


def _image(pixels: Pixels) -> Image.Image:
    """Return pixels as an image that is in the same place: what is written on it is written among them."""
    height, width = pixels.shape
    found = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1)
    found.readonly = 0
    return found


def _painted(drawing: Drawing) -> Pixels:
    """Paint a drawing: rows of pixels, red lowest."""
    size = (drawing.width, drawing.height)
    paper = aggdraw.Draw("RGBA", size, WHITE)
    for mark in drawing.marks:
        points = list(chain.from_iterable(mark.points))
        if isinstance(mark, Fill):
            paper.polygon(points, _brush(mark.colour))
        else:
            paper.line(points, _pen(mark.colour, mark.width))
    pixels = np.frombuffer(bytearray(paper.tobytes()), "<u4").reshape(drawing.height, drawing.width)
    _letter(pixels, drawing)
    return pixels


def _letter(pixels: Pixels, drawing: Drawing) -> None:
    """Write a drawing's labels, each at the whole pixels nearest to its place, after its white rim if there are hair lines."""
    paint = ImageDraw.Draw(_image(pixels))
    rims = (RIM, 0) if any(mark.colour == HAIR for mark in drawing.marks) else (0,)
    for label in drawing.labels:
        x, y = label.centre
        for rim in rims:
            shape = lettering.shape(label.text, drawing.face, label.size, rim)
            if label.direction == "upwards":
                shape = shape.transpose(Image.Transpose.ROTATE_90)
            place = round(x - shape.width / 2), round(y - shape.height / 2)
            paint.bitmap(place, shape, WHITE if rim else label.colour)


@lru_cache(maxsize=256)
def _pen(colour: Colour, width: float) -> aggdraw.Pen:
    return aggdraw.Pen(colour, width)


@lru_cache(maxsize=256)
def _brush(colour: Colour) -> aggdraw.Brush:
    return aggdraw.Brush(colour)


def _indexed(painted: Pixels, colours: Sequence[Colour]) -> Image.Image:
    """Return an image with a palette: each colour in it is one of these, white, or a mixture, rounded.

    Most of a figure is white, so the rest is found first. That, and that nothing has to be learnt about the mixtures, makes it
    two or three times as fast as Pillow's `quantize`.
    """
    pixels = painted.ravel()
    places = np.flatnonzero(pixels != _packed(WHITE))
    for bits in LEVELS_BITS:
        cells = _cells(pixels[places], bits)
        used = np.flatnonzero(np.bincount(cells, minlength=1 << 3 * bits))
        if len(used) < INDEXES:
            break
    index = np.zeros(1 << 3 * bits, np.uint8)
    index[used] = np.arange(1, len(used) + 1)
    palette = np.zeros((1 + len(used), 3), np.uint8)
    palette[1:] = _middles(used, bits)
    own = np.array([_packed(colour) for colour in colours], "<u4")
    palette[index[_cells(own, bits)]] = np.array(colours, np.uint8).reshape(-1, 3)
    palette[0] = WHITE
    indexes = np.zeros(len(pixels), np.uint8)
    indexes[places] = index[cells]
    height, width = painted.shape
    found = Image.frombuffer("P", (width, height), indexes, "raw", "P", 0, 1)
    found.putpalette(palette.tobytes())
    return found


def _packed(colour: Colour) -> int:
    """Return a colour as it is in memory: red, green, blue, and nothing of it transparent."""
    return int.from_bytes((*colour, 255), "little")


def _cells(pixels: Whole, bits: int) -> Whole:
    """Return the highest bits of each channel of `n` colours, side by side, red lowest."""
    least = (1 << bits) - 1
    cells: Whole = pixels >> 8 - bits & least
    for place in (1, 2):
        cells |= (pixels >> 8 * place + 8 - bits & least) << place * bits
    return cells


def _middles(cells: Whole, bits: int) -> Whole:
    """Return, in `n` rows, the colours in the middle of those that have the same highest bits."""
    least = (1 << bits) - 1
    channels = np.stack([cells >> place * bits & least for place in range(3)], axis=1)
    middles: Whole = 2 * channels + 1 << 7 - bits
    return middles

"""From a drawing to the bytes of a PNG, the same on every machine."""

import io

from PIL import Image, ImageDraw

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.drawing import HAIR, WHITE, Drawing, Fill, Placed
from builders.families.mmathcot.problems.lettering import SCALE

COLOURS = 32
RUN_LENGTHS = 3
"""zlib's Z_RLE: other strategies of Pillow's zlib-ng may compress differently on other processors."""


def png(drawing: Drawing) -> bytes:
    """Paint a drawing and return it as a PNG with a palette, on pure white."""
    small = image(drawing)
    indexed = small.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = indexed.getpalette() or []
    indexed.putpalette([255 if level >= 253 else level for level in palette])
    target = io.BytesIO()
    indexed.save(target, "PNG", compress_type=RUN_LENGTHS, compress_level=6)
    return target.getvalue()


def image(drawing: Drawing) -> Image.Image:
    """Paint a drawing."""
    large = Image.new("RGB", (drawing.width * SCALE, drawing.height * SCALE), WHITE)
    paint = ImageDraw.Draw(large)
    for mark in drawing.marks:
        points = [(x * SCALE, y * SCALE) for x, y in mark.points]
        if isinstance(mark, Fill):
            paint.polygon(points, fill=mark.colour)
        else:
            paint.line(points, fill=mark.colour, width=max(1, round(mark.width * SCALE)), joint="curve")
    for label in drawing.labels:
        (_upwards if label.direction == "upwards" else _level)(large, paint, label, drawing)
    return large.reduce(SCALE)


def _level(large: Image.Image, paint: ImageDraw.ImageDraw, label: Placed, drawing: Drawing) -> None:
    """Write a label, with a white rim where it lies on hair lines."""
    del large
    left, right, _ = lettering.ink(label.text, drawing.face, label.size)
    start = label.centre[0] * SCALE - (left + right) / 2
    y = label.centre[1] * SCALE + lettering.rise(drawing.face, label.size)
    on_hair = any(mark.colour == HAIR for mark in drawing.marks)
    for rim, colour in ((5, WHITE), (0, label.colour)) if on_hair else ((0, label.colour),):
        x = start
        for run, italic in lettering.runs(label.text):
            font = lettering.font(drawing.face, label.size, "italic" if italic else "upright")
            paint.text((x, y), run, font=font, fill=colour, anchor="ls", stroke_width=rim, stroke_fill=colour)
            x += font.getlength(run)


def _upwards(large: Image.Image, paint: ImageDraw.ImageDraw, label: Placed, drawing: Drawing) -> None:
    """Write a label from the bottom to the top."""
    del paint
    wide, high = (round(size * SCALE) + 6 for size in lettering.extent(label.text, drawing.face, label.size))
    sheet = Image.new("RGB", (wide, high), WHITE)
    centred = label._replace(centre=(wide / 2 / SCALE, high / 2 / SCALE))
    _level(sheet, ImageDraw.Draw(sheet), centred, drawing)
    turned = sheet.transpose(Image.Transpose.ROTATE_90)
    place = (round(label.centre[0] * SCALE - turned.width / 2), round(label.centre[1] * SCALE - turned.height / 2))
    large.paste(turned, place)

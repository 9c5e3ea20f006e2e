"""Drawings as data: strokes, fills, and labels that are placed where nothing else is.

A kind's draw function works on a `Canvas`: it fits its own coordinates to the paper, draws lines, and asks for labels by
what they belong to (a point, a side, an angle). Labels are placed last, each at the first of its candidate positions that
no line and no other label touches; one that finds none is a fault, and the problem is not emitted. Positions are pixels,
y down; a kind's own coordinates have y up.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.lettering import Face

Point = tuple[float, float]
Taken: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"
Direction = Literal["level", "upwards"]
Colour = tuple[int, int, int]

BORDER = 5
"""Pixels that stay white around everything."""
CLEARANCE = 2
"""Pixels between a label and what is next to it."""
ON_PLATE = -1
"""The order of labels that stand on a filled shape of their own, which covers the lines below it."""
IF_ROOM = 9
"""The order of labels that are left out where there is no room: numbers on an axis, of which neighbours tell them."""
APART = 6
"""Pixels more between two labels side by side, so that they are not read as one."""
WHITE: Colour = (255, 255, 255)
HAIR: Colour = (205, 210, 216)


class Style(NamedTuple):
    """How a figure looks: its typeface, colours and weight of line."""

    face: Face
    ink: Colour
    accent: Colour
    tint: Colour
    palette: tuple[Colour, ...]
    width: float
    size: float


class Stroke(NamedTuple):
    """A line through points, in pixels."""

    points: tuple[Point, ...]
    width: float
    colour: Colour


class Fill(NamedTuple):
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: Colour


class Label(NamedTuple):
    """A text to be placed: its size, and the centres it may have, best first, found as they are tried."""

    text: str
    size: float
    colour: Colour
    centres: Iterable[Point]
    direction: Direction


class Placed(NamedTuple):
    """A text in its place: `box` is left, top, right, bottom of its ink."""

    text: str
    size: float
    colour: Colour
    centre: Point
    box: tuple[float, float, float, float]
    direction: Direction


class Drawing(NamedTuple):
    """A finished figure: what is painted, in order, and what is wrong with it."""

    width: int
    height: int
    face: Face
    marks: tuple[Stroke | Fill, ...]
    labels: tuple[Placed, ...]
    faults: tuple[str, ...]


class Canvas:
    """Paper of a size in pixels, for one figure."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        """Take a sheet."""
        self.width, self.height, self.style = width, height, style
        self.marks: list[Stroke | Fill] = []
        self.labels: list[tuple[int, Label]] = []
        self.checks: list[Callable[[], Iterable[str]]] = []
        self._scale: Point = (1.0, 1.0)
        self._origin: Point = (0.0, float(height))

    def fit(self, points: Iterable[Point], margin: float = 44) -> None:
        """Choose the scale, the same both ways, so that these points fill the paper, and cut off what stays empty."""
        xs, ys = zip(*points, strict=True)
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        scale = min((self.width - 2 * margin) / max(wide, 1e-9), (self.height - 2 * margin) / max(high, 1e-9))
        self.width = max(self.width * 3 // 4, min(self.width, math.ceil(scale * wide + 2 * margin)))
        self.height = max(self.height * 5 // 9, min(self.height, math.ceil(scale * high + 2 * margin)))
        self._scale = (scale, scale)
        self._origin = (
            self.width / 2 - scale * (max(xs) + min(xs)) / 2,
            self.height / 2 + scale * (max(ys) + min(ys)) / 2,
        )

    def stretch(self, low: Point, high: Point, box: tuple[float, float, float, float]) -> None:
        """Choose the scales so that `low` and `high` become the corners of a box: left, top, right, bottom in pixels."""
        left, top, right, bottom = box
        self._scale = ((right - left) / (high[0] - low[0]), (bottom - top) / (high[1] - low[1]))
        self._origin = (left - self._scale[0] * low[0], bottom + self._scale[1] * low[1])

    def at(self, point: Point) -> Point:
        """Return where a point lies, in pixels."""
        return (self._origin[0] + self._scale[0] * point[0], self._origin[1] - self._scale[1] * point[1])

    def length(self, size: float) -> float:
        """Return how many pixels a length is, across."""
        return self._scale[0] * size

    def stroke(
        self, points: Sequence[Point], width: float = 1, colour: Colour | None = None, dash: Sequence[float] = ()
    ) -> None:
        """Draw a line through points; `width` in line widths of the style, `dash` in pixels: on, off."""
        (x, y), (wide, high) = self._origin, self._scale
        pixels = [(x + wide * point[0], y - high * point[1]) for point in points]
        ink = self.style.ink if colour is None else colour
        for piece in _dashed(pixels, dash) if dash else [tuple(pixels)]:
            self.marks.append(Stroke(piece, width * self.style.width, ink))

    def outline(self, points: Sequence[Point], width: float = 1, fill: Colour | None = None) -> None:
        """Draw a closed polygon, filled if a colour is given."""
        if fill is not None:
            self.fill(points, fill)
        self.stroke([*points, points[0], points[1]], width)

    def fill(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self.marks.append(Fill(tuple(self.at(point) for point in points), colour))

    def circle(self, centre: Point, radius: float, width: float = 1, colour: Colour | None = None) -> None:
        """Draw a circle."""
        self.stroke(arc_points(centre, radius, 0, 360), width, colour)

    def paint(self, pixels: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon whose corners are pixels."""
        self.marks.append(Fill(tuple(pixels), colour))

    def ring(self, pixels: Sequence[Point], width: float = 1) -> None:
        """Draw a closed line whose corners are pixels."""
        self.marks.append(Stroke((*pixels, pixels[0], pixels[1]), width * self.style.width, self.style.ink))

    def dot(self, point: Point, radius: float = 2.6, colour: Colour | None = None) -> None:
        """Mark a point; the radius in pixels."""
        x, y = self.at(point)
        corners = [(x + radius * math.cos(k * math.pi / 8), y + radius * math.sin(k * math.pi / 8)) for k in range(16)]
        self.marks.append(Fill(tuple(corners), self.style.ink if colour is None else colour))
        self.marks.append(Stroke(((x - radius, y), (x + radius, y)), 0.4, self.style.ink if colour is None else colour))

    def write(self, text: str, centres: Iterable[Point], order: int = 1, size: float = 1, colour: Colour | None = None) -> None:
        """Ask for a label at one of these places, in pixels; labels of a lower order are placed first."""
        ink = self.style.ink if colour is None else colour
        self.labels.append((order, Label(text, size * self.style.size, ink, centres, "level")))

    def write_upwards(self, text: str, centre: Point) -> None:
        """Ask for a label that reads from the bottom to the top, around a pixel."""
        self.labels.append((0, Label(text, 0.9 * self.style.size, self.style.ink, (centre,), "upwards")))

    def finish(self, *, checked: bool = True) -> Drawing:
        """Place the labels and return the drawing; one that was checked before need not be again."""
        taken = self._lines()
        blank = np.zeros_like(taken)
        placed, faults = [], [*chain.from_iterable(check() for check in self.checks), *_outside(self)] if checked else []
        for order, label in sorted(self.labels, key=lambda pair: pair[0]):
            found, free = _placed(label, blank if order == ON_PLATE else taken, self.style.face)
            if not free and order == IF_ROOM:
                continue
            if not free:
                faults.append(f"no room for {label.text}")
            left, top, right, bottom = found.box
            rows, columns = _pixels(top - 1, bottom + 1), _pixels(left - APART, right + APART)
            taken[rows, columns] = True
            placed.append(found)
        return Drawing(self.width, self.height, self.style.face, tuple(self.marks), tuple(placed), tuple(faults))

    def _lines(self) -> Taken:
        """Return the pixels that lines take up, with one more on either side."""
        taken = np.zeros((self.height, self.width), np.bool_)
        mask = Image.frombuffer("L", (self.width, self.height), taken, "raw", "L", 0, 1)
        mask.readonly = 0  # what is drawn is drawn among these pixels
        paint = ImageDraw.Draw(mask)
        for mark in self.marks:
            if isinstance(mark, Stroke) and mark.colour != HAIR:
                paint.line(mark.points, fill=1, width=round(mark.width) + 2)
        return taken


def _pixels(low: float, high: float) -> slice:
    """Return the pixels between two places along an axis, both included."""
    return slice(max(int(low), 0), int(high) + 1)


def arc_points(centre: Point, radius: float, start: float, end: float, count: int = 0) -> list[Point]:
    """Return points along an arc from one direction to another, in degrees, counter-clockwise; so many more than one."""
    (x, y), turns = centre, _turns(start, end - start, count or max(8, math.ceil(abs(end - start) / 4)))
    return [(x + radius * across, y + radius * up) for across, up in turns]


@lru_cache(maxsize=256)
def _turns(start: float, turn: float, count: int) -> list[Point]:
    """Return cosines and sines along an arc; most arcs are whole circles."""
    angles = [math.radians(start + turn * k / count) for k in range(count + 1)]
    return [(math.cos(angle), math.sin(angle)) for angle in angles]


def polar(centre: Point, radius: float, degrees: float) -> Point:
    """Return the point at a distance and direction from another."""
    return (centre[0] + radius * math.cos(math.radians(degrees)), centre[1] + radius * math.sin(math.radians(degrees)))


def direction(start: Point, end: Point) -> float:
    """Return the direction from one point to another, in degrees."""
    return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))


def between(start: Point, end: Point, share: float = 0.5) -> Point:
    """Return the point that lies at a share of the way."""
    return (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


def _outside(canvas: Canvas) -> list[str]:
    for mark in canvas.marks:
        xs, ys = zip(*mark.points, strict=True)
        if min(xs) < 1 or min(ys) < 1 or max(xs) > canvas.width - 1 or max(ys) > canvas.height - 1:
            return ["a line leaves the paper"]
    return []


def _placed(label: Label, taken: Taken, face: Face) -> tuple[Placed, bool]:
    """Return the label at its first free place, and whether there was one."""
    height, width = taken.shape
    wide, high = lettering.extent(label.text, face, label.size)
    if label.direction == "upwards":
        wide, high = high, wide
    first = None
    for x, y in label.centres:
        box = left, top, right, bottom = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        inside = left >= BORDER and top >= BORDER and right <= width - BORDER and bottom <= height - BORDER
        free = inside and not taken[_grown(top, bottom), _grown(left, right)].any()
        if free or first is None:
            first = Placed(label.text, label.size, label.colour, (x, y), box, label.direction)
        if free:
            return first, True
    if first is None:
        message = f"{label.text} has no places"
        raise ValueError(message)
    return first, False


def _grown(low: float, high: float) -> slice:
    return slice(math.floor(low - CLEARANCE), math.ceil(high + CLEARANCE))


def _dashed(points: Sequence[Point], dash: Sequence[float]) -> list[tuple[Point, ...]]:
    """Cut a line into the pieces that are drawn."""
    pieces: list[tuple[Point, ...]] = []
    on, off = dash
    place = 0.0
    for start, end in pairwise(points):
        size = math.dist(start, end)
        offset = -(place % (on + off))
        while offset < size:
            low, high = max(offset, 0.0), min(offset + on, size)
            if high > low:
                pieces.append((between(start, end, low / size), between(start, end, high / size)))
            offset += on + off
        place += size
    return pieces

"""The marks of a geometric figure: names of points, lengths on sides, angles, right angles, equal and parallel sides."""

import math
from collections.abc import Callable, Iterator, Sequence

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.drawing import Canvas, Colour, Point, arc_points, between, direction, polar

ANGLES, SIDES, NAMES = 1, 2, 3
"""In this order labels are placed: those with the least freedom first."""
_ARC = 22.0
_GAP = 6.0
_SHARES = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74)
_TURNS = sorted((k * math.pi / 8 for k in range(-8, 8)), key=lambda turn: (abs(turn), turn))
"""Directions around a point, from the preferred one."""


def name(canvas: Canvas, point: Point, text: str, away: Point | None = None) -> None:
    """Write a point's name next to it, if possible on the side away from another point."""
    x, y = canvas.at(point)
    wide, high = lettering.extent(text, canvas.style.face, canvas.style.size)
    origin = canvas.at(away) if away is not None else (canvas.width / 2, canvas.height / 2)
    preferred = math.atan2(y - origin[1], x - origin[0])
    canvas.write(text, _around((x, y), (wide / 2, high / 2), preferred), NAMES)


def _around(point: Point, half: Point, preferred: float) -> Iterator[Point]:
    """Yield places for a box, given half its width and height, around a point: from the preferred direction, ever farther."""
    for gap in (_GAP, _GAP + 4, _GAP + 9):
        for turn in _TURNS:
            across, down = math.cos(preferred + turn), math.sin(preferred + turn)
            reach = _reach(*half, across, down)
            yield point[0] + across * (reach + gap), point[1] + down * (reach + gap)


def side(
    canvas: Canvas, ends: tuple[Point, Point], text: str, away: Point | None = None, share: float | Sequence[float] = 0.5
) -> None:
    """Write a text along a side, if possible away from another point.

    Args:
        canvas: where it is written.
        ends: of the side.
        text: what is written.
        away: the point.
        share: at which share of the way it is best; several are the only ones, best first.
    """
    shares = (share, *_SHARES) if isinstance(share, float | int) else (share[0], *share)
    first, last = canvas.at(ends[0]), canvas.at(ends[1])
    wide, high = lettering.extent(text, canvas.style.face, canvas.style.size)
    size = math.dist(first, last) or 1.0
    normal = ((last[1] - first[1]) / size, -(last[0] - first[0]) / size)
    origin = canvas.at(away) if away is not None else (canvas.width / 2, canvas.height / 2)
    middle = between(first, last)
    if (middle[0] - origin[0]) * normal[0] + (middle[1] - origin[1]) * normal[1] < 0:
        normal = (-normal[0], -normal[1])
    reach = abs(normal[0]) * wide / 2 + abs(normal[1]) * high / 2
    canvas.write(text, _along((first, last), normal, reach, shares), SIDES)


def _along(ends: tuple[Point, Point], normal: Point, reach: float, shares: Sequence[float]) -> Iterator[Point]:
    """Yield places along a line, first on the side that its normal points to, nearest first to where a share of it lies.

    Args:
        ends: of the line, in pixels.
        normal: of length 1.
        reach: how far the middle of a box is from the line that it touches, in pixels.
        shares: of the way: the best one, and those that are tried.
    """
    best, *tried = (between(*ends, share) for share in shares)
    for sign in (1, -1):
        moved = [(sign * normal[0] * (reach + gap), sign * normal[1] * (reach + gap)) for gap in (_GAP, _GAP + 3, _GAP + 7)]
        places = [(x + across, y + down) for across, down in moved for x, y in tried]
        yield from sorted(places, key=lambda place: math.dist(place, best))


def angle(canvas: Canvas, vertex: Point, start: Point, end: Point, text: str) -> None:
    """Mark the angle at a vertex between two rays, less than 180°, by an arc, and write a text into it."""
    first = direction(vertex, start)
    opening = (direction(vertex, end) - first) % 360
    if opening > 180:
        first, opening = first + opening, 360 - opening
    radius = _ARC + max(0.0, (40 - opening) * 0.5)
    canvas.stroke(arc_points(vertex, radius / canvas.length(1), first, first + opening), 0.8)
    if text:
        reach = min(canvas.length(math.dist(vertex, start)), canvas.length(math.dist(vertex, end)))
        canvas.write(text, _inside(canvas, vertex, (first, opening), text, (radius, reach)), ANGLES, 0.92)


def right_angle(canvas: Canvas, vertex: Point, start: Point, end: Point, size: float = 11) -> None:
    """Mark a right angle by a small square; its size in pixels."""
    step = size / canvas.length(1)
    one, two = direction(vertex, start), direction(vertex, end)
    near, far = polar(vertex, step, one), polar(vertex, step, two)
    canvas.stroke([near, polar(near, step, two), far], 0.8)


def ticks(canvas: Canvas, start: Point, end: Point, count: int, share: float = 0.5) -> None:
    """Mark a side by short strokes across it: sides with equally many are equal."""

    def stroke(across: Point, along: Point) -> list[Point]:
        del along
        return [(-5 * across[0], -5 * across[1]), (5 * across[0], 5 * across[1])]

    _across(canvas, (start, end, share), count, stroke)


def arrows(canvas: Canvas, start: Point, end: Point, count: int, share: float = 0.5) -> None:
    """Mark a side by arrowheads: sides with equally many are parallel."""

    def head(across: Point, along: Point) -> list[Point]:
        return [
            (-6 * along[0] + 4.5 * across[0], -6 * along[1] + 4.5 * across[1]),
            (0.0, 0.0),
            (-6 * along[0] - 4.5 * across[0], -6 * along[1] - 4.5 * across[1]),
        ]

    _across(canvas, (start, end, share), count, head)


def arrowhead(canvas: Canvas, start: Point, end: Point, size: float = 7, colour: Colour | None = None) -> None:
    """Draw a filled arrowhead at the end of a line; its size in pixels."""
    step = size / canvas.length(1)
    back = direction(end, start)
    canvas.fill([end, polar(end, step, back - 24), polar(end, step, back + 24)], canvas.style.ink if colour is None else colour)


def dimension(canvas: Canvas, start: Point, end: Point, text: str, offset: float) -> None:
    """Draw a dimension line beside a side, so many pixels to its left seen from start to end, with a text in it."""
    shift = offset / canvas.length(1)
    normal = direction(start, end) + 90
    first, last = polar(start, shift, normal), polar(end, shift, normal)
    step = math.copysign(4 / canvas.length(1), offset)
    for point, moved in ((start, first), (end, last)):
        canvas.stroke([polar(point, step, normal), polar(moved, step, normal)], 0.6)
    canvas.stroke([first, last], 0.7)
    arrowhead(canvas, last, first, 6)
    arrowhead(canvas, first, last, 6)
    beyond = polar(between(start, end), -1000 * step, normal)
    side(canvas, (first, last), text, beyond)


def centre(points: Sequence[Point]) -> Point:
    """Return the mean of some points."""
    return (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))


def _across(
    canvas: Canvas, place: tuple[Point, Point, float], count: int, shape: Callable[[Point, Point], list[Point]]
) -> None:
    start, end, share = place
    scale = canvas.length(1)
    size = math.dist(start, end)
    along = ((end[0] - start[0]) / size, (end[1] - start[1]) / size)
    across = (-along[1], along[0])
    for mark in range(count):
        shift = 5 * (mark - (count - 1) / 2)
        x, y = between(start, end, share)
        points = [(x + (shift * along[0] + dx) / scale, y + (shift * along[1] + dy) / scale) for dx, dy in shape(across, along)]
        canvas.stroke(points, 0.9)


def _inside(canvas: Canvas, vertex: Point, rays: tuple[float, float], text: str, reach: tuple[float, float]) -> Iterator[Point]:
    """Yield places for a text in an angle, near the bisector, from the arc on outwards."""
    first, opening = rays
    x, y = canvas.at(vertex)
    wide, high = lettering.extent(text, canvas.style.face, canvas.style.size * 0.92)
    found = False
    for turn in (0.0, 0.12, -0.12, 0.24, -0.24):
        bisector = math.radians(-(first + opening * (0.5 + turn)))
        across, down = math.cos(bisector), math.sin(bisector)
        along = _reach(wide / 2, high / 2, across, down)
        half = abs(down) * wide / 2 + abs(across) * high / 2
        fits = (half + 3) / math.tan(math.radians(min(opening * (0.5 - abs(turn)), 89)))
        nearest = max(reach[0] + along + 3, fits)
        for extra in range(0, 60, 3):
            if nearest + extra <= reach[1] * 1.05 + along:
                found = True
                yield x + across * (nearest + extra), y + down * (nearest + extra)
    if not found:
        yield x + across * nearest, y + down * nearest


def _reach(half_wide: float, half_high: float, across: float, down: float) -> float:
    """Return how far a box's centre must be from a point in a direction for the box to touch the point's edge."""
    return min(half_wide / max(abs(across), 1e-9), half_high / max(abs(down), 1e-9))

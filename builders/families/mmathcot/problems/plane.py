"""Figures of plane geometry as facts: points, segments, circles, and what is written at them.

    points     {"A": [x, y], …}, y up, one unit of length each way; a name that starts with `_` is not written
    segments   ["AB", …]; dashed those in `dashed`, extended through both ends those in `lines`
    circles    {"O": radius};  arcs  [{"centre": "O", "radius": r, "from": degrees, "to": degrees}, …];
               `shaded: true` fills up to the chord
    shaded     [["A", "B", "C"], …] polygons; those in `blank` are white again
    angles     {"ABC": 47} or {"ABC": "2x"}: what is written into the angle at B; "" marks it only
    lengths    {"AB": 5} or {"AB": "x"}: what is written at the segment, numbers with `unit`
    distances  {"AB": 5}: the same on a dimension line beside the segment, on its left seen from A to B
    right      ["ABC", …] right angles;  equal  [["AB", "AC"], …] tick marks;  parallel  [["AB", "CD"], …] arrows
    dots       points that are marked by a dot
    away       {"AB": "C"}: write the length of AB on the side away from C;  shares  {"AB": 0.3}: at this share of the way,
               nowhere else for those in `near`

Numbers are JSON numbers or exact numbers as text (`3*sqrt(2)`). What is written must be so in the drawing: `faults` compares
each number and mark with the coordinates. Names of points are single letters.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from builders.families.mmathcot.problems import marking
from builders.families.mmathcot.problems.drawing import WHITE, Canvas, Point, arc_points, between, direction, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Facts
from builders.problems import numbers
from builders.problems.quantities import quantity

ALPHABETS = ("ABCDEFGH", "ABCDEFGH", "PQRSTUVW", "KLMNPQRS", "XYZWUVTS", "DEFGHKLM")
TOLERANCE = 1e-7
MARGIN = 54
NEAREST = 11.0
"""Pixels between a point and a segment that it does not lie on; closer, a reader might take it to lie there."""


def letters(lot: Lot) -> list[str]:
    """Return names for the points of a figure; none of them is O, which is kept for centres."""
    return list(lot.look(ALPHABETS))


def turned(points: Mapping[str, Point], lot: Lot, most: float = 180) -> dict[str, list[float]]:
    """Turn a figure by at most so many degrees, and mirror it or not."""
    degrees = lot.uniform(-most, most)
    flip = lot.look((1, -1))
    return {
        name: list(polar((0, 0), math.hypot(x, y), direction((0, 0), (flip * x, y)) + degrees))
        for name, (x, y) in points.items()
    }


def angle(points: Facts, name: str) -> float:
    """Measure the angle `ABC`, at most 180°, in degrees."""
    start, vertex, end = (points[letter] for letter in name)
    opening = (direction(vertex, end) - direction(vertex, start)) % 360
    return min(opening, 360 - opening)


def distance(points: Facts, name: str) -> float:
    """Measure the segment `AB`."""
    return math.dist(points[name[0]], points[name[1]])


def area(points: Facts, name: Iterable[str]) -> float:
    """Measure the area of a polygon by its vertices' coordinates."""
    corners = [points[letter] for letter in name]
    return float(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*corners, corners[0]])))) / 2


def tangent_point(radius: float, apex: float, turn: float) -> Point:
    """Return the point in a direction from whose tangents to a circle around the origin make an angle of `apex` degrees."""
    return polar((0, 0), radius / math.sin(math.radians(apex / 2)), turn)


def crossing(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point:
    """Return where two lines cross."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across
    return (ax + share * (bx - ax), ay + share * (by - ay))


def sector_area(radius: float, degrees: float) -> float:
    """Measure a sector as the limit of the polygons with ever more corners on its arc."""

    def polygon(count: int) -> float:
        rim = arc_points((0.0, 0.0), radius, 0, degrees, count)
        return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(rim)) / 2

    return _limit(polygon)


def arc_length(radius: float, degrees: float) -> float:
    """Measure an arc as the limit of the lines with ever more corners on it."""

    def line(count: int) -> float:
        rim = arc_points((0.0, 0.0), radius, 0, degrees, count)
        return sum(math.dist(a, b) for a, b in pairwise(rim))

    return _limit(line)


def _limit(measure: Callable[[int], float]) -> float:
    """Extrapolate to infinitely many corners (Richardson): errors are even powers of the corners' distance."""
    row = [measure(count) for count in (32, 64, 128, 256)]
    for power in (4, 16, 64):
        row = [(power * fine - coarse) / (power - 1) for coarse, fine in pairwise(row)]
    return row[0]


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw a figure; what contradicts its own coordinates is a fault."""
    points = facts["points"]
    canvas.fit(_extent(facts), facts.get("margin", MARGIN))
    canvas.checks += [lambda: faults(facts), lambda: _cramped(facts, NEAREST / canvas.length(1))]
    for corners in facts.get("shaded", []):
        canvas.fill([points[name] for name in corners], canvas.style.tint)
    for corners in facts.get("blank", []):
        canvas.fill([points[name] for name in corners], WHITE)
    for arc in facts.get("arcs", []):
        if arc.get("shaded"):
            canvas.fill(arc_points(points[arc["centre"]], arc["radius"], arc["from"], arc["to"]), canvas.style.tint)
    for name, radius in facts.get("circles", {}).items():
        canvas.circle(points[name], radius)
    for arc in facts.get("arcs", []):
        canvas.stroke(arc_points(points[arc["centre"]], arc["radius"], arc["from"], arc["to"]))
    for name in facts.get("segments", []):
        dash = (6, 4) if name in facts.get("dashed", []) else ()
        canvas.stroke([points[name[0]], points[name[1]]], dash=dash)
    for name in facts.get("dots", []):
        canvas.dot(points[name])
    _draw_marks(canvas, facts)
    _draw_labels(canvas, facts)


def faults(facts: Facts) -> list[str]:
    """Say which numbers and marks contradict the coordinates, and which points lie too close to each other."""
    points = facts["points"]
    found = [
        f"angle {name} is drawn otherwise"
        for name, value in facts.get("angles", {}).items()
        if _differs(value, angle(points, name))
    ]
    for key in ("lengths", "distances"):
        found += [
            f"{name} is drawn otherwise"
            for name, value in facts.get(key, {}).items()
            if _differs(value, distance(points, name))
        ]
    found += [f"{name} is not a right angle" for name in facts.get("right", []) if _differs(90, angle(points, name))]
    for group in facts.get("equal", []):
        found += [f"{name} is not as long" for name in group if _differs(distance(points, name), distance(points, group[0]))]
    for group in facts.get("parallel", []):
        found += [f"{name} is not parallel" for name in group if not _along(points, name, group[0])]
    return found


def _cramped(facts: Facts, least: float) -> list[str]:
    """Name points that lie next to a segment or a point, but not on it."""
    points, found = facts["points"], []
    for name, point in points.items():
        lines = [segment for segment in facts.get("segments", []) if name not in segment]
        near = [line for line in lines if 1e-6 < _away(point, points[line[0]], points[line[1]]) < least]
        near += [other for other in points if other < name and math.dist(point, points[other]) < least]
        found += [f"{name} is too close to {other}" for other in near]
    return found


def _away(point: Point, start: Point, end: Point) -> float:
    """Measure the distance of a point from a segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
    return math.dist(point, between(start, end, min(1, max(0, share))))


def _extent(facts: Facts) -> list[Point]:
    points = facts["points"]
    rims = [
        corner
        for name, radius in facts.get("circles", {}).items()
        for corner in (polar(points[name], radius, turn) for turn in (0, 90, 180, 270))
    ]
    arcs = [
        point
        for arc in facts.get("arcs", [])
        for point in arc_points(points[arc["centre"]], arc["radius"], arc["from"], arc["to"])
    ]
    return [*points.values(), *rims, *arcs]


def _draw_marks(canvas: Canvas, facts: Facts) -> None:
    points = facts["points"]
    for name in facts.get("right", []):
        marking.right_angle(canvas, points[name[1]], points[name[0]], points[name[2]])
    for count, group in enumerate(facts.get("equal", []), start=1):
        for name in group:
            share = 0.5 if name not in facts.get("lengths", {}) else 0.3
            marking.ticks(canvas, points[name[0]], points[name[1]], count, share)
    for count, group in enumerate(facts.get("parallel", []), start=1):
        for name in group:
            marking.arrows(canvas, points[name[0]], points[name[1]], count, facts.get("arrow_share", 0.62))


def _draw_labels(canvas: Canvas, facts: Facts) -> None:
    points = facts["points"]
    unit = facts.get("unit", "")
    middle = marking.centre([point for name, point in points.items() if not name.startswith("_")])
    for name, value in facts.get("angles", {}).items():
        start, vertex, end = (points[letter] for letter in name)
        marking.angle(canvas, vertex, start, end, quantity_text(value, "°"))
    for name, value in facts.get("lengths", {}).items():
        away = points.get(facts.get("away", {}).get(name), middle)
        share = facts.get("shares", {}).get(name, 0.5)
        shares = (share, share - 0.05, share + 0.05) if name in facts.get("near", []) else share
        marking.side(canvas, (points[name[0]], points[name[1]]), quantity_text(value, unit), away, shares)
    for name, value in facts.get("distances", {}).items():
        marking.dimension(canvas, points[name[0]], points[name[1]], quantity_text(value, unit), 18)
    for name, point in points.items():
        if not name.startswith("_"):
            marking.name(canvas, point, name, middle)


def quantity_text(value: float | str, unit: str) -> str:
    """Write a number of the facts with its unit; a text that is not a number as it is."""
    if isinstance(value, str) and not numbers.is_exact(value):
        return value
    return quantity(numbers.read(str(value)), unit)


def _differs(value: float | str, measured: float) -> bool:
    if isinstance(value, str):
        if not numbers.is_exact(value):
            return False
        value = float(numbers.read(value))
    return abs(value - measured) > TOLERANCE * max(1, abs(measured))


def _along(points: Facts, one: str, other: str) -> bool:
    turn = (direction(*(points[letter] for letter in one)) - direction(*(points[letter] for letter in other))) % 180
    return min(turn, 180 - turn) < 1e-6

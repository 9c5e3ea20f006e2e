"""Coordinate geometry: how a grid with points, lines and curves is drawn; distances and lines."""

import math
from collections.abc import Sequence
from fractions import Fraction

from builders.families.mmathcot.problems import axes, marking
from builders.families.mmathcot.problems.drawing import Canvas, Point, direction
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

AREA = "square units"
GRID = tuple((x, y) for x in range(-5, 7) for y in range(-4, 7))
"""The points that a figure may mark."""
NARROW = 20
"""Degrees between two parts of a path, at least."""


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw a grid with points, segments, polygons, and straight lines from edge to edge."""
    axes.plane(canvas, facts)
    points = facts["points"]
    for corners in facts.get("shaded", []):
        canvas.stroke([points[name] for name in corners + corners[:2]], 1.6, canvas.style.accent)
    for name in facts.get("segments", []):
        canvas.stroke([points[name[0]], points[name[1]]], 1.5, canvas.style.accent)
    for name in facts.get("lines", []):
        canvas.stroke(_across(facts["window"], points[name[0]], points[name[1]]), 1.5, canvas.style.accent)
    for curve in facts.get("curves", []):
        canvas.stroke(_parabola(facts["window"], curve), 1.5, canvas.style.accent)
    for point in points.values():
        canvas.dot(point, 3.4, canvas.style.accent)
    for name, point in points.items():
        if not name.startswith("_"):
            marking.name(canvas, point, name, marking.centre(list(points.values())))


def _across(window: list[int], start: Point, end: Point) -> list[Point]:
    """Return where a line enters and leaves the window."""
    left, bottom, right, top = window
    (ax, ay), (bx, by) = start, end
    found = [(float(x), ay + (x - ax) * (by - ay) / (bx - ax)) for x in (left, right)]
    if by != ay:
        found += [(ax + (y - ay) * (bx - ax) / (by - ay), float(y)) for y in (bottom, top)]
    return sorted((x, y) for x, y in found if left <= x <= right and bottom <= y <= top)


def _parabola(window: list[int], curve: Facts) -> list[Point]:
    left, bottom, right, top = window
    a, p, q = (float(Fraction(curve[name])) for name in ("a", "p", "q"))
    xs = [left + (right - left) * k / 160 for k in range(161)]
    return [(x, y) for x in xs if bottom - 0.3 <= (y := a * (x - p) ** 2 + q) <= top + 0.3]


def window(points: Sequence[Sequence[float]]) -> list[int]:
    """Return left, bottom, right and top of a window on these points and the origin."""
    xs, ys = zip(*points, strict=True)
    low = [min(-1, math.floor(min(values)) - 1) for values in (xs, ys)]
    return [*low, max(1, math.ceil(max(xs)) + 2), max(1, math.ceil(max(ys)) + 2)]


def point(lot: Lot) -> tuple[int, int]:
    """Draw a point of the grid."""
    return lot.choice(GRID)


def read(name: str, at: tuple[int, int]) -> tuple[Given, Given]:
    """Return the coordinates of a point as quantities that the figure shows."""
    low = name.lower()
    return figure(f"x{low}", f"the x-coordinate of {name}", at[0]), figure(f"y{low}", f"the y-coordinate of {name}", at[1])


def distance(depth: int, lot: Lot) -> Draft:
    """The distance of two points of a grid, a circle on it, or the length of a path over three points."""
    a, b, c = lot.look((("A", "B", "C"), ("P", "Q", "R"), ("K", "L", "M")))
    one, three = lot.subset(GRID, 2)
    two = point(lot) if depth == 7 else three
    one, three = lot.look(((one, three), (three, one)))
    two = two if depth == 7 else three
    if one[0] == two[0] or one[1] == two[1] or math.dist(one, three) < 2:
        raise Unfit("a side along the grid")
    if depth == 7:
        turn = abs(direction(two, one) - direction(two, three)) % 360
        if two[0] == three[0] or two[1] == three[1] or min(turn, 360 - turn) < NARROW:
            raise Unfit("both parts of the path lie on one another, or one along the grid")
    used = {a: one, b: two} | ({c: three} if depth == 7 else {})
    facts: Facts = {"points": {name: list(at) for name, at in used.items()}, "window": window(list(used.values()))}
    facts["segments"] = [a + b, b + c] if depth == 7 else [a + b]
    givens = tuple(given for name, at in used.items() for given in read(name, at))
    texts, rules, slips = _distance_texts(depth, a, b, c), _distance_rules(depth, a, b, c), _DISTANCE_SLIPS[depth]
    return Draft(texts, facts, {"depth": depth, "order": list(used)}, givens, rules, slips)


def _distance_texts(depth: int, a: str, b: str, c: str) -> tuple[str, ...]:
    what = {
        3: f"the distance between {a} and {b}",
        4: f"the circumference of the circle with diameter {a}{b}, in terms of π",
        5: f"the area of the circle with diameter {a}{b}, in terms of π",
        7: f"the length of the path from {a} over {b} to {c}",
    }[depth]
    drawn = f"{a}{b} and {b}{c}" if depth == 7 else f"{a}{b}"
    return (
        f"Read the coordinates of the points from the grid and find {what}. Give the exact value in units of the grid.",
        f"What is {what}? The points are marked on a grid, each of whose squares is one unit wide. Do not round.",
        f"The figure shows {drawn} on a grid of unit squares. Work out {what}, and leave roots as they are.",
    )


_DISTANCE_SLIPS = {
    3: (
        Slip("added the differences", "dx + dy"),
        Slip("added before squaring", "sqrt((dx + dy)**2)"),
        Slip("forgot the root", "dx**2 + dy**2"),
        Slip("miscounted a square across", "sqrt((dx + 1)**2 + dy**2)"),
        Slip("miscounted a square upwards", "sqrt(dx**2 + (dy - 1)**2)"),
    ),
    4: (
        Slip("took the diameter for the radius", "2 * pi * d"),
        Slip("added the differences", "pi * (dx + dy)"),
        Slip("halved once too often", "pi * d / 2"),
        Slip("forgot π", "d"),
    ),
    5: (
        Slip("took the diameter for the radius", "pi * d**2"),
        Slip("took the circumference", "2 * pi * r"),
        Slip("forgot to square", "pi * r"),
        Slip("halved the square of the diameter", "pi * d**2 / 2"),
    ),
    7: (
        Slip("went along the grid", "dx + dy + ex + ey"),
        Slip("left out the second part", "d"),
        Slip("left out the first part", "e"),
        Slip("miscounted a square", "sqrt((dx + 1)**2 + dy**2) + e"),
        Slip("miscounted a square in the second part", "d + sqrt((ex + 1)**2 + ey**2)"),
    ),
}


def _leg(result: str, one: str, two: str) -> list[Rule]:
    """Return the length of the way from one point to another by the differences of their coordinates."""
    low, high = one.lower(), two.lower()
    differences = [
        Rule(
            f"{result}{axis}",
            f"the difference of the {axis}-coordinates of {one} and {two}",
            f"{axis}{high} - {axis}{low}",
            "",
            f"Subtract the {axis}-coordinates.",
        )
        for axis in "xy"
    ]
    legs = "The differences are the legs of a right triangle, so the theorem of Pythagoras applies."
    return [*differences, Rule(result, one + two, f"sqrt({result}x**2 + {result}y**2)", "", legs)]


def _distance_rules(depth: int, a: str, b: str, c: str) -> tuple[Rule, ...]:
    rules = _leg("d", a, b)
    if depth == 4:
        rules.append(Rule("all", "the circumference", "pi * d", "", "The circumference is π times the diameter."))
    if depth == 5:
        rules.append(Rule("r", "the radius", "d / 2", "", "The radius is half the diameter."))
        rules.append(Rule("all", "the area", "pi * r**2", AREA, "The area is π times the square of the radius."))
    if depth == 7:
        rules += _leg("e", b, c)
        rules.append(Rule("all", "the length of the path", "d + e", "", "Add both parts."))
    return tuple(rules)


def distance_measured(facts: Facts, statement: Facts) -> float:
    """Measure in the complex plane."""
    at = [complex(*facts["points"][name]) for name in statement["order"]]
    size = abs(at[1] - at[0])
    return {3: size, 4: math.pi * size, 5: math.pi * size**2 / 4, 7: size + abs(at[-1] - at[1])}[statement["depth"]]


def line(depth: int, lot: Lot) -> Draft:
    """A line through two points of a grid: slope, intercept, another point of it, where it meets the x-axis."""
    names = lot.look(("AB", "PQ", "KL"))
    one, two = lot.subset(GRID, 2)
    if two[0] - one[0] < 2 or one[1] == two[1] or 0 in {one[0], two[0]}:
        raise Unfit("no slope to speak of")
    slope = Fraction(two[1] - one[1], two[0] - one[0])
    start, zero = one[1] - slope * one[0], depth == 5 and lot.coin()
    far = lot.choice((8, 10, 12, 15, 20)) if depth == 5 and not zero else 8
    asked = slope if depth == 3 else start if depth == 4 else -start / slope if zero else slope * far + start
    if slope.denominator > 4 or start == 0 or asked.denominator > (4 if depth == 3 or zero else 2):
        raise Unfit("awkward numbers")
    facts: Facts = {"points": {names[0]: list(one), names[1]: list(two)}, "lines": [names], "window": window([one, two])}
    givens = (*read(names[0], one), *read(names[1], two), *(() if zero or depth < 5 else (text("far", "x", far),)))
    statement = {"depth": depth, "zero": zero, "far": far}
    rules, slips = _line_rules(depth, names, far, zero=zero), _line_slips(depth, names, zero=zero)
    return Draft(_line_texts(depth, names, far, zero=zero), facts, statement, givens, rules, slips)


def _line_texts(depth: int, names: str, far: int, *, zero: bool) -> tuple[str, ...]:
    what = {
        3: f"the slope of the line {names}",
        4: f"the y-intercept of the line {names}",
        5: f"the y-coordinate of the point of line {names} with x = {far}",
    }[depth]
    if zero:
        what = f"the x-coordinate of the point where line {names} meets the x-axis"
    return (
        f"Read two points of the line in the figure and find {what}.",
        f"What is {what}? Use the marked points of the grid, and give the exact value.",
        f"The straight line through {names[0]} and {names[1]} is drawn in a coordinate system. Determine {what} exactly.",
    )


def _line_rules(depth: int, names: str, far: int, *, zero: bool) -> tuple[Rule, ...]:
    low, high = (name.lower() for name in names)
    rules = [
        Rule("rise", "the rise", f"y{high} - y{low}", "", f"Go from {names[0]} to {names[1]} and subtract the y-coordinates."),
        Rule("run", "the run", f"x{high} - x{low}", "", "Subtract the x-coordinates."),
        Rule("m", "the slope", "rise / run", "", "The slope is rise over run."),
        Rule("c", "the y-intercept", f"y{low} - m * x{low}", "", f"{names[0]} lies on the line y = mx + c."),
    ]
    if zero:
        rules.append(Rule("zero", "the x-coordinate of the intersection with the x-axis", "-c / m", "", "There y is zero."))
    else:
        rules.append(Rule("y", f"the y-coordinate at x = {far}", "m * far + c", "", "Put x into the equation."))
    return tuple(rules[:depth])


def _line_slips(depth: int, names: str, *, zero: bool) -> tuple[Slip, ...]:
    low, high = (name.lower() for name in names)
    if depth == 3:
        return (
            Slip("turned the fraction over", "run / rise"),
            Slip("took the rise", "rise"),
            Slip("took the run", "run"),
            Slip("added the y-coordinates", f"(y{high} + y{low}) / run"),
            Slip("miscounted the rise", "(rise + 1) / run"),
            Slip("miscounted the run", "rise / (run + 1)"),
        )
    if depth == 4:
        return (
            Slip("added instead of subtracting", f"y{low} + m * x{low}"),
            Slip("gave a coordinate", f"y{low}"),
            Slip("used the inverse slope", f"y{low} - run / rise * x{low}"),
            Slip("took the slope", "m"),
        )
    return _ZERO_SLIPS if zero else _FAR_SLIPS


_ZERO_SLIPS = (
    Slip("turned the fraction over", "-m / c"),
    Slip("gave the intercept", "c"),
    Slip("multiplied", "-c * m"),
    Slip("lost the sign", "c / m"),
)
_FAR_SLIPS = (
    Slip("forgot the intercept", "m * far"),
    Slip("subtracted the intercept", "m * far - c"),
    Slip("used the inverse slope", "run / rise * far + c"),
    Slip("gave the intercept", "c"),
)


def line_measured(facts: Facts, statement: Facts) -> Fraction:
    """Find it from the general equation ax + by = d of the line, solved by determinants."""
    (x, y), (u, v) = ((Fraction(value) for value in point) for point in facts["points"].values())
    a, b, d = v - y, x - u, x * v - u * y
    if statement["depth"] == 3:
        return -a / b
    if statement["depth"] == 4:
        return d / b
    return d / a if statement["zero"] else (d - a * statement["far"]) / b


KINDS: dict[str, Kind] = {
    "distance": Kind(distance, draw, distance_measured, (3, 4, 5, 7), (440, 420)),
    "line": Kind(line, draw, line_measured, (3, 4, 5), (440, 420)),
}

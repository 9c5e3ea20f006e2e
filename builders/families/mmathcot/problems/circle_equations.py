"""Circles on a grid, by their equation."""

import math

from builders.families.mmathcot.problems import axes, coordinates, marking
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule

_CENTRES = tuple((x, y) for x in range(-4, 6) for y in range(-4, 5))


def circle_equation(depth: int, lot: Lot) -> Draft:
    """A circle with its centre and a point: r² in its equation, the constant of the general form, a chord on the x-axis."""
    m, n = lot.choice(_CENTRES)
    dx, dy = lot.choice(range(-5, 6)), lot.choice(range(-5, 6))
    square = dx * dx + dy * dy
    if not 4 <= square <= 26 or 0 in (dx, dy):
        raise Unfit("a circle too small or too large, or a radius along the grid")
    chord = depth == 5 and lot.coin()
    if chord and (n == 0 or square <= n * n):
        raise Unfit("the circle does not meet the x-axis, or the chord is a diameter")
    if depth == 6 and not m:
        raise Unfit("the centre lies on an axis")
    centre, point = lot.look((("M", "P"), ("C", "Q"), ("K", "A")))
    reach = math.ceil(math.sqrt(square)) + 1
    facts: Facts = {"points": {centre: [m, n], point: [m + dx, n + dy]}, "circle": centre + point}
    facts["window"] = [min(-1, m - reach), min(-1, n - reach), max(1, m + reach + 1), max(1, n + reach + 1)]
    givens = (*coordinates.read(centre, (m, n)), *coordinates.read(point, (m + dx, n + dy)))
    asked = {3: "square", 5: "chord" if chord else "constant", 6: "sum"}[depth]
    texts, rules, slips = _texts(centre, point, asked), _rules(centre, point, asked), _SLIPS[asked](centre, point)
    return Draft(texts, facts, {"asked": asked}, givens, rules, slips)


def _texts(centre: str, point: str, asked: str) -> tuple[str, ...]:
    what = {
        "square": "the number r² on the right side of its equation (x − m)² + (y − n)² = r²",
        "constant": "the number F in its equation x² + y² + Dx + Ey + F = 0",
        "chord": "the length of the chord that it cuts off the x-axis",
        "sum": "the sum D + F of the numbers in its equation x² + y² + Dx + Ey + F = 0",
    }[asked]
    return (
        f"A circle with centre {centre} passes through {point}, both of which are points of the grid. Find {what}.",
        f"What is {what}? The circle in the coordinate system has its centre at {centre}, and {point} lies on it.",
        f"Read centre {centre} and point {point} of the circle, then determine {what}. Give the exact value.",
    )


def _rules(centre: str, point: str, target: str) -> tuple[Rule, ...]:
    c, p = centre.lower(), point.lower()
    start = (
        Rule("dx", "the difference in x", f"x{p} - x{c}", "", f"Subtract the x-coordinates of {centre} and {point}."),
        Rule("dy", "the difference in y", f"y{p} - y{c}", "", "Subtract the y-coordinates."),
        Rule("s", "r²", "dx**2 + dy**2", "", f"{centre}{point} is a radius, and the theorem of Pythagoras gives its square."),
    )
    away = "The x-axis is as far from the centre as its y-coordinate says."
    half = Rule("half", "half the chord", f"sqrt(s - y{c}**2)", "", away)
    whole = Rule("chord", "the chord", "2 * half", "", "The perpendicular from the centre halves a chord.")
    squares = Rule("mm", "m² + n²", f"x{c}**2 + y{c}**2", "", "Multiply the equation out.")
    constant = Rule("F", "F", "mm - s", "", "Bring r² to the left side.")
    total = Rule("sum", "D + F", f"F - 2 * x{c}", "", "D is −2 times the x-coordinate of the centre.")
    ends = {"square": (), "chord": (half, whole), "constant": (squares, constant), "sum": (squares, constant, total)}
    return (*start, *ends[target])


def _square_slips(centre: str, point: str) -> tuple[Slip, ...]:
    c, p = centre.lower(), point.lower()
    return (
        Slip("took the radius", "sqrt(s)"),
        Slip("added before squaring", "(dx + dy)**2"),
        Slip("took the point's coordinates", f"x{p}**2 + y{p}**2"),
        Slip("took the centre's coordinates", f"x{c}**2 + y{c}**2"),
        Slip("doubled", "2 * s"),
    )


def _chord_slips(centre: str, point: str) -> tuple[Slip, ...]:
    del point
    return (
        Slip("gave half the chord", "half"),
        Slip("took the diameter", "2 * sqrt(s)"),
        Slip("took the wrong coordinate", f"2 * sqrt((s - x{centre.lower()}**2)**2)"),
        Slip("added instead of subtracting", f"2 * sqrt(s + y{centre.lower()}**2)"),
        Slip("doubled once too often", "2 * chord"),
    )


def _constant_slips(centre: str, point: str) -> tuple[Slip, ...]:
    del centre, point
    return (
        Slip("lost the sign", "s - mm"),
        Slip("took r²", "s"),
        Slip("forgot r²", "mm"),
        Slip("added", "mm + s"),
        Slip("subtracted the radius", "mm - sqrt(s)"),
    )


def _sum_slips(centre: str, point: str) -> tuple[Slip, ...]:
    del point
    c = centre.lower()
    return (
        Slip("lost the sign of D", f"F + 2 * x{c}"),
        Slip("forgot to double", f"F - x{c}"),
        Slip("took E for D", f"F - 2 * y{c}"),
        Slip("gave F", "F"),
        Slip("subtracted", f"-F - 2 * x{c}"),
    )


_SLIPS = {"square": _square_slips, "chord": _chord_slips, "constant": _constant_slips, "sum": _sum_slips}


def substituted(facts: Facts, statement: Facts) -> float:
    """Put the point into the general equation, which then holds F; find the chord by the sine of half its angle."""
    (m, n), (x, y) = facts["points"].values()
    constant = -(x * x + y * y) + 2 * m * x + 2 * n * y
    if statement["asked"] == "chord":
        radius = math.dist((m, n), (x, y))
        return 2 * radius * math.sin(math.acos(abs(n) / radius))
    square = abs(complex(x, y) - complex(m, n)) ** 2
    return float({"square": square, "constant": constant, "sum": constant - 2 * m}[statement["asked"]])


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw the circle on a grid, its radius, its centre and the point."""
    axes.plane(canvas, facts)
    centre, point = (facts["points"][name] for name in facts["circle"])
    canvas.circle(centre, math.dist(centre, point), 1.5, canvas.style.accent)
    canvas.stroke([centre, point], 0.8, canvas.style.accent, dash=(4, 3))
    for name, at in facts["points"].items():
        canvas.dot(at, 3.4, canvas.style.accent)
        marking.name(canvas, at, name, marking.centre([centre, point]))


KINDS = {"circle_equation": Kind(circle_equation, draw, substituted, (3, 5, 6), (440, 440))}

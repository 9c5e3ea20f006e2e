"""Solids that are put together: a cylinder with a cone or half a sphere on it, a cuboid with a hole through it."""

import math

from builders.families.mmathcot.problems import marking, plane
from builders.families.mmathcot.problems.drawing import Canvas, Point, arc_points
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.sectors import DISC
from builders.families.mmathcot.problems.solids import BALL, THIRD, ellipse, shares, sliced
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

TOPS = ("cone", "half sphere")


def topped_cylinder(depth: int, lot: Lot) -> Draft:
    """A cylinder with a cone or half a sphere on top: the volume of both."""
    top = "cone" if depth == 4 else "half sphere"
    radius, height = lot.randint(2, 12), lot.randint(3, 24)
    high = lot.randint(2, 24) if top == "cone" else radius
    flat = not (0.5 < height / radius < 4 and 0.4 < high / radius < 3) or height + high > 4 * radius
    if flat or len({radius, height, high}) < (3 if top == "cone" else 2):
        raise Unfit("too flat or too high, or lengths alike")
    if depth == 5 and radius % 3 and radius > 9:
        raise Unfit("an awkward volume")
    unit = lot.look(("cm", "m"))
    facts: Facts = {"top": top, "radius": radius, "height": height, "high": high, "unit": unit}
    givens = [figure("r", "the radius", radius, unit), figure("h", "the height of the cylinder", height, unit)]
    if top == "cone":
        givens.append(figure("k", "the height of the cone", high, unit))
    return Draft(_topped_texts(top), facts, {}, tuple(givens), _topped_rules(top, unit), _topped_slips(top))


def _topped_texts(top: str) -> tuple[str, ...]:
    return (
        f"A {top} stands on a cylinder of the same radius. Find the volume of the whole solid, in terms of π.",
        f"The solid in the figure consists of a cylinder and a {top}. What is its volume? Leave π in the answer.",
        f"Calculate how much space the solid takes up that is made of a cylinder with a {top} on top. Give a multiple of π.",
    )


def _topped_rules(top: str, unit: str) -> tuple[Rule, ...]:
    cube = f"{unit}³"
    base = Rule("base", "the area of the base", "pi * r**2", f"{unit}²", DISC)
    drum = Rule("drum", "the volume of the cylinder", "base * h", cube, "Multiply the base by the height.")
    cone = (Rule("cap", "the volume of the cone", "base * k / 3", cube, THIRD),)
    ball = (
        Rule("ball", "the volume of a whole sphere of that radius", "4 * pi * r**3 / 3", cube, BALL),
        Rule("cap", "the volume of the half sphere", "ball / 2", cube, "Halve it."),
    )
    total = Rule("all", "the volume of the solid", "drum + cap", cube, "Add both parts.")
    return (base, drum, *(cone if top == "cone" else ball), total)


def _topped_slips(top: str) -> tuple[Slip, ...]:
    return (
        Slip("left out the top", "drum"),
        Slip("took the top for a cylinder", "drum + base * k" if top == "cone" else "drum + base * r"),
        Slip("halved the top", "drum + cap / 2"),
        Slip("doubled the top", "drum + 2 * cap"),
        Slip("took the diameter for the radius", "4 * all"),
    )


def topped_measured(facts: Facts, statement: Facts) -> float:
    """Integrate slices of both parts."""
    del statement
    radius, high = facts["radius"], facts["high"]
    radii = [
        radius * (1 - share) if facts["top"] == "cone" else math.sqrt(radius**2 - (radius * share) ** 2) for share in shares()
    ]
    drum = facts["height"] * plane.sector_area(radius, 360)
    return float(drum) + sliced(high, [plane.sector_area(one, 360) for one in radii])


def draw_topped(canvas: Canvas, facts: Facts) -> None:
    """Draw a cylinder with what stands on it."""
    r, h, k, unit = float(facts["radius"]), float(facts["height"]), float(facts["high"]), facts["unit"]
    canvas.fit([(-r, -0.3 * r), (r, h + k)], 62)
    for level, width in ((0.0, 1.0), (h, 0.8)):
        canvas.stroke(ellipse((0, level), r, 180, 360), width)
        canvas.stroke(ellipse((0, level), r, 0, 180), 0.7, dash=(5, 4))
    for x in (-r, r):
        canvas.stroke([(x, 0), (x, h)])
    if facts["top"] == "cone":
        for x in (-r, r):
            canvas.stroke([(x, h), (0, h + k)])
        canvas.stroke([(0, h), (0, h + k)], 0.7, dash=(4, 3))
        marking.dimension(canvas, (-r, h), (-r, h + k), f"{facts['high']} {unit}", 16)
    else:
        canvas.stroke(arc_points((0, h), r, 0, 180))
    canvas.stroke([(0, 0), (r, 0)], 0.9)
    canvas.dot((0, 0))
    marking.side(canvas, ((0, 0), (r, 0)), f"{facts['radius']} {unit}", (0, h))
    marking.side(canvas, ((r, 0), (r, h)), f"{facts['height']} {unit}", (0, h / 2))


def drilled_cuboid(depth: int, lot: Lot) -> Draft:
    """A cuboid with a hole through it, square or round: the volume that is left."""
    wide, high, long = lot.randint(5, 20), lot.randint(5, 16), lot.randint(4, 24)
    hole = lot.randint(2, 12)
    round_ = depth == 4
    if hole >= 0.7 * min(wide, high) or hole < 0.25 * min(wide, high) or len({wide, high, long, hole}) < 4:
        raise Unfit("the hole is too large or too small, or lengths are alike")
    if wide < high or long > 2.2 * wide or (round_ and hole % 2 and hole > 5):
        raise Unfit("another turned, or too long")
    unit = lot.look(("cm", "m"))
    facts: Facts = {"edges": [wide, high, long], "hole": hole, "round": round_, "unit": unit}
    givens = (
        figure("a", "the width", wide, unit),
        figure("b", "the height", high, unit),
        figure("c", "the length", long, unit),
        figure("d", "the diameter of the hole" if round_ else "the side of the hole", hole, unit),
    )
    texts, rules, slips = _drilled_texts(round_=round_), _drilled_rules(unit, round_=round_), _drilled_slips(round_=round_)
    return Draft(texts, facts, {}, givens, rules, slips)


def _drilled_texts(*, round_: bool) -> tuple[str, ...]:
    what, tail = ("round hole", ", in terms of π") if round_ else ("square hole", "")
    return (
        f"A {what} goes straight through the cuboid in the figure, from front to back. Find the volume that is left{tail}.",
        f"What is the volume of the block{tail}, if the {what} reaches from its front face to the face opposite?",
        f"The drawing shows a cuboid with a {what} right through it. Work out how much material it holds{tail}.",
    )


def _drilled_rules(unit: str, *, round_: bool) -> tuple[Rule, ...]:
    block = Rule("block", "the volume of the full cuboid", "a * b * c", f"{unit}³", "Multiply the three edges.")
    gap = Rule("gap", "the volume of the hole", "d * d * c", f"{unit}³", "It is as long as the cuboid.")
    left = Rule("left", "the volume that is left", "block - gap", f"{unit}³", "Take the hole away.")
    if not round_:
        return (block, gap, left)
    half = f"Its radius is half of d. {DISC}"
    mouth = Rule("mouth", "the area of the hole's mouth", "pi * (d / 2)**2", f"{unit}²", half)
    return (block, mouth, gap._replace(formula="mouth * c"), left)


def _drilled_slips(*, round_: bool) -> tuple[Slip, ...]:
    return (
        Slip("forgot the hole", "block"),
        Slip("gave the hole", "gap"),
        Slip("added the hole", "block + gap"),
        Slip("took the hole for a cube", "block - d**3"),
        Slip("took the diameter for the radius", "block - pi * d**2 * c" if round_ else "block - d * c"),
        Slip("took half the hole", "block - gap / 2"),
    )


def drilled_measured(facts: Facts, statement: Facts) -> float:
    """Measure the front face without its hole by coordinates, and push it through."""
    del statement
    wide, high, long = facts["edges"]
    corners = {"A": (0, 0), "B": (wide, 0), "C": (wide, high), "D": (0, high)}
    d = facts["hole"]
    inner = {"A": (0, 0), "B": (d, 0), "C": (d, d), "D": (0, d)}
    mouth = plane.sector_area(d / 2, 360) if facts["round"] else plane.area(inner, "ABCD")
    return float((plane.area(corners, "ABCD") - mouth) * long)


def draw_drilled(canvas: Canvas, facts: Facts) -> None:
    """Draw a cuboid from the front, with the hole in its front face."""
    (wide, high, long), d, unit = facts["edges"], facts["hole"], facts["unit"]
    dx, dy = 0.5 * long, 0.32 * long
    front: list[Point] = [(0.0, 0.0), (float(wide), 0.0), (float(wide), float(high)), (0.0, float(high))]
    back = [(x + dx, y + dy) for x, y in front]
    canvas.fit([*front, *back], 56)
    canvas.outline(front, 1, canvas.style.tint)
    for place in (1, 2, 3):
        canvas.stroke([front[place], back[place]])
    canvas.stroke([back[1], back[2], back[3]])
    middle = (wide / 2, high / 2)
    line = _draw_hole(canvas, middle, d, round_=facts["round"])
    marking.side(canvas, line, f"{d} {unit}", (middle[0], middle[1] + d))
    marking.side(canvas, (front[0], front[1]), f"{wide} {unit}", middle)
    marking.side(canvas, (front[0], front[3]), f"{high} {unit}", middle)
    marking.side(canvas, (front[1], back[1]), f"{long} {unit}", middle)


def _draw_hole(canvas: Canvas, middle: Point, wide: float, *, round_: bool) -> tuple[Point, Point]:
    """Draw the mouth of a hole; return the line whose length is given: the diameter, or the lower side."""
    (x, y), half = middle, wide / 2
    if not round_:
        left, low = x - half, y - half
        canvas.outline([(left, low), (left + wide, low), (left + wide, low + wide), (left, low + wide)], 1, (255, 255, 255))
        return (left, low), (left + wide, low)
    canvas.fill(arc_points(middle, half, 0, 360), (255, 255, 255))
    canvas.circle(middle, half)
    line = ((x - half, y), (x + half, y))
    canvas.stroke(line, 0.8)
    return line


KINDS = {
    "topped_cylinder": Kind(topped_cylinder, draw_topped, topped_measured, (4, 5), (400, 440)),
    "drilled_cuboid": Kind(drilled_cuboid, draw_drilled, drilled_measured, (3, 4), (460, 400)),
}

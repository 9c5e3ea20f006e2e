"""Cylinders and cones: volumes and surfaces as multiples of π."""

import math

from builders.families.mmathcot.problems import marking, plane
from builders.families.mmathcot.problems.drawing import Canvas, Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

DISC = "The area of a circle is π times the square of its radius."
SIDES = f"Radius, height and slant edge form a right triangle. {PYTHAGORAS}"


def cylinder(depth: int, lot: Lot) -> Draft:
    """A cylinder, by radius or by diameter: volume or surface."""
    across = depth in {3, 5}
    radius, height = lot.randint(2, 9), lot.randint(3, 16)
    if not 0.6 < height / radius < 4 or radius == height:
        raise Unfit("too flat or too high")
    unit = lot.look(("cm", "m"))
    facts: Facts = {"radius": radius, "height": height, "unit": unit, "across": 2 * radius if across else 0}
    what = "volume" if depth <= 3 else "total surface area"
    texts = (
        f"Find the {what} of the cylinder in the figure, in terms of π.",
        f"A solid with two equal circular faces has the measures shown. What is its {what}? Leave π in the answer.",
        f"Read the measures of the cylinder and express its {what} as a multiple of π.",
    )
    shown = figure("d", "the diameter", 2 * radius, unit) if across else figure("r", "the radius", radius, unit)
    givens = (shown, figure("h", "the height", height, unit))
    slips = _CYLINDER_VOLUME if depth <= 3 else _CYLINDER_SURFACE
    return Draft(texts, facts, {"volume": depth <= 3}, givens, _cylinder_rules(depth, unit), slips)


def _cylinder_rules(depth: int, unit: str) -> tuple[Rule, ...]:
    square = f"{unit}²"
    r = Rule("r", "the radius", "d / 2", unit, "The radius is half the diameter.")
    base = Rule("base", "the area of the base", "pi * r**2", square, DISC)
    volume = Rule("v", "the volume", "base * h", f"{unit}³", "Multiply base and height.")
    around = Rule("c", "the circumference of the base", "2 * pi * r", unit, "The circumference is 2π times the radius.")
    mantle = Rule("m", "the area of the curved surface", "c * h", square, "Unrolled, it is a rectangle.")
    total = Rule("s", "the whole surface area", "2 * base + m", square, "Add both bases.")
    surface = (base, around, mantle, total)
    return {2: (base, volume), 3: (r, base, volume), 4: surface, 5: (r, *surface)}[depth]


_CYLINDER_VOLUME = (
    Slip("took the diameter for the radius", "4 * v"),
    Slip("took the curved surface", "2 * pi * r * h"),
    Slip("forgot to square the radius", "pi * r * h"),
    Slip("took a third", "v / 3"),
    Slip("squared the height", "pi * r * h**2"),
)
_CYLINDER_SURFACE = (
    Slip("left out both bases", "m"),
    Slip("counted one base", "base + m"),
    Slip("took the volume", "base * h"),
    Slip("took the diameter for the radius", "8 * pi * r**2 + 2 * m"),
    Slip("halved the circumference", "2 * base + m / 2"),
)


def cylinder_measured(facts: Facts, statement: Facts) -> float:
    """Take the limit of prisms with ever more sides."""
    radius, height = facts["radius"], facts["height"]
    base = plane.sector_area(radius, 360)
    return float(base * height if statement["volume"] else 2 * base + plane.arc_length(radius, 360) * height)


def _ellipse(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    turns = [math.radians(start + (end - start) * k / 48) for k in range(49)]
    return [(centre[0] + radius * math.cos(turn), centre[1] + 0.3 * radius * math.sin(turn)) for turn in turns]


def draw_cylinder(canvas: Canvas, facts: Facts) -> None:
    """Draw a standing cylinder with its height and its radius or diameter on the top face."""
    r, h, unit = float(facts["radius"]), float(facts["height"]), facts["unit"]
    canvas.fit([(-r, -0.3 * r), (r, h + 0.3 * r)], 66)
    canvas.fill(_ellipse((0, h), r, 0, 360), canvas.style.tint)
    canvas.stroke(_ellipse((0, h), r, 0, 360))
    canvas.stroke(_ellipse((0, 0), r, 180, 360))
    canvas.stroke(_ellipse((0, 0), r, 0, 180), 0.7, dash=(5, 4))
    for x in (-r, r):
        canvas.stroke([(x, 0), (x, h)])
    canvas.dot((0, h))
    start = (-r, h) if facts["across"] else (0.0, h)
    canvas.stroke([start, (r, h)], 0.9)
    marking.side(canvas, (start, (r, h)), f"{facts['across'] or facts['radius']} {unit}", (0, h - 1))
    marking.side(canvas, ((r, 0), (r, h)), f"{facts['height']} {unit}", (0, h / 2))


def cone(depth: int, lot: Lot) -> Draft:
    """A cone with one length to be found by Pythagoras first: its volume, or with a step more its surface."""
    radius, height, slant = lot.choice([triple for triple in TRIPLES if 0.3 < triple[0] / triple[1] < 1.5])
    volume = depth == 3
    unit = lot.look(("cm", "m"))
    facts: Facts = {"radius": radius, "height": height, "slant": slant, "unit": unit}
    facts["shown"] = "slant" if volume else "height"
    what = "volume" if volume else "total surface area"
    texts = (
        f"Find the {what} of the cone in the figure, in terms of π.",
        f"A solid has a circular base and a tip above its centre. With the lengths shown, what is its {what}? Leave π in it.",
        f"Work out the {what} of the cone exactly, as a multiple of π.",
    )
    shown = figure("s", "the slant edge", slant, unit) if volume else figure("h", "the height", height, unit)
    givens = (figure("r", "the radius", radius, unit), shown)
    rules = _cone_volume(unit) if volume else _cone_surface(unit)
    return Draft(texts, facts, {"volume": volume}, givens, rules, _CONE_VOLUME if volume else _CONE_SURFACE)


def _cone_volume(unit: str) -> tuple[Rule, ...]:
    third = "A cone has a third of the volume of the cylinder around it."
    return (
        Rule("h", "the height", "sqrt(s**2 - r**2)", unit, SIDES),
        Rule("base", "the area of the base", "pi * r**2", f"{unit}²", DISC),
        Rule("v", "the volume", "base * h / 3", f"{unit}³", third),
    )


def _cone_surface(unit: str) -> tuple[Rule, ...]:
    square = f"{unit}²"
    return (
        Rule("s", "the slant edge", "sqrt(r**2 + h**2)", unit, SIDES),
        Rule("base", "the area of the base", "pi * r**2", square, DISC),
        Rule("m", "the area of the curved surface", "pi * r * s", square, "It is π times radius times slant edge."),
        Rule("all", "the whole surface area", "base + m", square, "Add base and curved surface."),
    )


_CONE_VOLUME = (
    Slip("forgot the third", "pi * r**2 * h"),
    Slip("took the slant edge for the height", "pi * r**2 * s / 3"),
    Slip("halved instead of taking a third", "pi * r**2 * h / 2"),
    Slip("took the diameter", "4 * pi * r**2 * h / 3"),
    Slip("forgot to square the radius", "pi * r * h / 3"),
)
_CONE_SURFACE = (
    Slip("took the height for the slant edge", "base + pi * r * h"),
    Slip("left out the base", "m"),
    Slip("counted the base twice", "2 * base + m"),
    Slip("took the volume", "base * h / 3"),
    Slip("doubled the curved surface", "base + 2 * m"),
)


def cone_measured(facts: Facts, statement: Facts) -> float:
    """Integrate slices for the volume; take the limit of pyramids' faces for the surface."""
    radius = facts["radius"]
    height = facts["height"] if facts["shown"] == "height" else math.sqrt(facts["slant"] ** 2 - radius**2)
    base = plane.sector_area(radius, 360)
    if statement["volume"]:
        nodes = ((-math.sqrt(0.6), 5 / 9), (0.0, 8 / 9), (math.sqrt(0.6), 5 / 9))
        return height / 2 * sum(weight * base * ((1 - node) / 2) ** 2 for node, weight in nodes)
    slant = math.hypot(radius, height)
    return base + plane.sector_area(slant, 360 * radius / slant)


def draw_cone(canvas: Canvas, facts: Facts) -> None:
    """Draw a standing cone with radius and either height or slant edge."""
    r, h, unit = float(facts["radius"]), float(facts["height"]), facts["unit"]
    canvas.fit([(-r, -0.3 * r), (r, h)], 66)
    canvas.stroke(_ellipse((0, 0), r, 180, 360))
    canvas.stroke(_ellipse((0, 0), r, 0, 180), 0.7, dash=(5, 4))
    for x in (-r, r):
        canvas.stroke([(x, 0), (0, h)])
    canvas.stroke([(0, 0), (0, h)], 0.7, dash=(5, 4))
    canvas.stroke([(0, 0), (r, 0)], 0.9)
    canvas.dot((0, 0))
    marking.right_angle(canvas, (0, 0), (r, 0), (0, h), 9)
    marking.side(canvas, ((0, 0), (r, 0)), f"{facts['radius']} {unit}", (0, 1))
    if facts["shown"] == "slant":
        marking.side(canvas, ((r, 0), (0, h)), f"{facts['slant']} {unit}", (0, 0))
    else:
        marking.side(canvas, ((0, 0), (0, h)), f"{facts['height']} {unit}", (r, 0))


KINDS = {
    "cylinder": Kind(cylinder, draw_cylinder, cylinder_measured, (2, 3, 4, 5), (400, 400)),
    "cone": Kind(cone, draw_cone, cone_measured, (3, 4), (400, 400)),
}

"""Spheres, pyramids and solids that are put together."""

import math

from builders.families.mmathcot.problems import marking, plane
from builders.families.mmathcot.problems.drawing import Canvas, Point, arc_points
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.sectors import DISC
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

BALL = "The volume of a sphere is 4/3 times π times the third power of its radius."
THIRD = "A pyramid or cone holds a third of base times height."
_NODES = ((-math.sqrt(0.6), 5 / 9), (0.0, 8 / 9), (math.sqrt(0.6), 5 / 9))
"""Gauss's places and weights, exact for areas of slices that are cubic in the height."""


def sliced(height: float, area: list[float]) -> float:
    """Integrate the areas of slices at the three places of Gauss, from bottom to top."""
    return height / 2 * sum(weight * one for (_, weight), one in zip(_NODES, area, strict=True))


def shares() -> list[float]:
    """Return at which share of a height these slices lie."""
    return [(1 + node) / 2 for node, _ in _NODES]


def sphere(depth: int, lot: Lot) -> Draft:
    """A sphere or half of one, by radius or diameter: volume or surface."""
    half, surface, size = lot.coin(), lot.coin(), lot.randint(2, 24)
    across = depth in {3, 4} and lot.coin()
    if depth != 2 + across + half or (across and size % 2 and size > 9) or (not across and size > 15):
        raise Unfit("another number of steps, or an awkward radius")
    unit, shape = lot.look(("cm", "m")), "half sphere" if half else "sphere"
    facts: Facts = {"size": size, "across": across, "half": half, "unit": unit}
    what = f"{'whole surface area' if surface else 'volume'} of the {shape}"
    texts = (
        f"Find the {what} in the figure, in terms of π.",
        f"The {'diameter' if across else 'radius'} of a {shape} is given. What is the {what}? Leave π in the answer.",
        f"Read the measure in the drawing and express the {what} as a multiple of π; do not round.",
    )
    shown = figure("d", "the diameter", size, unit) if across else figure("r", "the radius", size, unit)
    radius = Rule("r", "the radius", "d / 2", unit, "The radius is half the diameter.")
    formulas = _surface_rules(unit, half=half) if surface else _ball_rules(unit, half=half)
    rules = (radius, *formulas) if across else formulas
    return Draft(texts, facts, {"surface": surface}, (shown,), rules, _ball_slips(rules[-1].name, surface=surface))


def _surface_rules(unit: str, *, half: bool) -> tuple[Rule, ...]:
    square = f"{unit}²"
    disc = Rule("disc", "the area of a circle of this radius", "pi * r**2", square, DISC)
    known = "The surface of a sphere is four times that of such a circle."
    if not half:
        return (disc, Rule("all", "the surface area", "4 * disc", square, known))
    bow = Rule("bow", "the curved surface", "4 * disc / 2", square, f"{known} Half of it belongs to the half sphere.")
    return (disc, bow, Rule("all", "the whole surface area", "bow + disc", square, "Add the level face."))


def _ball_rules(unit: str, *, half: bool) -> tuple[Rule, ...]:
    cube = f"{unit}³"
    power = Rule("cube", "the third power of the radius", "r**3", cube, "Multiply the radius three times.")
    ball = Rule("ball", "the volume of the sphere", "4 * pi * cube / 3", cube, BALL)
    return (power, ball, Rule("all", "the volume of the half sphere", "ball / 2", cube, "Halve it.")) if half else (power, ball)


def _ball_slips(last: str, *, surface: bool) -> tuple[Slip, ...]:
    return (
        Slip("took the diameter for the radius", f"{4 if surface else 8} * {last}"),
        Slip("took surface for volume or the reverse", "4 * pi * r**3 / 3" if surface else "4 * pi * r**2"),
        Slip("forgot a part of the formula", f"{last} / 4"),
        Slip("doubled", f"2 * {last}"),
        Slip("halved", f"{last} / 2"),
        Slip("took the circle", "pi * r**2"),
    )


def sphere_measured(facts: Facts, statement: Facts) -> float:
    """Integrate slices for the volume; for the surface take three times the volume over the radius."""
    radius = facts["size"] / 2 if facts["across"] else facts["size"]
    slices = [plane.sector_area(math.sqrt(radius**2 - (radius * share) ** 2), 360) for share in shares()]
    ball = sliced(radius, slices)
    if not statement["surface"]:
        return ball if facts["half"] else 2 * ball
    whole = float(6 * ball / radius)
    return whole / 2 + plane.sector_area(radius, 360) if facts["half"] else whole


def draw_sphere(canvas: Canvas, facts: Facts) -> None:
    """Draw a sphere or the upper half of one, with its equator."""
    low = -0.26 if facts["half"] else -1.0
    canvas.fit([(-1, low), (1, 1)], 62)
    if facts["half"]:
        canvas.stroke(arc_points((0, 0), 1, 0, 180))
    else:
        canvas.circle((0, 0), 1)
    canvas.stroke(ellipse((0, 0), 1, 180, 360))
    canvas.stroke(ellipse((0, 0), 1, 0, 180), 0.7, dash=(5, 4))
    start = (-1.0, 0.0) if facts["across"] else (0.0, 0.0)
    canvas.stroke([start, (1, 0)], 0.9)
    canvas.dot((0, 0))
    marking.side(canvas, (start, (1.0, 0.0)), f"{facts['size']} {facts['unit']}", (0, -1))


def ellipse(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    """Return an arc of a circle that is seen from a little above."""
    return [(centre[0] + x, centre[1] + 0.26 * y) for x, y in arc_points((0, 0), radius, start, end)]


def pyramid(depth: int, lot: Lot) -> Draft:
    """A pyramid on a square: volume by its height, or by the height of a face; its surface."""
    if depth == 2:
        half, height, slant = lot.randint(2, 20), lot.randint(3, 30), 0
        if not 0.4 < height / half < 3.5:
            raise Unfit("too flat or too high")
        side = half
    else:
        half, height, slant = lot.choice([triple for triple in TRIPLES if 0.3 < triple[0] / triple[1] < 2])
        side = 2 * half
    unit = lot.look(("cm", "m"))
    facts: Facts = {"side": side, "height": height, "slant": slant, "unit": unit, "shown": "slant" if depth == 4 else "height"}
    seen = figure("s", "the height of a face", slant, unit) if depth == 4 else figure("h", "the height", height, unit)
    givens, rules = (figure("a", "the side of the base", side, unit), seen), _pyramid_rules(depth, unit)
    return Draft(_pyramid_texts(depth), facts, {"surface": depth == 6}, givens, rules, _PYRAMID[depth])


def _pyramid_texts(depth: int) -> tuple[str, ...]:
    what = "whole surface area" if depth == 6 else "volume"
    return (
        f"The base of the pyramid in the figure is a square, and its tip lies above the centre of it. Find the {what}.",
        f"What is the {what} of the square pyramid, with the lengths shown? Its four other faces are equal.",
        f"Calculate the {what} of a right pyramid on a square base from the measures in the drawing.",
    )


def _pyramid_rules(depth: int, unit: str) -> tuple[Rule, ...]:
    square, right = f"{unit}²", f"Half the side, the height and the height of a face form a right triangle. {PYTHAGORAS}"
    base = Rule("base", "the area of the base", "a * a", square, "It is a square.")
    volume = Rule("v", "the volume", "base * h / 3", f"{unit}³", THIRD)
    half = Rule("b", "half the side", "a / 2", unit, "The foot of the height is the centre of the square.")
    if depth == 2:
        return (base, volume)
    if depth == 4:
        return (half, Rule("h", "the height", "sqrt(s**2 - b**2)", unit, right), base, volume)
    return (
        half,
        Rule("s", "the height of a face", "sqrt(h**2 + b**2)", unit, right),
        base,
        Rule("face", "the area of a face", "a * s / 2", square, "A face is a triangle."),
        Rule("m", "the area of all four faces", "4 * face", square, "They are equal."),
        Rule("all", "the whole surface area", "base + m", square, "Add the base."),
    )


_PYRAMID = {
    2: (
        Slip("forgot the third", "3 * v"),
        Slip("halved instead of taking a third", "base * h / 2"),
        Slip("forgot to square the side", "a * h / 3"),
        Slip("took the perimeter of the base", "4 * a * h / 3"),
    ),
    4: (
        Slip("took the height of a face", "base * s / 3"),
        Slip("forgot the third", "3 * v"),
        Slip("halved instead of taking a third", "base * h / 2"),
        Slip("squared half the side", "b * b * h / 3"),
    ),
    6: (
        Slip("left out the base", "m"),
        Slip("forgot to halve the faces", "base + 2 * m"),
        Slip("took the height for that of a face", "base + 2 * a * h"),
        Slip("counted one face", "base + face"),
        Slip("took the volume", "base * h / 3"),
    ),
}


def pyramid_measured(facts: Facts, statement: Facts) -> float:
    """Integrate slices for the volume; find the faces by Heron's formula from their edges."""
    side = facts["side"]
    height = facts["height"] if facts["shown"] == "height" else math.sqrt(facts["slant"] ** 2 - side**2 / 4)
    if not statement["surface"]:
        return sliced(height, [(side * (1 - share)) ** 2 for share in shares()])
    edge = math.dist((0, 0, height), (side / 2, side / 2, 0))
    half = (2 * edge + side) / 2
    return float(side**2) + 4 * math.sqrt(half * (half - side) * (half - edge) ** 2)


def draw_pyramid(canvas: Canvas, facts: Facts) -> None:
    """Draw a pyramid on a square that is seen from the side."""
    a, unit = float(facts["side"]), facts["unit"]
    h = float(facts["height"])
    corners: list[Point] = [(0.0, 0.0), (a, 0.0), (1.42 * a, 0.34 * a), (0.42 * a, 0.34 * a)]
    foot, tip = (0.71 * a, 0.17 * a), (0.71 * a, 0.17 * a + h)
    canvas.fit([*corners, tip], 58)
    _draw_edges(canvas, corners, tip)
    marking.side(canvas, (corners[0], corners[1]), f"{facts['side']} {unit}", tip)
    if facts["shown"] == "height":
        canvas.stroke([foot, tip], 0.8, dash=(4, 3))
        canvas.dot(foot)
        marking.side(canvas, (foot, tip), f"{facts['height']} {unit}", (2 * a, 0))
    else:
        middle = (a / 2, 0.0)
        canvas.stroke([middle, tip], 0.8, canvas.style.accent)
        marking.right_angle(canvas, middle, corners[1], tip, 9)
        marking.side(canvas, (middle, tip), f"{facts['slant']} {unit}", (2 * a, 0))


def _draw_edges(canvas: Canvas, corners: list[Point], tip: Point) -> None:
    """Draw the base of a pyramid and its edges to the tip; the last corner and what meets there are hidden."""
    hidden = (6, 4)
    for start, end in ((0, 1), (1, 2)):
        canvas.stroke([corners[start], corners[end]])
    for start, end in ((2, 3), (3, 0)):
        canvas.stroke([corners[start], corners[end]], 0.7, dash=hidden)
    for place in (0, 1, 2):
        canvas.stroke([corners[place], tip])
    canvas.stroke([corners[3], tip], 0.7, dash=hidden)


KINDS = {
    "sphere": Kind(sphere, draw_sphere, sphere_measured, (2, 3, 4), (400, 400)),
    "pyramid": Kind(pyramid, draw_pyramid, pyramid_measured, (2, 4, 6), (440, 400)),
}

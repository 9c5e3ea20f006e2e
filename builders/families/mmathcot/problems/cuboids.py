"""Cuboids in oblique projection, hidden edges dashed: volumes, surfaces, diagonals."""

import math
from fractions import Fraction
from itertools import combinations

from builders.families.mmathcot.problems import marking
from builders.families.mmathcot.problems.drawing import Canvas, between
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

SLANT = (0.42, 0.34)
"""Where an edge that runs away from the reader goes, for each unit."""


_EDGES = ("the length", "the depth", "the height")


def cuboid(depth: int, lot: Lot) -> Draft:
    """A cuboid: volume and what fills it, surface and what it costs, the diagonal."""
    edges = lot.subset(range(3, 15), 3)
    a, b, c = lot.looks.sample(edges, 3)
    if max(edges) > 3.2 * min(edges):
        raise Unfit("too flat")
    unit = "m" if depth == 6 else "cm"
    facts: Facts = {"edges": [a, b, c], "unit": unit}
    asked = {3: _filling, 4: _cubes, 5: _surface, 6: _paint}.get(depth) or (_diagonal if lot.coin() else _volume)
    question = asked(facts, lot)
    if question.statement.get("diagonal"):
        facts["diagonal"] = True
    givens = [figure(name, label, size, unit) for name, label, size in zip("abc", _EDGES, (a, b, c), strict=True)]
    what, _ = question.wordings
    texts = (
        f"The figure shows a cuboid. Find {what}.",
        f"From the edges marked on the box with six rectangular faces, work out {what}.",
        f"What is {what}? The lengths of the edges are given in the figure.",
    )
    return question.draft(texts, facts, givens, depth=depth)


def _filled(unit: str) -> tuple[Rule, Rule]:
    return (
        Rule("base", "the area of the base", "a * b", f"{unit}²", "Multiply its sides."),
        Rule("v", "the volume", "base * c", f"{unit}³", "Multiply base and height."),
    )


def _volume(facts: Facts, lot: Lot) -> Question:
    del lot
    slips = (
        Slip("added the edges", "a + b + c"),
        Slip("took the surface", "2 * (a * b + a * c + b * c)"),
        Slip("left out the height", "base"),
        Slip("took a third", "v / 3"),
        Slip("halved", "v / 2"),
    )
    return Question(("the volume of the cuboid", ""), _filled(facts["unit"]), slips)


def _diagonal(facts: Facts, lot: Lot) -> Question:
    del lot
    (a, b, c), unit = facts["edges"], facts["unit"]
    steepness = (c + b * SLANT[1]) / (a + b * SLANT[0])
    if any(abs(math.log(steepness / other)) < 0.16 for other in (c / a, SLANT[1] / SLANT[0])):
        raise Unfit("the diagonal runs along other edges in the picture")
    upright = "The diagonal of the base and the height are legs of a right triangle."
    rules = (
        Rule("d", "the diagonal of the base", "sqrt(a**2 + b**2)", unit, f"The base is a rectangle. {PYTHAGORAS}"),
        Rule("e", "the space diagonal", "sqrt(d**2 + c**2)", unit, upright),
    )
    slips = (
        Slip("stopped at the base", "d"),
        Slip("added the edges", "a + b + c"),
        Slip("forgot the depth", "sqrt(a**2 + c**2)"),
        Slip("forgot the length", "sqrt(b**2 + c**2)"),
    )
    return Question(("the length of the dotted space diagonal", ""), rules, slips, {"diagonal": True})


def _filling(facts: Facts, lot: Lot) -> Question:
    (a, b, c), rate = facts["edges"], lot.choice((2, 3, 4, 5, 6, 8, 10))
    if a * b * c % rate or a * b * c // rate < 5:
        raise Unfit("no whole number of minutes")
    time = Rule("t", "the time", "v / rate", "min", "Divide the volume by what flows in each minute.")
    slips = (
        Slip("filled the base only", "base / rate * 2"),
        Slip("took the surface", "2 * (a * b + a * c + b * c) / rate"),
        Slip("forgot the flow", "v"),
        Slip("doubled", "2 * t"),
    )
    what = f"the time it takes to fill the empty cuboid with water, of which {rate} cm³ flow in each minute"
    givens = (text("rate", "the water flowing in each minute", rate, "cm³"),)
    return Question((what, ""), (*_filled(facts["unit"]), time), slips, {"rate": rate}, givens)


def _cubes(facts: Facts, lot: Lot) -> Question:
    edge = lot.choice((2, 3))
    if any(size % edge for size in facts["edges"]):
        raise Unfit("cubes do not fit")
    rules = (
        *_filled(facts["unit"]),
        Rule("cube", "the volume of a cube", "edge**3", "cm³", "Multiply three edges."),
        Rule("n", "the number of cubes", "v / cube", "", "Divide the volumes; the cubes fit exactly."),
    )
    slips = (
        Slip("divided by the edge", "v / edge"),
        Slip("divided by a face", "v / edge**2"),
        Slip("counted one layer", "base / edge**2"),
        Slip("gave the volume", "v"),
    )
    what = f"the number of cubes with edges of {edge} cm that fill the cuboid exactly"
    return Question((what, ""), rules, slips, {"edge": edge}, (text("edge", "the edge of a cube", edge, "cm"),))


def _surface(facts: Facts, lot: Lot) -> Question:
    del lot
    square = f"{facts['unit']}²"
    rules = (
        Rule("top", "the area of the base", "a * b", square, "The base measures length times depth."),
        Rule("front", "the area of the front", "a * c", square, "The front measures length times height."),
        Rule("side", "the area of the side", "b * c", square, "The side measures depth times height."),
        Rule("half", "the area of these three faces", "top + front + side", square, "Add them."),
        Rule("s", "the surface area", "2 * half", square, "Each face has an equal one opposite."),
    )
    slips = (
        Slip("forgot to double", "half"),
        Slip("took the volume", "a * b * c"),
        Slip("left out the top", "s - a * b"),
        Slip("counted the front once", "s - a * c"),
        Slip("counted four sides only", "2 * (front + side)"),
    )
    return Question(("the surface area of the cuboid", ""), rules, slips)


def _paint(facts: Facts, lot: Lot) -> Question:
    price, surface = lot.choice((2, 3, 4, 5)), _surface(facts, lot)
    cost = Rule("cost", "the cost", "s * price", "$", "Multiply by the price of a square metre.")
    slips = tuple(Slip(slip.error, f"({slip.formula}) * price") for slip in surface.slips)
    what = f"the cost of painting all six faces, at ${price} for each square metre"
    givens = (text("price", "the price of a square metre", price, "$"),)
    return Question((what, ""), (*surface.rules, cost), slips, {"price": price}, givens)


def measured(facts: Facts, statement: Facts) -> float | Fraction:
    """Use vectors for the diagonal, unit cubes for the volume, and the outer squares of unit cubes for the surface."""
    a, b, c = facts["edges"]
    if statement.get("diagonal"):
        return math.hypot(a, b, c)
    cubes = [(x, y, z) for x in range(a) for y in range(b) for z in range(c)]
    if statement["depth"] in {2, 3, 4}:
        return Fraction(len(cubes), statement.get("rate", statement.get("edge", 1) ** 3))
    inside = set(cubes)
    ways = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
    outer = sum((x + dx, y + dy, z + dz) not in inside for x, y, z in cubes for dx, dy, dz in ways)
    return Fraction(outer * statement.get("price", 1))


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw a cuboid with its length, depth and height."""
    a, b, c = facts["edges"]
    unit = facts["unit"]
    corner = {(x, y, z): (x * a + y * b * SLANT[0], z * c + y * b * SLANT[1]) for x in (0, 1) for y in (0, 1) for z in (0, 1)}
    canvas.fit(corner.values(), 56)
    canvas.fill([corner[0, 0, 0], corner[1, 0, 0], corner[1, 0, 1], corner[0, 0, 1]], canvas.style.tint)
    for (one, start), (other, end) in combinations(corner.items(), 2):
        if sum(p != q for p, q in zip(one, other, strict=True)) == 1:
            hidden = (0, 1, 0) in {one, other}
            canvas.stroke([start, end], 0.7 if hidden else 1, dash=(5, 4) if hidden else ())
    if facts.get("diagonal"):
        canvas.stroke([corner[0, 0, 0], corner[1, 1, 1]], 1.3, canvas.style.accent, (2, 4))
    middle = between(corner[0, 0, 0], corner[1, 1, 1])
    marking.side(canvas, (corner[0, 0, 0], corner[1, 0, 0]), f"{a} {unit}", middle)
    marking.side(canvas, (corner[1, 0, 0], corner[1, 1, 0]), f"{b} {unit}", middle)
    marking.side(canvas, (corner[0, 0, 0], corner[0, 0, 1]), f"{c} {unit}", middle)


KINDS = {"cuboid": Kind(cuboid, draw, measured, (2, 3, 4, 5, 6), (460, 380))}

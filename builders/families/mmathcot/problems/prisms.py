"""Prisms on a right triangle: volumes and surfaces."""

import math

from builders.families.mmathcot.problems import marking
from builders.families.mmathcot.problems.drawing import Canvas, Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure


def prism(depth: int, lot: Lot) -> Draft:
    """A prism on a right triangle: volume, with a leg to be found or not, or surface."""
    one, two, long = lot.choice([triple for triple in TRIPLES if triple[2] <= 20 and (depth == 3 or triple[0] < triple[1])])
    if depth != 3:
        one, two = lot.look(((one, two), (two, one)))
    length, unit, by_long = lot.randint(5, 20), lot.look(("cm", "m")), depth == 3
    if length in {one, two, long} or not 0.4 < one / two < 2.5:
        raise Unfit("lengths alike, or too flat")
    facts: Facts = {"legs": [one, two], "long": long, "length": length, "unit": unit, "by_long": by_long}
    upright = figure("b", "the upright leg of the triangle", two, unit)
    slanted = figure("c", "the slanted side of the triangle", long, unit)
    givens = (
        figure("a", "the lower leg of the triangle", one, unit),
        slanted if by_long else upright,
        figure("length", "the length of the prism", length, unit),
    )
    slanting = Slip("used the slanted side", f"{'c' if by_long else '(a + b)'} * a * length / 2")
    slips = _SURFACE if depth == 5 else (*_VOLUME, slanting)
    return Draft(_texts(depth), facts, {"volume": depth <= 3}, givens, _rules(depth, unit), slips)


def _texts(depth: int) -> tuple[str, ...]:
    what = "volume" if depth <= 3 else "surface area"
    return (
        f"The ends of the prism in the figure are right triangles. Find its {what}.",
        f"A wedge has two equal right triangles as ends. What is its {what}, with the lengths shown?",
        f"Calculate the {what} of the triangular prism from the marked lengths.",
    )


def _rules(depth: int, unit: str) -> tuple[Rule, ...]:
    square, right = f"{unit}²", f"The base is a right triangle. {PYTHAGORAS}"
    base = Rule("base", "the area of the triangle", "a * b / 2", square, "Its legs are base and height.")
    volume = Rule("v", "the volume", "base * length", f"{unit}³", "Multiply the triangle by the length of the prism.")
    if depth == 2:
        return (base, volume)
    if depth == 3:
        return (Rule("b", "the upright leg", "sqrt(c**2 - a**2)", unit, right), base, volume)
    return (
        Rule("c", "the third side of the triangle", "sqrt(a**2 + b**2)", unit, right),
        base,
        Rule("p", "the perimeter of the triangle", "a + b + c", unit, "Add its sides."),
        Rule("m", "the area of the three rectangles", "p * length", square, "Unrolled, they make one rectangle."),
        Rule("s", "the surface area", "2 * base + m", square, "Add both triangles."),
    )


_VOLUME = (
    Slip("forgot to halve", "2 * v"),
    Slip("took a third", "v / 3"),
    Slip("gave the triangle", "base"),
    Slip("added the lengths", "(a + b) * length"),
)
_SURFACE = (
    Slip("left out the triangles", "m"),
    Slip("counted one triangle", "base + m"),
    Slip("forgot to halve the triangles", "4 * base + m"),
    Slip("left out the slanted rectangle", "2 * base + (a + b) * length"),
    Slip("took the volume", "base * length"),
)


def prism_measured(facts: Facts, statement: Facts) -> float:
    """Take the triangle's area by Heron's formula, the third side by the sine of its angle."""
    one = facts["legs"][0]
    two = one * math.tan(math.acos(one / facts["long"])) if facts["by_long"] else facts["legs"][1]
    long = one / math.cos(math.atan2(two, one))
    half = (one + two + long) / 2
    base = math.sqrt(half * (half - one) * (half - two) * (half - long))
    return float(base * facts["length"] if statement["volume"] else 2 * base + 2 * half * facts["length"])


def draw_prism(canvas: Canvas, facts: Facts) -> None:
    """Draw a prism whose triangles face the reader."""
    (one, two), length, unit = facts["legs"], facts["length"], facts["unit"]
    dx, dy = length * 0.72, length * 0.3
    front: list[Point] = [(0.0, 0.0), (float(one), 0.0), (0.0, float(two))]
    back: list[Point] = [(x + dx, y + dy) for x, y in front]
    canvas.fit([*front, *back], 54)
    canvas.outline(front, 1, canvas.style.tint)
    for line in ([front[1], back[1]], [front[2], back[2]], [back[1], back[2]]):
        canvas.stroke(line)
    for line in ([front[0], back[0]], [back[0], back[1]], [back[0], back[2]]):
        canvas.stroke(line, 0.7, dash=(6, 4))
    marking.right_angle(canvas, front[0], front[1], front[2], 9)
    inside = marking.centre(front)
    marking.side(canvas, (front[0], front[1]), f"{one} {unit}", inside)
    if facts["by_long"]:
        marking.side(canvas, (front[1], front[2]), f"{facts['long']} {unit}", (2 * one, 2 * two))
    else:
        marking.side(canvas, (front[0], front[2]), f"{two} {unit}", inside)
    marking.side(canvas, (front[1], back[1]), f"{length} {unit}", inside)


KINDS = {"prism": Kind(prism, draw_prism, prism_measured, (2, 3, 5), (480, 380))}

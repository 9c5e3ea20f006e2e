"""Polygons with their corners on a grid: areas."""

import math
from fractions import Fraction

from builders.families.mmathcot.problems import coordinates
from builders.families.mmathcot.problems.coordinates import AREA, read
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.steps import Rule

HALF = "A right triangle is half a rectangle."
BOX = "Draw the smallest rectangle with sides along the grid around it."


def grid_polygon(depth: int, lot: Lot) -> Draft:
    """A triangle with a side along the grid, any triangle, a quadrilateral: area, by cutting corners off a rectangle."""
    left, bottom = lot.randint(-5, 0), lot.randint(-4, 0)
    wide, high = lot.randint(4, 9), lot.randint(3, 8)
    corners = _corners(depth, wide, high, lot)
    names = lot.look(("ABCD", "PQRS", "KLMN"))[: len(corners)]
    points = {name: [left + x, bottom + y] for name, (x, y) in zip(names, corners, strict=True)}
    facts: Facts = {"points": points, "shaded": [list(names)], "window": coordinates.window(list(points.values()))}
    shape = "triangle" if len(names) == 3 else "quadrilateral"
    texts = (
        f"Find the area of {shape} {names}. One square of the grid has area 1.",
        f"The corners of the {shape} lie on points of the grid. How many square units is its area?",
        f"Calculate the area of the {shape} in the coordinate system, in square units of the grid.",
    )
    upright = corners[1][0] == 0
    rules, slips = (
        _by_base(names, upright=upright) if depth == 3 else (_triangle(names) if depth == 5 else _quadrilateral(names))
    )
    givens = tuple(given for name, point in points.items() for given in read(name, (point[0], point[1])))
    return Draft(texts, facts, {"outline": list(names)}, givens, rules, slips)


def _corners(depth: int, wide: int, high: int, lot: Lot) -> list[tuple[int, int]]:
    if depth == 3:
        if lot.coin():
            return [(0, 0), (wide, 0), (lot.randint(1, wide - 1), high)]
        return [(0, 0), (0, high), (wide, lot.randint(1, high - 1))]
    if depth == 5:
        return [(0, 0), (wide, lot.randint(1, high - 1)), (lot.randint(1, wide - 1), high)]
    bottom, right, top, left = (lot.randint(1, size - 1) for size in (wide, high, wide, high))
    return [(bottom, 0), (wide, right), (top, high), (0, left)]


def _by_base(names: str, *, upright: bool) -> tuple[tuple[Rule, ...], tuple[Slip, ...]]:
    a, b, c = (name.lower() for name in names)
    along, across = ("y", "x") if upright else ("x", "y")
    base = f"{along}{b} - {along}{a}"
    height = f"{across}{c} - {across}{a}"
    rules = (
        Rule("base", names[:2], base, "", "This side lies along the grid."),
        Rule("height", "the height on it", height, "", "Count the squares from it to the opposite corner."),
        Rule("all", "the area", "base * height / 2", AREA, "The area is half of base times height."),
    )
    slips = (
        Slip("forgot to halve", "base * height"),
        Slip("halved twice", "base * height / 4"),
        Slip("added", "base + height"),
        Slip("miscounted the base", "(base + 1) * height / 2"),
        Slip("miscounted the height", "base * (height - 1) / 2"),
    )
    return rules, slips


def _corner(name: str, label: str, legs: tuple[str, str]) -> Rule:
    return Rule(name, f"the area of the corner at {label}", f"({legs[0]}) * ({legs[1]}) / 2", AREA, HALF)


def _triangle(names: str) -> tuple[tuple[Rule, ...], tuple[Slip, ...]]:
    a, b, c = (name.lower() for name in names)
    rules = (
        Rule("box", "the area of the rectangle", f"(x{b} - x{a}) * (y{c} - y{a})", AREA, BOX),
        _corner("t1", names[:2], (f"x{b} - x{a}", f"y{b} - y{a}")),
        _corner("t2", names[1:], (f"x{b} - x{c}", f"y{c} - y{b}")),
        _corner("t3", names[0] + names[2], (f"x{c} - x{a}", f"y{c} - y{a}")),
        Rule("all", "the area of the triangle", "box - t1 - t2 - t3", AREA, "Take the corners away."),
    )
    slips = (
        Slip("took half the rectangle", "box / 2"),
        Slip("forgot a corner", "box - t1 - t2"),
        Slip("forgot to halve a corner", "box - t1 - t2 - 2 * t3"),
        Slip("gave the corners", "t1 + t2 + t3"),
        Slip("forgot another corner", "box - t2 - t3"),
    )
    return rules, slips


def _quadrilateral(names: str) -> tuple[tuple[Rule, ...], tuple[Slip, ...]]:
    a, b, c, d = (name.lower() for name in names)
    rules = (
        Rule("box", "the area of the rectangle", f"(x{b} - x{d}) * (y{c} - y{a})", AREA, BOX),
        _corner("t1", names[:2], (f"x{b} - x{a}", f"y{b} - y{a}")),
        _corner("t2", names[1:3], (f"x{b} - x{c}", f"y{c} - y{b}")),
        _corner("t3", names[2:], (f"x{c} - x{d}", f"y{c} - y{d}")),
        _corner("t4", names[3] + names[0], (f"x{a} - x{d}", f"y{d} - y{a}")),
        Rule("all", "the area of the quadrilateral", "box - t1 - t2 - t3 - t4", AREA, "Take the corners away."),
    )
    slips = (
        Slip("took half the rectangle", "box / 2"),
        Slip("forgot a corner", "box - t1 - t2 - t3"),
        Slip("forgot to halve a corner", "box - 2 * t1 - t2 - t3 - t4"),
        Slip("gave the corners", "t1 + t2 + t3 + t4"),
        Slip("forgot another corner", "box - t2 - t3 - t4"),
    )
    return rules, slips


def pick(facts: Facts, statement: Facts) -> Fraction:
    """Find the area by Pick's theorem: points of the grid inside, and on the boundary."""
    corners = [tuple(facts["points"][name]) for name in statement["outline"]]
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    rim = sum(math.gcd(abs(x - u), abs(y - v)) for (x, y), (u, v) in sides)
    xs, ys = zip(*corners, strict=True)
    turn = 1 if sum(x * v - u * y for (x, y), (u, v) in sides) > 0 else -1
    inside = sum(
        all(turn * ((u - x) * (q - y) - (v - y) * (p - x)) > 0 for (x, y), (u, v) in sides)
        for p in range(min(xs), max(xs) + 1)
        for q in range(min(ys), max(ys) + 1)
    )
    return inside + Fraction(rim, 2) - 1


KINDS = {"grid_polygon": Kind(grid_polygon, coordinates.draw, pick, (3, 5, 6), (440, 420))}

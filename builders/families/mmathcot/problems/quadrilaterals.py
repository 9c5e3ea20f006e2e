"""Trapezia, rhombi, parallelograms: lengths, heights, areas."""

import math
from fractions import Fraction

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES, perimeter_or_area
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text


def trapezium(depth: int, lot: Lot) -> Draft:
    """An isosceles trapezium: its area, its height from a leg, its diagonal."""
    overhang, height, leg, top = sizes = _trapezium_sizes(depth, lot)
    names = a, b, c, d, e = tuple(plane.letters(lot)[:5])
    unit = lot.look(("cm", "m"))
    facts = _trapezium_facts(depth, names, sizes, unit, lot)
    last = figure("h", d + e, height, unit) if depth == 2 else figure("leg", b + c, leg, unit)
    givens = (figure("a", a + b, top + 2 * overhang, unit), figure("c", c + d, top, unit), last)
    statement = {"asked": "perimeter", "outline": a + b + c} if depth == 5 else {"asked": "area", "outline": a + b + c + d}
    rules = _trapezium_rules(depth, (a, b, c, d), unit)
    texts = _trapezium_texts((a, b, c, d), rules[-1].label)
    return Draft(texts, facts, statement, givens, rules, _TRAPEZIUM[depth])


def _trapezium_sizes(depth: int, lot: Lot) -> tuple[int, int, int, int]:
    """Return the overhang at each end, the height, the leg (0 where nothing needs it), and the upper side."""
    if depth == 2:
        overhang, height, leg = lot.randint(1, 4), lot.randint(3, 9), 0
    else:
        overhang, height, leg = lot.choice([triple for triple in TRIPLES if triple[2] <= 20])
    top = lot.randint(3, 14)
    if not 0.25 < height / (top + 2 * overhang) < 1.2 or top == leg:
        raise Unfit("too flat or too high")
    lot.leave(depth, (3, 4), top)
    return overhang, height, leg, top


def _trapezium_facts(depth: int, names: tuple[str, ...], sizes: tuple[int, int, int, int], unit: str, lot: Lot) -> Facts:
    (a, b, c, d, e), (overhang, height, leg, top) = names, sizes
    bottom = top + 2 * overhang
    points: dict[str, Point] = {a: (0.0, 0.0), b: (bottom, 0.0), c: (bottom - overhang, height), d: (overhang, height)}
    facts: Facts = {"unit": unit, "segments": [a + b, b + c, c + d, d + a], "lengths": {a + b: bottom, c + d: top}}
    facts |= {"parallel": [[a + b, d + c]], "arrow_share": 0.78}
    if depth == 2:
        points[e] = (overhang, 0.0)
        facts |= {"dashed": [d + e], "right": [d + e + b], "segments": [*facts["segments"], d + e]}
        facts["lengths"][d + e] = height
    else:
        facts["lengths"][b + c] = leg
        facts["equal"] = [[b + c, d + a]]
    if depth == 5:
        facts["segments"].append(a + c)
    return facts | {"points": plane.turned(points, lot, lot.look((0, 0, 20)))}


def _trapezium_texts(names: tuple[str, str, str, str], what: str) -> tuple[str, ...]:
    a, b, c, d = names
    return (
        f"{a}{b}{c}{d} is a trapezium with {a}{b} ∥ {d}{c}. Find {what}.",
        f"What is {what} in the figure, if the sides with an arrow are parallel?",
        f"The figure shows an isosceles trapezium {a}{b}{c}{d}. Calculate {what} from the marked lengths.",
    )


def _trapezium_rules(depth: int, names: tuple[str, str, str, str], unit: str) -> tuple[Rule, ...]:
    a, b, c, d = names
    shape, square = "".join(names), f"{unit}²"
    half = "The area is half the sum of the parallel sides times the height."
    sum_ = Rule("sum", "the sum of the parallel sides", "a + c", unit, "Add the parallel sides.")
    area = Rule("all", f"the area of {shape}", "sum * h / 2", square, half)
    longer = f"The legs are equal, so {a}{b} is longer than {d}{c} by the same piece at each end."
    overhang = Rule("o", "the overhang at each end", "(a - c) / 2", unit, longer)
    height = Rule("h", "the height", "sqrt(leg**2 - o**2)", unit, "Leg, overhang and height form a right triangle.")
    foot = f"The height from {c} cuts off the overhang at {b}."
    base = Rule("base", f"the part of {a}{b} below the diagonal {a}{c}", "a - o", unit, foot)
    diagonal = Rule("diagonal", a + c, "sqrt(base**2 + h**2)", unit, PYTHAGORAS)
    around = Rule("all", f"the perimeter of triangle {a}{b}{c}", "a + leg + diagonal", unit, "Add the three sides.")
    return {
        2: (sum_, area),
        3: (overhang, height, area._replace(formula="(a + c) * h / 2")),
        4: (overhang, height, sum_, area),
        5: (overhang, height, base, diagonal, around),
    }[depth]


_BY_LEG = (
    Slip("took the leg for the height", "(a + c) * leg / 2"),
    Slip("forgot to halve", "2 * all"),
    Slip("used the longer side only", "a * h"),
    Slip("used the shorter side only", "c * h"),
)
_TRAPEZIUM = {
    2: (*_BY_LEG[1:], Slip("halved twice", "all / 2")),
    3: _BY_LEG,
    4: _BY_LEG,
    5: (
        Slip("added the shorter side", "leg + c + diagonal"),
        Slip("took the shorter side for the base", "a + leg + sqrt(h**2 + c**2)"),
        Slip("left out the diagonal", "a + leg"),
        Slip("went round the trapezium", "a + c + 2 * leg"),
    ),
}


def rhombus(depth: int, lot: Lot) -> Draft:
    """A rhombus: sides, area and height from its diagonals, which bisect each other at right angles."""
    one, two, side = lot.choice([triple for triple in TRIPLES if 0.4 < triple[0] / triple[1] < 2.5])
    from_side = depth in {2, 3} or (depth == 4 and lot.coin())
    if not from_side and one > two:
        raise Unfit("another turned")
    one, two = (one, two) if from_side else lot.look(((one, two), (two, one)))
    a, b, c, d, m, *_ = plane.letters(lot)
    points: dict[str, Point] = {a: (-one, 0.0), b: (0.0, -two), c: (one, 0.0), d: (0.0, two), m: (0.0, 0.0)}
    unit = lot.look(("cm", "m"))
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "right": [a + m + b]}
    facts["segments"] = [a + b, b + c, c + d, d + a, a + m, m + c, b + m, m + d]
    facts["equal"] = [[a + b, b + c, c + d, d + a]]
    rules = _rhombus_rules(depth, (a, b, c, d, m), unit, from_side=from_side)
    name, label, size = ("ab", a + b, side) if from_side else ("bd", b + d, 2 * two)
    texts = _rhombus_texts((a, b, c, d, m), rules[-1].label, f"{a}{c} = {2 * one} {unit} and {label} = {size} {unit}")
    asked = {2: "length", 3: "length", 4: "area" if from_side else "perimeter", 5: "height"}[depth]
    statement: Facts = {"asked": asked, "outline": {2: b + m, 3: b + d}.get(depth, a + b + c + d), "ac": 2 * one, name: size}
    givens = (text("ac", a + c, 2 * one, unit), text(name, label, size, unit))
    return Draft(texts, facts, statement, givens, rules, _rhombus_slips(asked, name))


def _rhombus_texts(names: tuple[str, ...], what: str, stated: str) -> tuple[str, ...]:
    a, b, c, d, m = names
    return (
        f"All sides of {a}{b}{c}{d} are equal, and its diagonals meet at {m}, where {stated}. Find {what}.",
        f"The diagonals of rhombus {a}{b}{c}{d} cross at {m}. What is {what} if {stated}?",
        f"Given that {stated}, use the marks in the figure to determine {what}. {m} is where {a}{c} and {b}{d} cross.",
    )


def _rhombus_rules(depth: int, names: tuple[str, ...], unit: str, *, from_side: bool) -> tuple[Rule, ...]:
    a, b, c, d, m = names
    square, right = f"{unit}²", f"Triangle {a}{m}{b} has a right angle at {m}. {PYTHAGORAS}"
    half = Rule("p", a + m, "ac / 2", unit, "The diagonals bisect each other.")
    product = "The area is half the product of the diagonals."
    area = Rule("area", f"the area of {a}{b}{c}{d}", "ac * bd / 2", square, product)
    if from_side:
        leg = Rule("q", b + m, "sqrt(ab**2 - p**2)", unit, right)
        whole = Rule("bd", b + d, "2 * q", unit, f"{m} is the middle of {b}{d}.")
        rules = (half, leg, whole, area)[:depth]
    else:
        other = Rule("q", b + m, "bd / 2", unit, f"{m} is the middle of {b}{d} as well.")
        edge = Rule("s", a + b, "sqrt(p**2 + q**2)", unit, right)
        around = Rule("last", f"the perimeter of {a}{b}{c}{d}", "4 * s", unit, "All four sides are equal.")
        apart = Rule(
            "last", "the distance between two opposite sides", "area / s", unit, "The area is a side times the height."
        )
        rules = (half, other, edge, around) if depth == 4 else (half, other, edge, area, apart)
    return (*rules[:-1], rules[-1]._replace(name="last"))


def _rhombus_slips(target: str, name: str) -> tuple[Slip, ...]:
    sides = "4 * " if target == "perimeter" else ""
    return (
        Slip("forgot to halve", "2 * last"),
        Slip("halved once too often", "last / 2"),
        Slip("took a diagonal for a side", f"{sides}ac"),
        Slip("took the other length for a side", f"{sides}{name}"),
        Slip("added the given lengths", f"ac + {name}"),
        Slip("multiplied the given lengths", f"ac * {name}"),
    )


def rhombus_measured(facts: Facts, statement: Facts) -> float:
    """Measure by coordinates; the distance of opposite sides as that of a corner from a line."""
    if statement["asked"] != "height":
        return perimeter_or_area(facts, statement)
    (ax, ay), (bx, by), (cx, cy) = (facts["points"][name] for name in statement["outline"][:3])
    return float(abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / math.hypot(bx - ax, by - ay))


def parallelogram(depth: int, lot: Lot) -> Draft:
    """A parallelogram and its two heights, then a piece of a side."""
    foot, height, slant, base = _parallelogram_sizes(lot)
    share = base * foot / slant**2
    a, b, c, d, e, f, *_ = plane.letters(lot)
    points: dict[str, Point] = {a: (0.0, 0.0), b: (base, 0.0), c: (base + foot, height), d: (foot, height)}
    points |= {e: (foot, 0.0), f: (foot * share, height * share)}
    unit = lot.look(("cm", "m"))
    facts: Facts = {"unit": unit, "segments": [a + b, b + c, c + d, d + a, d + e, b + f], "dashed": [d + e, b + f]}
    facts |= {"points": plane.turned(points, lot, 25), "right": [d + e + b, b + f + d], "away": {d + e: b}}
    by_foot = depth == 3 and lot.coin()
    shown = figure("o", a + e, foot, unit) if by_foot else figure("h", d + e, height, unit)
    facts["lengths"] = {c + d: base, b + c: slant, shown.label: foot if by_foot else height}
    above = 1 - (base - foot) * foot / height**2  # how far the heights cross from d
    facts |= {"shares": {d + e: above / 2 if above > 0.5 else (1 + above) / 2}, "near": [d + e]}
    rules = _parallelogram_rules(depth, (a, b, c, d, e, f), unit, by_foot=by_foot)
    what = rules[-1].label
    givens = (figure("base", c + d, base, unit), figure("slant", b + c, slant, unit), shown)
    texts = _parallelogram_texts(a + b + c + d, what)
    return Draft(texts, facts, {"asked": "length", "outline": what}, givens, rules, _PARALLELOGRAM)


def _parallelogram_sizes(lot: Lot) -> tuple[int, int, int, int]:
    """Return what the height cuts off the base, the height, the slanted side, and the base."""
    foot, height, slant = lot.choice([triple for triple in TRIPLES if triple[2] <= 20])
    base = lot.randint(4, 20)
    if not 0.5 < base / slant < 2 or base == slant or Fraction(base * height, slant).denominator not in {1, 2, 5}:
        raise Unfit("a length is awkward")
    if not 0.12 < foot / base < 0.88 or not 0.15 < base * foot / slant**2 < 0.85:
        raise Unfit("a height ends close to a corner")
    return foot, height, slant, base


def _parallelogram_texts(shape: str, what: str) -> tuple[str, ...]:
    return (
        f"{shape} is a parallelogram. Find {what}.",
        f"In the parallelogram shown, the dashed lines are heights. What is the length of {what}?",
        f"Perpendiculars are drawn in parallelogram {shape} as marked. Work out the length of {what} from the figure.",
    )


def _parallelogram_rules(depth: int, names: tuple[str, ...], unit: str, *, by_foot: bool) -> tuple[Rule, ...]:
    a, b, c, d, e, f = names
    right = f"{a}{d} = {b}{c}, and triangle {a}{e}{d} has a right angle at {e}. {PYTHAGORAS}"
    other = f"{a}{d} = {b}{c}, and the same area is {a}{d} times its height {b}{f}."
    area = Rule("area", f"the area of {a}{b}{c}{d}", "base * h", f"{unit}²", "The area is a side times the height on it.")
    second = Rule("g", b + f, "area / slant", unit, other)
    if by_foot:
        return (Rule("h", d + e, "sqrt(slant**2 - o**2)", unit, right), area, second)
    far = f"{a}{b} = {c}{d}, and triangle {a}{b}{f} has a right angle at {f}. {PYTHAGORAS}"
    return (area, second, Rule("rest", a + f, "sqrt(base**2 - g**2)", unit, far))[:depth]


_PARALLELOGRAM = (
    Slip("divided by the wrong side", "slant * h / base"),
    Slip("gave the other height", "h"),
    Slip("subtracted the sides", "base - slant"),
    Slip("halved as for a triangle", "base * h / (2 * slant)"),
    Slip("took the sides for legs", "sqrt(slant**2 + base**2)"),
    Slip("gave the longer side", "base"),
)


KINDS = {
    "trapezium": Kind(trapezium, plane.draw, perimeter_or_area, (2, 3, 4, 5), (500, 360)),
    "rhombus": Kind(rhombus, plane.draw, rhombus_measured, (2, 3, 4, 5), (460, 400)),
    "parallelogram": Kind(parallelogram, plane.draw, perimeter_or_area, (2, 3), (500, 360)),
}

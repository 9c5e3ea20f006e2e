"""Lengths and areas at circles: tangents, chords and their distance from the centre."""

import math

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES, perimeter_or_area
from builders.problems.steps import Rule, figure


def tangent_length(depth: int, lot: Lot) -> Draft:
    """A tangent, a radius and the line to the centre form a right triangle: lengths, then areas."""
    radius, length, reach = lot.choice([triple for triple in TRIPLES if 0.35 < triple[0] / triple[1] < 1.4])
    names = p, a, b = lot.look((("P", "A", "B"), ("T", "A", "B"), ("S", "K", "L"), ("P", "Q", "R")))
    turn, half = lot.uniform(0, 360), math.degrees(math.asin(radius / reach))
    points: dict[str, Point] = {"O": (0.0, 0.0), p: polar((0, 0), reach, turn), a: polar((0, 0), radius, turn + 90 - half)}
    unit, gap = lot.look(("cm", "m")), depth == 2 and lot.coin()
    facts: Facts = {"unit": unit, "circles": {"O": radius}, "dots": ["O"], "segments": [p + a, "O" + a, "O" + p]}
    if depth >= 3:
        points[b] = polar((0, 0), radius, turn - 90 + half)
        facts["segments"] += [p + b, "O" + b, *([a + b] if depth == 4 else [])]
    by_reach = not gap and (depth < 4 or lot.coin())
    shown = figure("op", "O" + p, reach, unit) if by_reach else figure("t", p + a, length, unit)
    facts["lengths"] = {"O" + a: radius, shown.label: reach if by_reach else length}
    facts |= {"points": {name: list(point) for name, point in points.items()}, "away": {"O" + p: a, "O" + a: p}}
    rules = _tangent_rules(depth, names, unit, by_reach=by_reach)
    asked = ("gap", "O" + p) if gap else {2: ("area", "O" + a + p), 3: ("area", "O" + a + p + b), 4: ("length", a + b)}[depth]
    statement = {"asked": asked[0], "outline": asked[1]}
    texts, givens = _tangent_texts(depth, names, rules[-1].label), (figure("r", "O" + a, radius, unit), shown)
    return Draft(texts, facts, statement, givens, rules, _tangent_slips(rules[-1].name, by_reach=by_reach))


def _tangent_texts(depth: int, names: tuple[str, str, str], what: str) -> tuple[str, ...]:
    p, a, b = names
    touching = f"{p}{a} and {p}{b} are tangents" if depth >= 3 else f"{p}{a} is a tangent"
    return (
        f"{touching} to the circle with centre O. Find {what}.",
        f"O is the centre of a circle, and {touching} to it from {p}. What is {what}?",
        f"Work out {what} from the lengths shown. O is the centre of the circle, and {touching}.",
    )


def _tangent_rules(depth: int, names: tuple[str, ...], unit: str, *, by_reach: bool) -> tuple[Rule, ...]:
    p, a, b = names
    square = f"{unit}²"
    right = f"{p}{a} touches the circle, so triangle O{a}{p} has a right angle at {a}. {PYTHAGORAS}"
    leg = Rule("t", p + a, "sqrt(op**2 - r**2)", unit, right)
    hypotenuse = Rule("op", "O" + p, "sqrt(r**2 + t**2)", unit, right)
    if depth == 2 and not by_reach:
        nearest = f"The nearest point of the circle lies on O{p}."
        return (hypotenuse, Rule("gap", f"the shortest distance from {p} to the circle", "op - r", unit, nearest))
    mirror = f"Triangle O{b}{p} is the mirror image of triangle O{a}{p}."
    diagonals = f"The area of the kite is also half the product of its diagonals O{p} and {a}{b}."
    return (
        leg if by_reach else hypotenuse,
        Rule("half", f"the area of triangle O{a}{p}", "1/2 * r * t", square, "Its legs are its base and height."),
        Rule("kite", f"the area of O{a}{p}{b}", "2 * half", square, mirror),
        Rule("chord", a + b, "2 * kite / op", unit, diagonals),
    )[:depth]


def _tangent_slips(last: str, *, by_reach: bool) -> tuple[Slip, ...]:
    return (
        Slip("mixed up leg and hypotenuse", "sqrt(op**2 + r**2)") if by_reach else Slip("added the lengths", "r + t"),
        Slip("forgot to halve", f"2 * {last}"),
        Slip("halved once too often", f"{last} / 2"),
        Slip("added the radius", f"{last} + r"),
        Slip("took the line to the centre for a leg", "1/2 * r * op"),
        Slip("multiplied the lengths", "r * op" if by_reach else "r * t"),
    )


def tangent_measured(facts: Facts, statement: Facts) -> float:
    """Measure by coordinates; the gap to the circle from the point of its rim in that direction."""
    if statement["asked"] != "gap":
        return perimeter_or_area(facts, statement)
    centre, point = (facts["points"][name] for name in statement["outline"])
    toward = math.atan2(point[1] - centre[1], point[0] - centre[0])
    radius = facts["circles"]["O"]
    return math.dist(point, (centre[0] + radius * math.cos(toward), centre[1] + radius * math.sin(toward)))


def chord(depth: int, lot: Lot) -> Draft:
    """A chord, the radius to its end, and its distance from the centre: lengths, areas."""
    half, away, radius = lot.choice([triple for triple in TRIPLES if 0.3 < triple[1] / triple[2] < 0.93])
    a, b, m = lot.look((("A", "B", "M"), ("P", "Q", "M"), ("C", "D", "N"), ("K", "L", "M")))
    turn, opening = lot.uniform(0, 360), math.degrees(math.asin(half / radius))
    points = {"O": (0.0, 0.0), m: polar((0, 0), away, turn)}
    points |= {a: polar((0, 0), radius, turn + opening), b: polar((0, 0), radius, turn - opening)}
    unit = lot.look(("cm", "m"))
    facts: Facts = {"unit": unit, "circles": {"O": radius}, "dots": ["O"], "right": ["O" + m + b]}
    facts["points"] = {name: list(point) for name, point in points.items()}
    facts["segments"] = ["O" + a, a + m, m + b, "O" + m, *(["O" + b] if depth > 2 else [])]
    facts |= {"lengths": {"O" + a: radius, "O" + m: away}, "away": {"O" + a: m, "O" + m: a}}
    rules = _chord_rules(depth, (a, b, m), unit, area=depth == 5 or (depth == 3 and lot.coin()))
    last = rules[-1].name
    asked = {"chord": "length", "area": "area", "around": "perimeter", "left": "left"}[last]
    statement = {"asked": asked, "outline": a + b if asked == "length" else "O" + a + b}
    givens = (figure("r", "O" + a, radius, unit), figure("d", "O" + m, away, unit))
    return Draft(_chord_texts((a, b, m), rules[-1].label), facts, statement, givens, rules, _chord_slips(depth, last))


def _chord_texts(names: tuple[str, str, str], what: str) -> tuple[str, ...]:
    a, b, m = names
    return (
        f"{a}{b} is a chord of the circle with centre O. Find {what}.",
        f"O is the centre of the circle, and O{m} is perpendicular to the chord {a}{b}. What is {what}?",
        f"From the radius and the distance shown in the figure, calculate {what}.",
    )


def _chord_rules(depth: int, names: tuple[str, ...], unit: str, *, area: bool) -> tuple[Rule, ...]:
    a, b, m = names
    square = f"{unit}²"
    rules = (
        Rule("half", a + m, "sqrt(r**2 - d**2)", unit, f"Triangle O{m}{a} has a right angle at {m}. {PYTHAGORAS}"),
        Rule("chord", a + b, "2 * half", unit, f"The perpendicular from the centre bisects the chord {a}{b}."),
    )
    inner = Rule("area", f"the area of triangle O{a}{b}", "chord * d / 2", square, f"O{m} is its height on {a}{b}.")
    around = Rule("around", f"the perimeter of triangle O{a}{b}", "chord + 2 * r", unit, f"O{a} and O{b} are radii.")
    if depth < 5:
        return (*rules, inner if area else around)[:depth]
    disc = Rule("disc", "the area of the circle", "pi * r**2", square, "It is π times the square of the radius.")
    label = f"the area of the circle outside triangle O{a}{b}"
    return (*rules, inner, disc, Rule("left", label, "disc - area", square, "Take the triangle away from the circle."))


def _chord_slips(depth: int, last: str) -> tuple[Slip, ...]:
    if depth == 5:
        return (
            Slip("used the diameter", "4 * pi * r**2 - area"),
            Slip("forgot the triangle", "disc"),
            Slip("added the triangle", "disc + area"),
            Slip("forgot to halve the triangle", "disc - 2 * area"),
            Slip("took half the chord", "disc - area / 2"),
        )
    return (
        Slip("added the squares", "2 * sqrt(r**2 + d**2)"),
        Slip("forgot to double", f"{last} / 2"),
        Slip("doubled twice", f"{last} * 2"),
        Slip("subtracted the lengths", "2 * (r - d)"),
        Slip("took the radius for the half chord", "2 * r"),
        Slip("added the lengths", "2 * r + d"),
    )


def chord_measured(facts: Facts, statement: Facts) -> float:
    """Measure by coordinates; the circle's area as the limit of polygons."""
    if statement["asked"] != "left":
        return perimeter_or_area(facts, statement)
    return plane.sector_area(facts["circles"]["O"], 360) - plane.area(facts["points"], statement["outline"])


KINDS = {
    "tangent_length": Kind(tangent_length, plane.draw, tangent_measured, (2, 3, 4), (500, 380)),
    "chord": Kind(chord, plane.draw, chord_measured, (2, 3, 5), (440, 420)),
}

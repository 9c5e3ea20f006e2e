"""Circles: angles at the centre and at the rim, angles at tangents."""

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.angles import ISOSCELES, measured
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

INSCRIBED = "An angle at the centre is twice the angle at the circumference on the same arc."
TANGENT_NAMES = (("P", "A", "B", "C"), ("P", "Q", "R", "S"), ("T", "A", "B", "C"), ("S", "K", "L", "M"))


def inscribed_angle(depth: int, lot: Lot) -> Draft:
    """From a base angle of an isosceles triangle at the centre to angles at the circumference."""
    names = a, b, c, d = tuple(plane.letters(lot)[:4])
    base, turn = lot.randint(16, 52), lot.uniform(0, 360)
    central = 180 - 2 * base
    if central in {60, 90}:
        raise Unfit("a special triangle")
    far = turn + central + lot.uniform(0.32, 0.68) * (360 - central)
    near = turn + central * (0.5 if depth == 5 else lot.uniform(0.35, 0.65))
    directions = {a: turn, b: turn + central, c: far, d: near}
    on = [a, b, c, d][: max(2, min(4, depth))]
    facts: Facts = {"points": {"O": [0.0, 0.0]} | {name: list(polar((0, 0), 5, directions[name])) for name in on}}
    facts |= {"circles": {"O": 5}, "angles": {f"O{a}{b}": base}, "dots": ["O"]}
    facts["segments"] = ["O" + a, "O" + b, a + b, *(one + two for two in on[2:] for one in (a, b))]
    if depth == 5:
        facts["equal"] = [[a + d, b + d]]
    rules = _inscribed_rules(depth, names)
    asked, last = rules[-1].label[1:], rules[-1].name
    givens = (figure("base", f"∠O{a}{b}", base, "°"),)
    return Draft(_inscribed_texts(on, asked), facts, {"asked": asked}, givens, rules, _inscribed_slips(last))


def _inscribed_texts(on: list[str], asked: str) -> tuple[str, ...]:
    return (
        f"O is the centre of the circle. Find ∠{asked}.",
        f"Points {', '.join(on[:-1])} and {on[-1]} lie on the circle with centre O. Determine the size of ∠{asked} in degrees.",
        f"One angle is marked in the figure, where O is the centre of the circle. How large is ∠{asked}?",
    )


def _inscribed_slips(last: str) -> tuple[Slip, ...]:
    return (
        Slip("took the angle at the centre", "180 - 2 * base"),
        Slip("doubled instead of halving", "4 * base"),
        Slip("took the supplement", f"180 - {last}"),
        Slip("took the complement", f"90 - {last}"),
        Slip("gave the marked angle", "base"),
        Slip("doubled the marked angle", "2 * base"),
    )


def _inscribed_rules(depth: int, names: tuple[str, ...]) -> tuple[Rule, ...]:
    a, b, c, d = names
    opposite = f"Opposite angles of the cyclic quadrilateral {a}{d}{b}{c} add up to 180°."
    return (
        Rule("twin", f"∠O{b}{a}", "base", "°", f"O{a} and O{b} are radii. {ISOSCELES}"),
        Rule("centre", f"∠{a}O{b}", "180 - base - twin", "°", f"The angles of triangle O{a}{b} add up to 180°."),
        Rule("rim", f"∠{a}{c}{b}", "centre / 2", "°", INSCRIBED),
        Rule("other", f"∠{a}{d}{b}", "180 - rim", "°", opposite),
        Rule("last", f"∠{a}{b}{d}", "(180 - other) / 2", "°", f"{a}{d} = {b}{d}. {ISOSCELES}"),
    )[:depth]


def tangents(depth: int, lot: Lot) -> Draft:
    """Two tangents from a point: angles at the centre, at the chord, at the circumference."""
    names = p, a, b, c = lot.look(TANGENT_NAMES)
    apex, turn = lot.randrange(36, 88, 2), lot.uniform(0, 360)
    rim = depth == 4 or (depth == 3 and lot.coin())
    points: dict[str, Point] = {"O": (0.0, 0.0), p: plane.tangent_point(4, apex, turn)}
    points |= {a: polar((0, 0), 4, turn + 90 - apex / 2), b: polar((0, 0), 4, turn - 90 + apex / 2)}
    facts: Facts = {"segments": [p + a, p + b, "O" + a, "O" + b], "circles": {"O": 4}, "angles": {a + p + b: apex}}
    if rim:
        points[c] = polar((0, 0), 4, turn + 180 + (0 if depth == 4 else lot.uniform(-30, 30)))
        facts["segments"] += [a + c, b + c]
    if depth == 4 or (depth == 3 and not rim):
        facts["segments"].append(a + b)
    if depth == 4:
        facts["equal"] = [[c + a, c + b]]
    facts |= {"points": {name: list(point) for name, point in points.items()}, "dots": ["O"]}
    rules = _tangent_rules(depth, names, rim=rim)
    asked, last = rules[-1].label[1:], rules[-1].name
    texts, slips = _tangent_texts(names, asked), (Slip("took the supplement", f"180 - {last}"), *_TANGENT_SLIPS)
    return Draft(texts, facts, {"asked": asked}, (figure("apex", f"∠{a}{p}{b}", apex, "°"),), rules, slips)


def _tangent_texts(names: tuple[str, ...], asked: str) -> tuple[str, ...]:
    p, a, b, _ = names
    return (
        f"{p}{a} and {p}{b} are tangents to the circle with centre O. Find ∠{asked}.",
        f"From {p}, two lines touch the circle at {a} and {b}; O is its centre. What is the size of ∠{asked}?",
        f"The lines through {p} in the figure are tangent to the circle around O. Calculate ∠{asked} in degrees.",
    )


_TANGENT_SLIPS = (
    Slip("gave the marked angle", "apex"),
    Slip("halved the marked angle", "apex / 2"),
    Slip("took the marked angle from a right angle", "90 - apex / 2"),
    Slip("counted one right angle only", "360 - apex - 90"),
    Slip("doubled the marked angle", "2 * apex"),
)


def _tangent_rules(depth: int, names: tuple[str, ...], *, rim: bool) -> tuple[Rule, ...]:
    p, a, b, c = names
    upright = "A tangent is perpendicular to the radius to its point of contact."
    around = f"The angles of quadrilateral O{a}{p}{b} add up to 360°."
    rules = (
        Rule("right", f"∠O{a}{p} + ∠O{b}{p}", "90 + 90", "°", upright),
        Rule("centre", f"∠{a}O{b}", "360 - right - apex", "°", around),
        Rule("rim", f"∠{a}{c}{b}", "centre / 2", "°", INSCRIBED),
        Rule("last", f"∠{c}{a}{b}", "(180 - rim) / 2", "°", f"{c}{a} = {c}{b}. {ISOSCELES}"),
    )
    if depth == 3 and not rim:
        return (*rules[:2], Rule("chord", f"∠O{a}{b}", "(180 - centre) / 2", "°", f"O{a} and O{b} are radii. {ISOSCELES}"))
    return rules[:depth]


KINDS = {
    "inscribed_angle": Kind(inscribed_angle, plane.draw, measured, (2, 3, 4, 5), (440, 420)),
    "tangents": Kind(tangents, plane.draw, measured, (2, 3, 4), (500, 380)),
}

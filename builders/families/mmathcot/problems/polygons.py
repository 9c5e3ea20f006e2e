"""Polygons: sums of angles, regular ones."""

import math
from itertools import pairwise

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.angles import LINE, TRIANGLE
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

NAMES = {4: "quadrilateral", 5: "pentagon", 6: "hexagon", 7: "heptagon"}


def polygon(depth: int, lot: Lot) -> Draft:
    """A polygon with all angles known but one, or at depth 6 but two that are equal."""
    count = {2: 4, 3: 5}[depth] if depth <= 3 else lot.randint(5, 7)
    names = plane.letters(lot)[:count]
    corners, inner = _convex(count, lot, twins=depth == 6)
    places = [names[k - 1] + names[k] + names[(k + 1) % count] for k in range(count)]
    angles = dict(zip(places, inner, strict=True))
    known = places[2:] if depth == 6 else places[1:]
    facts: Facts = {"points": dict(zip(names, map(list, corners), strict=True)), "corners": names}
    facts["segments"] = [one + other for one, other in pairwise([*names, names[0]])]
    facts["angles"] = {name: angles[name] if name in known else "x" for name in places}
    givens = tuple(figure(f"a{k}", f"∠{name[1]}", angles[name], "°") for k, name in enumerate(known))
    total = " + ".join(given.name for given in givens)
    texts, rules = _polygon_texts(depth, names), _polygon_rules(depth, count, total, names[0])
    statement = {"asked": places[0], "outside": depth >= 5}
    return Draft(texts, facts, statement, givens, rules, _polygon_slips(depth, count, rules[-1].name))


def _polygon_texts(depth: int, names: list[str]) -> tuple[str, ...]:
    kind = NAMES[len(names)]
    what = f"the exterior angle of the {kind} at {names[0]}" if depth >= 5 else "x"
    return (
        f"The angles of {kind} {''.join(names)} are marked in the figure. Find {what}, in degrees.",
        f"How many degrees does {what} measure? Use the angles that the figure gives.",
        f"All angles of the {kind} are given but for {'the two' if depth == 6 else 'the one'} marked x. Calculate {what}.",
    )


def _polygon_rules(depth: int, count: int, total: str, corner: str) -> tuple[Rule, ...]:
    known = Rule("known", "the sum of the known angles", total, "°", "Add the angles that are given.")
    if depth == 2:
        return (known, Rule("x", "x", "360 - known", "°", "The angles of a quadrilateral add up to 360°."))
    rules = [*_sum_rules(depth, count, corner), known]
    if depth == 6:
        rules.append(Rule("rest", "the sum of the two angles x", "all - known", "°", "Take away what is known."))
        rules.append(Rule("x", "x", "rest / 2", "°", "The two unknown angles are equal."))
    else:
        rules.append(Rule("x", "x", "all - known", "°", "Take away what is known."))
    if depth >= 5:
        rules.append(Rule("out", "the exterior angle", "180 - x", "°", LINE))
    return tuple(rules)


def _sum_rules(depth: int, count: int, corner: str) -> tuple[Rule, ...]:
    if depth == 3:
        made = f"A polygon with {count} sides is made of {count} − 2 triangles."
        return (Rule("all", "the sum of all angles", f"({count} - 2) * 180", "°", made),)
    cut = f"Diagonals from {corner} cut the polygon into triangles, two fewer than it has sides."
    return (
        Rule("n", "the number of triangles", f"{count} - 2", "", cut),
        Rule("all", "the sum of all angles", "n * 180", "°", "The angles of each triangle add up to 180°."),
    )


def _polygon_slips(depth: int, count: int, last: str) -> tuple[Slip, ...]:
    sum_ = (count - 2) * 180
    wrong = "{} - known" if depth < 6 else "({} - known) / 2"
    back = "180 - ({})" if depth >= 5 else "{}"
    return (
        Slip("took 180° too much for the sum of angles", back.format(wrong.format(sum_ + 180))),
        Slip("took 180° too little for the sum of angles", back.format(wrong.format(sum_ - 180))),
        Slip("gave the supplement", f"180 - {last}"),
        Slip("divided the sum of angles evenly", f"{sum_} / {count}"),
        Slip("added ten too many", f"{last} - 10"),
        Slip("added ten too few", f"{last} + 10"),
    )


def _convex(count: int, lot: Lot, *, twins: bool) -> tuple[list[Point], list[int]]:
    """Return the corners of a convex polygon with whole angles, and these angles; with `twins` the first two are equal."""
    outer = _outer_angles(count, lot, twins=twins)
    heads = [sum(outer[: k + 1]) for k in range(count)]
    lengths = [lot.uniform(0.8, 1.4) for _ in range(count - 2)]
    x = sum(size * math.cos(math.radians(head)) for size, head in zip(lengths, heads, strict=False))
    y = sum(size * math.sin(math.radians(head)) for size, head in zip(lengths, heads, strict=False))
    one, two = (polar((0, 0), 1, head) for head in heads[-2:])
    across = one[0] * two[1] - one[1] * two[0]
    lengths += [(-x * two[1] + y * two[0]) / across, (-one[0] * y + one[1] * x) / across]
    if min(lengths) < 0.55 or max(lengths) > 2.2:
        raise Unfit("a side is too short")
    corners: list[Point] = [(0.0, 0.0)]
    for size, head in zip(lengths[:-1], heads[:-1], strict=True):
        corners.append(polar(corners[-1], size, head))
    return corners, [180 - angle for angle in outer]


def _outer_angles(count: int, lot: Lot, *, twins: bool) -> list[int]:
    outer = [lot.randint(180 // count, 620 // count) for _ in range(count - 2 if twins else count - 1)]
    if twins:
        outer.insert(1, outer[0])
    outer.append(360 - sum(outer))
    if not min(outer) >= 25 or max(outer) > 125:
        raise Unfit("the angles do not close")
    rest = outer[2 if twins else 1 :]
    if rest[::-1] < rest:
        raise Unfit("the mirror image of another")
    return outer


def polygon_measured(facts: Facts, statement: Facts) -> float:
    """Measure the angle at the asked corner by coordinates."""
    inner = plane.angle(facts["points"], statement["asked"])
    return 180 - inner if statement["outside"] else inner


def regular_polygon(depth: int, lot: Lot) -> Draft:
    """A regular polygon: its exterior and interior angle, the triangle that a diagonal cuts off, what it leaves."""
    count = lot.choice((5, 6, 8, 9, 10, 12) if depth < 4 else (5, 6, 8, 9, 10))
    names, start = "ABCDEFGHIJKL"[:count], lot.uniform(0, 360)
    points = {name: list(polar((0, 0), 3, start + 360 * k / count)) for k, name in enumerate(names)}
    sides = [one + other for one, other in pairwise([*names, names[0]])]
    facts: Facts = {"points": points, "corners": list(names), "equal": [sides]}
    facts["segments"] = [*sides, *(["AC"] if depth >= 3 else []), *(["BD"] if depth == 5 else [])]
    rules = _regular_rules(depth, names[-1])
    what = rules[-1].label
    texts = (
        f"The polygon in the figure is regular. Find {what}, in degrees.",
        f"All sides of the polygon shown are equal, and so are all its angles. How many degrees does {what} measure?",
        f"Count the corners of the regular polygon in the figure and work out {what}.",
    )
    statement, givens = {"asked": "AXD" if depth == 5 else what[1:]}, (figure("n", "the number of corners", count),)
    return Draft(texts, facts, statement, givens, rules, _regular_slips(rules[-1].name))


def _regular_slips(last: str) -> tuple[Slip, ...]:
    return (
        Slip("gave the exterior angle", "out"),
        Slip("gave the interior angle", "inner"),
        Slip("halved the interior angle", "inner / 2"),
        Slip("added the exterior angle", f"{last} + out"),
        Slip("gave the supplement", f"180 - {last}"),
        Slip("counted a side too many", "180 - 360 / (n + 1)"),
    )


def _regular_rules(depth: int, last: str) -> tuple[Rule, ...]:
    rules = (
        Rule("out", "each exterior angle", "360 / n", "°", "The exterior angles of a polygon add up to 360°."),
        Rule("inner", "∠ABC", "180 - out", "°", "Interior and exterior angle lie on a straight line."),
        Rule("base", "∠BAC", "(180 - inner) / 2", "°", "AB = BC, so triangle ABC is isosceles."),
        Rule("rest", f"∠CA{last}", "inner - base", "°", "AC divides the interior angle at A."),
    )
    if depth < 5:
        return rules[:depth]
    return (
        *rules[:3],
        Rule("twin", "∠CBD", "base", "°", "Triangle BCD is congruent to triangle ABC."),
        Rule("cross", "the obtuse angle between AC and BD", "180 - base - twin", "°", TRIANGLE),
    )


def regular_measured(facts: Facts, statement: Facts) -> float:
    """Measure the asked angle by coordinates; X is where the two diagonals cross."""
    points = dict(facts["points"])
    if "X" in statement["asked"]:
        a, b, c, d = (tuple(points[name]) for name in "ABCD")
        points["X"] = plane.crossing((a, c), (b, d))
        return plane.angle(points, "BXC")
    return plane.angle(points, statement["asked"])


KINDS = {
    "polygon": Kind(polygon, plane.draw, polygon_measured, (2, 3, 4, 5, 6), (480, 400)),
    "regular_polygon": Kind(regular_polygon, plane.draw, regular_measured, (2, 3, 4, 5), (440, 420)),
}

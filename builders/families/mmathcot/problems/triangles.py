"""Lengths and areas in triangles: Pythagoras, similarity."""

import math
from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.numbers import exact
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

PYTHAGORAS = "By the theorem of Pythagoras, the square of the hypotenuse is the sum of the squares of the legs."
PRIMITIVE = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (12, 35, 37))
TRIPLES = tuple(
    (scale * one, scale * two, scale * long)
    for low, high, long in PRIMITIVE
    for one, two in ((low, high), (high, low))
    for scale in range(1, 41 // long + 1)
)
"""Right triangles with whole sides up to 40: both legs, the hypotenuse."""
WHOLE = tuple((one, two) for one, two, _ in TRIPLES if one < two)
"""The legs of these, the shorter one first."""
TWO_LEGS = tuple(dict.fromkeys((*WHOLE, *((one, two) for one in range(2, 10) for two in range(one + 1, 10)))))
"""The legs of a single right triangle."""
CHAINS = (
    (3, 4, 12, 9),
    (9, 12, 8, 10),
    (12, 9, 8, 7),
    (9, 12, 20, 12),
    (12, 16, 15, 12),
    (16, 12, 15, 14),
    (12, 16, 21, 10),
    (6, 8, 24, 15),
)
"""Legs for which the first two hypotenuses are whole."""
RATIOS = tuple(Fraction(number) for number in ("3/2", "2", "5/2", "5/3", "4/3", "7/4", "3"))
"""By what number a triangle is larger than one that is similar to it."""


def perimeter_or_area(facts: Facts, statement: Facts) -> float:
    """Measure the outline that is asked about by its corners' coordinates."""
    points, outline = facts["points"], statement["outline"]
    if statement["asked"] == "area":
        return plane.area(points, outline)
    if statement["asked"] == "length":
        return plane.distance(points, outline)
    return sum(plane.distance(points, outline[k - 1] + outline[k]) for k in range(len(outline)))


def right_triangles(depth: int, lot: Lot) -> Draft:
    """A fan of right triangles, each on the hypotenuse of the one before; its perimeter or area."""
    area = depth == 6 or (depth in {2, 4} and lot.coin())
    count = depth // 2 if area else depth - 1
    legs = _legs(count, lot, whole=area)
    points = _fan(legs, plane.letters(lot))
    (a, *outer), unit = points, lot.look(("cm", "m", "mm"))
    sides = [one + two for one, two in pairwise(outer)]
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "segments": [*(a + name for name in outer), *sides]}
    facts["lengths"] = dict(zip([a + outer[0], *sides], legs, strict=True))
    facts["right"] = [a + side for side in sides]
    givens = tuple(figure(f"l{k}", name, leg, unit) for k, (name, leg) in enumerate(facts["lengths"].items()))
    statement = {"asked": "area" if area else "perimeter", "outline": a + "".join(outer)}
    rules, slips = _fan_rules(a, outer, unit, area=area), _fan_slips(count, area=area)
    return Draft(_fan_texts(statement["outline"], statement["asked"]), facts, statement, givens, rules, slips)


def _fan(legs: list[int], names: list[str]) -> dict[str, Point]:
    """Return the corners: the one that all triangles share, then those around it."""
    points: dict[str, Point] = {names[0]: (0.0, 0.0), names[1]: (float(legs[0]), 0.0)}
    turn, reach = 0.0, float(legs[0])
    for leg, name in zip(legs[1:], names[2:], strict=False):
        turn += math.degrees(math.atan2(leg, reach))
        reach = math.hypot(reach, leg)
        points[name] = polar((0, 0), reach, turn)
    if turn > 200:
        raise Unfit("the fan overlaps")
    return points


def _fan_texts(shape: str, wanted: str) -> tuple[str, ...]:
    kind = {3: "triangle", 4: "quadrilateral", 5: "pentagon", 6: "hexagon"}[len(shape)]
    marked, built = "The right angles", f"The figure is built of right triangles that share the corner {shape[0]}."
    if kind == "triangle":
        marked, built = "The right angle", f"Both legs of a right triangle with the corner {shape[0]} are given in the figure."
    return (
        f"Find the {wanted} of {kind} {shape}. {marked} and lengths are marked in the figure.",
        f"{built} What is the {wanted} of {shape}?",
        f"From the lengths in the figure, compute the exact {wanted} of the {kind} {shape}.",
    )


def _legs(count: int, lot: Lot, *, whole: bool) -> list[int]:
    if whole and count == 3:
        return list(lot.choice(CHAINS))
    if whole and count == 2:
        return [*lot.choice(TRIPLES)[:2], lot.randint(3, 12)]
    if count == 1:
        return lot.looks.sample(lot.choice([pair for pair in TWO_LEGS if not whole or pair in WHOLE]), 2)
    return [lot.randint(2, 9) for _ in range(count + 1)]


def _fan_rules(a: str, outer: list[str], unit: str, *, area: bool) -> tuple[Rule, ...]:
    if area and len(outer) == 2:
        return _half_rectangle(f"{unit}²")
    rules, base, legs = [], "l0", "The legs of a right triangle are its base and height."
    for k, (one, two) in enumerate(pairwise(outer), 1):
        if area:
            rules.append(Rule(f"t{k}", f"the area of triangle {a}{one}{two}", f"1/2 * {base} * l{k}", f"{unit}²", legs))
        if not area or k < len(outer) - 1:
            right = f"Triangle {a}{one}{two} has a right angle at {one}. {PYTHAGORAS}"
            rules.append(Rule(f"h{k}", a + two, f"sqrt({base}**2 + l{k}**2)", unit, right))
            base = f"h{k}"
    if area:
        parts = " + ".join(f"t{k}" for k in range(1, len(outer)))
        return (*rules, Rule("all", "the area", parts, f"{unit}²", "Add the triangles."))
    sides = " + ".join([*(f"l{k}" for k in range(len(outer))), base])
    return (*rules, Rule("all", "the perimeter", sides, unit, "Add the sides of the outline."))


def _half_rectangle(square: str) -> tuple[Rule, Rule]:
    twice = "the area of the rectangle on the legs"
    return (
        Rule("twice", twice, "l0 * l1", square, "Two such triangles make a rectangle."),
        Rule("all", "the area", "twice / 2", square, "The triangle is half of it."),
    )


def _fan_slips(count: int, *, area: bool) -> tuple[Slip, ...]:
    legs = " + ".join(f"l{k}" for k in range(count + 1))
    if area:
        return (
            Slip("forgot to halve", "2 * all"),
            Slip("left out the first triangle", "all - 1/2 * l0 * l1"),
            Slip("halved twice", "all / 2"),
            Slip("added the first triangle twice", "all + 1/2 * l0 * l1"),
        )
    last = f"h{count}"
    return (
        Slip("left out the last side", legs),
        Slip("gave the last side only", last),
        Slip("added the legs instead of their squares", f"2 * ({legs})"),
        Slip("added an inner side", f"all + {'h1' if count > 1 else 'l0'}"),
        Slip("left out the first side", "all - l0"),
    )


def similar_triangles(depth: int, lot: Lot) -> Draft:
    """A line parallel to a triangle's side cuts off a similar triangle; sides, then perimeters."""
    names = a, b, c, d, e = tuple(plane.letters(lot)[:5])
    ad, de, ae, ratio = _similar_sizes(depth, lot)
    turn = math.degrees(math.acos((ad**2 + ae**2 - de**2) / (2 * ad * ae)))
    points: dict[str, Point] = {a: (0.0, 0.0), d: (float(ad), 0.0), e: polar((0, 0), ae, turn)}
    points |= {b: (float(ratio * ad), 0.0), c: polar((0, 0), float(ratio * ae), turn)}
    unit, db = lot.look(("cm", "m")), ratio * ad - ad
    lengths: Facts = {a + d: ad, d + b: exact(db), d + e: de}
    givens = [figure("ad", a + d, ad, unit), figure("db", d + b, db, unit), figure("de", d + e, de, unit)]
    if depth >= 4:
        lengths[a + e] = ae
        givens.append(figure("ae", a + e, ae, unit))
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "lengths": lengths}
    facts |= {"segments": [a + b, a + c, b + c, d + e], "parallel": [[d + e, b + c]], "arrow_share": 0.8}
    asked = "length" if depth <= 4 else "perimeter"
    outline = {2: b + c, 3: b + c, 4: e + c, 5: a + b + c, 6: d + b + c + e}[depth]
    rules = _similar_rules(depth, names, unit)
    texts = _similar_texts(names, rules[-1].label)
    return Draft(texts, facts, {"asked": asked, "outline": outline}, tuple(givens), rules, _similar_slips(depth))


def _similar_sizes(depth: int, lot: Lot) -> tuple[int, int, int, Fraction]:
    """Return the sides of the small triangle, the parallel one second, and by what number those of the large one are longer."""
    ad, de = lot.randint(3, 12), lot.randint(3, 12)
    ae = lot.randint(3, 12) if depth >= 4 else lot.looks.randint(3, 12)
    ratio, sizes = lot.choice(RATIOS), (ad, de, ae)
    awkward = any((ratio * size).denominator > 2 for size in sizes)
    if not max(sizes) * 1.25 < sum(sizes) - max(sizes) or awkward or len(set(sizes)) < 3:
        raise Unfit("a flat triangle, or lengths that are awkward")
    lot.leave(depth, (2, 3), ad + de)
    return ad, de, ae, ratio


def _similar_texts(names: tuple[str, ...], what: str) -> tuple[str, ...]:
    a, b, c, d, e = names
    return (
        f"In triangle {a}{b}{c}, {d}{e} is parallel to {b}{c}. Find {what}.",
        f"{d} lies on {a}{b} and {e} on {a}{c}, and {d}{e} ∥ {b}{c}. Use the lengths in the figure to work out {what}.",
        f"The arrows mark parallel lines. Given the lengths shown, what is {what}?",
    )


def _similar_rules(depth: int, names: tuple[str, ...], unit: str) -> tuple[Rule, ...]:
    a, b, c, d, e = names
    similar = f"Triangles {a}{d}{e} and {a}{b}{c} are similar, because {d}{e} ∥ {b}{c}."
    whole = Rule("ab", a + b, "ad + db", unit, f"{d} lies between {a} and {b}.")
    ratio = Rule("k", "the ratio of the sides", "ab / ad", "", similar)
    bc = Rule("bc", b + c, "k * de", unit, f"{b}{c} corresponds to {d}{e}.")
    ac = Rule("ac", a + c, "k * ae", unit, f"{a}{c} corresponds to {a}{e}.")
    ec = Rule("ec", e + c, "ac - ae", unit, f"{e} lies between {a} and {c}.")
    total = Rule("p", f"the perimeter of triangle {a}{b}{c}", "ab + bc + ac", unit, "Add the three sides.")
    trapezium = Rule("p", f"the perimeter of quadrilateral {d}{b}{c}{e}", "db + bc + ec + de", unit, "Add the four sides.")
    return {
        2: (whole, bc._replace(formula="de * ab / ad", reason=similar)),
        3: (whole, ratio, bc),
        4: (whole, ratio, ac, ec),
        5: (whole, ratio, bc, ac, total),
        6: (whole, ratio, bc, ac, ec, trapezium),
    }[depth]


def _similar_slips(depth: int) -> tuple[Slip, ...]:
    if depth > 4:
        return _AROUND[depth]
    scaled = (
        Slip("took the ratio of the parts for that of the sides", "de * db / ad" if depth < 4 else "ae * db / ad + de"),
        Slip("added the difference instead of scaling", "de + db" if depth < 4 else "ae + db"),
        Slip("turned the ratio round", "de * ad / ab" if depth < 4 else "ae * ad / ab"),
        Slip("doubled the corresponding side", "2 * de" if depth < 4 else "2 * ae"),
    )
    return (*scaled, Slip("gave the whole side", "ac")) if depth == 4 else scaled


_AROUND = {
    5: (
        Slip("gave the small triangle's perimeter", "ad + de + ae"),
        Slip("left out a side", "ab + bc"),
        Slip("scaled by the square of the ratio", "k**2 * (ad + de + ae)"),
    ),
    6: (
        Slip("gave the large triangle's perimeter", "ab + bc + ac"),
        Slip("left out the parallel side", "db + bc + ec"),
        Slip("took the whole side", "db + bc + ac + de"),
    ),
}


KINDS = {
    "right_triangles": Kind(right_triangles, plane.draw, perimeter_or_area, (2, 3, 4, 5, 6), (480, 400)),
    "similar_triangles": Kind(similar_triangles, plane.draw, perimeter_or_area, (2, 3, 4, 5, 6), (480, 400)),
}

"""Sectors, and rectangles with semicircles on them: arcs, outlines, areas as multiples of π."""

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

CIRCUMFERENCE = "The circumference of a circle is 2π times its radius."
DISC = "The area of a circle is π times the square of its radius."
SHARE = "The sector has the share of the circle that its angle has of 360°."
ANGLES = (40, 45, 60, 72, 80, 90, 100, 120, 135, 150)
RADII = (3, 4, 5, 6, 8, 9, 10, 12, 15, 18)


def sector(depth: int, lot: Lot) -> Draft:
    """A sector: arc, area, perimeter; at depth 5, with a right angle, the segment beyond its chord."""
    degrees = 90 if depth == 5 else lot.choice(ANGLES)
    radius = lot.choice((4, 6, 8, 10, 12) if depth == 5 else RADII)
    if depth < 4:
        lot.leave(depth, (2, 3), ANGLES.index(degrees) + RADII.index(radius))
    a, b, *_ = plane.letters(lot)
    turn, unit = lot.uniform(0, 360), lot.look(("cm", "m"))
    points = {"O": [0.0, 0.0], a: list(polar((0, 0), radius, turn)), b: list(polar((0, 0), radius, turn + degrees))}
    arc = {"centre": "O", "radius": radius, "from": turn, "to": turn + degrees, "shaded": depth == 5}
    facts: Facts = {"points": points, "unit": unit, "segments": ["O" + a, "O" + b], "lengths": {"O" + a: radius}}
    facts |= {"arcs": [arc], "degrees": degrees, "radius": radius}
    facts |= (
        {"right": [a + "O" + b], "segments": [*facts["segments"], a + b]} if depth == 5 else {"angles": {a + "O" + b: degrees}}
    )
    around = depth == 4 or (depth < 4 and lot.coin())
    rules = _sector_rules(depth, a, b, unit, around=around)
    givens = (figure("angle", f"∠{a}O{b}", degrees, "°"), figure("r", "O" + a, radius, unit))
    texts, slips = _sector_texts(a, b, rules[-1].label), _sector_slips(depth, around=around)
    return Draft(texts, facts, {"asked": rules[-1].name}, givens, rules, slips)


def _sector_texts(a: str, b: str, what: str) -> tuple[str, ...]:
    return (
        f"The figure shows a sector of a circle with centre O. Find {what}. Leave π in the answer.",
        f"What is {what} in terms of π, if O is the centre of the arc {a}{b}?",
        f"An arc around O joins {a} and {b}. Express {what} exactly, with π in it.",
    )


def _sector_rules(depth: int, a: str, b: str, unit: str, *, around: bool) -> tuple[Rule, ...]:
    square = f"{unit}²"
    share = Rule("share", "the sector's share of the circle", "angle / 360", "", SHARE)
    if around:
        whole = Rule("whole", "the circumference of the whole circle", "2 * pi * r", unit, CIRCUMFERENCE)
        same = "The arc is the same share of the circumference."
        part = Rule("arc", f"the length of arc {a}{b}", "share * whole", unit, same)
    else:
        whole = Rule("whole", "the area of the whole circle", "pi * r**2", square, DISC)
        part = Rule("area", f"the area of sector {a}O{b}", "share * whole", square, "The sector is the same share of the area.")
    outline = Rule("around", f"the perimeter of sector {a}O{b}", "arc + 2 * r", unit, "The perimeter is the arc and two radii.")
    triangle = Rule("triangle", f"the area of triangle {a}O{b}", "r * r / 2", square, "Its legs are radii.")
    less = "The shaded region is the sector without the triangle."
    return {
        2: (whole, part._replace(formula="whole * angle / 360", reason=SHARE)),
        3: (share, whole, part),
        4: (share, whole, part, outline),
        5: (share, whole, part, triangle, Rule("left", "the area of the shaded region", "area - triangle", square, less)),
    }[depth]


def _sector_slips(depth: int, *, around: bool) -> tuple[Slip, ...]:
    straight, minus = (" + 2 * r" if depth == 4 else ""), (" - triangle" if depth == 5 else "")
    extra = straight + minus
    wrong = "pi * r**2" if around else "2 * pi * r"
    slips = (
        Slip("used the diameter for the radius", f"{2 if around else 4} * whole * angle / 360{extra}"),
        Slip("took the rest of the circle", f"whole * (360 - angle) / 360{extra}"),
        Slip("mixed up arc and area", f"{wrong} * angle / 360{extra}"),
        Slip("divided by 180 instead of 360", f"whole * angle / 180{extra}"),
        Slip("took the whole circle", f"whole{extra}"),
    )
    if depth == 4:
        return (*slips, Slip("forgot the radii", "arc"), Slip("counted one radius", "arc + r"))
    if depth == 5:
        return (*slips, Slip("added the triangle", "area + triangle"), Slip("forgot to halve the triangle", "area - r * r"))
    return (*slips, Slip("halved once too often", "whole * angle / 720"))


def sector_measured(facts: Facts, statement: Facts) -> float:
    """Measure the sector as the limit of polygons, its triangle by coordinates."""
    radius, points = facts["radius"], facts["points"]
    start, end = (name for name in points if name != "O")
    degrees = plane.angle(points, f"{start}O{end}")
    arc, area = plane.arc_length(radius, degrees), plane.sector_area(radius, degrees)
    left = area - plane.area(points, points)
    return float({"arc": arc, "area": area, "around": arc + 2 * radius, "left": left}[statement["asked"]])


def stadium(depth: int, lot: Lot) -> Draft:
    """A rectangle with one or two semicircles on it: its outline, or its area."""
    ends, area = lot.choice((1, 2)), depth >= 4 or (depth == 3 and lot.coin())
    high, wide = 2 * lot.randint(2, 8), lot.randint(4, 24)
    if wide == high or not high / 2 < wide <= 3 * high:
        raise Unfit("a square, or too long")
    lot.leave(depth, (3, 4, 5) if area else (2, 3), wide)
    a, b, c, d, *_ = plane.letters(lot)
    points: dict[str, Point] = {a: (0.0, 0.0), b: (wide, 0.0), c: (wide, high), d: (0.0, high), "_r": (wide, high / 2)}
    if ends == 2:
        points["_l"] = (0.0, high / 2)
    arcs = [{"centre": name, "radius": high / 2, "from": start, "to": start + 180} for name, start in (("_r", -90), ("_l", 90))]
    unit, statement = lot.look(("cm", "m")), {"area": area, "outline": a + b + c + d}
    facts: Facts = {"points": {name: list(point) for name, point in points.items()}, "unit": unit, "arcs": arcs[:ends]}
    facts |= {"segments": [a + b, b + c, c + d, d + a], "dashed": [b + c, d + a][:ends], "lengths": {a + b: wide, d + a: high}}
    facts["right"] = [a + b + c, d + a + b]
    givens = (figure("a", a + b, wide, unit), figure("b", d + a, high, unit))
    rules = _area_rules(depth, ends, unit) if area else _outline_rules(depth, ends, unit)
    slips = _area_slips(ends) if area else _outline_slips(ends)
    return Draft(_stadium_texts(statement, ends), facts, statement, givens, rules, slips)


def _stadium_texts(statement: Facts, ends: int) -> tuple[str, ...]:
    bows, place = ("a semicircle", "a side") if ends == 1 else ("two equal semicircles", "two sides")
    inside = "The dashed line lies inside a shape whose curved part is a semicircle."
    if ends == 2:
        inside = "The dashed lines lie inside a shape whose curved parts are semicircles."
    box, what = statement["outline"], "area of the whole shape" if statement["area"] else "length of the solid outline"
    return (
        f"{bows.capitalize()} and the rectangle {box} make up the shape in the figure. Find the {what}, in terms of π.",
        f"{inside} What is the {what}? Leave π in the answer.",
        f"A shape is built from rectangle {box} and {bows} on {place} of it. Express the {what} exactly, using π.",
    )


def _area_rules(depth: int, ends: int, unit: str) -> tuple[Rule, ...]:
    square = f"{unit}²"
    half = f"It is {'half a circle' if ends == 1 else 'two half circles'}."
    radius = Rule("r", "the radius of a semicircle", "b / 2", unit, "The dashed side is the diameter.")
    box = Rule("box", "the area of the rectangle", "a * b", square, "Multiply its sides.")
    bow = Rule("bow", "the area of the round part", f"{ends} * pi * r**2 / 2", square, half)
    total = Rule("all", "the area of the shape", "box + bow", square, "Add the parts.")
    disc = Rule("disc", "the area of a whole circle of that radius", "pi * r**2", square, DISC)
    return {
        3: (radius, bow, total._replace(formula="a * b + bow", reason="Add the rectangle.")),
        4: (radius, box, bow, total),
        5: (radius, box, disc, bow._replace(formula=f"{ends} * disc / 2"), total),
    }[depth]


def _outline_rules(depth: int, ends: int, unit: str) -> tuple[Rule, ...]:
    each = "A semicircle is" if ends == 1 else "Each semicircle is"
    half = f"{each} half the circumference, π times the radius."
    rim = Rule("rim", "the length of the round part", f"{ends} * pi * b / 2", unit, half)
    length = "2 * a + b" if ends == 1 else "2 * a"
    straight = Rule("straight", "the length of the straight part", length, unit, "The dashed sides do not count.")
    outline = Rule("all", "the length of the outline", "straight + rim", unit, "Add the parts.")
    if depth == 3:
        return (straight, rim, outline)
    return (rim, outline._replace(formula=f"{length} + rim", reason="Add the straight sides; the dashed ones do not count."))


def _area_slips(ends: int) -> tuple[Slip, ...]:
    return (
        Slip("took the diameter for the radius", f"a * b + {ends} * pi * b**2 / 2"),
        Slip("counted another semicircle", "all + pi * (b / 2)**2 / 2"),
        Slip("left out the rectangle", "all - a * b"),
        Slip("took whole circles", f"a * b + {ends} * pi * (b / 2)**2"),
        Slip("left out the round ends", "a * b"),
    )


def _outline_slips(ends: int) -> tuple[Slip, ...]:
    return (
        Slip("took the diameter for the radius", f"all + {ends} * pi * b / 2"),
        Slip("counted another semicircle", "all + pi * b / 2"),
        Slip("counted the dashed sides", f"all + {ends} * b"),
        Slip("left out the curved part", "2 * a" if ends == 2 else "2 * a + b"),
        Slip("went round the rectangle", "2 * (a + b)"),
    )


def stadium_measured(facts: Facts, statement: Facts) -> float:
    """Measure the shape as the limit of polygons, and the rectangle by coordinates."""
    points = facts["points"]
    arcs = [(arc["radius"], arc["to"] - arc["from"]) for arc in facts["arcs"]]
    if statement["area"]:
        return plane.area(points, statement["outline"]) + sum(plane.sector_area(*arc) for arc in arcs)
    solid = [name for name in facts["segments"] if name not in facts["dashed"]]
    return sum(plane.distance(points, name) for name in solid) + sum(plane.arc_length(*arc) for arc in arcs)


KINDS = {
    "sector": Kind(sector, plane.draw, sector_measured, (2, 3, 4, 5), (440, 400)),
    "stadium": Kind(stadium, plane.draw, stadium_measured, (2, 3, 4, 5), (500, 340)),
}

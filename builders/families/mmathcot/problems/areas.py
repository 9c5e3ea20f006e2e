"""Areas of shapes with right angles: cut into strips, or with a hole."""

from itertools import pairwise

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import perimeter_or_area
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text


def staircase(depth: int, lot: Lot) -> Draft:
    """A shape with right angles only, cut into upright strips; some of their heights follow from the steps."""
    count = (depth + 1) // 2
    widths = [lot.randint(2, 7) for _ in range(count)]
    heights = lot.subset(range(2, 3 * count + 5), count)[::-1]
    if min(a - b for a, b in pairwise(heights)) < 2 or not 0.4 < heights[0] / sum(widths) < 1.5:
        raise Unfit("steps too low")
    unit, names = lot.look(("cm", "m")), "ABCDEFGHKL"[: 2 * count + 2]
    drops, stepped = [names[2 * k + 2] + names[2 * k + 3] for k in range(count)], count - 1 - depth % 2
    givens = [figure("h0", names[:2], heights[0], unit)]
    givens += [figure(f"w{k}", names[2 * k + 1] + names[2 * k + 2], wide, unit) for k, wide in enumerate(widths)]
    givens += [figure(f"d{k}", drops[k], heights[k] - heights[k + 1], unit) for k in range(stepped)]
    if depth % 2:
        givens.append(figure(f"h{count - 1}", drops[-1], heights[-1], unit))
    facts: Facts = {"points": dict(zip(names, map(list, _outline(widths, heights)), strict=True)), "unit": unit}
    facts["lengths"] = {given.label: int(given.value) for given in givens}
    facts["segments"] = [names[k - 1] + names[k] for k in range(len(names))]
    facts["right"] = [names[0] + names[1] + names[2], names[-2] + names[-1] + names[0]]
    rules, statement = _strips(count, stepped, drops, unit), {"asked": "area", "outline": names}
    return Draft(_strip_texts(names), facts, statement, tuple(givens), rules, _strip_slips(count, stepped))


def _outline(widths: list[int], heights: list[int]) -> list[Point]:
    """Return the corners of a staircase, from the lower left one upwards and down the steps."""
    corners: list[Point] = [(0.0, 0.0), (0.0, float(heights[0]))]
    for wide, high, lower in zip(widths, heights, [*heights[1:], 0], strict=True):
        x = corners[-1][0] + wide
        corners += [(x, float(high)), (x, float(lower))]
    return corners


def _strip_texts(names: str) -> tuple[str, ...]:
    return (
        f"All angles of the shape {names} are right angles. Find its area.",
        "The shape in the figure has horizontal and vertical sides only. What is its area?",
        f"A plot of land has the outline {names}, with corners at right angles. Calculate its area from the lengths given.",
    )


def _strip_slips(count: int, stepped: int) -> tuple[Slip, ...]:
    box = f"({' + '.join(f'w{k}' for k in range(count))}) * h0"
    return (
        Slip("took the box around the shape", box),
        Slip("left out the first strip", "all - w0 * h0"),
        Slip("left out the last strip", f"all - w{count - 1} * h{count - 1}"),
        Slip("used the height of the first strip twice", "all + w1 * (h0 - h1)"),
        Slip("took the height of a step for that of its strip", f"all - w1 * h1 + w1 * {'d0' if stepped else '1'}"),
    )


def _strips(count: int, stepped: int, drops: list[str], unit: str) -> tuple[Rule, ...]:
    square, nth = f"{unit}²", ("first", "second", "third", "fourth")
    heights = [
        Rule(
            f"h{k}",
            f"the height of the {nth[k]} strip",
            f"h{k - 1} - d{k - 1}",
            unit,
            f"The {nth[k]} strip is lower by {drop}.",
        )
        for k, drop in enumerate(drops[:stepped], 1)
    ]
    how = ["Cut the shape into upright rectangles.", *["Multiply its width by its height."] * (count - 1)]
    areas = [Rule(f"s{k}", f"the area of the {nth[k]} strip", f"w{k} * h{k}", square, how[k]) for k in range(count)]
    total = Rule("all", "the area of the shape", " + ".join(f"s{k}" for k in range(count)), square, "Add the strips.")
    return (*heights, *areas, total)


def frame(depth: int, lot: Lot) -> Draft:
    """A rectangle with a rectangular hole, or a border of even width: the shaded area, and what it costs."""
    (wide, high), margin, hole, (x, y) = _frame_sizes(lot, border=depth >= 5)
    a, b, c, d, e, f, g, h = plane.letters(lot)
    points = {a: [0.0, 0.0], b: [wide, 0.0], c: [wide, high], d: [0.0, high]}
    points |= {e: [x, y], f: [x + hole[0], y], g: [x + hole[0], y + hole[1]], h: [x, y + hole[1]]}
    unit, outer, inner = "m" if depth in {4, 6} else lot.look(("cm", "m")), [a, b, c, d], [e, f, g, h]
    facts: Facts = {"points": points, "unit": unit, "shaded": [outer], "blank": [inner], "lengths": {a + b: wide, b + c: high}}
    facts["segments"] = [ring[k - 1] + ring[k] for ring in (outer, inner) for k in range(4)]
    facts["lengths"] |= {} if margin else {e + f: hole[0], f + g: hole[1]}
    givens = [figure(name, side, size, unit) for name, (side, size) in zip("abpq", facts["lengths"].items(), strict=False)]
    statement: Facts = {"outer": a + b + c + d, "inner": e + f + g + h}
    if margin:
        statement["margin"] = margin
        givens.append(text("m", "the width of the border", margin, unit))
    if depth in {4, 6}:
        statement["price"] = lot.choice((2, 3, 4, 6, 8, 12))
        givens.append(text("price", "the price of a square metre", statement["price"], "$"))
    texts, rules, slips = _frame_texts(statement, unit), _frame_rules(depth, (e, f, g), unit), _frame_slips(depth)
    return Draft(texts, facts, statement, tuple(givens), rules, slips)


def _frame_sizes(lot: Lot, *, border: bool) -> tuple[tuple[int, int], int, tuple[int, int], tuple[float, float]]:
    """Return the size of the rectangle, the width of a border (0: the hole lies anywhere), the hole's size, and its corner."""
    wide, high = lot.randint(8, 20), lot.randint(6, 14)
    margin = lot.choice((1, 2, 3)) if border else 0
    hole = (wide - 2 * margin, high - 2 * margin) if border else (lot.randint(2, wide - 4), lot.randint(2, high - 3))
    at = (margin, margin) if border else (lot.uniform(1.6, wide - hole[0] - 1.4), lot.uniform(1.3, high - hole[1] - 1.2))
    if min(hole) < 3 or wide <= high or len({wide, high, *hole}) < 4:
        raise Unfit("no room for the hole")
    return (wide, high), margin, hole, at


def _frame_rules(depth: int, names: tuple[str, str, str], unit: str) -> tuple[Rule, ...]:
    e, f, g = names
    square = f"{unit}²"
    rules = [
        Rule("outer", "the area of the large rectangle", "a * b", square, "Multiply its sides."),
        Rule("inner", "the area of the small rectangle", "p * q", square, "Multiply its sides too."),
        Rule("left", "the shaded area", "outer - inner", square, "Take the hole away."),
    ]
    if depth >= 5:
        lost = "The border takes its width away at both ends."
        rules = [
            Rule("p", e + f, "a - 2 * m", unit, lost),
            Rule("q", f + g, "b - 2 * m", unit, f"The same holds for {f}{g}."),
            *rules,
        ]
    if depth in {4, 6}:
        rules.append(Rule("cost", "the cost", "left * price", "$", "Multiply the area by the price of a square metre."))
    return tuple(rules)


def _frame_texts(statement: Facts, unit: str) -> tuple[str, ...]:
    outer, inner = statement["outer"], statement["inner"]
    border = (
        f" The border between {outer} and {inner} is {statement['margin']} {unit} wide everywhere."
        if "margin" in statement
        else ""
    )
    if "price" in statement:
        price = f"${statement['price']}"
        return (
            f"The shaded part of rectangle {outer} is paved, at {price} for a square metre.{border} What does it cost in all?",
            f"Turf is laid between rectangles {outer} and {inner}.{border} A square metre costs {price}. Find the total.",
            f"How much has to be paid for tiling the shaded region, at {price} for each square metre?{border}",
        )
    return (
        f"Rectangle {inner} is cut out of rectangle {outer}.{border} Find the area of the shaded part.",
        f"What is the area of the shaded region between the two rectangles?{border}",
        f"A picture frame covers the part of rectangle {outer} outside rectangle {inner}.{border} How large is this part?",
    )


def _frame_slips(depth: int) -> tuple[Slip, ...]:
    rate = " * price" if depth in {4, 6} else ""
    slips = [
        Slip("left the hole in", f"a * b{rate}"),
        Slip("took the hole", f"p * q{rate}"),
        Slip("added the hole", f"(a * b + p * q){rate}"),
        Slip("subtracted the sides", f"(a - p) * (b - q){rate}"),
    ]
    if depth >= 5:
        slips.append(Slip("took the border off at one end only", f"(a * b - (a - m) * (b - m)){rate}"))
    return tuple(slips)


def frame_measured(facts: Facts, statement: Facts) -> float:
    """Measure both rectangles by coordinates."""
    points = facts["points"]
    left = plane.area(points, statement["outer"]) - plane.area(points, statement["inner"])
    return left * float(statement.get("price", 1))


KINDS = {
    "staircase": Kind(staircase, plane.draw, perimeter_or_area, (3, 4, 5, 6, 7, 8), (500, 400)),
    "frame": Kind(frame, plane.draw, frame_measured, (3, 4, 5, 6), (500, 360)),
}

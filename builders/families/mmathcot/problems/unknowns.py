"""Unknowns in figures: sides and angles written as terms such as 4x + 3."""

import math

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Canvas, Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

Term = tuple[int, int]
"""A multiple of x and what is added."""


def term_text(term: Term) -> str:
    """Write a term: `4x + 3`, `2x`."""
    times, more = term
    first = f"{times if times > 1 else ''}x"
    return first if not more else f"{first} {'+' if more > 0 else '−'} {abs(more)}"


def _term(lot: Lot) -> Term:
    return lot.randint(1, 6), lot.randint(-5, 12)


def unknown_sides(depth: int, lot: Lot) -> Draft:
    """A rectangle with terms on two sides and its perimeter, or a triangle with equal sides: x, a side, the perimeter."""
    equal, one, two, x = depth in {3, 4}, _term(lot), _term(lot), lot.randint(2, 15)
    sizes = [times * x + more for times, more in (one, two)]
    if equal and (one[0] <= two[0] or sizes[0] != sizes[1]):
        raise Unfit("the equation has no such solution, or the terms change places")
    if min(sizes) < 3 or max(sizes) > 3 * min(sizes) or (not equal and (sizes[0] == sizes[1] or one[0] + two[0] < 2)):
        raise Unfit("too short, or too flat")
    draft = _isosceles if equal else _rectangle
    return draft(depth, lot, (one, two), x)


def _givens(terms: tuple[Term, Term], labels: tuple[str, str]) -> tuple[Given, ...]:
    return tuple(
        figure(f"{name}{k}", f"the {what} at {label}", number)
        for k, (term, label) in enumerate(zip(terms, labels, strict=True))
        for name, what, number in zip("mn", ("multiple of x", "number added to it"), term, strict=True)
    )


def _rectangle(depth: int, lot: Lot, terms: tuple[Term, Term], x: int) -> Draft:
    wide, high = (times * x + more for times, more in terms)
    if terms[0] < terms[1]:
        raise Unfit("another turned")
    a, b, c, d, *_ = plane.letters(lot)
    unit, around = lot.look(("cm", "m")), 2 * (wide + high)
    points: dict[str, Point] = {a: (0.0, 0.0), b: (float(wide), 0.0), c: (float(wide), float(high)), d: (0.0, float(high))}
    facts: Facts = {"points": plane.turned(points, lot, 6), "segments": [a + b, b + c, c + d, d + a]}
    facts |= {"right": [a + b + c, c + d + a], "lengths": {a + b: term_text(terms[0]), b + c: term_text(terms[1])}}
    facts["terms"] = [list(term) for term in terms]
    givens = (*_givens(terms, (a + b, b + c)), text("around", "the perimeter", around, unit))
    statement = {"around": around, "asked": {5: "x", 6: "side", 7: "area"}[depth]}
    texts = _rectangle_texts(depth, a + b + c + d, f"{around} {unit}", unit)
    rules = _split(_rectangle_rules(a + b + c + d, unit), depth)
    return Draft(texts, facts, statement, givens, rules, _RECTANGLE[depth])


def _rectangle_texts(depth: int, shape: str, around: str, unit: str) -> tuple[str, ...]:
    what = {5: "x", 6: f"the length of {shape[:2]}, in {unit}", 7: f"the area of {shape}, in {unit}²"}[depth]
    return (
        f"Rectangle {shape} has a perimeter of {around}; its sides are measured in {unit}. Find {what}.",
        f"The terms in the figure give the sides of a rectangle in {unit}. Its perimeter is {around}. What is {what}?",
        f"Set up an equation for x with the perimeter, {around}, of the rectangle shown, and work out {what}.",
    )


def _rectangle_rules(shape: str, unit: str) -> tuple[Rule, ...]:
    return (
        Rule("k", "the multiple of x in the perimeter", "2 * (m0 + m1)", "", "The perimeter is twice the sum of both sides."),
        Rule("n", "the number added in the perimeter", "2 * (n0 + n1)", "", "Add the numbers in the same way."),
        Rule("rest", "what is left for the multiple of x", "around - n", "", "Take the number from the perimeter."),
        Rule("x", "x", "rest / k", "", "Divide by the multiple."),
        Rule("side", shape[:2], "m0 * x + n0", unit, "Put x into the term."),
        Rule("other", shape[1:3], "m1 * x + n1", unit, "Put x into the other term."),
        Rule("area", f"the area of {shape}", "side * other", f"{unit}²", "Multiply the sides."),
    )


def _split(rules: tuple[Rule, ...], depth: int) -> tuple[Rule, ...]:
    """Return the rules up to what is asked; x alone takes the sum of both sides first."""
    if depth == 5:
        half = Rule("half", "both sides together", "around / 2", "", "They are half the perimeter.")
        parts = (
            rules[0]._replace(label="the multiple of x in both sides", formula="m0 + m1", reason="Add both terms."),
            rules[1]._replace(label="the number in both sides", formula="n0 + n1"),
            rules[2]._replace(formula="half - n", reason="Take the number away."),
        )
        return (half, *parts, rules[3])
    if depth == 6:
        return (
            Rule("half", "both sides together", "around / 2", "", "They are half the perimeter."),
            *_split(rules, 5)[1:],
            rules[4],
        )
    return rules


_RECTANGLE = {
    5: (
        Slip("took the perimeter for both sides", "(around - n) / k"),
        Slip("added the number", "(half + n) / k"),
        Slip("forgot the number", "half / k"),
        Slip("gave x one too large", "x + 1"),
        Slip("doubled", "2 * x"),
    ),
    6: (
        Slip("gave the other side", "m1 * x + n1"),
        Slip("gave x", "x"),
        Slip("forgot the number", "m0 * x"),
        Slip("took the number away", "m0 * x - n0"),
        Slip("took half of both sides", "half / 2"),
    ),
    7: (
        Slip("added the sides", "side + other"),
        Slip("halved as for a triangle", "area / 2"),
        Slip("forgot the numbers", "m0 * x * m1 * x"),
        Slip("squared a side", "side * side"),
        Slip("squared the other side", "other * other"),
    ),
}


def _isosceles(depth: int, lot: Lot, terms: tuple[Term, Term], x: int) -> Draft:
    size = terms[0][0] * x + terms[0][1]
    a, b, c, *_ = plane.letters(lot)
    apex = lot.looks.randint(35, 75)
    points: dict[str, Point] = {a: (0.0, 0.0), b: (float(size), 0.0), c: polar((0, 0), size, apex)}
    unit = lot.look(("cm", "m"))
    facts: Facts = {"points": plane.turned(points, lot), "segments": [a + b, b + c, a + c], "equal": [[a + b, a + c]]}
    facts |= {"lengths": {a + b: term_text(terms[0]), a + c: term_text(terms[1])}, "terms": [list(term) for term in terms]}
    rules = (
        Rule("k", "the multiple of x that is left", "m0 - m1", "", "Both terms are equal. Bring x to one side."),
        Rule("n", "the number on the other side", "n1 - n0", "", "Bring the numbers to the other side."),
        Rule("x", "x", "n / k", "", "Divide by the multiple."),
        Rule("side", a + b, "m0 * x + n0", unit, "Put x into the term."),
    )
    texts, statement = _isosceles_texts(depth, (a, b, c), unit), {"asked": "x" if depth == 3 else "side"}
    return Draft(texts, facts, statement, _givens(terms, (a + b, a + c)), rules[:depth], _ISOSCELES[depth])


def _isosceles_texts(depth: int, names: tuple[str, str, str], unit: str) -> tuple[str, ...]:
    a, b, c = names
    what = "x" if depth == 3 else f"the length of {a}{b}, in {unit}"
    return (
        f"In triangle {a}{b}{c} the sides with a tick are equally long, and all are measured in {unit}. Find {what}.",
        f"The triangle in the figure is isosceles with {a}{b} = {a}{c}; lengths are in {unit}. What is {what}?",
        f"Both terms stand for the same length in {unit}, as the ticks tell. Solve the equation and determine {what}.",
    )


_ISOSCELES = {
    3: (
        Slip("added the numbers", "(n0 + n1) / k"),
        Slip("added the multiples", "n / (m0 + m1)"),
        Slip("gave x one too large", "x + 1"),
        Slip("forgot to divide", "n"),
    ),
    4: (
        Slip("gave x", "x"),
        Slip("forgot the number", "m0 * x"),
        Slip("took the number away", "m0 * x - n0"),
        Slip("added both sides", "2 * side"),
    ),
}


def sides_tried(facts: Facts, statement: Facts) -> float:
    """Try numbers for x until the figure is as told."""
    one, two = facts["terms"]
    for x in range(1, 200):
        first, second = one[0] * x + one[1], two[0] * x + two[1]
        if (2 * (first + second) == statement["around"]) if "around" in statement else first == second:
            return float({"x": x, "side": first, "area": first * second}[statement["asked"]])
    return 0


def unknown_angles(depth: int, lot: Lot) -> Draft:
    """A triangle whose angles are terms in x: x, the largest angle."""
    terms = [(lot.randint(1, 6), 5 * lot.randint(-4, 12)) for _ in range(3)]
    sizes = _angles(terms)
    a, b, c, *_ = plane.letters(lot)
    points: dict[str, Point] = {a: (0.0, 0.0), b: (4.0, 0.0)}
    reach = 4 * math.sin(math.radians(sizes[1])) / math.sin(math.radians(sizes[2]))
    points[c] = polar((0, 0), reach, sizes[0])
    places = [b + a + c, a + b + c, a + c + b]
    marks = [f"{'(' if term[1] else ''}{term_text(term)}{')' if term[1] else ''}°" for term in terms]
    facts: Facts = {"points": plane.turned(points, lot), "segments": [a + b, b + c, c + a]}
    facts |= {"terms": [list(term) for term in terms], "angles": dict(zip(places, marks, strict=True))}
    largest = sizes.index(max(sizes))
    givens = tuple(
        figure(f"{name}{k}", f"the {kind} at ∠{corner}", number)
        for k, (term, corner) in enumerate(zip(terms, (a, b, c), strict=True))
        for name, kind, number in zip("mn", ("multiple of x", "number added"), term, strict=True)
    )
    rules, statement = _angle_rules(largest, places[largest][1])[:depth], {"asked": "x" if depth == 4 else "big"}
    return Draft(_angle_texts(depth, a + b + c), facts, statement, givens, rules, _angle_slips(depth, largest))


def _angle_texts(depth: int, shape: str) -> tuple[str, ...]:
    what = "x" if depth == 4 else "the largest angle of the triangle, in degrees"
    return (
        f"The angles of triangle {shape} depend on x as shown. Find {what}.",
        f"What is {what}? The figure gives each angle of the triangle as a term in x.",
        f"Use the sum of the angles of triangle {shape} to set up an equation and determine {what}.",
    )


def _angles(terms: list[tuple[int, int]]) -> list[int]:
    """Return the sizes of a triangle's angles, given as terms in x.

    Raises:
        Unfit: there is no such triangle, or it is another one turned or mirrored.
    """
    times, more = (sum(parts) for parts in zip(*terms, strict=True))
    x, over = divmod(180 - more, times)
    sizes = [one * x + other for one, other in terms]
    shaped = not over and x >= 4 and min(sizes) >= 25 and max(sizes) <= 115 and len(set(sizes)) == 3
    if not shaped or (terms[2], terms[1]) < (terms[1], terms[2]):
        raise Unfit("no such triangle, or the mirror image of another")
    if terms[0] > terms[1]:
        raise Unfit("another turned")
    return sizes


def _angle_rules(largest: int, corner: str) -> tuple[Rule, ...]:
    put = "Put x into each term; this angle is the largest."
    return (
        Rule("k", "the multiple of x in all angles", "m0 + m1 + m2", "", "Add the terms."),
        Rule("n", "the number in all angles", "n0 + n1 + n2", "", "Add the numbers as well."),
        Rule("rest", "what is left for the multiple of x", "180 - n", "", "The angles of a triangle add up to 180°."),
        Rule("x", "x", "rest / k", "", "Divide by the multiple."),
        Rule("big", f"∠{corner}", f"m{largest} * x + n{largest}", "°", put),
    )


def _angle_slips(depth: int, largest: int) -> tuple[Slip, ...]:
    if depth == 5:
        return (
            *(Slip("gave another angle", f"m{k} * x + n{k}") for k in range(3) if k != largest),
            Slip("gave x", "x"),
            Slip("forgot the number", f"m{largest} * x"),
            Slip("took the supplement", "180 - big"),
        )
    return (
        Slip("added the number", "(180 + n) / k"),
        Slip("forgot the number", "180 / k"),
        Slip("took 360° for the sum", "(360 - n) / k"),
        Slip("gave x one too large", "x + 1"),
    )


def draw_angles(canvas: Canvas, facts: Facts) -> None:
    """Draw the triangle; a term stands clearly nearer to its own corner than to any other."""
    plane.draw(canvas, facts)
    corners = {name: canvas.at(point) for name, point in facts["points"].items()}
    own = {mark: corners[place[1]] for place, mark in facts["angles"].items()}
    for place, (order, label) in enumerate(canvas.labels):
        if vertex := own.get(label.text):
            others = [corner for corner in corners.values() if corner != vertex]
            kept = [at for at in label.centres if math.dist(at, vertex) < 0.6 * min(math.dist(at, other) for other in others)]
            canvas.labels[place] = (order, label._replace(centres=tuple(kept) or ((-99.0, -99.0),)))


def angles_tried(facts: Facts, statement: Facts) -> float:
    """Measure the largest angle by coordinates; try numbers for x until a term gives it."""
    points = facts["points"]
    names = list(facts["angles"])
    sizes = [plane.angle(points, name) for name in names]
    if statement["asked"] == "big":
        return max(sizes)
    (times, more), size = facts["terms"][0], sizes[0]
    return next((x for x in range(1, 181) if abs(times * x + more - size) < 1e-6), 0)


KINDS = {
    "unknown_sides": Kind(unknown_sides, plane.draw, sides_tried, (3, 4, 5, 6, 7), (480, 400)),
    "unknown_angles": Kind(unknown_angles, draw_angles, angles_tried, (4, 5), (480, 420)),
}

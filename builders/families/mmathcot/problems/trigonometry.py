"""Trigonometry in figures: ratios of sides, triangles with 30°, 45° and 60°, the law of cosines."""

import math

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.families.mmathcot.problems.triangles import PYTHAGORAS, TRIPLES
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

RATIOS = {"sin": ("a", "c"), "cos": ("b", "c"), "tan": ("a", "b")}
"""A ratio of an acute angle: of which side to which; a is opposite, b adjacent, c the hypotenuse."""
_MEANING = {"sin": "opposite side to hypotenuse", "cos": "adjacent side to hypotenuse", "tan": "opposite to adjacent side"}


def trig_ratio(depth: int, lot: Lot) -> Draft:
    """Sine, cosine or tangent of an angle of a right triangle with two sides given; at depth 4 the sum of two of them."""
    a, b, c = lot.choice([triple for triple in TRIPLES if 0.3 < triple[0] / triple[1] < 3])
    shown = lot.choice(("ab", "bc", "ac"))
    hidden = next(side for side in "abc" if side not in shown)
    asked = lot.subset(list(RATIOS), 1 if depth == 2 else 2)
    if depth == 2 and hidden not in RATIOS[asked[0]]:
        raise Unfit("the sides asked for are given")
    p, q, r, *_ = plane.letters(lot)
    points: dict[str, Point] = {p: (0.0, 0.0), r: (float(b), 0.0), q: (float(b), float(a))}
    unit, sizes = lot.look(("cm", "m")), {"a": a, "b": b, "c": c}
    sides = {"a": q + r, "b": p + r, "c": p + q}
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "segments": list(sides.values())}
    facts |= {"right": [p + r + q], "angles": {r + p + q: "α"}, "lengths": {sides[side]: sizes[side] for side in shown}}
    givens = tuple(figure(side, sides[side], sizes[side], unit) for side in shown)
    texts, rules = _ratio_texts((p, q, r), asked), _ratio_rules(hidden, sides[hidden], unit, asked)
    return Draft(texts, facts, {"asked": asked, "angle": r + p + q}, givens, rules, _ratio_slips(asked, rules[-1].name))


def _ratio_texts(names: tuple[str, str, str], asked: list[str]) -> tuple[str, ...]:
    p, q, r = names
    what = " + ".join(f"{one} α" for one in asked)
    return (
        f"In the right triangle {p}{q}{r}, α is the angle at {p}. Find {what}.",
        f"What is {what} for the marked angle α? Give the exact value as a fraction or a decimal.",
        f"From both lengths in the figure work out {what}, where α denotes ∠{r}{p}{q}.",
    )


def _third(hidden: str) -> str:
    return "sqrt(a**2 + b**2)" if hidden == "c" else f"sqrt(c**2 - {'b' if hidden == 'a' else 'a'}**2)"


def _ratio_rules(hidden: str, label: str, unit: str, targets: list[str]) -> tuple[Rule, ...]:
    third = Rule(hidden, label, _third(hidden), unit, PYTHAGORAS)
    ratios = [
        Rule(f"r{k}", f"{one} α", f"{RATIOS[one][0]} / {RATIOS[one][1]}", "", f"It is the ratio of {_MEANING[one]}.")
        for k, one in enumerate(targets)
    ]
    if len(ratios) == 1:
        return (third, *ratios)
    return (third, *ratios, Rule("sum", " + ".join(f"{one} α" for one in targets), "r0 + r1", "", "Add both."))


def _ratio_slips(targets: list[str], last: str) -> tuple[Slip, ...]:
    top, bottom = RATIOS[targets[0]]
    rest = f" + {' / '.join(RATIOS[targets[1]])}" if len(targets) > 1 else ""
    other = {"a": "b", "b": "a"}
    return (
        Slip("turned the ratio over", f"{bottom} / {top}{rest}"),
        Slip("took the other acute angle", f"{other[top]} / {other.get(bottom, bottom)}{rest}"),
        Slip("took the tangent", f"a / b{rest}"),
        Slip("took the sine", f"a / c{rest}"),
        Slip("took the cosine", f"b / c{rest}"),
        Slip("doubled", f"2 * {last}"),
        Slip("halved", f"{last} / 2"),
    )


def ratio_measured(facts: Facts, statement: Facts) -> float:
    """Measure the angle by coordinates and take its functions."""
    angle = math.radians(plane.angle(facts["points"], statement["angle"]))
    functions = {"sin": math.sin, "cos": math.cos, "tan": math.tan}
    return sum(functions[one](angle) for one in statement["asked"])


SHARES = {30: ("c / 2", "c * sqrt(3) / 2"), 45: ("c * sqrt(2) / 2", "c * sqrt(2) / 2"), 60: ("c * sqrt(3) / 2", "c / 2")}
"""Opposite and adjacent side from the hypotenuse, by angle."""
SLOPES = {30: "b * sqrt(3) / 3", 45: "1 * b", 60: "b * sqrt(3)"}
"""The opposite side from the adjacent one, by angle."""


def special_triangle(depth: int, lot: Lot) -> Draft:
    """A right triangle with an angle of 30°, 45° or 60° and one side: its area or its perimeter."""
    degrees, size, around = lot.choice((30, 45, 60)), lot.randint(2, 24), depth == 4
    if depth == 3 and degrees == 45:
        raise Unfit("both legs are the same")
    p, q, r, *_ = plane.letters(lot)
    legs = (size * math.cos(math.radians(degrees)), size * math.sin(math.radians(degrees)))
    if depth == 2:
        legs = (float(size), size * math.tan(math.radians(degrees)))
    points: dict[str, Point] = {p: (0.0, 0.0), r: (legs[0], 0.0), q: legs}
    unit, shown = lot.look(("cm", "m")), p + r if depth == 2 else p + q
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "segments": [p + q, q + r, p + r]}
    facts |= {"right": [p + r + q], "angles": {r + p + q: degrees}, "lengths": {shown: size}}
    givens = (figure("b" if depth == 2 else "c", shown, size, unit), figure("angle", f"∠{r}{p}{q}", degrees, "°"))
    rules, statement = _special_rules(depth, degrees, (p, q, r), unit), {"around": around, "outline": p + q + r}
    return Draft(_special_texts((p, q, r), around=around), facts, statement, givens, rules, _SPECIAL[depth])


def _special_texts(names: tuple[str, str, str], *, around: bool) -> tuple[str, ...]:
    triangle = "".join(names)
    what = f"the {'perimeter' if around else 'area'} of triangle {triangle}"
    return (
        f"Triangle {triangle} has a right angle at {names[2]}. Find {what}, without rounding.",
        f"What is {what}? Use the exact values of the functions of the marked angle.",
        f"Work out {what} from the angle and the length in the figure. Roots may stand in the answer.",
    )


def _special_rules(depth: int, degrees: int, names: tuple[str, str, str], unit: str) -> tuple[Rule, ...]:
    p, q, r = names
    area = Rule("all", f"the area of {p}{q}{r}", "a * b / 2", f"{unit}²", "The legs are base and height.")
    if depth == 2:
        tangent = {30: "√3/3", 45: "1", 60: "√3"}[degrees]
        return (Rule("a", q + r, SLOPES[degrees], unit, f"tan {degrees}° = {tangent}."), area)
    sine, cosine = ({30: "1/2", 45: "√2/2", 60: "√3/2"}[one] for one in (degrees, 90 - degrees))
    legs = (
        Rule("a", q + r, SHARES[degrees][0], unit, f"sin {degrees}° = {sine}."),
        Rule("b", p + r, SHARES[degrees][1], unit, f"cos {degrees}° = {cosine}."),
    )
    if depth == 3:
        return (*legs, area)
    both = Rule("both", "both legs together", "a + b", unit, "Add the legs.")
    return (*legs, both, Rule("all", f"the perimeter of {p}{q}{r}", "both + c", unit, "Add the hypotenuse."))


_SPECIAL = {
    2: (
        Slip("forgot to halve", "a * b"),
        Slip("took the sides for equal", "b * b / 2"),
        Slip("took the angle of 60° for 30° or the reverse", "b * b * b / a / 2"),
        Slip("gave the other leg", "a"),
        Slip("took half the side", "b * b / 4"),
    ),
    3: (
        Slip("forgot to halve", "a * b"),
        Slip("took the hypotenuse for a leg", "b * c / 2"),
        Slip("took both legs for half the hypotenuse", "c * c / 8"),
        Slip("halved once too often", "a * b / 4"),
    ),
    4: (
        Slip("left out the hypotenuse", "both"),
        Slip("left out a leg", "a + c"),
        Slip("took both legs for half the hypotenuse", "2 * c"),
        Slip("counted the hypotenuse twice", "all + c"),
    ),
}


def cosine_rule(depth: int, lot: Lot) -> Draft:
    """Two sides with an angle of 60° or 120° between them: the third side, the perimeter, the area."""
    degrees, b, c = lot.choice((60, 120)), lot.randint(2, 20), lot.randint(2, 20)
    if b >= c or b < 0.3 * c:
        raise Unfit("the mirror image of another, or a flat triangle")
    area = depth == 2 and lot.coin()
    p, q, r, *_ = plane.letters(lot)
    points: dict[str, Point] = {p: (0.0, 0.0), q: (float(c), 0.0), r: polar((0, 0), b, degrees)}
    unit = lot.look(("cm", "m"))
    facts: Facts = {"points": plane.turned(points, lot), "unit": unit, "segments": [p + q, q + r, p + r]}
    facts |= {"angles": {q + p + r: degrees}, "lengths": {p + q: c, p + r: b}}
    asked = "area" if area else "length" if depth == 2 else "perimeter"
    givens = (figure("b", p + r, b, unit), figure("c", p + q, c, unit), figure("angle", f"∠{q}{p}{r}", degrees, "°"))
    texts, rules = _cosine_texts((p, q, r), asked), _cosine_rules(asked, degrees, (p, q, r), unit)
    statement = {"asked": asked, "outline": q + r if asked == "length" else p + q + r}
    return Draft(texts, facts, statement, givens, rules, _COSINE[asked])


def _cosine_texts(names: tuple[str, str, str], asked: str) -> tuple[str, ...]:
    p, q, r = names
    area, length = f"the area of triangle {p}{q}{r}", f"the length of {q}{r}"
    what = {"area": area, "length": length, "perimeter": f"the perimeter of {p}{q}{r}"}[asked]
    return (
        f"Two sides of triangle {p}{q}{r} and the angle between them are given. Find {what} exactly.",
        f"What is {what} in the figure? Leave roots in the answer.",
        f"Determine {what}, using sides {p}{q} and {p}{r} and the angle at {p}.",
    )


def _cosine_rules(target: str, degrees: int, names: tuple[str, str, str], unit: str) -> tuple[Rule, ...]:
    p, q, r = names
    square = f"{unit}²"
    if target == "area":
        height = Rule("h", f"the height on {p}{q}", "b * sqrt(3) / 2", unit, f"sin {degrees}° = √3/2.")
        return (height, Rule("all", f"the area of {p}{q}{r}", "c * h / 2", square, "It is half of side times height."))
    sign, cosine = ("-", "1/2") if degrees == 60 else ("+", "−1/2")
    law = f"By the law of cosines {q}{r}² = {p}{q}² + {p}{r}² − 2·{p}{q}·{p}{r}·cos {degrees}°, and cos {degrees}° = {cosine}."
    third = (
        Rule("s", f"the square of {q}{r}", f"b**2 + c**2 {sign} b * c", square, law),
        Rule("a", q + r, "sqrt(s)", unit, "Take the root."),
    )
    return (
        third
        if target == "length"
        else (*third, Rule("all", f"the perimeter of {p}{q}{r}", "a + b + c", unit, "Add the sides."))
    )


_COSINE = {
    "area": (
        Slip("forgot to halve", "2 * all"),
        Slip("took the sides for perpendicular", "b * c / 2"),
        Slip("took the cosine", "b * c / 4"),
        Slip("took the sides for base and height", "b * c"),
    ),
    "length": (
        Slip("took the angle for a right one", "sqrt(b**2 + c**2)"),
        Slip("lost the sign of the cosine", "sqrt(2 * b**2 + 2 * c**2 - s)"),
        Slip("added the sides", "b + c"),
        Slip("forgot the root", "s"),
    ),
    "perimeter": (
        Slip("took the angle for a right one", "b + c + sqrt(b**2 + c**2)"),
        Slip("left out the third side", "b + c"),
        Slip("lost the sign of the cosine", "b + c + sqrt(2 * b**2 + 2 * c**2 - s)"),
        Slip("counted the third side twice", "all + a"),
    ),
}


def triangle_measured(facts: Facts, statement: Facts) -> float:
    """Measure by coordinates."""
    points, outline = facts["points"], statement["outline"]
    asked = statement.get("asked") or ("perimeter" if statement["around"] else "area")
    if asked == "area":
        return plane.area(points, outline)
    if asked == "length":
        return plane.distance(points, outline)
    return sum(plane.distance(points, outline[k - 1] + outline[k]) for k in range(3))


KINDS = {
    "trig_ratio": Kind(trig_ratio, plane.draw, ratio_measured, (2, 4), (460, 400)),
    "special_triangle": Kind(special_triangle, plane.draw, triangle_measured, (2, 3, 4), (460, 400)),
    "cosine_rule": Kind(cosine_rule, plane.draw, triangle_measured, (2, 3), (460, 400)),
}

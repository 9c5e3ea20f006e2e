"""Angles: on a line, at parallel lines, in triangles."""

import math
from itertools import pairwise

from builders.families.mmathcot.problems import plane
from builders.families.mmathcot.problems.drawing import Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

TRIANGLE = "The angles of a triangle add up to 180°."
ISOSCELES = "In an isosceles triangle the angles opposite the equal sides are equal."
EXTERIOR = "An exterior angle of a triangle equals the sum of the two opposite interior angles."
LINE = "Angles on a straight line add up to 180°."


def measured(facts: Facts, statement: Facts) -> float:
    """Measure the asked angle in the drawing, by coordinates."""
    return plane.angle(facts["points"], statement["asked"])


def rays_on_line(depth: int, lot: Lot) -> Draft:
    """Angles on a straight line, given in multiples of x but for one."""
    a, b, *ends = plane.letters(lot)
    x, known, multiples, place = _rays_numbers({2: 1, 3: 2, 4: 2, 6: 3}[depth], lot)
    sizes, ends = [multiple * x for multiple in multiples], [b, *ends[: len(multiples)], a]
    sizes.insert(place, known)
    turns = [sum(sizes[:turn]) for turn in range(len(ends))]
    points = {end: list(polar((0, 0), 4 if end in {a, b} else 3.3, turn)) for end, turn in zip(ends, turns, strict=True)}
    names = [f"{one}O{other}" for one, other in pairwise(ends)]
    others = names[:place] + names[place + 1 :]
    written: Facts = {name: f"{multiple if multiple > 1 else ''}x" for name, multiple in zip(others, multiples, strict=True)}
    facts: Facts = {"points": {"O": [0.0, 0.0], **points}, "segments": [f"O{end}" for end in ends]}
    facts |= {"angles": written | {names[place]: known}, "multiples": multiples, "dots": ["O"]}
    givens = [figure("known", f"∠{names[place]}", known, "°")]
    givens += [figure(f"m{k}", f"the multiple of x in ∠{others[k]}", multiple) for k, multiple in enumerate(multiples)]
    big, small = multiples.index(max(multiples)), multiples.index(min(multiples))
    statement = {"depth": depth, "big": others[big], "small": others[small], "multiple": multiples[0], "first": others[0]}
    total = " + ".join(f"m{k}" for k in range(len(multiples)))
    rules = _rays_rules(depth, total, (others[big], big), (others[small], small))
    return Draft(_rays_texts(a, b, statement), facts, statement, tuple(givens), rules, _rays_slips(depth, total))


def _rays_numbers(count: int, lot: Lot) -> tuple[int, int, list[int], int]:
    """Return x, the known angle, the multiples of x, and at which place among them the known angle lies."""
    multiples = lot.sample(range(1, 6), count)
    x, place = lot.randint(8, 70), lot.randint(0, count)
    known = 180 - x * sum(multiples)
    if not 24 <= known < 100 or min(multiples) * x < 24 or x == known or multiples == [1]:
        raise Unfit("an angle too narrow or too wide")
    mirrored = (multiples[::-1], count - place)
    if mirrored < (multiples, place):
        raise Unfit("the mirror image of another")
    return x, known, *lot.look(((multiples, place), mirrored))


def _rays_texts(a: str, b: str, statement: Facts) -> tuple[str, ...]:
    big, small = statement["big"], statement["small"]
    target = {4: f"∠{big}", 6: f"the difference between ∠{big} and ∠{small}"}.get(statement["depth"], "x")
    return (
        f"In the figure, {a}, O and {b} lie on one straight line. Find {target}, in degrees.",
        f"Rays from a point O of the straight line {a}{b} form the angles that are marked. Work out {target} in degrees.",
        f"What is {target}, measured in degrees, if {a}O{b} is a straight line and the angles are as shown?",
    )


def _rays_rules(depth: int, total: str, big: tuple[str, int], small: tuple[str, int]) -> tuple[Rule, ...]:
    rest = Rule("rest", "the sum of the angles with x", "180 - known", "°", LINE)
    if depth == 2:
        return rest, Rule("x", "x", "rest / m0", "°", "Divide by the multiple of x.")
    rules = (
        rest,
        Rule("total", "the number of x in it", total, "", "Collect the terms with x."),
        Rule("x", "x", "rest / total", "°", "Divide by the number of x."),
        Rule("big", f"∠{big[0]}", f"m{big[1]} * x", "°", f"Put x into ∠{big[0]}."),
        Rule("small", f"∠{small[0]}", f"m{small[1]} * x", "°", f"Put x into ∠{small[0]}."),
        Rule("gap", "the difference", "big - small", "°", "Subtract the smaller angle from the larger one."),
    )
    return rules[:depth]


def _rays_slips(depth: int, total: str) -> tuple[Slip, ...]:
    if depth > 3:
        return (
            Slip("gave x for the angle", "x"),
            Slip("took the other angles together", "180 - big"),
            Slip("gave the known angle", "known"),
        )
    return (
        Slip("took a full turn for a straight line", f"(360 - known) / ({total})"),
        Slip("took a right angle for a straight line", f"(90 - known) / ({total})"),
        Slip("forgot the known angle", f"180 / ({total})"),
        Slip("left x unfound", "180 - known"),
    )


def rays_measured(facts: Facts, statement: Facts) -> float:
    """Measure the rays' angles by coordinates."""
    if statement["depth"] <= 3:
        return plane.angle(facts["points"], statement["first"]) / float(statement["multiple"])
    big = plane.angle(facts["points"], statement["big"])
    return big if statement["depth"] == 4 else big - plane.angle(facts["points"], statement["small"])


def parallel_lines(depth: int, lot: Lot) -> Draft:
    """A triangle between two parallel lines: alternate angles, a line, the triangle, a bisector, an exterior angle."""
    names = a, b, c, d, e, f, g, h = tuple(plane.letters(lot))
    beta, gamma = lot.randrange(34, 79), lot.randrange(34, 79)
    alpha = 180 - beta - gamma
    if not 36 <= alpha <= 100 or (depth >= 4 and alpha % 2) or len({alpha, beta, gamma}) < 3:
        raise Unfit("a narrow triangle, or an odd angle to halve")
    points = _between_lines(names, (beta, gamma))
    segments = [d + e, f + g, a + b, a + c, *([a + h] if depth >= 4 else [])]
    if depth < 4:
        del points[h]
    outer = figure("out", f"∠{a}{c}{g}", 180 - gamma, "°") if depth >= 3 else figure("C", f"∠{a}{c}{b}", gamma, "°")
    angles = {d + a + b: beta, outer.label[1:]: 180 - gamma if depth >= 3 else gamma}
    facts: Facts = {"points": plane.turned(points, lot, 24), "segments": segments, "angles": angles}
    facts |= {"parallel": [[d + e, f + g]], "arrow_share": 0.9}
    rules = _parallel_rules(depth, names)
    asked = rules[-1].label[1:]
    givens = (figure("alt", f"∠{d}{a}{b}", beta, "°"), outer)
    return Draft(_parallel_texts(depth, names, asked), facts, {"asked": asked}, givens, rules, _parallel_slips(outer.name))


def _parallel_texts(depth: int, names: tuple[str, ...], asked: str) -> tuple[str, ...]:
    a, b, c, d, e, f, g, h = names
    bisector = f", and {a}{h} bisects ∠{b}{a}{c}" if depth >= 4 else ""
    return (
        f"Lines {d}{e} and {f}{g} are parallel{bisector}. Find the size of ∠{asked}.",
        f"The figure shows {d}{e} ∥ {f}{g}, with {b} and {c} on {f}{g}{bisector}. How many degrees is ∠{asked}?",
        f"{a} lies on one of two parallel lines, {b} and {c} on the other{bisector}. Using the marked angles, find ∠{asked}.",
    )


def _parallel_slips(outer: str) -> tuple[Slip, ...]:
    return (
        Slip("added the given angles", f"alt + {outer}"),
        Slip("took an interior angle for its supplement", "180 - alt"),
        Slip("took two angles for equal", "180 - 2 * B"),
        Slip("took a neighbouring angle", "C"),
        Slip("gave the given angle", "alt"),
    )


def _between_lines(names: tuple[str, ...], angles: tuple[int, int]) -> dict[str, Point]:
    """Return a triangle with these angles on the lower of two parallel lines, with the bisector's end on it."""
    a, b, c, d, e, f, g, h = names
    beta, gamma = (math.radians(angle) for angle in angles)
    high = 5 / (1 / math.tan(beta) + 1 / math.tan(gamma))
    top = high / math.tan(beta)
    end = top - high / math.tan(beta + (math.pi - beta - gamma) / 2)
    return {
        a: (top, high),
        b: (0.0, 0.0),
        c: (5.0, 0.0),
        d: (min(-1.0, top - 2.6), high),
        e: (max(6.0, top + 2.6), high),
        f: (-1.6, 0.0),
        g: (7.0, 0.0),
        h: (end, 0.0),
    }


def _parallel_rules(depth: int, names: tuple[str, ...]) -> tuple[Rule, ...]:
    a, b, c, d, e, f, g, h = names
    rules = [Rule("B", f"∠{a}{b}{c}", "alt", "°", f"{d}{e} and {f}{g} are parallel, so alternate angles are equal.")]
    if depth >= 3:
        rules.append(Rule("C", f"∠{a}{c}{b}", "180 - out", "°", LINE))
    rules.append(Rule("A", f"∠{b}{a}{c}", "180 - B - C", "°", TRIANGLE))
    rules.append(Rule("half", f"∠{b}{a}{h}", "A / 2", "°", f"{a}{h} bisects ∠{b}{a}{c}."))
    rules.append(Rule("last", f"∠{a}{h}{c}", "B + half", "°", EXTERIOR))
    return tuple(rules[:depth])


def isosceles_chain(depth: int, lot: Lot) -> Draft:
    """Equal segments zigzag between two rays; each triangle's angles follow from the last one's."""
    names = plane.letters(lot)
    last = depth // 2 + 1
    theta = lot.randint(11, min(40, 84 // last))
    points: dict[str, Point] = {names[0]: (0.0, 0.0)}
    count = depth // 2 + 2
    slope = math.radians(theta)
    along = [math.sin(k * slope) / math.sin(slope) for k in range(count + 2)]
    for k in range(1, count + 1):
        points[names[k]] = polar((0, 0), along[k], theta if k % 2 == 0 else 0)
    return _chain_draft(theta, plane.turned(points, lot, 12), _chain_rules(depth, names), names)


def _chain_rules(depth: int, names: list[str]) -> tuple[Rule, ...]:
    """By turns an angle of an isosceles triangle, and an exterior angle of that triangle and of the ray."""
    a, rules, previous = names[0], [], "theta"
    for k in range(1, depth + 1):
        m = (k + 1) // 2
        one, two, three = names[m - 1], names[m], names[m + 1]
        if k % 2:
            reason = f"{one}{two} = {two}{three}. {ISOSCELES}"
            rules.append(Rule(f"s{k}", f"∠{two}{three}{one}", previous, "°", reason))
        else:
            beyond = names[m + 2]
            reason = f"∠{three}{two}{beyond} is an exterior angle of triangle {a}{two}{three}. {EXTERIOR}"
            rules.append(Rule(f"s{k}", f"∠{three}{two}{beyond}", f"theta + {previous}", "°", reason))
        previous = f"s{k}"
    return tuple(rules)


def _chain_draft(theta: int, points: dict[str, list[float]], rules: tuple[Rule, ...], names: list[str]) -> Draft:
    count = len(points) - 1
    asked = rules[-1].label[1:]
    chain = [one + other for one, other in pairwise(names[: count + 1])]
    a, b, c, *_ = names
    facts: Facts = {"points": points, "segments": [*chain, a + names[count], a + names[count - 1]]}
    facts |= {"angles": {b + a + c: theta}, "equal": [chain], "margin": 36}
    texts = (
        f"Points lie alternately on two rays from {a} so that {' = '.join(chain)}. Find ∠{asked}.",
        f"In the figure the segments with a tick are all equally long. Determine the size of ∠{asked} in degrees.",
        f"A zigzag of equal segments starts at {a} and runs between two rays, as the ticks show. How large is ∠{asked}?",
    )
    givens = (figure("theta", f"∠{b}{a}{c}", theta, "°"),)
    return Draft(texts, facts, {"asked": asked}, givens, rules, _chain_slips(rules[-1].name))


def _chain_slips(last: str) -> tuple[Slip, ...]:
    return (
        Slip("counted one angle too many", f"{last} + theta"),
        Slip("gave the first angle", "theta"),
        Slip("took the supplement", f"180 - {last}"),
        Slip("took the third angle of the triangle", f"180 - 2 * {last}"),
        Slip("took the complement", f"90 - {last}"),
    )


def cevian(depth: int, lot: Lot) -> Draft:
    """A triangle ABC with AD = BD for a point D of BC, from depth 3 on AC = AD as well; then exterior angles."""
    names = a, b, c, d, e = tuple(plane.letters(lot)[:5])
    beta = lot.randint(24, 66)
    if beta in {30, 45, 60} or (depth >= 3 and beta >= 42):
        raise Unfit("a special triangle, or none with AC = AD")
    turn = math.radians(2 * beta)
    end = 2 * math.cos(turn) if depth >= 3 else math.cos(turn) + 0.9
    points: dict[str, Point] = {d: (0.0, 0.0), b: (-1.0, 0.0), a: (math.cos(turn), math.sin(turn)), c: (end, 0.0)}
    if depth == 5:
        points[e] = (end + 0.9, 0.0)
    facts: Facts = {"points": plane.turned(points, lot, 30), "angles": {a + b + d: beta}}
    facts["segments"] = [a + b, a + c, a + d, b + (e if e in points else c)]
    facts["equal"] = [[a + d, b + d, *([a + c] if depth >= 3 else [])]]
    rules = _cevian_rules(names)[:depth]
    asked = rules[-1].label[1:]
    texts = _cevian_texts(depth, names, asked, facts["equal"][0])
    givens = (figure("B", f"∠{a}{b}{d}", beta, "°"),)
    return Draft(texts, facts, {"asked": asked}, givens, rules, _cevian_slips(rules[-1].name))


def _cevian_texts(depth: int, names: tuple[str, ...], asked: str, equal: list[str]) -> tuple[str, ...]:
    a, b, c, d, _ = names
    made = "triangles with" if depth >= 3 else "a triangle with two"
    return (
        f"Point {d} lies on {b}{c}, and {' = '.join(equal)}. What is the size of ∠{asked}?",
        f"In triangle {a}{b}{c} the segments with a tick are equally long. Find ∠{asked} in degrees.",
        f"The line from {a} to {d} on side {b}{c} makes {made} equal sides, as marked. Calculate ∠{asked}.",
    )


def _cevian_slips(last: str) -> tuple[Slip, ...]:
    return (
        Slip("took the supplement", f"180 - {last}"),
        Slip("gave the marked angle", "B"),
        Slip("took the apex for a base angle", "180 - 2 * B"),
        Slip("took the complement", "90 - B"),
        Slip("added the marked angle once more", f"{last} + B"),
    )


def _cevian_rules(names: tuple[str, ...]) -> tuple[Rule, ...]:
    a, b, c, d, e = names
    return (
        Rule("half", f"∠{b}{a}{d}", "B", "°", f"{a}{d} = {b}{d}. {ISOSCELES}"),
        Rule("D", f"∠{a}{d}{c}", "B + half", "°", EXTERIOR),
        Rule("C", f"∠{a}{c}{d}", "D", "°", f"{a}{c} = {a}{d}. {ISOSCELES}"),
        Rule("A", f"∠{b}{a}{c}", "180 - B - C", "°", TRIANGLE),
        Rule("sum", f"∠{a}{c}{e}", "B + A", "°", EXTERIOR),
    )


KINDS = {
    "rays_on_line": Kind(rays_on_line, plane.draw, rays_measured, (2, 3, 4, 6), (500, 320)),
    "parallel_lines": Kind(parallel_lines, plane.draw, measured, (2, 3, 4, 5), (520, 340)),
    "isosceles_chain": Kind(isosceles_chain, plane.draw, measured, (2, 3, 4, 5, 6, 7, 8), (560, 380)),
    "cevian": Kind(cevian, plane.draw, measured, (2, 3, 4, 5), (520, 360)),
}

"""Graphs of exponential functions, of absolute values, and of functions in straight pieces."""

import math
from collections.abc import Sequence
from fractions import Fraction

from builders.families.mmathcot.problems import graphs
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.numbers import shown
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

_BASES = tuple(Fraction(number) for number in ("2", "3", "4", "5", "1/2", "3/2", "5/2", "1/3", "2/3"))
_STEEP = tuple(Fraction(number) for number in ("1/2", "1", "3/2", "2", "3", "-1/2", "-1", "-3/2", "-2", "-3"))


def exponential(depth: int, lot: Lot) -> Draft:
    """An exponential function through two marked points: a later value, the difference of two."""
    start, base, step = lot.randint(1, 9), lot.choice(_BASES), 2 if depth == 3 else 1
    end = start * base**step
    if end.denominator > 1 or end > 10 or end == start:
        raise Unfit("the second point lies off the grid")
    far, near = lot.randint(3, 7), lot.randint(2, 6) if depth == 4 else 0
    if (start * base**far).denominator > 1 or start * base**far > 5000 or near == far:
        raise Unfit("a value is not a whole number, or too large")
    if depth == 4 and (near > far) != (base < 1):
        raise Unfit("the difference is not positive")
    names = lot.look(("AB", "PQ", "ST"))
    facts: Facts = {"points": {names[0]: [0, start], names[1]: [step, int(end)]}, "step": 1}
    facts |= {"curves": [{"factor": str(start), "base": str(base)}], "window": [-4, -1, 6, max(start, int(end)) + 2]}
    what = graphs.at(far) if depth < 4 else f"{graphs.at(far)} − {graphs.at(near)}"
    given = f"f(x) = u · bˣ with b > 0, and the graph passes through {names[0]} and {names[1]}"
    seen = [figure(name, f"the y-coordinate of {at}", y) for name, at, y in zip("uv", names, (start, int(end)), strict=True)]
    asked = graphs.told(far, near, 2 if depth == 4 else 1)
    rules, statement = _growing(depth, names, far, near), {"far": far, "near": near, "depth": depth}
    return Draft(graphs.texts(what, given), facts, statement, (*seen, *asked), rules, _GROWN[depth])


def _growing(depth: int, names: str, far: int, near: int) -> tuple[Rule, ...]:
    put = "Put x into u · bˣ; u is the value at x = 0."
    first = Rule("y", f"the value at x = {far}", "u * b**far", "", put)
    if depth == 3:
        square = Rule("q", "the square of b", "v / u", "", f"From {names[0]} to {names[1]} the value is multiplied by b twice.")
        return (square, Rule("b", "b", "sqrt(q)", "", "b is positive."), first)
    factor = Rule("b", "b", "v / u", "", f"From {names[0]} to {names[1]} x grows by 1, so the value is multiplied by b.")
    if depth == 2:
        return (factor, first)
    second = Rule("z", f"the value at x = {near}", "u * b**near", "", put)
    return (factor, first, second, Rule("gap", "the difference", "y - z", "", "Subtract."))


_GROWN = {
    2: (
        Slip("multiplied instead of raising to a power", "u * b * far"),
        Slip("took one factor too few", "y / b"),
        Slip("took one factor too many", "y * b"),
        Slip("forgot the start", "b**far"),
        Slip("went on in a straight line", "u + far * (v - u)"),
    ),
    3: (
        Slip("took the quotient for b", "u * q**far"),
        Slip("took one factor too few", "y / b"),
        Slip("took one factor too many", "y * b"),
        Slip("forgot the start", "b**far"),
        Slip("went on in a straight line", "u + far * (v - u) / 2"),
    ),
    4: (
        Slip("gave the first value", "y"),
        Slip("added", "y + z"),
        Slip("forgot the start", "b**far - b**near"),
        Slip("subtracted the exponents", "u * b**(far - near)"),
        Slip("went on in a straight line", "(far - near) * (v - u)"),
    ),
}


def grown(facts: Facts, statement: Facts) -> float:
    """Go along the straight line that the logarithm of the function makes."""
    (_, start), (step, end) = facts["points"].values()

    def value(x: int) -> float:
        return math.exp(math.log(start) + x * (math.log(end) - math.log(start)) / step)

    return value(statement["far"]) - (value(statement["near"]) if statement["depth"] == 4 else 0)


def absolute(depth: int, lot: Lot) -> Draft:
    """The graph of a·|x - p| + q with its vertex and another point: a, a value, the triangle on the x-axis, a difference."""
    p, q, a = lot.randint(-4, 4), lot.randint(-5, 5), lot.choice(_STEEP)
    aside = lot.choice((-4, -3, -2, -1, 1, 2, 3, 4))
    u, v = p + aside, q + a * abs(aside)
    if v.denominator > 1 or abs(v) > 7 or not p or (depth == 4 and q * a >= 0):
        raise Unfit("the point lies off the grid, or there is no triangle")
    names = lot.look(("VA", "SP", "KL"))
    facts: Facts = {"points": {names[0]: [p, q], names[1]: [u, int(v)]}}
    left, _, right, _ = facts["window"] = graphs.window([(p, q), (u, int(v)), (2 * p - u, int(v))])
    facts["curves"] = [{"corners": [[left, float(q + a * (p - left))], [p, q], [right, float(q + a * (right - p))]]}]
    far = lot.choice([x for x in range(-9, 12) if abs(x - p) > 4]) if depth in {3, 5} else p + 5
    near = lot.choice([x for x in range(-9, 12) if abs(x - p) != abs(far - p) and x != p]) if depth == 5 else p + 1
    what = {2: "a", 3: graphs.at(far), 4: "the area of the triangle between graph and x-axis"}
    given = f"f(x) = a|x − p| + q, {names[0]} is the vertex and {names[1]} another point of the graph"
    texts = graphs.texts(what.get(depth, f"{graphs.at(far)} − {graphs.at(near)}"), given)
    givens = (*graphs.read("pquv", facts["points"]), *graphs.told(far, near, {3: 1, 5: 2}.get(depth, 0)))
    rules, statement = _bent(depth, names, (u > p, far > p, near > p), (far, near)), {"far": far, "near": near, "depth": depth}
    return Draft(texts, facts, statement, givens, rules, _BENT[depth])


def _bent(depth: int, names: str, right: tuple[bool, bool, bool], places: tuple[int, int]) -> tuple[Rule, ...]:
    def away(x: str, is_right: bool) -> str:  # noqa: FBT001
        return f"({x} - p)" if is_right else f"(p - {x})"

    start = (
        Rule("d", f"the distance of {names[1]} from the axis of the graph", away("u", right[0])[1:-1], "", "It is |x − p|."),
        Rule("a", "a", "(v - q) / d", "", f"Put the coordinates of {names[1]} into the equation and solve for a."),
    )
    if depth == 4:
        return (*start, *_TRIANGLE)
    values = [
        Rule(name, f"the value at x = {shown(Fraction(at))}", f"a * {away(x, is_right)} + q", "", "Put x into the equation.")
        for name, x, is_right, at in zip("yz", ("far", "near"), right[1:], places, strict=True)
    ]
    return (*start, *values, Rule("gap", "the difference", "y - z", "", "Subtract."))[:depth]


_TRIANGLE = (
    Rule("w", "the base of the triangle", "-2 * q / a", "", "The graph meets the x-axis where |x − p| = −q/a, on both sides."),
    Rule("area", "the area of the triangle", "sqrt(q**2) * w / 2", "square units", "Its height is |q|."),
)


_BENT = {
    2: (
        Slip("lost the sign", "-a"),
        Slip("turned the fraction over", "d / (v - q)"),
        Slip("ignored the vertex's height", "v / d"),
        Slip("doubled", "2 * a"),
    ),
    3: (
        Slip("ignored the shift", "a * far + q"),
        Slip("lost the height of the vertex", "y - q"),
        Slip("lost the sign of a", "2 * q - y"),
        Slip("squared as for a parabola", "a * (far - p)**2 + q"),
    ),
    4: (
        Slip("forgot to halve", "2 * area"),
        Slip("took half the base", "area / 2"),
        Slip("gave the base", "w"),
        Slip("squared the base", "w**2 / 2"),
    ),
    5: (
        Slip("added", "y + z"),
        Slip("gave the first value", "y"),
        Slip("gave the second value", "z"),
        Slip("forgot the absolute value", "a * (far - near)"),
        Slip("lost the sign", "z - y"),
    ),
}


def mirrored(facts: Facts, statement: Facts) -> Fraction:
    """Continue the straight line from the vertex through the point, or through its mirror image."""
    (p, q), (u, v) = graphs.nodes(facts)

    def value(x: int) -> Fraction:
        end = u if (x > p) == (u > p) else 2 * p - u
        return q + (v - q) * (x - p) / (end - p)

    if statement["depth"] == 2:
        return (value(int(p) + 1) + value(int(p) - 1)) / 2 - q
    if statement["depth"] == 4:
        zero = abs(q * (u - p) / (q - v))
        return abs(zero * q)
    return value(statement["far"]) - (value(statement["near"]) if statement["depth"] == 5 else 0)


def pieces(depth: int, lot: Lot) -> Draft:
    """A function in two straight pieces: a value between grid points, the change of slope, a sum of values."""
    xs, ys, slope = _corners(lot)
    far = lot.choice(range(xs[0] + 1, xs[1])) if depth in {2, 5} else xs[0]
    near = lot.choice(range(xs[1] + 1, xs[2])) if depth == 5 else xs[2]
    if depth in {2, 5} and (ys[0] + slope * (far - xs[0])).denominator > 4:
        raise Unfit("an awkward value")
    names = lot.look(("ABC", "PQR", "KLM"))
    points = {name: [x, y] for name, x, y in zip(names, xs, ys, strict=True)}
    facts: Facts = {"points": points, "curves": [{"corners": list(points.values())}]}
    facts["window"] = [min(-1, xs[0] - 1), min(-1, min(ys) - 2), max(1, xs[2] + 2), max(1, max(ys) + 2)]
    known = graphs.read([f"{axis}{k}" for k in range(3) for axis in "xy"], points)
    givens, statement = (
        (*known, *graphs.told(far, near, {2: 1, 5: 2}.get(depth, 0))),
        {"far": far, "near": near, "depth": depth},
    )
    texts, rules = _piece_texts(depth, names, far, near), _piece_rules(depth, tuple(names), far, near)
    return Draft(texts, facts, statement, givens, rules, _PIECES[depth])


def _corners(lot: Lot) -> tuple[list[int], list[int], Fraction]:
    """Return x and y of the ends and the bend between them, and the slope of the first piece."""
    xs = lot.subset(range(-5, 7), 3)
    ys = [lot.randint(-5, 6) for _ in xs]
    if min(xs[1] - xs[0], xs[2] - xs[1]) < 2 or ys[0] == ys[1] or ys[1] == ys[2]:
        raise Unfit("a piece too short, or level")
    slopes = [Fraction(ys[k + 1] - ys[k], xs[k + 1] - xs[k]) for k in (0, 1)]
    if slopes[0] == slopes[1] or max(slope.denominator for slope in slopes) > 4:
        raise Unfit("no bend, or an awkward slope")
    return xs, ys, slopes[0]


def _piece_texts(depth: int, names: str, far: int, near: int) -> tuple[str, ...]:
    bend = f"by how much its slope behind {names[1]} exceeds that before it"
    what = {2: graphs.at(far), 3: bend}.get(depth, f"{graphs.at(far)} + {graphs.at(near)}")
    return graphs.texts(what, f"the graph of f is straight from {names[0]} to {names[1]} and from {names[1]} to {names[2]}")


def _piece_rules(depth: int, names: Sequence[str], far: int, near: int) -> tuple[Rule, ...]:
    a, b, c = names
    put = "Start at a marked point and go on with the slope."
    first = Rule("m", f"the slope from {a} to {b}", "(y1 - y0) / (x1 - x0)", "", "Divide the difference in y by that in x.")
    second = Rule("n", f"the slope from {b} to {c}", "(y2 - y1) / (x2 - x1)", "", "Do the same for the second piece.")
    value = Rule("u", f"the value at x = {shown(Fraction(far))}", "y0 + m * (far - x0)", "", put)
    if depth == 2:
        return (first, value)
    if depth == 3:
        return (first, second, Rule("bend", "the change of slope", "n - m", "", "Subtract the first slope from the second."))
    other = Rule("v", f"the value at x = {shown(Fraction(near))}", "y1 + n * (near - x1)", "", put)
    return (first, value, second, other, Rule("sum", "the sum", "u + v", "", "Add both values."))


_PIECES = {
    2: (
        Slip("went down instead of up", "y0 - m * (far - x0)"),
        Slip("forgot the start", "m * (far - x0)"),
        Slip("counted from the origin", "y0 + m * far"),
        Slip("took the middle", "(y0 + y1) / 2"),
        Slip("counted a unit too far", "u + m"),
    ),
    3: (
        Slip("added the slopes", "m + n"),
        Slip("lost the sign", "m - n"),
        Slip("gave the second slope", "n"),
        Slip("took the differences in y", "(y2 - y1) - (y1 - y0)"),
    ),
    5: (
        Slip("subtracted", "u - v"),
        Slip("gave the first value", "u"),
        Slip("used the first slope twice", "u + y1 + m * (near - x1)"),
        Slip("went on from the first point", "u + y0 + n * (near - x0)"),
        Slip("counted a unit too far", "sum + m"),
    ),
}


def weighed(facts: Facts, statement: Facts) -> Fraction:
    """Weigh the values at both ends of a piece by the distances from the other end."""
    known = graphs.nodes(facts)

    def value(x: int | Fraction) -> Fraction:
        (a, u), (b, v) = known[:2] if x <= known[1][0] else known[1:]
        return (u * (b - x) + v * (x - a)) / (b - a)

    if statement["depth"] == 3:
        middle, little = known[1][0], Fraction(1, 2)
        return (value(middle + little) + value(middle - little) - 2 * value(middle)) / little
    return value(statement["far"]) + (value(statement["near"]) if statement["depth"] == 5 else 0)


KINDS = {
    "exponential": Kind(exponential, graphs.draw, grown, (2, 3, 4), (440, 440)),
    "absolute": Kind(absolute, graphs.draw, mirrored, (2, 3, 4, 5), (440, 440)),
    "pieces": Kind(pieces, graphs.draw, weighed, (2, 3, 5), (440, 440)),
}

"""Graphs of polynomials: zeros and turning points read from them, values computed."""

import math
from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems import coordinates, graphs
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.numbers import shown
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

FACTORED = "A polynomial of this degree is a times the product of x less each of its zeros."
_AWKWARD = 4
_HIGH = 7
_ZEROS = tuple(number for number in range(-4, 6) if number)


def cubic(depth: int, lot: Lot) -> Draft:
    """A cubic with its zeros and its y-intercept: the leading coefficient, a value, the difference of two values."""
    return _factored(depth, lot, 3, "ABCD")


def roots(depth: int, lot: Lot) -> Draft:
    """A parabola with its zeros and its y-intercept: the leading coefficient, a value, the vertex."""
    return _factored(depth, lot, 2, "ABC")


def _factored(depth: int, lot: Lot, degree: int, letters: str) -> Draft:
    zeros, height = lot.subset(_ZEROS, degree), lot.choice([number for number in range(-6, 7) if number])
    factor = Fraction(height, math.prod(-zero for zero in zeros))
    coefficients = graphs.polynomial(zeros, factor)
    _fits(coefficients, zeros, factor)
    names = lot.look((letters, "PQRS"[: degree + 1], "KLMN"[: degree + 1]))
    places = [(zero, 0) for zero in zeros] + [(0, height)]
    facts: Facts = {"points": {name: list(place) for name, place in zip(names, places, strict=True)}}
    facts |= {"curves": [{"polynomial": coefficients}], "window": _window(coefficients, places)}
    far = lot.choice([x for x in range(-6, 8) if x not in {*zeros, 0}]) if depth in {3, 5} else 0
    near = lot.choice([x for x in range(-6, 8) if x not in {*zeros, 0, far}]) if depth == 5 else 0
    known = [
        figure("xyz"[k], f"the x-coordinate of {name}", zero) for k, (name, zero) in enumerate(zip(names, zeros, strict=False))
    ]
    told = graphs.told(far, near, {3: 1, 5: 2}.get(depth, 0))
    givens = (*known, figure("h", f"the y-coordinate of {names[-1]}", height), *told)
    texts, rules, slips = _texts(depth, names, far, near), _rules(depth, degree, far, near), _slips(depth, degree)
    return Draft(texts, facts, {"far": far, "near": near, "depth": depth}, givens, rules, slips)


def _texts(depth: int, names: str, far: int, near: int) -> tuple[str, ...]:
    what = {2: "the leading coefficient of f", 3: graphs.at(far), 5: f"{graphs.at(far)} − {graphs.at(near)}"}
    sort = "cubic" if len(names) == 4 else "quadratic"
    given = f"f is {sort}, its graph meets the x-axis at {', '.join(names[:-2])} and {names[-2]} and the y-axis at {names[-1]}"
    return graphs.texts(what.get(depth, "the y-coordinate of the vertex"), given)


def _window(coefficients: list[str], places: list[tuple[int, int]]) -> list[int]:
    """Return a window that shows each bend between the zeros."""
    left, right = places[0][0], places[-2][0]
    heights = [graphs.value(coefficients, left + Fraction(k, 8) * (right - left)) for k in range(9)]
    return graphs.window([*places, (left, math.floor(min(heights))), (right, math.ceil(max(heights)))], above=2)


def _fits(coefficients: list[str], zeros: list[int], factor: Fraction) -> None:
    """Refuse a graph whose bends lie outside the window, or whose numbers are awkward."""
    inside = [zeros[0] + Fraction(k, 8) * (zeros[-1] - zeros[0]) for k in range(9)]
    if factor.denominator > _AWKWARD or max(abs(graphs.value(coefficients, x)) for x in inside) > _HIGH:
        raise Unfit("the graph leaves the paper, or has an awkward coefficient")
    if any(b - a < 2 for a, b in pairwise(zeros)) or abs(graphs.value(coefficients, inside[4])) < Fraction(1, 4):
        raise Unfit("zeros too close")


def _product(at: str, degree: int) -> str:
    return " * ".join(f"({at} - {zero})" for zero in "xyz"[:degree])


def _rules(depth: int, degree: int, far: int, near: int) -> tuple[Rule, ...]:
    start = (
        Rule("d", "the product of the factors at x = 0", _product("0", degree), "", FACTORED),
        Rule("a", "the leading coefficient", "h / d", "", "At x = 0 the value is a times this product."),
    )
    put = "Put x into the product and multiply by a."
    first = Rule("u", f"the value at x = {shown(Fraction(far))}", f"a * {_product('far', degree)}", "", put)
    second = Rule("v", f"the value at x = {shown(Fraction(near))}", f"a * {_product('near', degree)}", "", put)
    if depth == 4:
        middle = Rule("m", "the x-coordinate of the vertex", "(x + y) / 2", "", "The vertex lies half way between the zeros.")
        return (*start, middle, Rule("w", "the y-coordinate of the vertex", f"a * {_product('m', degree)}", "", put))
    return (*start, first, second, Rule("gap", "the difference", "u - v", "", "Subtract."))[:depth]


def _slips(depth: int, degree: int) -> tuple[Slip, ...]:
    if depth == 2:
        return (
            Slip("lost the sign", "-a"),
            Slip("turned the fraction over", "d / h"),
            Slip("took the y-intercept", "h"),
            Slip("doubled", "2 * a"),
            Slip("left out a zero", f"h / ({_product('0', degree - 1)})"),
        )
    place, last = {3: ("far", "u"), 4: ("m", "w"), 5: ("far", "gap")}[depth]
    return (
        Slip("forgot the leading coefficient", f"{_product(place, degree)}"),
        Slip("lost the sign", f"-{last}"),
        Slip("added the y-intercept", f"{last} + h"),
        Slip("left out a factor", f"a * {_product(place, degree - 1)}"),
        Slip("took the y-intercept for the coefficient", f"h * {_product(place, degree)}"),
    )


def interpolated(facts: Facts, statement: Facts) -> Fraction:
    """Lay the polynomial through the marked points by Lagrange's formula."""
    known = graphs.nodes(facts)
    if statement["depth"] == 2:
        return sum((y / _others(known, k) for k, (_, y) in enumerate(known)), Fraction(0))
    if statement["depth"] == 4:
        return graphs.through(known, (known[0][0] + known[1][0]) / 2)
    return graphs.through(known, statement["far"]) - (
        graphs.through(known, statement["near"]) if statement["depth"] == 5 else 0
    )


def _others(nodes: list[graphs.Node], place: int) -> Fraction:
    found = Fraction(1)
    for k, (x, _) in enumerate(nodes):
        found *= nodes[place][0] - x if k != place else 1
    return found


def turning_points(depth: int, lot: Lot) -> Draft:
    """A cubic with both turning points: the point half way, the mean slope between them, the leading coefficient."""
    middle, half, shift = lot.randint(-2, 3), lot.choice((1, 2, 3)), lot.randint(-3, 3)
    rise = lot.choice([number for number in range(-6, 7) if number and abs(number) + abs(shift) <= 6])
    factor = Fraction(rise, 2 * half**3)
    ends = [(middle - half, shift + rise), (middle + half, shift - rise)]
    coefficients = _risen(factor, middle, half, shift)
    names = lot.look(("HL", "PQ", "AB"))
    facts: Facts = {"points": {name: list(end) for name, end in zip(names, ends, strict=True)}}
    facts |= {"curves": [{"polynomial": coefficients}], "window": graphs.window(ends)}
    givens = tuple(given for name, end in zip(names, ends, strict=True) for given in coordinates.read(name, end))
    what = {
        2: "the y-coordinate of its point of inflection",
        3: f"its mean rate of change between {names[0]} and {names[1]}",
        4: "its leading coefficient",
    }[depth]
    given = f"f is cubic and has a local extremum at each of {names[0]} and {names[1]}"
    rules, slips = _turning_rules(depth, names), _turning_slips(depth, names)
    return Draft(graphs.texts(what, given), facts, {"depth": depth}, givens, rules, slips)


def _risen(factor: Fraction, middle: int, half: int, shift: int) -> list[str]:
    """Return the coefficients of factor times (x - m)³ - 3d²(x - m), plus shift."""
    m, d = Fraction(middle), Fraction(half)
    inner = [-(m**3) + 3 * d**2 * m, 3 * m**2 - 3 * d**2, -3 * m, Fraction(1)]
    return [str(factor * one + (shift if power == 0 else 0)) for power, one in enumerate(inner)]


def _turning_rules(depth: int, names: str) -> tuple[Rule, ...]:
    a, b = (name.lower() for name in names)
    if depth == 2:
        middle, half_way = "the y-coordinate of the point of inflection", "It lies half way between the turning points."
        return (
            Rule("sum", "the sum of the y-coordinates", f"y{a} + y{b}", "", "Read both turning points."),
            Rule("w", middle, "sum / 2", "", half_way),
        )
    across = Rule("dx", "the difference in x", f"x{b} - x{a}", "", "Subtract the x-coordinates.")
    down = Rule("dy", "the difference in y", f"y{b} - y{a}", "", "Subtract the y-coordinates.")
    if depth == 3:
        return across, down, Rule("rate", "the mean rate of change", "dy / dx", "", "Divide the difference in y by that in x.")
    known = "A cubic with leading coefficient a whose turning points are dx apart changes by −a·dx³/2 between them."
    needed = "It is needed for the leading coefficient."
    cube = Rule("cube", "the third power of the difference in x", "dx**3", "", needed)
    return across, down, cube, Rule("lead", "the leading coefficient", "-2 * dy / cube", "", known)


def _turning_slips(depth: int, names: str) -> tuple[Slip, ...]:
    a, b = (name.lower() for name in names)
    return {
        2: (
            Slip("did not halve", "sum"),
            Slip("took half the difference", f"(y{a} - y{b}) / 2"),
            Slip("took the x-coordinate", f"(x{a} + x{b}) / 2"),
            Slip("gave a turning point", f"y{a}"),
        ),
        3: (
            Slip("turned the fraction over", "dx / dy"),
            Slip("lost the sign", "-rate"),
            Slip("gave the difference in y", "dy"),
            Slip("added the y-coordinates", f"(y{a} + y{b}) / dx"),
        ),
        4: _LEADING,
    }[depth]


_LEADING = (
    Slip("lost the sign", "-lead"),
    Slip("forgot to double", "lead / 2"),
    Slip("took the slope", "dy / dx"),
    Slip("squared instead", "-2 * dy / dx**2"),
)


def through_turns(facts: Facts, statement: Facts) -> Fraction:
    """Find the cubic that has these values and level tangents there, by divided differences (Hermite)."""
    (a, u), (b, v) = graphs.nodes(facts)
    slope = (v - u) / (b - a)
    second, third = slope / (b - a), -2 * slope / (b - a) ** 2
    if statement["depth"] == 3:
        return slope
    if statement["depth"] == 4:
        return third
    middle = (a + b) / 2
    return u + second * (middle - a) ** 2 + third * (middle - a) ** 2 * (middle - b)


KINDS = {
    "cubic": Kind(cubic, graphs.draw, interpolated, (2, 3, 5), (440, 440)),
    "roots": Kind(roots, graphs.draw, interpolated, (2, 3, 4, 5), (440, 440)),
    "turning_points": Kind(turning_points, graphs.draw, through_turns, (2, 3, 4), (440, 440)),
}

"""Parabolas with their vertex and another point marked."""

from fractions import Fraction
from functools import partial

from builders.families.mmathcot.problems import coordinates, graphs
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.numbers import shown
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule

OPENINGS = tuple(Fraction(number) for number in ("1/2", "1", "2", "-1/2", "-1", "-2"))


def parabola(depth: int, lot: Lot) -> Draft:
    """A parabola: its opening, a value of its function, the difference of two values."""
    p, q, a = lot.randint(-3, 4), lot.randint(-3, 4), lot.choice(OPENINGS)
    step = lot.choice((-3, -2, -1, 1, 2, 3))
    u, v = p + step, q + a * step**2
    if v.denominator > 1 or abs(v) > 6 or p == 0 or q == 0 or abs(u) > 6:
        raise Unfit("the point lies off the grid")
    names = lot.look(("VA", "SP", "VQ"))
    low, high = sorted((q, int(v)))
    facts: Facts = {"points": {names[0]: [p, q], names[1]: [u, int(v)]}, "curves": [{"a": str(a), "p": p, "q": q}]}
    facts["window"] = [min(-1, p - 4), min(-1, low - 2), max(1, p + 4), max(1, high + 2)]
    far = lot.choice([x for x in range(-6, 9) if abs(x - p) > 3]) if depth >= 3 else p + 4
    near = lot.choice([x for x in range(-6, 9) if abs(x - p) != abs(far - p) and x != p]) if depth == 5 else p + 1
    seen = graphs.read("pquv", {"the vertex": (p, q), names[1]: (u, v)})
    givens = (*seen, *graphs.told(far, near, {2: 0, 3: 1, 5: 2}[depth]))
    texts, rules = _texts(depth, names, far, near), _rules(names[1], far, near)[:depth]
    return Draft(texts, facts, {"far": far, "near": near, "depth": depth}, givens, rules, _SLIPS[depth])


def _rules(name: str, far: int, near: int) -> tuple[Rule, ...]:
    equation = "A parabola with vertex (p, q) has the equation y = a(x − p)² + q."
    at_far, at_near = shown(Fraction(far)), shown(Fraction(near))
    return (
        Rule("d", f"the squared distance of {name} from the axis", "(u - p)**2", "", equation),
        Rule("a", "a", "(v - q) / d", "", f"Put the coordinates of {name} into the equation and solve for a."),
        Rule("y", f"the value at x = {at_far}", "a * (far - p)**2 + q", "", "Put x into the equation."),
        Rule("z", f"the value at x = {at_near}", "a * (near - p)**2 + q", "", "Put the other x into the equation."),
        Rule("gap", "the difference", "y - z", "", "Subtract."),
    )


def _texts(depth: int, names: str, far: int, near: int) -> tuple[str, ...]:
    at_far, at_near = shown(Fraction(far)), shown(Fraction(near))
    what = {
        2: "the coefficient a in its equation y = a(x − p)² + q",
        3: f"f({at_far})",
        5: f"f({at_far}) − f({at_near})",
    }[depth]
    return (
        f"The parabola in the figure is the graph of a function f, and {names[0]} is its vertex. Find {what}.",
        f"{names[1]} lies on a parabola with vertex {names[0]}, the graph of a quadratic function f. What is {what}?",
        f"Read the coordinates of both marked points of the parabola y = f(x) with vertex {names[0]}, and determine {what}.",
    )


_SLIPS = {
    2: (
        Slip("forgot to square", "(v - q) / (u - p)"),
        Slip("lost the sign", "-a"),
        Slip("turned the fraction over", "1 / a"),
        Slip("ignored the vertex's height", "v / d"),
        Slip("doubled", "2 * a"),
    ),
    3: (
        Slip("forgot to square", "a * (far - p) + q"),
        Slip("ignored the shift", "a * far**2 + q"),
        Slip("lost the height of the vertex", "a * (far - p)**2"),
        Slip("lost the sign of a", "q - a * (far - p)**2"),
        Slip("took the wrong sign of the shift", "a * (far + p)**2 + q"),
    ),
    5: (
        Slip("added", "y + z"),
        Slip("gave the first value", "y"),
        Slip("gave the second value", "z"),
        Slip("ignored the shift", "a * far**2 - a * near**2"),
        Slip("forgot a", "(far - p)**2 - (near - p)**2"),
    ),
}


def interpolated(facts: Facts, statement: Facts) -> Fraction:
    """Lay the parabola through the marked points and the mirror image of the second, by Lagrange's formula."""
    (p, q), (u, v) = facts["points"].values()
    nodes = [(Fraction(p), Fraction(q)), (Fraction(u), Fraction(v)), (Fraction(2 * p - u), Fraction(v))]
    value = partial(graphs.through, nodes)
    if statement["depth"] == 2:
        return (value(2) - 2 * value(1) + value(0)) / 2
    return value(statement["far"]) - (value(statement["near"]) if statement["depth"] == 5 else 0)


KINDS = {"parabola": Kind(parabola, coordinates.draw, interpolated, (2, 3, 5), (440, 440))}

"""Scatter plots with a line of best fit."""

from fractions import Fraction
from random import Random

from builders.families.mmathcot.problems import coordinates
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, text

SLOPES = ((1, 2), (1, 3), (2, 3), (1, 1), (3, 4), (3, 2), (2, 1), (1, 4))
_THINGS = (("hours of practice", "points in the test"), ("days", "leaves"), ("visits", "stamps"), ("kilograms of feed", "eggs"))


def scatter(depth: int, lot: Lot) -> Draft:
    """A scatter plot with a line of best fit through two marked points: what it predicts, how far a point lies from it."""
    start, slope, a, b = _line(lot)
    odd = _odd(lot, start, slope) if depth == 3 else (0, 0)
    if odd[0] in {a[0], b[0]}:
        raise Unfit("the point lies above or below a marked one")
    far = lot.choice(range(12, 31)) if depth == 2 else 12
    if ((far - a[0]) * slope).denominator not in {1, 2}:
        raise Unfit("an awkward prediction")
    across, up = lot.look(_THINGS)
    marked = {"A": a, "B": b} | ({"Z": odd} if depth == 3 else {})
    points = marked | {f"_{k}": at for k, at in enumerate(_cloud(lot.looks, (start, float(slope)), list(marked.values())))}
    facts: Facts = {
        "points": {name: list(place) for name, place in points.items()},
        "window": [-1, -1, 13, 13],
        "lines": ["AB"],
    }
    givens = [given for name, place in marked.items() for given in coordinates.read(name, place)]
    texts, rules = _texts(depth, across, up, far), _fitted(depth, far, above=odd[1] > start + slope * odd[0])
    return Draft(texts, facts, {"far": far, "depth": depth}, (*givens, text("far", across, far)), rules, _FITTED[depth])


def _line(lot: Lot) -> tuple[int, Fraction, tuple[int, int], tuple[int, int]]:
    """Return where a line starts, its slope, and two points of it."""
    (rise, run), start = lot.choice(SLOPES), lot.randint(1, 5)
    first, times = lot.randint(0, 2), lot.randint(2, 5)
    a = (first * run, start + first * rise)
    b = ((first + times) * run, start + (first + times) * rise)
    if b[0] > 11 or b[1] > 11 or b[0] - a[0] < 3 or a[0] == 0:
        raise Unfit("the line leaves the paper")
    return start, Fraction(rise, run), a, b


def _texts(depth: int, across: str, up: str, far: int) -> tuple[str, ...]:
    what = f"the number of {up} that the line predicts for {far} {across}"
    if depth > 2:
        what = f"by how much the y-coordinate of Z differs from that of the line at the same number of {across}"
    return (
        f"The scatter plot shows {up} (y) against {across} (x), with a line of best fit through A and B. Find {what}.",
        f"A line of best fit is drawn through A and B into a plot of {up} (upwards) over {across}. Determine {what}.",
        f"Use the points A and B of the fitted line to work out {what}; x counts {across} and y counts {up}.",
    )


def _odd(lot: Lot, start: int, slope: Fraction) -> tuple[int, int]:
    """Return a point away from the line."""
    x, off = lot.randint(1, 10), lot.choice((-3, -2, 2, 3))
    y = round(start + slope * x) + off
    if not 1 <= y <= 11:
        raise Unfit("the point lies off the paper")
    return x, y


def _cloud(chance: Random, line: tuple[int, float], marked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Scatter some points about a line, none on a marked one."""
    found: list[tuple[int, int]] = []
    for x in chance.sample(range(1, 12), 8):
        place = (x, round(line[0] + line[1] * x) + chance.choice((-2, -1, -1, 1, 1, 2)))
        if 1 <= place[1] <= 11 and min(abs(place[0] - u) + abs(place[1] - v) for u, v in marked) > 1:
            found.append(place)
    return found


def _fitted(depth: int, far: int, *, above: bool) -> tuple[Rule, ...]:
    slope = Rule("m", "the slope of the line", "(yb - ya) / (xb - xa)", "", "Divide the difference in y by that in x.")
    on = "Start at A and go on with the slope."
    if depth == 2:
        return (slope, Rule("y", f"the prediction for {far}", "ya + m * (far - xa)", "", on))
    gap = "yz - y" if above else "y - yz"
    return (
        slope,
        Rule("y", "the prediction at the x-coordinate of Z", "ya + m * (xz - xa)", "", on),
        Rule("gap", "the difference", gap, "", "Subtract the smaller value."),
    )


_FITTED = {
    2: (
        Slip("counted from the origin", "m * far"),
        Slip("forgot to start at A", "ya + m * far"),
        Slip("took the value at B", "yb"),
        Slip("turned the slope over", "ya + (far - xa) / m"),
        Slip("started at B", "yb + m * (far - xa)"),
    ),
    3: (
        Slip("gave the prediction", "y"),
        Slip("compared with A", "sqrt((yz - ya)**2)"),
        Slip("compared with B", "sqrt((yb - yz)**2)"),
        Slip("counted from the origin", "sqrt((yz - m * xz)**2)"),
        Slip("added", "y + yz"),
    ),
}


def predicted(facts: Facts, statement: Facts) -> Fraction:
    """Weigh the y-coordinates of A and B by the distances in x."""
    (ax, ay), (bx, by) = (facts["points"][name] for name in "AB")
    zx, zy = facts["points"].get("Z", (statement["far"], 0))
    x = zx
    value = Fraction(ay * (bx - x) + by * (x - ax), bx - ax)
    return value if statement["depth"] == 2 else abs(zy - value)


KINDS = {"scatter": Kind(scatter, coordinates.draw, predicted, (2, 3), (440, 440))}

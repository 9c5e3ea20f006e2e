"""Graphs of functions on a grid: how they are drawn, and the curve of a polynomial through marked points."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems import axes, marking
from builders.families.mmathcot.problems.drawing import Canvas, Point
from builders.families.mmathcot.problems.problem import Facts
from builders.problems.numbers import shown
from builders.problems.steps import Given, figure, text

_FINE = 240
Node = tuple[Fraction, Fraction]


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw a grid, the graphs of `curves`, and the marked points.

    A curve is `{"polynomial": [c0, c1, …]}`, `{"factor": u, "base": b}` for u·bˣ, or `{"corners": [[x, y], …]}`.
    """
    axes.plane(canvas, facts)
    left, bottom, right, top = facts["window"]
    for curve in facts["curves"]:
        for piece in _inside(_traced(curve, left, right), bottom, top):
            canvas.stroke(piece, 1.6, canvas.style.accent)
    middle = marking.centre(list(facts["points"].values()))
    for name, point in facts["points"].items():
        canvas.dot(point, 3.4, canvas.style.accent)
        marking.name(canvas, point, name, middle)


def polynomial(zeros: Sequence[int], factor: Fraction) -> list[str]:
    """Return the coefficients of a polynomial from its zeros, the constant one first."""
    found = [factor]
    for zero in zeros:
        found = [below - zero * own for below, own in zip([Fraction(0), *found], [*found, Fraction(0)], strict=True)]
    return [str(one) for one in found]


def value(coefficients: Sequence[str], x: float | Fraction) -> Fraction:
    """Evaluate a polynomial."""
    total = Fraction(0)
    for one in reversed(coefficients):
        total = total * Fraction(x) + Fraction(one)
    return total


def through(nodes: Sequence[Node], x: int | Fraction) -> Fraction:
    """Evaluate the polynomial through some points, by Lagrange's formula."""
    total = Fraction(0)
    for i, (xi, yi) in enumerate(nodes):
        term = Fraction(yi)
        for j, (xj, _) in enumerate(nodes):
            term *= (x - xj) / (xi - xj) if i != j else 1
        total += term
    return total


def nodes(facts: Facts) -> list[Node]:
    """Return the marked points, exactly."""
    return [(Fraction(x), Fraction(y)) for x, y in facts["points"].values()]


def window(places: Sequence[Sequence[int]], aside: int = 2, above: int = 3) -> list[int]:
    """Return left, bottom, right and top of a window on some points and the origin, with room around."""
    xs, ys = zip(*places, strict=True)
    return [min(-1, min(xs) - aside), min(-1, min(ys) - above), max(1, max(xs) + aside + 1), max(1, max(ys) + above)]


def texts(what: str, clause: str) -> tuple[str, str, str]:
    """Return a question about a graph in three wordings; `clause` says what the marked points are."""
    return (
        f"The figure shows the graph of a function f; {clause}. Find {what}.",
        f"Read the marked points from the grid: {clause}. What is {what}?",
        f"Use the graph of y = f(x), where {clause}, to determine {what}. Each square of the grid is one unit wide.",
    )


def read(keys: Iterable[str], points: Mapping[str, Sequence[int | Fraction]]) -> list[Given]:
    """Return the coordinates of points as quantities that the figure shows; the keys are those of x and y of each in turn."""
    found = [
        (f"the {axis}-coordinate of {name}", part) for name, at in points.items() for axis, part in zip("xy", at, strict=True)
    ]
    return [figure(key, label, part) for key, (label, part) in zip(keys, found, strict=True)]


def told(far: int, near: int, count: int) -> tuple[Given, ...]:
    """Return the first of the places at which values are asked, as quantities that the text tells."""
    return (text("far", "x", far), text("near", "the other x", near))[:count]


def at(x: int) -> str:
    """Write the value of the function at a place."""
    return f"f({shown(Fraction(x))})"


def _traced(curve: Facts, left: int, right: int) -> list[Point]:
    if "corners" in curve:
        return [(float(x), float(y)) for x, y in curve["corners"]]
    xs = [left + (right - left) * k / _FINE for k in range(_FINE + 1)]
    if "base" in curve:
        factor, base = float(Fraction(curve["factor"])), float(Fraction(curve["base"]))
        return [(x, factor * base**x) for x in xs]
    coefficients = [float(Fraction(one)) for one in curve["polynomial"]]
    return [(x, sum(one * x**power for power, one in enumerate(coefficients))) for x in xs]


def _inside(line: Sequence[Point], bottom: float, top: float) -> list[list[Point]]:
    """Cut a line into the pieces that are in the window."""
    pieces: list[list[Point]] = [[]]
    for (ax, ay), (bx, by) in pairwise(line):
        ends = sorted(share for edge in (bottom, top) if ay != by and 0 < (share := (edge - ay) / (by - ay)) < 1)
        stops = [0.0, *ends, 1.0]
        for start, end in pairwise(stops):
            if bottom - 1e-9 <= ay + (start + end) / 2 * (by - ay) <= top + 1e-9:
                corners = [(ax + share * (bx - ax), ay + share * (by - ay)) for share in (start, end)]
                pieces[-1] += corners if not pieces[-1] else corners[1:]
            elif pieces[-1]:
                pieces.append([])
    return [piece for piece in pieces if piece]

"""Counting rectangles in a grid."""

import itertools
from fractions import Fraction

from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure


def rectangles(depth: int, lot: Lot) -> Draft:
    """All rectangles in a grid, or those that are no squares."""
    wide, high = (lot.randint(2, 8), lot.randint(2, 6)) if depth == 5 else (lot.randint(2, 9), lot.randint(2, 8))
    if wide < high:
        raise Unfit("another turned")
    wide, high = lot.look(((wide, high), (high, wide)))
    facts: Facts = {"wide": wide, "high": high, "upright": wide + 1, "level": high + 1}
    what = "rectangles that are not squares" if depth == 5 else "rectangles"
    tail = "" if depth == 5 else " Squares are rectangles, too."
    texts = (
        f"Rectangles of all sizes can be seen in the grid of equal squares. How many {what} are there?{tail}",
        f"The lines of the figure bound many {what}. Count all of them, also those made of several squares.{tail}",
        f"A grid of equal squares is drawn in the figure. Find the number of {what} whose sides lie on its lines.{tail}",
    )
    givens = (figure("u", "the upright lines", wide + 1), figure("v", "the level lines", high + 1))
    rules, slips = _squares_left_out(min(wide, high)) if depth == 5 else (_ALL, _SLIPS)
    return Draft(texts, facts, {"squares": depth == 5}, givens, rules, slips)


_ALL = (
    Rule("across", "the choices of left and right side", "u * (u - 1) / 2", "", "Two of the upright lines bound a rectangle."),
    Rule("down", "the choices of upper and lower side", "v * (v - 1) / 2", "", "The same holds for the level lines."),
    Rule("all", "the number of all rectangles", "across * down", "", "Each choice can be combined with each."),
)
_SLIPS = (
    Slip("counted the small ones only", "(u - 1) * (v - 1)"),
    Slip("forgot to halve once", "2 * all"),
    Slip("added", "across + down"),
    Slip("multiplied the lines", "u * v"),
    Slip("left out the whole", "all - 1"),
)


def _squares_left_out(small: int) -> tuple[tuple[Rule, ...], tuple[Slip, ...]]:
    squares = " + ".join(f"(u - {k}) * (v - {k})" for k in range(1, small + 1))
    rules = (
        *_ALL,
        Rule("squares", "the number of all squares", squares, "", f"Count them by their side, from 1 to {small}."),
        Rule("rest", "the rectangles that are no squares", "all - squares", "", "Subtract."),
    )
    slips = (
        Slip("counted the squares too", "all"),
        Slip("took away the small squares only", "all - (u - 1) * (v - 1)"),
        Slip("gave the squares", "squares"),
        Slip("added", "all + squares"),
        Slip("missed one", "rest - 1"),
    )
    return rules, slips


def rectangles_tried(facts: Facts, statement: Facts) -> Fraction:
    """Try all pairs of corners."""
    places = list(itertools.product(range(facts["wide"] + 1), range(facts["high"] + 1)))
    found = [(u - x, v - y) for x, y in places for u, v in places if u > x and v > y]
    return Fraction(sum(not statement["squares"] or a != b for a, b in found))


def draw_grid(canvas: Canvas, facts: Facts) -> None:
    """Draw a grid of squares."""
    wide, high = facts["wide"], facts["high"]
    canvas.fit([(0, 0), (wide, high)], 30)
    canvas.fill([(0, 0), (wide, 0), (wide, high), (0, high)], canvas.style.tint)
    for x in range(wide + 1):
        canvas.stroke([(x, 0), (x, high)], 1.3)
    for y in range(high + 1):
        canvas.stroke([(0, y), (wide, y)], 1.3)


KINDS = {"rectangles": Kind(rectangles, draw_grid, rectangles_tried, (3, 5), (420, 340))}

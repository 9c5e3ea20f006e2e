"""Heaps of cubes in isometric projection."""

import math
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise

from builders.families.mmathcot.problems.drawing import Canvas, Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

ROWS = {3: 2, 4: 3, 5: 4, 6: 3}
"""How many rows a heap has, by depth."""


def cube_heap(depth: int, lot: Lot) -> Draft:
    """Cubes heaped in a corner: count them row by row; at depth 6, what is missing to a box."""
    columns = lot.randint(2, 4)
    rows_known = sorted(
        (sorted(row, reverse=True) for row in combinations_with_replacement(range(1, 5), columns)), reverse=True
    )
    heights = lot.multiset(rows_known, ROWS[depth])
    hidden = any(back < front for one, two in pairwise(heights) for back, front in zip(one, two, strict=True))
    if hidden or len({tuple(row) for row in heights}) < 2 or heights[0][0] < 2:
        raise Unfit("a front row hides a back one, or just a box")
    rows = len(heights)
    labels = [*("the back row", "the second row", "the third row")[: rows - 1], "the front row"]
    givens = tuple(
        figure(f"h{r}{c}", f"the height of column {c + 1} in {labels[r]}", height)
        for r, row in enumerate(heights)
        for c, height in enumerate(row)
    )
    texts, slips = (_BOX, _box_slips(rows, columns)) if depth == 6 else (_COUNT, _count_slips(rows, columns))
    return Draft(texts, {"heights": heights}, {"box": depth == 6}, givens, _heap_rules(depth, labels, columns), slips)


def _heap_rules(depth: int, labels: list[str], columns: int) -> tuple[Rule, ...]:
    rows, heights = len(labels), "Add the heights of its columns."
    rules = [
        Rule(f"r{r}", f"the cubes in {label}", " + ".join(f"h{r}{c}" for c in range(columns)), "", heights)
        for r, label in enumerate(labels)
    ]
    rules.append(Rule("n", "the number of all cubes", " + ".join(f"r{r}" for r in range(rows)), "", "Add the rows."))
    if depth == 6:
        around = f"It is {rows} cubes deep, {columns} wide and as high as the highest column."
        rules.append(Rule("box", "the cubes of the full box", f"{rows} * {columns} * h00", "", around))
        rules.append(Rule("more", "the missing cubes", "box - n", "", "Subtract."))
    return tuple(rules)


_BOX = (
    "The cubes are stacked in a corner without gaps. How many more cubes make it a full box as long, wide and high?",
    "A heap of equal cubes is to be completed to the smallest cuboid that holds it. How many cubes are missing?",
    "Find the number of cubes that have to be added to the heap to get a solid cuboid just around it. No cube floats.",
)
_COUNT = (
    "The cubes are stacked in a corner without gaps; none of them floats. How many cubes are there?",
    "Count the cubes of the heap, those you cannot see included. There are no holes behind or below the visible ones.",
    "How many equal cubes have been used to build the solid in the figure, if each column is full down to the floor?",
)


def _box_slips(rows: int, columns: int) -> tuple[Slip, ...]:
    return (
        Slip("gave the cubes of the heap", "n"),
        Slip("gave the cubes of the box", "box"),
        Slip("missed a column", "more + h00"),
        Slip("counted the top layer only", f"{rows} * {columns} - 1"),
        Slip("missed two cubes", "more + 2"),
    )


def _count_slips(rows: int, columns: int) -> tuple[Slip, ...]:
    return (
        Slip("counted the columns", f"{rows * columns}"),
        Slip("left out the back row", "n - r0"),
        Slip("left out the front row", f"n - r{rows - 1}"),
        Slip("counted the full box", f"{rows} * {columns} * h00"),
        Slip("missed a hidden cube", "n - 1"),
        Slip("missed two hidden cubes", "n - 2"),
    )


def cubes_counted(facts: Facts, statement: Facts) -> Fraction:
    """Count the cubes layer by layer, as positions in space."""
    heights = facts["heights"]
    top = max(height for row in heights for height in row)
    layers = [[(r, c) for r, row in enumerate(heights) for c, height in enumerate(row) if height > z] for z in range(top)]
    count = sum(len(layer) for layer in layers)
    return Fraction(top * len(heights) * len(heights[0]) - count if statement["box"] else count)


def draw_heap(canvas: Canvas, facts: Facts) -> None:
    """Draw the cubes in isometric projection, from the back to the front."""
    heights = facts["heights"]
    top = max(height for row in heights for height in row)
    corners = [_iso(x, y, z) for x in (0, len(heights)) for y in (0, len(heights[0])) for z in (0, top)]
    canvas.fit(corners, 34)
    shades = [tuple(round(level + (255 - level) * light) for level in canvas.style.palette[0]) for light in (0.65, 0.35, 0.0)]
    for x, row in enumerate(heights):
        for y, height in enumerate(row):
            for z in range(height):
                _cube(canvas, (x, y, z), shades)


def _iso(x: float, y: float, z: float) -> Point:
    """Project: x runs to the front left, y to the front right, z up."""
    return ((y - x) * math.cos(math.radians(30)), z - (x + y) * 0.5)


def _cube(canvas: Canvas, place: tuple[int, int, int], shades: list[tuple[int, ...]]) -> None:
    x, y, z = place
    top = [_iso(x, y, z + 1), _iso(x + 1, y, z + 1), _iso(x + 1, y + 1, z + 1), _iso(x, y + 1, z + 1)]
    left = [_iso(x + 1, y, z + 1), _iso(x + 1, y, z), _iso(x + 1, y + 1, z), _iso(x + 1, y + 1, z + 1)]
    right = [_iso(x, y + 1, z + 1), _iso(x, y + 1, z), _iso(x + 1, y + 1, z), _iso(x + 1, y + 1, z + 1)]
    for face, shade in zip((top, left, right), shades, strict=True):
        red, green, blue = shade
        canvas.outline(face, 0.8, (red, green, blue))


KINDS = {"cube_heap": Kind(cube_heap, draw_heap, cubes_counted, (3, 4, 5, 6), (420, 400))}

"""Axes, scales and grids: what charts and graphs of functions stand on."""

from collections.abc import Sequence

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.drawing import HAIR, IF_ROOM, Canvas, Colour, Point
from builders.families.mmathcot.problems.problem import Facts
from builders.problems import numbers

LEFT, RIGHT, TOP, BOTTOM = 70.0, 18.0, 40.0, 58.0


def chart(canvas: Canvas, facts: Facts) -> None:
    """Draw the frame of a chart: title, upward scale with grid lines, names of the groups below.

    `facts` has `title`, `vertical` (the scale's name), `names` and `scale` (step and end of the scale, from 0).
    """
    step, end = facts["scale"]["step"], facts["scale"]["end"]
    names = facts["names"]
    canvas.stretch((0, 0), (len(names), end), (LEFT, TOP, canvas.width - RIGHT, canvas.height - BOTTOM))
    for value in range(0, end + 1, step):
        canvas.stroke([(0, value), (len(names), value)], 0.8, HAIR)
        beside(canvas, (0, value), str(value))
    canvas.stroke([(0, 0), (0, end)])
    canvas.stroke([(0, 0), (len(names), 0)])
    for place, name in enumerate(names):
        below(canvas, (place + 0.5, 0), name)
    titles(canvas, facts)


def titles(canvas: Canvas, facts: Facts) -> None:
    """Write the title above and the names of the axes beside and below."""
    middle = (LEFT + canvas.width - RIGHT) / 2
    canvas.write(facts["title"], [(middle, 18)], 0, 1.05)
    if facts.get("vertical"):
        height = (TOP + canvas.height - BOTTOM) / 2
        canvas.write_upwards(facts["vertical"], (15, height))
    if facts.get("horizontal"):
        canvas.write(facts["horizontal"], [(middle, canvas.height - 14)], 0, 0.9)


def beside(canvas: Canvas, point: Point, text: str) -> None:
    """Write a text left of a point, its right edge next to it."""
    x, y = canvas.at(point)
    wide, _ = lettering.extent(text, canvas.style.face, canvas.style.size * 0.85)
    canvas.write(text, [(x - 7 - wide / 2, y)], 0, 0.85)


def below(canvas: Canvas, point: Point, text: str, size: float = 0.85) -> None:
    """Write a text under a point."""
    x, y = canvas.at(point)
    canvas.write(text, [(x, y + 15)], 0, size)


def legend(canvas: Canvas, names: Sequence[str], colours: Sequence[Colour]) -> None:
    """Write a row of coloured boxes with names at the lower edge."""
    size = canvas.style.size * 0.85
    widths = [lettering.extent(name, canvas.style.face, size)[0] + 34 for name in names]
    x, y = (canvas.width - sum(widths)) / 2 + 8, canvas.height - 15
    for name, wide, colour in zip(names, widths, colours, strict=True):
        box = [(x, y - 6), (x + 12, y - 6), (x + 12, y + 6), (x, y + 6)]
        canvas.paint(box, colour)
        canvas.write(name, [(x + 18 + (wide - 34) / 2, y)], 0, 0.85)
        x += wide


def ruled(canvas: Canvas, corner: tuple[int, int], line: int, step: int) -> None:
    """Draw a grid from the origin to a corner: a line at each multiple of `line` upwards, with numbers at those of `step`."""
    right, top = corner
    for value in range(0, top + 1, line):
        canvas.stroke([(0, value), (right, value)], 0.8, HAIR)
        if value % step == 0:
            beside(canvas, (0, value), str(value))
    for place in range(right + 1):
        canvas.stroke([(place, 0), (place, top)], 0.8, HAIR)
        if place:
            below(canvas, (place, 0), str(place))
    canvas.stroke([(0, top), (0, 0), (right, 0)])


def plane(canvas: Canvas, facts: Facts) -> None:
    """Draw a coordinate grid with both axes: `facts["window"]` holds left, bottom, right, top, all whole."""
    left, bottom, right, top = facts["window"]
    step = facts.get("step", 1)
    side = min((canvas.width - 48) / (right - left), (canvas.height - 48) / (top - bottom))
    wide, high = side * (right - left), side * (top - bottom)
    canvas.width, canvas.height = round(wide + 48), round(high + 48)
    canvas.stretch((left, bottom), (right, top), (24, 24, 24 + wide, 24 + high))
    for x in range(left, right + 1):
        canvas.stroke([(x, bottom), (x, top)], 0.7, HAIR)
    for y in range(bottom, top + 1):
        canvas.stroke([(left, y), (right, y)], 0.7, HAIR)
    _arrow_axis(canvas, (left, 0), (right, 0), "x")
    _arrow_axis(canvas, (0, bottom), (0, top), "y")
    for x in range(left, right + 1):
        if x and x % step == 0 and x < right:
            _tick(canvas, (x, 0), numbers.shown(numbers.whole(x)), (0, 11))
    for y in range(bottom, top + 1):
        if y and y % step == 0 and y < top:
            _tick(canvas, (0, y), numbers.shown(numbers.whole(y)), (-11, 0))
    across, down = canvas.at((0, 0))
    canvas.write("0", [(across - 9, down + 11)], IF_ROOM, 0.72)


def _arrow_axis(canvas: Canvas, start: Point, end: Point, name: str) -> None:
    canvas.stroke([start, end], 1)
    x, y = canvas.at(end)
    if name == "x":
        canvas.paint([(x + 9, y), (x, y - 4), (x, y + 4)], canvas.style.ink)
        canvas.write(name, [(x + 6, y - 13), (x + 6, y + 13)], 0)
    else:
        canvas.paint([(x, y - 9), (x - 4, y), (x + 4, y)], canvas.style.ink)
        canvas.write(name, [(x + 13, y - 6), (x - 13, y - 6)], 0)


def _tick(canvas: Canvas, point: Point, text: str, shift: Point) -> None:
    """Mark a number on an axis; its label may give way to what is drawn there."""
    x, y = canvas.at(point)
    wide, _ = lettering.extent(text, canvas.style.face, canvas.style.size * 0.72)
    dx = shift[0] - (wide / 2 - 4 if shift[0] else 0)
    places = [(x + dx, y + shift[1]), (x - dx, y - shift[1])]
    canvas.write(text, places, IF_ROOM, 0.72)

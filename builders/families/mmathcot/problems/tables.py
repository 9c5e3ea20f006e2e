"""How a table is drawn."""

from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.problem import Facts

ROW, TOP, SIDE = 32, 44.0, 40.0
"""Height of a row, and where the table begins, in pixels."""


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw a table: `title` above it, `head` in its first row, then `rows`, all of them texts."""
    rows, count = [facts["head"], *facts["rows"]], len(facts["head"])
    canvas.height = round(TOP) + ROW * len(rows) + 20
    canvas.stretch((0, -canvas.height), (canvas.width, 0), (0, 0, canvas.width, canvas.height))
    canvas.write(facts["title"], [(canvas.width / 2, 22)], 0, 1.05)
    right, bottom = canvas.width - SIDE, TOP + ROW * len(rows)
    step = (right - SIDE) / count
    canvas.fill([(SIDE, -TOP), (right, -TOP), (right, -TOP - ROW), (SIDE, -TOP - ROW)], canvas.style.tint)
    for line in range(len(rows) + 1):
        canvas.stroke([(SIDE, -TOP - ROW * line), (right, -TOP - ROW * line)], 0.8)
    for line in range(count + 1):
        canvas.stroke([(SIDE + step * line, -TOP), (SIDE + step * line, -bottom)], 0.8)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            canvas.write(cell, [(SIDE + step * (column + 0.5), TOP + ROW * (line + 0.5))], 0, 0.95)

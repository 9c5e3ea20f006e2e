"""Patterns of sticks that grow by the same number from picture to picture."""

import math
from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems.drawing import Canvas, Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.steps import Rule, figure, text

SHAPES = {"hexagons": 6, "squares": 4, "triangles": 3}


def sticks(depth: int, lot: Lot) -> Draft:
    """A growing row of polygons: the sticks of a later picture, or which picture has so many."""
    shape, far = lot.choice(sorted(SHAPES)), lot.randint(8, 90)
    sides = SHAPES[shape]
    facts: Facts = {"shape": shape, "sides": sides, "counts": [sides + k * (sides - 1) for k in range(3)]}
    inverse = depth == 4 and lot.coin()
    if not inverse:
        lot.leave(depth, (2, 3, 4), far)
    question = _place(sides + (far - 1) * (sides - 1)) if inverse else _later(depth, far)
    first, second = question.wordings
    texts = (
        f"Sticks are laid to a growing row of {shape}. {first}",
        second,
        f"Pictures 1, 2 and 3 of a pattern made of sticks are shown. {first}",
    )
    givens = (
        figure("one", "the sticks of picture 1", sides),
        figure("two", "the sticks of picture 2", 2 * sides - 1),
    )
    return question.draft(texts, facts, givens)


_GROW = Rule("d", "the sticks that each picture adds", "two - one", "", "Compare neighbouring pictures.")


def _place(goal: int) -> Question:
    asked = (
        f"Which picture has exactly {goal} sticks? Give its number.",
        f"A picture of this pattern is made of {goal} sticks. Find its number in the row.",
    )
    rules = (
        _GROW,
        Rule("more", "the sticks after picture 1", "goal - one", "", "Take away those of picture 1."),
        Rule("times", "the pictures after picture 1", "more / d", "", "Each adds the same number."),
        Rule("n", "the number of the picture", "times + 1", "", "Count picture 1 as well."),
    )
    slips = (
        Slip("forgot picture 1", "times"),
        Slip("divided all sticks", "goal / d"),
        Slip("divided by the sticks of picture 1", "goal / one"),
        Slip("counted a picture too many", "n + 1"),
        Slip("counted two pictures too many", "n + 2"),
    )
    return Question(asked, rules, slips, {"goal": goal}, (text("goal", "the sticks of the picture looked for", goal),))


def _later(depth: int, far: int) -> Question:
    asked = (
        f"How many sticks does picture {far} have?",
        f"The pattern goes on in the same way. Find the number of sticks in picture {far}.",
    )
    times = Rule("times", "the pictures after picture 1", "far - 1", "", "Picture 1 is there already.")
    more = Rule("more", "the sticks they add", "times * d", "", "Each adds the same number.")
    label = f"the sticks of picture {far}"
    rules = {
        2: (_GROW, Rule("n", label, "one + (far - 1) * d", "", f"Picture 1 grows {far - 1} times.")),
        3: (_GROW, times, Rule("n", label, "one + times * d", "", "Add what the further pictures add to picture 1.")),
        4: (_GROW, times, more, Rule("n", label, "one + more", "", "Add those of picture 1.")),
    }[depth]
    return Question(asked, rules, _LATER, {"far": far}, (text("far", "the number of the picture", far),))


_LATER = (
    Slip("multiplied picture 1", "one * far"),
    Slip("added once too often", "one + far * d"),
    Slip("forgot the common start", "far * d"),
    Slip("forgot picture 1", "(far - 1) * d"),
    Slip("added once too seldom", "n - d"),
)


def _edges(sides: int, count: int) -> list[tuple[Point, Point]]:
    """Return the sticks of a row of equal polygons that share sides, each once."""
    found: dict[tuple[tuple[int, int], tuple[int, int]], tuple[Point, Point]] = {}
    for k in range(count):
        for start, end in _polygon(sides, k):
            keys = sorted((round(p[0] * 1000), round(p[1] * 1000)) for p in (start, end))
            found.setdefault((keys[0], keys[1]), (start, end))
    return list(found.values())


def _polygon(sides: int, place: int) -> list[tuple[Point, Point]]:
    """Return the sides of the polygon at a place of the row; every other triangle stands on its tip."""
    high = math.sqrt(3) / 2
    if sides == 4:
        corners: list[Point] = [(place, 0.0), (place + 1, 0.0), (place + 1, 1.0), (place, 1.0)]
    elif sides == 3:
        base, tip = (0.0, high) if place % 2 == 0 else (high, 0.0)
        corners = [(place / 2, base), (place / 2 + 1, base), (place / 2 + 0.5, tip)]
    else:
        hexagon = ((0, 0.5), (1, 0.0), (2, 0.5), (2, 1.5), (1, 2.0), (0, 1.5))
        corners = [(2 * high * place + high * x, y) for x, y in hexagon]
    return list(pairwise([*corners, corners[0]]))


def sticks_laid(facts: Facts, statement: Facts) -> Fraction:
    """Lay the pictures and count their sticks."""
    if "far" in statement:
        return Fraction(len(_edges(facts["sides"], statement["far"])))
    return Fraction(next(count for count in range(1, 200) if len(_edges(facts["sides"], count)) == statement["goal"]))


def draw_sticks(canvas: Canvas, facts: Facts) -> None:
    """Draw the first three pictures side by side."""
    sides = facts["sides"]
    wide = {4: 1.0, 3: 0.5, 6: math.sqrt(3)}[sides]
    extra = 0.5 if sides == 3 else 0.0
    starts, x = [], 0.0
    for count in (1, 2, 3):
        starts.append(x)
        x += wide * count + extra + 0.8 * (2 if sides == 6 else 1)
    end = x - 0.8 * (2 if sides == 6 else 1)
    high = {4: 1.0, 3: 0.87, 6: 2.0}[sides]
    canvas.fit([(0, -0.5 * high), (end, high)], 24)
    for count, start in zip((1, 2, 3), starts, strict=True):
        for one, other in _edges(sides, count):
            canvas.stroke([(start + one[0], one[1]), (start + other[0], other[1])], 2.2, canvas.style.accent)
            for point in (one, other):
                canvas.dot((start + point[0], point[1]), 3.4)
        px, py = canvas.at((start + (wide * count + extra) / 2, 0))
        canvas.write(f"picture {count}", [(px, py + 24)], 1, 0.9)


KINDS = {"sticks": Kind(sticks, draw_sticks, sticks_laid, (2, 3, 4), (560, 260))}

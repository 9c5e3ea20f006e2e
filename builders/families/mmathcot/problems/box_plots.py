"""Box plots: interquartile ranges, fences, shares of the whole range."""

from fractions import Fraction

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.drawing import HAIR, Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

TRIALS = (
    ("Waiting time", "min", "Line 1", "Line 2"),
    ("Jumping distance", "cm", "Class A", "Class B"),
    ("Mass of apples", "g", "Farm 1", "Farm 2"),
    ("Reaction time", "ms", "Morning", "Evening"),
)
LABELS = ("the minimum", "the lower quartile", "the median", "the upper quartile", "the maximum")


def box_plot(depth: int, lot: Lot) -> Draft:
    """Two box plots over one scale: ranges of the middle halves, fences, shares."""
    title, unit, first, second = lot.look(TRIALS)
    step = lot.choice((2, 5, 10))
    boxes = [[step * (place + k) for k, place in enumerate(lot.subset(range(1, 16), 5))] for _ in range(2)]
    facts: Facts = {"title": title, "unit": unit, "names": [first, second], "boxes": boxes, "step": step}
    question = {2: _fence, 3: _ranges, 5: _shares}[depth](facts)
    givens = tuple(
        figure(f"{letter}{k}", f"{LABELS[k]} of {name}", value, unit)
        for letter, name, box in zip("ab", (first, second), boxes, strict=True)
        for k, value in enumerate(box)
    )
    what, short = question.wordings
    texts = (
        f"The figure shows two box plots. Find {what}.",
        f"Read the quartiles from the plot “{title}” and determine {short}.",
        f"Work out {what}. A box reaches from the lower to the upper quartile, the lines to minimum and maximum.",
    )
    return Draft(texts, facts, {"depth": depth}, givens, question.rules, question.slips)


def _range(name: str, letter: str, unit: str) -> Rule:
    reason = "It is the width of the box, upper minus lower quartile."
    return Rule(f"q{letter}", f"the interquartile range of {name}", f"{letter}3 - {letter}1", unit, reason)


def _fence(facts: Facts) -> Question:
    first, unit = facts["names"][0], facts["unit"]
    reason = "The fence lies one and a half interquartile ranges above the upper quartile."
    rules = (_range(first, "a", unit), Rule("fence", f"the upper fence of {first}", "a3 + 3/2 * qa", unit, reason))
    slips = (
        Slip("added one range only", "a3 + qa"),
        Slip("started from the median", "a2 + 3/2 * qa"),
        Slip("used the whole range", "a3 + 3/2 * (a4 - a0)"),
        Slip("took the other plot", "b3 + 3/2 * (b3 - b1)"),
        Slip("gave the maximum", "a4"),
    )
    what = f"the upper fence of {first}, that is the upper quartile plus one and a half times the interquartile range"
    return Question((what, what), rules, slips)


def _ranges(facts: Facts) -> Question:
    (first, second), unit = facts["names"], facts["unit"]
    one, two = facts["boxes"]
    if one[3] - one[1] == two[3] - two[1]:
        raise Unfit("ranges alike")
    gap = "qa - qb" if one[3] - one[1] > two[3] - two[1] else "qb - qa"
    subtracted = Rule("gap", "the difference", gap, unit, "Subtract the smaller one.")
    rules = (_range(first, "a", unit), _range(second, "b", unit), subtracted)
    whole = "(a4 - a0) - (b4 - b0)" if one[4] - one[0] > two[4] - two[0] else "(b4 - b0) - (a4 - a0)"
    slips = (
        Slip("compared the whole ranges", whole),
        Slip("compared the medians", "a2 - b2" if one[2] > two[2] else "b2 - a2"),
        Slip("gave the first range", "qa"),
        Slip("gave the second range", "qb"),
        Slip("added", "qa + qb"),
    )
    what = f"the difference between the interquartile ranges of {first} and {second}"
    return Question((what, what), rules, slips)


def _shares(facts: Facts) -> Question:
    (first, second), unit = facts["names"], facts["unit"]
    one, two = (Fraction(100 * (box[3] - box[1]), box[4] - box[0]) for box in facts["boxes"])
    if one == two or not {one.denominator, two.denominator} <= {1, 2, 4, 5}:
        raise Unfit("awkward percentages")
    gap = "pa - pb" if one > two else "pb - pa"
    rules = (
        *_share(first, "a", unit),
        *_share(second, "b", unit),
        Rule("gap", "the difference in percentage points", gap, "%", "Subtract."),
    )
    slips = (
        Slip("gave the first share", "pa"),
        Slip("gave the second share", "pb"),
        Slip("added the shares", "pa + pb"),
        Slip("subtracted the ranges", "qa - qb" if one > two else "qb - qa"),
    )
    what = f"the difference of {first} and {second} in the share of the box in the whole range, in percentage points"
    return Question((what, what), rules, slips)


def _share(name: str, letter: str, unit: str) -> tuple[Rule, Rule]:
    formula = f"100 * q{letter} / ({letter}4 - {letter}0)"
    compare = "Compare it with the whole range, maximum minus minimum."
    share = Rule(f"p{letter}", f"the share of the box in the plot of {name}", formula, "%", compare)
    return _range(name, letter, unit), share


def remeasured(facts: Facts, statement: Facts) -> Fraction:
    """Count steps of the scale that each box covers."""
    step = facts["step"]

    def covered(low: int, high: int) -> int:
        return int(step * sum(1 for place in range(25) if low <= place * step < high))

    (a0, a1, _, a3, a4), (b0, b1, _, b3, b4) = facts["boxes"]
    one, two = covered(a1, a3), covered(b1, b3)
    if statement["depth"] == 2:
        return Fraction(a3) + Fraction(3 * one, 2)
    if statement["depth"] == 3:
        return Fraction(abs(one - two))
    return abs(Fraction(100 * one, covered(a0, a4)) - Fraction(100 * two, covered(b0, b4)))


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw two box plots above a scale with grid lines."""
    step = facts["step"]
    canvas.stretch((0, 0), (20 * step, 2), (92, 48, canvas.width - 24, canvas.height - 66))
    canvas.write(facts["title"], [(canvas.width / 2, 20)], 0, 1.05)
    for place in range(21):
        canvas.stroke([(place * step, 0), (place * step, 2)], 0.8, HAIR)
        if place % 2 == 0:
            axes.below(canvas, (place * step, 0), str(place * step), 0.76)
    canvas.stroke([(0, 0), (20 * step, 0)])
    canvas.write(f"in {facts['unit']}", [(canvas.width / 2, canvas.height - 18)], 0, 0.9)
    for row, (name, box) in enumerate(zip(facts["names"], facts["boxes"], strict=True)):
        _draw_box(canvas, box, 1.5 - row, row)
        axes.beside(canvas, (0, 1.5 - row), name)


def _draw_box(canvas: Canvas, box: list[int], y: float, row: int) -> None:
    low, first, middle, third, high = box
    canvas.stroke([(low, y), (first, y)])
    canvas.stroke([(third, y), (high, y)])
    for end in (low, high):
        canvas.stroke([(end, y - 0.15), (end, y + 0.15)])
    corners = [(first, y - 0.27), (third, y - 0.27), (third, y + 0.27), (first, y + 0.27)]
    canvas.outline(corners, 1, canvas.style.palette[row])
    canvas.stroke([(middle, y - 0.27), (middle, y + 0.27)], 1.8)


KINDS = {"box_plot": Kind(box_plot, draw, remeasured, (2, 3, 5), (560, 320))}

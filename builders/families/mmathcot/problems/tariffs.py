"""Two straight lines for the cost of two offers."""

from fractions import Fraction

from builders.families.mmathcot.problems import axes, lettering
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

OFFERS = (("Ana", "Ben"), ("Blue", "Red"), ("Swift", "Solid"), ("City", "Metro"))
THINGS = (("hours", "rent a bicycle"), ("days", "rent a tent"), ("rides", "buy rides"), ("months", "store boxes"))
AT = 5
"""Where the lines' ends are drawn."""


def tariffs(depth: int, lot: Lot) -> Draft:
    """Two offers: a cost beyond the picture, the difference there, the cost where they are equal."""
    names, (thing, verb) = lot.look(OFFERS), lot.look(THINGS)
    low, high = lot.subset(range(0, 50, 5), 2)
    flat, steep = lot.subset(range(2, 13), 2)
    if high - low < 10 or max(low + 6 * steep, high + 6 * flat) > 90 or low + AT * steep == high + AT * flat:
        raise Unfit("the lines leave the picture, or end in one point")
    facts: Facts = {"names": list(names), "thing": thing, "starts": [low, high], "ends": [low + AT * steep, high + AT * flat]}
    facts["at"] = AT
    question = {2: _beyond, 5: _compared, 6: _crossing}[depth](facts, lot)
    what, _ = question.wordings
    texts = (
        f"Two offers, {names[0]} and {names[1]}, have the costs shown in the graph when you {verb}. Find {what}.",
        f"The lines in the graph go on straight. Use them to determine {what}.",
        f"Read the starting price of each line and its cost for {AT} {thing}, then work out {what}.",
    )
    return question.draft(texts, facts, _seen(facts), depth=depth)


def _seen(facts: Facts) -> list[Given]:
    """Return what can be read from the graph: where each line starts, and its marked end."""
    thing = facts["thing"]
    givens = [figure("n", f"the number of {thing} at the marked ends", AT)]
    for letter, name, start, end in zip("12", facts["names"], facts["starts"], facts["ends"], strict=True):
        givens.append(figure(f"c{letter}", f"the starting price of {name}", start, "$"))
        givens.append(figure(f"e{letter}", f"the cost of {name} for {AT} {thing}", end, "$"))
    return givens


def _rate(facts: Facts, letter: str) -> Rule:
    name, single = facts["names"][int(letter) - 1], facts["thing"][:-1]
    reason = f"The line of {name} rises by the same amount for each {single}."
    return Rule(f"m{letter}", f"the price of {name} for each {single}", f"(e{letter} - c{letter}) / n", "$", reason)


def _cost(facts: Facts, letter: str, far: int) -> Rule:
    name = facts["names"][int(letter) - 1]
    reason = f"Add {far} times this amount to the starting price."
    return Rule(f"y{letter}", f"the cost of {name} for {far} {facts['thing']}", f"c{letter} + far * m{letter}", "$", reason)


def _beyond(facts: Facts, lot: Lot) -> Question:
    far, thing = lot.choice((8, 9, 10, 12, 15)), facts["thing"]
    slips = (
        Slip("forgot the starting price", "far * m1"),
        Slip("took the other line", "c2 + far * (e2 - c2) / n"),
        Slip("scaled the cost that was read", "e1 * far / n"),
        Slip("added the starting price twice", "y1 + c1"),
        Slip("took the cost that was read", "e1"),
    )
    what = f"the cost of {far} {thing} with {facts['names'][0]}"
    rules = (_rate(facts, "1"), _cost(facts, "1", far))
    return Question((what, what), rules, slips, {"far": far}, (text("far", f"the number of {thing}", far),))


def _compared(facts: Facts, lot: Lot) -> Question:
    (one, two), thing, far = facts["names"], facts["thing"], lot.choice((8, 9, 10, 12, 15))
    if _lines(facts, Fraction(far))[0] <= _lines(facts, Fraction(far))[1]:
        raise Unfit("the difference is not positive")
    rules = (
        _rate(facts, "1"),
        _rate(facts, "2"),
        _cost(facts, "1", far),
        _cost(facts, "2", far),
        Rule("gap", "the difference", "y1 - y2", "$", "Subtract."),
    )
    slips = (
        Slip("forgot the starting prices", "far * (m1 - m2)"),
        Slip("took the gap at the lines' ends", "e1 - e2"),
        Slip("added the starting gap", "far * (m1 - m2) + c2 - c1"),
        Slip("gave the first cost", "y1"),
        Slip("gave the second cost", "y2"),
    )
    what = f"how much more {one} costs than {two} for {far} {thing}"
    return Question((what, what), rules, slips, {"far": far}, (text("far", f"the number of {thing}", far),))


def _crossing(facts: Facts, lot: Lot) -> Question:
    del lot
    (one, two), thing = facts["names"], facts["thing"]
    if _meeting(facts).denominator > 2:
        raise Unfit("they meet between the lines of the grid")
    single = thing[:-1]
    rules = (
        _rate(facts, "1"),
        _rate(facts, "2"),
        Rule("dc", "the difference of the starting prices", "c2 - c1", "$", f"{two} starts higher."),
        Rule("dm", "the difference of the rates", "m1 - m2", "$", f"{one} catches up by this much for each {single}."),
        Rule("x", f"the number of {thing} with equal costs", "dc / dm", "", "Divide the lead by the gain."),
        Rule("y", "the cost there", "c1 + m1 * x", "$", "Put it into the first offer."),
    )
    what = "the cost at which both offers are equally expensive"
    return Question((what, what), rules, _CROSSING)


_CROSSING = (
    Slip("forgot the starting price", "m1 * x"),
    Slip("used the other rate", "c1 + m2 * x"),
    Slip("used the other starting price", "c2 + m1 * x"),
    Slip("took the cost that was read", "e1"),
    Slip("took the other cost that was read", "e2"),
)


def _lines(facts: Facts, x: Fraction) -> tuple[Fraction, Fraction]:
    """Return both costs at x by the two-point form of the lines."""
    n = facts["at"]
    one, two = (start * (1 - x / n) + end * x / n for start, end in zip(facts["starts"], facts["ends"], strict=True))
    return one, two


def _meeting(facts: Facts) -> Fraction:
    """Return where the lines cross, from their distances at both drawn ends."""
    (c1, c2), (e1, e2) = facts["starts"], facts["ends"]
    return Fraction(facts["at"] * (c2 - c1), (c2 - c1) + (e1 - e2))


def extended(facts: Facts, statement: Facts) -> Fraction:
    """Extend both lines by the two-point form, and cross them."""
    if statement["depth"] == 6:
        return _lines(facts, _meeting(facts))[1]
    one, two = _lines(facts, Fraction(statement["far"]))
    return one if statement["depth"] == 2 else one - two


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw two lines over a grid, named at their ends."""
    n, top = facts["at"], 10 * (max(facts["ends"]) // 10 + 1)
    canvas.stretch((0, 0), (n + 1, top), (axes.LEFT, axes.TOP - 14, canvas.width - 60, canvas.height - axes.BOTTOM))
    axes.ruled(canvas, (n + 1, top), 5, 5 if top <= 60 else 10)
    canvas.write_upwards("cost in dollars", (15, (axes.TOP + canvas.height - axes.BOTTOM) / 2))
    canvas.write(facts["thing"], [(canvas.width / 2, canvas.height - 14)], 0, 0.9)
    colours = (canvas.style.accent, canvas.style.ink)
    for name, start, end, colour in zip(facts["names"], facts["starts"], facts["ends"], colours, strict=True):
        canvas.stroke([(0, start), (n, end)], 1.6, colour)
        canvas.dot((0, start), 3.4, colour)
        canvas.dot((n, end), 3.4, colour)
        x, y = canvas.at((n, end))
        wide, _ = lettering.extent(name, canvas.style.face, canvas.style.size)
        canvas.write(name, [(x + 10 + wide / 2, y + dy) for dy in (0, -9, 9, -14, 14)], 1, 1, colour)


KINDS = {"tariffs": Kind(tariffs, draw, extended, (2, 5, 6), (500, 380))}

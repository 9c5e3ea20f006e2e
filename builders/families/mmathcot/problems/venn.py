"""Venn diagrams of two sets with the number in their overlap to be found."""

from fractions import Fraction

from builders.families.mmathcot.problems.drawing import Canvas, arc_points
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

CLUBS = (
    ("Chess", "Music", "pupils"),
    ("Dogs", "Cats", "families"),
    ("Tea", "Coffee", "guests"),
    ("Swimming", "Cycling", "athletes"),
    ("French", "Spanish", "students"),
)


def venn(depth: int, lot: Lot) -> Draft:
    """A Venn diagram: the overlap, a circle, its share, the quotient of both circles."""
    one, two, things = lot.look(CLUBS)
    left, both, right, outside = lot.randint(4, 30), lot.randint(3, 18), lot.randint(4, 30), lot.randint(2, 20)
    if len({left, both, right, outside}) < 4 or (depth == 2 and left > right):
        raise Unfit("regions alike, or the mirror image of another")
    left, right = lot.look(((left, right), (right, left))) if depth == 2 else (left, right)
    total = left + both + right + outside
    facts: Facts = {"names": [one, two], "things": things, "left": left, "right": right, "outside": outside, "both": "?"}
    question = {2: _overlap, 3: _circle, 4: _share, 5: _quotient}[depth](facts, both)
    asked, _ = question.wordings
    texts = (
        f"The Venn diagram shows {total} {things} in all. {asked}",
        f"{asked} The diagram sorts {total} {things} into two circles and the rest; the number in the overlap is missing.",
        f"Altogether there are {total} {things} in the diagram, those outside both circles included. {asked}",
    )
    regions = (("left", f"{one} only"), ("right", f"{two} only"), ("outside", "neither"))
    seen = [figure(region, f"the {things} with {which}", facts[region]) for region, which in regions]
    whole = text("total", f"the number of all {things}", total)
    return question.draft(texts, facts, (*seen, whole), total=total, depth=depth)


def _start(facts: Facts) -> tuple[Rule, Rule, Rule]:
    things, (one, _) = facts["things"], facts["names"]
    return (
        Rule("known", "the sum of the known regions", "left + right + outside", "", "Add the numbers in the diagram."),
        Rule("both", f"the {things} with both", "total - known", "", "All regions together make the total."),
        Rule("a", f"the {things} with {one}", "left + both", "", f"The circle of {one} has two regions."),
    )


def _overlap(facts: Facts, both: int) -> Question:
    del both
    one, two = facts["names"]
    asked = f"How many {facts['things']} are in both circles, {one} and {two}?"
    slips = (
        Slip("forgot those outside", "total - left - right"),
        Slip("gave the known regions", "known"),
        Slip("took the difference of the circles", "left - right"),
        Slip("lost ten", "both + 10"),
    )
    return Question((asked, asked), _start(facts)[:2], slips)


def _circle(facts: Facts, both: int) -> Question:
    del both
    asked = f"How many {facts['things']} belong to the circle of {facts['names'][0]}?"
    slips = (
        Slip("forgot the overlap", "left"),
        Slip("forgot those outside", "total - right"),
        Slip("took the other circle", "right + both"),
        Slip("gave the overlap", "both"),
        Slip("gave both circles", "total - outside"),
    )
    return Question((asked, asked), _start(facts), slips)


def _share(facts: Facts, both: int) -> Question:
    one, things = facts["names"][0], facts["things"]
    total = facts["left"] + both + facts["right"] + facts["outside"]
    if Fraction(100 * (facts["left"] + both), total).denominator > 2:
        raise Unfit("an awkward percentage")
    asked = f"What percentage of all {things} belongs to the circle of {one}?"
    share = Rule("share", f"the share of {one}", "100 * a / total", "%", f"Express it as a percentage of all {things}.")
    slips = (
        Slip("forgot the overlap", "100 * left / total"),
        Slip("took the other circle", "100 * (right + both) / total"),
        Slip("took the percentage of those in circles", "100 * a / (total - outside)"),
        Slip("gave the rest", "100 - share"),
        Slip("gave the number", "a"),
    )
    return Question((asked, asked), (*_start(facts), share), slips)


def _quotient(facts: Facts, both: int) -> Question:
    (one, two), things = facts["names"], facts["things"]
    ratio = Fraction(facts["left"] + both, facts["right"] + both)
    if ratio.denominator > 5 or ratio == 1:
        raise Unfit("an awkward fraction")
    asked = (
        f"By what number must the number of {things} with {two} be multiplied to give the number of {things} with {one}? "
        "Those in the overlap count both times."
    )
    second = f"The circle of {two} has two regions as well."
    rules = (
        *_start(facts),
        Rule("b", f"the {things} with {two}", "right + both", "", second),
        Rule("ratio", "the quotient", "a / b", "", "Divide."),
    )
    return Question((asked, asked), rules, _QUOTIENT)


_QUOTIENT = (
    Slip("forgot the overlap", "left / right"),
    Slip("turned the fraction over", "b / a"),
    Slip("took the difference", "a - b"),
    Slip("forgot the overlap once", "left / b"),
    Slip("took the share of all", "a / total"),
)


def venn_counted(facts: Facts, statement: Facts) -> Fraction:
    """Count members of two sets."""
    left, right, outside = facts["left"], facts["right"], facts["outside"]
    everyone = range(statement["total"])
    first = set(everyone) - set(everyone[-outside:]) - set(everyone[:right])
    second = set(everyone) - set(everyone[-outside:]) - set(everyone[right : right + left])
    counts = {
        2: Fraction(len(first & second)),
        3: Fraction(len(first)),
        4: Fraction(100 * len(first), len(everyone)),
        5: Fraction(len(first), len(second)),
    }
    return counts[statement["depth"]]


def draw_venn(canvas: Canvas, facts: Facts) -> None:
    """Draw two circles in a frame with a number in each region."""
    canvas.stretch((0, 0), (100, 70), (20, 18, canvas.width - 20, canvas.height - 18))
    canvas.outline([(0, 0), (100, 0), (100, 70), (0, 70)], 1)
    ratio = ((canvas.height - 36) / 70) / ((canvas.width - 40) / 100)
    radius = 25.0
    for x, colour in ((36, canvas.style.palette[0]), (64, canvas.style.palette[1])):
        rim = [(x + (px - x) * ratio, py) for px, py in arc_points((x, 33), radius, 0, 360)]
        canvas.stroke(rim, 1.8, colour)
    for name, x, text_x in ((facts["names"][0], 30, 22), (facts["names"][1], 70, 78)):
        del x
        canvas.write(name, [canvas.at((text_x, y)) for y in (63.5, 64.5, 62.5)], 1)
    for key, place in (("left", (25, 33)), ("both", (50, 33)), ("right", (75, 33)), ("outside", (50, 5.5))):
        canvas.write(str(facts[key]), [canvas.at(place)], 0, 1.1)


KINDS = {"venn": Kind(venn, draw_venn, venn_counted, (2, 3, 4, 5), (480, 340))}

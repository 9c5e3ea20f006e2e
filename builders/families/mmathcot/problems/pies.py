"""Pie charts in per cent, with one share to be found."""

from fractions import Fraction

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.drawing import Canvas, arc_points, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

WHOLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("How pupils come to school", "pupils", ("bus", "walk", "bicycle", "car", "train")),
    ("Favourite fruit", "children", ("apples", "bananas", "cherries", "grapes", "plums")),
    ("Money spent on a holiday", "dollars", ("travel", "hotel", "food", "sights", "gifts")),
    ("Land use of a farm", "hectares", ("wheat", "maize", "meadow", "forest", "ponds")),
    ("Books in a library", "books", ("novels", "comics", "science", "history", "poetry")),
)


def pie_chart(depth: int, lot: Lot) -> Draft:
    """A pie chart with one share not written: the share, its number, its angle, a comparison."""
    title, unit, names = lot.look(WHOLES)
    count = lot.choice((4, 5))
    cuts = lot.subset(range(2, 19), count - 1)
    shares = [5 * (b - a) for a, b in zip([0, *cuts], [*cuts, 20], strict=True)]
    if min(shares) < 10 or len(set(shares)) < count:
        raise Unfit("shares alike or too small")
    hidden, other = lot.sample(range(count), 2)
    facts: Facts = {"title": title, "unit": unit, "names": list(names[:count]), "shares": shares, "hidden": hidden}
    facts["written"] = [f"{name} {'?' if k == hidden else f'{shares[k]}%'}" for k, name in enumerate(facts["names"])]
    question = _question(depth, facts, other, lot)
    givens = tuple(figure(f"s{k}", f"the share of {names[k]}", shares[k], "%") for k in range(count) if k != hidden)
    first, second = question.wordings
    texts = (
        f"Look at the pie chart. {first}",
        second,
        f"In the pie chart “{title}” the shares are given in per cent, but for {names[hidden]}. {first}",
    )
    return question.draft(texts, facts, givens, depth=depth, hidden=hidden, other=other)


def _question(depth: int, facts: Facts, other: int, lot: Lot) -> Question:
    if depth == 2:
        return _share(facts, other)
    if depth == 3 and lot.coin():
        return _angle(facts, other)
    whole = lot.choice((60, 80, 120, 160, 200, 240, 300, 360, 400, 500))
    if whole * facts["shares"][facts["hidden"]] % 100 or whole * facts["shares"][other] % 100:
        raise Unfit("no whole numbers")
    return _number(facts, other, whole) if depth == 3 else _compared(facts, other, whole)


def _start(facts: Facts) -> tuple[Rule, Rule]:
    known = " + ".join(f"s{k}" for k in range(len(facts["shares"])) if k != facts["hidden"])
    hidden = facts["names"][facts["hidden"]]
    return (
        Rule("known", "the sum of the known shares", known, "%", "Add the shares that are written."),
        Rule("rest", f"the share of {hidden}", "100 - known", "%", "All shares add up to 100%."),
    )


def _share(facts: Facts, other: int) -> Question:
    hidden = facts["names"][facts["hidden"]]
    asked = (
        f"What percentage belongs to {hidden}?",
        f"One share is missing. How many per cent is the sector “{hidden}”?",
    )
    slips = (
        Slip("gave the sum of the known shares", "known"),
        Slip("took another share", f"s{other}"),
        Slip("lost ten", "rest + 10"),
        Slip("divided evenly", f"100 / {len(facts['shares'])}"),
        Slip("halved the known shares", "known / 2"),
    )
    return Question(asked, _start(facts), slips)


def _angle(facts: Facts, other: int) -> Question:
    hidden = facts["names"][facts["hidden"]]
    asked = (
        f"What is the angle of the sector for {hidden}?",
        f"A pupil redraws the chart with a protractor. How many degrees must the sector “{hidden}” have?",
    )
    slips = (
        Slip("gave the percentage", "rest"),
        Slip("took the half circle", "180 * rest / 100"),
        Slip("took the other sectors", "360 - turn"),
        Slip("took another share", f"360 * s{other} / 100"),
    )
    turn = Rule("turn", f"the angle of the sector for {hidden}", "360 * rest / 100", "°", "The whole circle has 360°.")
    return Question(asked, (*_start(facts), turn), slips, {"angle": True})


def _whole(facts: Facts, whole: int) -> Given:
    return text("whole", f"the number of all {facts['unit']}", whole)


def _counted(facts: Facts) -> Rule:
    unit, hidden = facts["unit"], facts["names"][facts["hidden"]]
    return Rule("number", f"the {unit} for {hidden}", "whole * rest / 100", "", f"Take this percentage of all {unit}.")


def _number(facts: Facts, other: int, whole: int) -> Question:
    unit, hidden = facts["unit"], facts["names"][facts["hidden"]]
    asked = (
        f"The chart stands for {whole} {unit}. How many of them belong to {hidden}?",
        f"How many {unit} does the sector without a number stand for, if there are {whole} {unit} in all?",
    )
    slips = (
        Slip("gave the percentage", "rest"),
        Slip("took the known shares", "whole * known / 100"),
        Slip("divided by the percentage", "whole / rest"),
        Slip("took another share", f"whole * s{other} / 100"),
    )
    return Question(asked, (*_start(facts), _counted(facts)), slips, {"whole": whole}, (_whole(facts, whole),))


def _compared(facts: Facts, other: int, whole: int) -> Question:
    unit, hidden, else_ = facts["unit"], facts["names"][facts["hidden"]], facts["names"][other]
    larger = facts["shares"][facts["hidden"]] > facts["shares"][other]
    asked = (
        f"There are {whole} {unit} in all. By how many {unit} do {hidden} and {else_} differ?",
        f"The circle stands for {whole} {unit}. Find the difference between the {unit} for {hidden} and for {else_}.",
    )
    rules = (
        *_start(facts),
        _counted(facts),
        Rule("second", f"the {unit} for {else_}", f"whole * s{other} / 100", "", f"Take the share of {else_} as well."),
        Rule("gap", "the difference", "number - second" if larger else "second - number", "", "Subtract the smaller number."),
    )
    slips = (
        Slip("gave the difference of the percentages", f"rest - s{other}" if larger else f"s{other} - rest"),
        Slip("added", "number + second"),
        Slip("gave the first number", "number"),
        Slip("gave the second number", "second"),
    )
    return Question(asked, rules, slips, {"whole": whole}, (_whole(facts, whole),))


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw the sectors, the first from the top, clockwise, with names and shares outside."""
    canvas.stretch((-1, -1), (1, 1), (canvas.width / 2 - 112, 58, canvas.width / 2 + 112, 282))
    canvas.write(facts["title"], [(canvas.width / 2, 18)], 0, 1.05)
    start = 90.0
    for place, (share, label) in enumerate(zip(facts["shares"], facts["written"], strict=True)):
        end = start - 3.6 * share
        canvas.outline([(0, 0), *arc_points((0, 0), 1, start, end)], 0.8, canvas.style.palette[place])
        middle = (start + end) / 2
        x, y = canvas.at(polar((0, 0), 1, middle))
        wide, high = lettering.extent(label, canvas.style.face, canvas.style.size * 0.9)
        across, down = polar((0, 0), 1, -middle)
        canvas.write(label, [(x + across * (gap + wide / 2), y + down * (gap + high / 2)) for gap in (9, 14, 20)], 1, 0.9)
        start = end


def resectored(facts: Facts, statement: Facts) -> Fraction:
    """Find the answer from the sector's own size."""
    share, other = (Fraction(facts["shares"][statement[key]], 100) for key in ("hidden", "other"))
    if statement["depth"] == 2:
        return share * 100
    if statement.get("angle"):
        return share * 360
    return (share if statement["depth"] == 3 else abs(share - other)) * Fraction(statement["whole"])


KINDS = {"pie_chart": Kind(pie_chart, draw, resectored, (2, 3, 5), (500, 320))}

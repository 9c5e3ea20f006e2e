"""Line charts: values over time."""

from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.charts import bar_values, scale
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

LINES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Temperature of an oven", "°C", "temperature in °C", ("6 h", "8 h", "10 h", "12 h", "14 h", "16 h")),
    ("Depth of a river", "cm", "depth in cm", ("week 1", "week 2", "week 3", "week 4", "week 5")),
    ("Water in a tank", "L", "water in litres", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")),
    ("Members of a club", "members", "members", ("2019", "2020", "2021", "2022", "2023", "2024")),
)


def line_chart(depth: int, lot: Lot) -> Draft:
    """Values over time: their mean, the steepest rise and fall, the highest value beside the mean."""
    count = lot.choice((5, 6))
    title, unit, vertical, names = lot.look([line for line in LINES if len(line[-1]) == count])
    values = bar_values(count, lot)
    step, end = scale(values)
    facts: Facts = {"title": title, "vertical": vertical, "unit": unit, "names": list(names), "values": values}
    facts["scale"] = {"step": step, "end": end}
    question = {2: _mean, 3: _steepest, 4: _above}[depth](facts)
    givens = [figure(f"v{k}", f"the value at {name}", values[k], unit) for k, name in enumerate(names)]
    number = figure("n", "the number of values", len(names))
    first, second = question.wordings
    texts = (f"Look at the line chart. {first}", second, f"The chart “{title}” marks values by dots. {first}")
    return Draft(texts, facts, {"depth": depth}, (*givens, number), question.rules, question.slips)


def _average(facts: Facts) -> tuple[Rule, Rule]:
    values, unit = facts["values"], facts["unit"]
    if sum(values) % len(values):
        raise Unfit("the mean is not a whole number")
    total = " + ".join(f"v{k}" for k in range(len(values)))
    return (
        Rule("total", "the sum of all values", total, unit, "Read and add all values."),
        Rule("mean", "the mean", "total / n", unit, f"There are {len(values)} values."),
    )


def _mean(facts: Facts) -> Question:
    last = len(facts["values"]) - 1
    asked = (
        "What is the mean of the values shown by the dots?",
        "Read the value at every dot and find the average.",
    )
    slips = (
        Slip("divided by one too few", f"total / {last}"),
        Slip("left out the first value", "(total - v0) / n"),
        Slip("took the middle of first and last", f"(v0 + v{last}) / 2"),
        Slip("gave a value", "v1"),
    )
    return Question(asked, _average(facts), slips)


def _steepest(facts: Facts) -> Question:
    names, values, unit = facts["names"], facts["values"], facts["unit"]
    changes = [after - before for before, after in pairwise(values)]
    ranked = sorted(changes)
    if ranked[-1] == ranked[-2] or ranked[0] == ranked[1] or ranked[0] >= 0 or ranked[-1] <= 0 or ranked[0] == -ranked[-1]:
        raise Unfit("the steepest part is not clear")
    up, down = changes.index(ranked[-1]), changes.index(ranked[0])
    asked = (
        "By how much do the greatest rise and the greatest fall between neighbouring dots differ?",
        "Find the steepest climb and the steepest drop from one dot to the next. What is the difference of their sizes?",
    )
    rises = f"The line rises most between {names[up]} and {names[up + 1]}."
    falls = f"It falls most between {names[down]} and {names[down + 1]}."
    rules = (
        Rule("rise", "the greatest rise", f"v{up + 1} - v{up}", unit, rises),
        Rule("fall", "the greatest fall", f"v{down} - v{down + 1}", unit, falls),
        Rule("gap", "the difference", "rise - fall" if ranked[-1] > -ranked[0] else "fall - rise", unit, "Compare them."),
    )
    slips = (*_STEEPEST, Slip("compared highest and lowest value", f"{max(values)} - {min(values)}"))
    return Question(asked, rules, slips)


_STEEPEST = (Slip("gave the rise", "rise"), Slip("gave the fall", "fall"), Slip("added them", "rise + fall"))


def _above(facts: Facts) -> Question:
    values = facts["values"]
    top = values.index(max(values))
    if Fraction(100 * (max(values) * len(values) - sum(values)), sum(values)).denominator > 1:
        raise Unfit("the percentage is not a whole number")
    asked = (
        "By how many per cent does the highest value lie above the mean of all values shown?",
        "Average the values at the dots. How far above this average is the highest dot, in per cent of the average?",
    )
    label, highest = "the distance of the highest value from the mean", f"The highest value is at {facts['names'][top]}."
    above = Rule("above", label, f"v{top} - mean", facts["unit"], highest)
    share = Rule("share", "the percentage", "100 * above / mean", "%", "Compare this distance with the mean.")
    slips = (
        Slip("took the percentage of the highest value", f"100 * above / v{top}"),
        Slip("gave the whole as a percentage", f"100 * v{top} / mean"),
        Slip("gave the difference", "above"),
        Slip("took the percentage of the first value", "100 * above / v0"),
    )
    return Question(asked, (*_average(facts), above, share), slips)


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw dots joined by lines."""
    axes.chart(canvas, facts)
    points = [(place + 0.5, value) for place, value in enumerate(facts["values"])]
    canvas.stroke(points, 1.5, canvas.style.accent)
    for point in points:
        canvas.dot(point, 4, canvas.style.accent)


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Find the answer from the values, over all pairs of neighbours."""
    values = facts["values"]
    mean = Fraction(sum(values), len(values))
    changes = [after - before for before, after in pairwise(values)]
    if statement["depth"] == 3:
        return Fraction(abs(max(changes) + min(changes)))
    return mean if statement["depth"] == 2 else (max(values) / mean - 1) * 100


KINDS = {"line_chart": Kind(line_chart, draw, recounted, (2, 3, 4), (540, 360))}

"""Charts: bars, grouped bars, lines, pies, pictograms; values are read from the figure."""

import math
from collections.abc import Sequence
from fractions import Fraction

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

SUBJECTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Books borrowed in a week", "books", "books borrowed", ("Mon", "Tue", "Wed", "Thu", "Fri")),
    ("Cups of tea sold", "cups", "cups sold", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")),
    ("Favourite sport", "pupils", "pupils", ("Tennis", "Rugby", "Judo", "Chess", "Golf")),
    ("Umbrellas sold", "umbrellas", "umbrellas sold", ("Jan", "Feb", "Mar", "Apr", "May", "Jun")),
    ("Trees planted", "trees", "trees planted", ("Oak", "Birch", "Pine", "Elm", "Maple")),
    ("Visitors to the museum", "visitors", "visitors", ("Tue", "Wed", "Thu", "Fri", "Sat")),
    ("Bottles collected", "bottles", "bottles collected", ("5A", "5B", "6A", "6B", "7A")),
    ("Loaves baked", "loaves", "loaves baked", ("Rye", "Wheat", "Spelt", "Corn", "Oat")),
)


STEPS, HALVES = (2, 4, 5, 10, 20), range(2, 18)
"""Steps of a scale, and how many halves of one a bar may have."""


def scale(values: Sequence[int]) -> tuple[int, int]:
    """Return step and end of a scale on which each value lies on a line or half way between two."""
    top = max(values)
    for step in (1, 2, 4, 5, 10, 20, 40, 50, 100):
        if top <= step * 9 and all(2 * value % step == 0 for value in values):
            return step, step * math.ceil((top + 0.3 * step) / step)
    raise Unfit("no scale to read the values from")


def bar_values(count: int, lot: Lot) -> list[int]:
    """Draw values that a reader can tell from a scale."""
    step = lot.choice(STEPS)
    values = [step * half // 2 for half in lot.sample(HALVES, count)]
    if any(set(values) <= {other * half // 2 for half in HALVES} for other in STEPS if other > step):
        raise Unfit("a longer step makes the same bars")
    if max(values) < 2 * min(values) - 2 * step:
        raise Unfit("bars alike")
    return values


def bar_chart(depth: int, lot: Lot) -> Draft:
    """A bar chart: means, differences, percentages, points for some of its bars."""
    count = lot.choice((5, 6))
    title, unit, quantity, names = lot.look([subject for subject in SUBJECTS if len(subject[-1]) == count])
    values = bar_values(count, lot)
    step, end = scale(values)
    facts: Facts = {
        "title": title,
        "vertical": quantity,
        "names": list(names),
        "values": values,
        "scale": {"step": step, "end": end},
    }
    givens = tuple(
        figure(f"b{k}", f"{quantity} for {name}", value) for k, (name, value) in enumerate(zip(names, values, strict=True))
    )
    questions = {2: _mean, 3: _extremes, 4: _above_mean}
    return questions.get(depth, _points)(depth, lot, facts, givens, unit)


def _mean(depth: int, lot: Lot, facts: Facts, givens: tuple[Given, ...], unit: str) -> Draft:
    del depth, lot
    count, quantity = len(givens), facts["vertical"]
    if sum(facts["values"]) % count:
        raise Unfit("the mean is not a whole number")
    rules = (
        Rule("total", f"the total of {quantity}", " + ".join(given.name for given in givens), "", "Add all the bars."),
        Rule("mean", "the mean", "total / n", "", f"Divide by the number of bars, {count}."),
    )
    texts = (
        f"The bar chart shows the number of {quantity}. What is the mean number of {unit} over all the bars?",
        f"Suppose every bar of the chart were equally high, with the same total as now. How many {unit} would each stand for?",
        f"Read the bars of the chart “{facts['title']}” and calculate their mean.",
    )
    givens = (*givens, figure("n", "the number of bars", count))
    return Draft(texts, facts, {"asked": "mean"}, givens, rules, _mean_slips(sorted(facts["values"])))


def _mean_slips(ranked: list[int]) -> tuple[Slip, ...]:
    count = len(ranked)
    return (
        Slip("divided by one bar too few", f"total / {count - 1}"),
        Slip("took the middle of highest and lowest", f"({ranked[-1]} + {ranked[0]}) / 2"),
        Slip("left out the last bar", f"(total - b{count - 1}) / n"),
        Slip("took the middle bar", f"{ranked[count // 2]}"),
        Slip("gave the highest bar", f"{ranked[-1]}"),
    )


def _ranked(facts: Facts) -> list[int]:
    return sorted(range(len(facts["values"])), key=lambda k: -facts["values"][k])


def _extremes(depth: int, lot: Lot, facts: Facts, givens: tuple[Given, ...], unit: str) -> Draft:
    del depth, lot
    first, second, *_, fourth, third = _ranked(facts)
    rules = (
        Rule("best", "the two highest bars together", f"b{first} + b{second}", "", "Find the two highest bars."),
        Rule("worst", "the two lowest bars together", f"b{third} + b{fourth}", "", "Find the two lowest bars."),
        Rule("gap", "the difference", "best - worst", "", "Subtract."),
    )
    texts = (
        f"By how many {unit} do the two highest bars together exceed the two lowest ones together?",
        f"Add up the two largest numbers of {facts['vertical']} in the chart, then the two smallest. How do the sums differ?",
        f"How many more {unit} belong to the two highest bars of the chart than to the two lowest?",
    )
    alone = (
        Slip("compared the highest with the lowest bar only", f"b{first} - b{third}"),
        Slip("compared the second bars only", f"b{second} - b{fourth}"),
    )
    used = tuple(givens[k] for k in sorted((first, second, third, fourth)))
    return Draft(texts, facts, {"asked": "extremes"}, used, rules, (*alone, *_SUM_SLIPS))


_SUM_SLIPS = (
    Slip("added the sums", "best + worst"),
    Slip("gave the sum of the highest", "best"),
    Slip("gave the sum of the lowest", "worst"),
)


def _above_mean(depth: int, lot: Lot, facts: Facts, givens: tuple[Given, ...], unit: str) -> Draft:
    del depth, lot
    first, count = _ranked(facts)[0], len(givens)
    mean = Fraction(sum(facts["values"]), count)
    if mean.denominator > 1 or (100 * (facts["values"][first] - mean) / mean).denominator > 1:
        raise Unfit("the percentage is not a whole number")
    highest = f"The highest bar is that of {facts['names'][first]}."
    rules = (
        Rule("total", "the total", " + ".join(given.name for given in givens), "", "Add all the bars."),
        Rule("mean", "the mean", "total / n", "", f"Divide by the number of bars, {count}."),
        Rule("excess", "how far the highest bar is above the mean", f"b{first} - mean", "", highest),
        Rule("percent", "the share of the mean", "100 * excess / mean", "%", "Express it as a percentage of the mean."),
    )
    texts = (
        "By what percentage does the highest bar of the chart exceed the mean of all bars?",
        f"Compare the largest number of {unit} in the chart with the mean number. How many per cent above the mean is it?",
        f"The record in the chart “{facts['title']}” lies above the average. By how many per cent of the average?",
    )
    givens = (*givens, figure("n", "the number of bars", count))
    return Draft(texts, facts, {"asked": "percent"}, givens, rules, _above_slips(first))


def _above_slips(first: int) -> tuple[Slip, ...]:
    return (
        Slip("took the percentage of the highest bar", f"100 * excess / b{first}"),
        Slip("gave the whole as a percentage", f"100 * b{first} / mean"),
        Slip("gave the difference", "excess"),
        Slip("took the percentage of the total", f"100 * b{first} / total"),
        Slip("halved", "percent / 2"),
        Slip("doubled", "percent * 2"),
    )


def _points(depth: int, lot: Lot, facts: Facts, givens: tuple[Given, ...], unit: str) -> Draft:
    names, values = facts["names"], facts["values"]
    cut, weeks = lot.randint(2, len(values) - 2), lot.choice((2, 3, 4, 5)) if depth >= 7 else 2
    one, two = lot.randint(2, 5), lot.randint(6, 9)
    points = one * sum(values[:cut]) + two * sum(values[cut:])
    goal = (points // 100 + (lot.randint(1, 6) if depth >= 6 else 2)) * 100
    if (depth >= 6 and goal - points < 12 * weeks) or (goal - points) % {7: weeks, 8: weeks * two}.get(depth, 1):
        raise Unfit("too little is missing, or it cannot be shared out")
    statement: Facts = {"asked": "points", "cut": cut, "one": one, "two": two, "depth": depth, "goal": goal, "weeks": weeks}
    extra = (
        text("one", "the points for each of the first", one),
        text("two", "the points for each of the others", two),
        text("goal", "the goal", goal),
        text("weeks", "the number of weeks", weeks),
    )
    texts = _points_texts(depth, facts, statement, unit)
    return Draft(texts, facts, statement, (*givens, *extra), _points_rules(depth, names, cut, unit), _points_slips(depth))


def _points_texts(depth: int, facts: Facts, statement: Facts, unit: str) -> tuple[str, ...]:
    one, two, first = statement["one"], statement["two"], listed(facts["names"][: statement["cut"]])
    story = f"Each of the {unit} counted for {first} earns {one} points, each of the others {two} points."
    if depth >= 6:
        story += f" The goal is {statement['goal']} points."
    if depth >= 7:
        story += f" What is missing is to be earned in equal parts in {statement['weeks']} weeks."
    weekly = f"How many {unit} at {two} points each does that take in a week?"
    ask, find = {
        5: ("How many points are earned in all?", "Find the total number of points."),
        6: ("How many points are missing?", "How far is the result from the goal, in points?"),
        7: ("How many points must each week bring?", "Find the number of points that each week must bring."),
        8: (weekly, f"Find how many {unit} of {two} points each are needed in a week."),
    }[depth]
    return (
        f"Use the bar chart. {story} {ask}",
        f"{find} The numbers of {facts['vertical']} stand in the chart. {story}",
        f"In a game, points are given for what the chart “{facts['title']}” shows. {story} {ask}",
    )


def _points_slips(depth: int) -> tuple[Slip, ...]:
    asked = {5: "{}", 6: "goal - ({})", 7: "(goal - ({})) / weeks", 8: "(goal - ({})) / weeks / two"}[depth]
    return (
        Slip("swapped the points", asked.format("first * two + second * one")),
        Slip("gave all the lower points", asked.format("(first + second) * one")),
        Slip("gave all the higher points", asked.format("(first + second) * two")),
        Slip("left out the second group", asked.format("p1")),
        Slip("left out the first group", asked.format("p2")),
    )


def _points_rules(depth: int, names: list[str], cut: int, unit: str) -> tuple[Rule, ...]:
    first = " + ".join(f"b{k}" for k in range(cut))
    second = " + ".join(f"b{k}" for k in range(cut, len(names)))
    rules = (
        Rule("first", f"the {unit} for {listed(names[:cut])}", first, "", "Add the bars of the first group."),
        Rule("second", f"the {unit} for {listed(names[cut:])}", second, "", "Add the other bars."),
        Rule("p1", "the points of the first group", "first * one", "", "Multiply by the points for each."),
        Rule("p2", "the points of the others", "second * two", "", "Do the same with the second group."),
        Rule("points", "all points", "p1 + p2", "", "Add both."),
        Rule("missing", "the missing points", "goal - points", "", "Subtract from the goal."),
        Rule("weekly", "the points for a week", "missing / weeks", "", "Share them out among the weeks."),
        Rule("pieces", f"the {unit} for a week", "weekly / two", "", "Divide by the points for each."),
    )
    return rules[:depth]


def listed(names: Sequence[str]) -> str:
    """Join names by commas and `and`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def draw_bars(canvas: Canvas, facts: Facts) -> None:
    """Draw one bar for each value."""
    axes.chart(canvas, facts)
    colour = canvas.style.palette[len(facts["title"]) % len(canvas.style.palette)]
    for place, value in enumerate(facts["values"]):
        corners = [(place + 0.22, 0), (place + 0.22, value), (place + 0.78, value), (place + 0.78, 0)]
        canvas.outline(corners, 0.8, colour)


def bars_recounted(facts: Facts, statement: Facts) -> Fraction:
    """Find the answer from the list of values, with sorting and sums in another order."""
    values = facts["values"]
    mean = Fraction(sum(values), len(values))
    if statement["asked"] == "mean":
        return mean
    if statement["asked"] == "extremes":
        ranked = sorted(values)
        return Fraction(ranked[-1] - ranked[0] + ranked[-2] - ranked[1])
    if statement["asked"] == "percent":
        return (Fraction(max(values)) / mean - 1) * 100
    points = sum(
        (statement["one"] if place < statement["cut"] else statement["two"]) * value for place, value in enumerate(values)
    )
    missing = statement["goal"] - points
    weekly = Fraction(missing, statement["weeks"])
    return Fraction({5: points, 6: missing, 7: weekly, 8: weekly / statement["two"]}[statement["depth"]])


KINDS: dict[str, Kind] = {
    "bar_chart": Kind(bar_chart, draw_bars, bars_recounted, (2, 3, 4, 5, 6, 7, 8), (520, 360)),
}

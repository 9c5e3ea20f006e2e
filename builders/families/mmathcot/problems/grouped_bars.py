"""Bar charts with two bars for each group."""

from fractions import Fraction

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.charts import bar_values, scale
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

PAIRS: tuple[tuple[str, str, tuple[str, str], tuple[str, ...]], ...] = (
    ("Bicycles sold", "bicycles", ("2023", "2024"), ("Spring", "Summer", "Autumn", "Winter")),
    ("Pupils in school clubs", "pupils", ("girls", "boys"), ("Choir", "Chess", "Drama", "Robots")),
    ("Meals served", "meals", ("lunch", "dinner"), ("Mon", "Tue", "Wed", "Thu")),
    ("Tickets sold", "tickets", ("adults", "children"), ("Circus", "Zoo", "Theatre", "Pool")),
    ("Parcels delivered", "parcels", ("morning", "evening"), ("North", "East", "South", "West")),
)
GROUPS = 4


def grouped_bars(depth: int, lot: Lot) -> Draft:
    """Two bars for each group: groups compared, series compared, a share, points for both series."""
    title, unit, series, names = lot.look(PAIRS)
    values = bar_values(2 * GROUPS, lot)
    step, end = scale(values)
    one, two = values[:GROUPS], values[GROUPS:]
    if sum(one) < sum(two):
        raise Unfit("the second series is the larger one")
    facts: Facts = {"title": title, "vertical": unit, "names": list(names), "series": list(series), "values": [one, two]}
    facts["scale"] = {"step": step, "end": end}
    question = {2: _groups, 3: _series, 5: _share, 6: _points}[depth](facts, lot)
    givens = [
        figure(f"{letter}{k}", f"{unit}, {names[k]}, {name}", value)
        for letter, name, part in zip("ab", series, (one, two), strict=True)
        for k, value in enumerate(part)
    ]
    first, second = question.wordings
    texts = (first, second, f"Look at the chart “{title}”, which has two bars for each group. {first}")
    return question.draft(texts, facts, givens, depth=depth)


def _sum(facts: Facts, row: int) -> Rule:
    name, letter = facts["series"][row], "ab"[row]
    bars = " + ".join(f"{letter}{k}" for k in range(GROUPS))
    return Rule(f"s{letter}", f"the number of {facts['vertical']} for {name}", bars, "", f"Add the bars of “{name}”.")


def _pair(facts: Facts, place: int) -> Rule:
    name = facts["names"][place]
    label = f"the number of {facts['vertical']} for {name}"
    return Rule("pair", label, f"a{place} + b{place}", "", f"Add both bars of {name}.")


def _groups(facts: Facts, lot: Lot) -> Question:
    unit, (first, second), names = facts["vertical"], facts["series"], facts["names"]
    both = [a + b for a, b in zip(*facts["values"], strict=True)]
    place, other = lot.sample(range(GROUPS), 2)
    if both[place] <= both[other]:
        raise Unfit("the difference is not positive")
    asked = (
        f"How many more {unit} are there for {names[place]} than for {names[other]}, {first} and {second} together?",
        f"Take {first} and {second} together. By how many {unit} does {names[place]} exceed {names[other]}?",
    )
    away = f"Take away both bars of {names[other]}."
    rules = (_pair(facts, place), Rule("gap", "the difference", f"pair - a{other} - b{other}", "", away))
    slips = (
        Slip(f"left out {second}", f"a{place} - a{other}"),
        Slip(f"left out {first}", f"b{place} - b{other}"),
        Slip("added", f"pair + a{other} + b{other}"),
        Slip("took the first group only", "pair"),
        Slip("took the other group only", f"a{other} + b{other}"),
    )
    return Question(asked, rules, slips, {"place": place, "other": other})


def _series(facts: Facts, lot: Lot) -> Question:
    del lot
    unit, (first, second) = facts["vertical"], facts["series"]
    asked = (
        f"How many more {unit} are there for {first} than for {second} in all groups together?",
        f"Compare the total of “{first}” with the total of “{second}”. What is the difference?",
    )
    rules = (_sum(facts, 0), _sum(facts, 1), Rule("gap", "the difference", "sa - sb", "", "Subtract the smaller sum."))
    slips = (
        Slip("left out the last group", "sa - a3 - sb + b3"),
        Slip("added the sums", "sa + sb"),
        Slip("compared the first group only", "a0 - b0"),
        Slip("gave the larger sum", "sa"),
        Slip("gave the smaller sum", "sb"),
    )
    return Question(asked, rules, slips)


def _share(facts: Facts, lot: Lot) -> Question:
    unit, (first, second), (one, two) = facts["vertical"], facts["series"], facts["values"]
    place = lot.choice(range(GROUPS))
    name = facts["names"][place]
    if Fraction(100 * (one[place] + two[place]), sum(one) + sum(two)).denominator > 2:
        raise Unfit("the percentage is awkward")
    asked = (
        f"What percentage of all {unit} in the chart belongs to {name}?",
        f"Find the share of {name}, {first} and {second} together, in the total of the chart. Give it in per cent.",
    )
    rules = (
        _sum(facts, 0),
        _sum(facts, 1),
        Rule("total", f"the number of all {unit}", "sa + sb", "", "Add both sums."),
        _pair(facts, place),
        Rule("share", f"the share of {name}", "100 * pair / total", "%", "Express it as a percentage of all."),
    )
    return Question(asked, rules, _share_slips(first, second, place), {"place": place})


def _share_slips(first: str, second: str, place: int) -> tuple[Slip, ...]:
    return (
        Slip(f"left out {second}", f"100 * a{place} / total"),
        Slip(f"took the percentage of {first} only", "100 * pair / sa"),
        Slip(f"took the percentage of {second} only", "100 * pair / sb"),
        Slip("gave the rest", "100 - share"),
        Slip("divided evenly", f"100 / {GROUPS}"),
    )


def _points(facts: Facts, lot: Lot) -> Question:
    unit, (first, second), (one, two) = facts["vertical"], facts["series"], facts["values"]
    p, q = lot.sample((2, 3, 4, 5, 6, 8), 2)
    if (p * sum(one) + q * sum(two)) % GROUPS:
        raise Unfit("the mean is not a whole number")
    bars = f"in a bar of “{first}” and {q} points for each in a bar of “{second}”"
    story = f"A game gives {p} points for each of the {unit} {bars}."
    asked = (
        f"{story} How many points is that on average for one of the four groups of the chart?",
        f"Find the mean number of points of the four groups in the chart “{facts['title']}”. {story}",
    )
    givens = (text("p", f"the points for each of “{first}”", p), text("q", f"the points for each of “{second}”", q))
    return Question(asked, _points_rules(facts), _POINTS, {"p": p, "q": q}, givens)


def _points_rules(facts: Facts) -> tuple[Rule, ...]:
    (first, second), each = facts["series"], "Multiply by the points for each."
    return (
        _sum(facts, 0),
        Rule("pa", f"the points for {first}", "sa * p", "", each),
        _sum(facts, 1),
        Rule("pb", f"the points for {second}", "sb * q", "", each),
        Rule("all", "the sum of all points", "pa + pb", "", "Add both."),
        Rule("mean", "the mean for a group", "all / 4", "", "There are four groups."),
    )


_POINTS = (
    Slip("swapped the points", "(sa * q + sb * p) / 4"),
    Slip("divided by the number of bars", "all / 8"),
    Slip("left out the second series", "pa / 4"),
    Slip("left out the first series", "pb / 4"),
    Slip("did not divide", "all"),
)


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw two bars for each group, with a legend."""
    axes.chart(canvas, facts)
    colours = canvas.style.palette[:2]
    for row, values in enumerate(facts["values"]):
        for place, value in enumerate(values):
            left = place + 0.16 + 0.34 * row
            canvas.outline([(left, 0), (left, value), (left + 0.34, value), (left + 0.34, 0)], 0.8, colours[row])
    axes.legend(canvas, facts["series"], colours)


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Find the answer group by group instead of series by series."""
    groups = list(zip(*facts["values"], strict=True))
    if statement["depth"] == 2:
        return Fraction(sum(groups[statement["place"]]) - sum(groups[statement["other"]]))
    if statement["depth"] == 3:
        return Fraction(sum(a - b for a, b in groups))
    if statement["depth"] == 5:
        return Fraction(100 * sum(groups[statement["place"]]), sum(a + b for a, b in groups))
    return Fraction(sum(statement["p"] * a + statement["q"] * b for a, b in groups), len(groups))


KINDS = {"grouped_bars": Kind(grouped_bars, draw, recounted, (2, 3, 5, 6), (540, 380))}

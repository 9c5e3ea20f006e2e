"""Dot plots: sums, means, medians of the dots."""

from fractions import Fraction
from statistics import median

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

SURVEYS = (
    ("Siblings of the pupils", "siblings"),
    ("Cups of water drunk", "cups"),
    ("Hours of sleep", "hours"),
    ("Goals scored", "goals"),
    ("Trips by bus", "trips"),
)
TIDY = frozenset({1, 2, 4, 5})
"""Denominators of means that are short decimals."""


def dot_plot(depth: int, lot: Lot) -> Draft:
    """A dot plot: what is missing to a sum, the mean, the mean after one dot more, mean and median."""
    title, unit = lot.look(SURVEYS)
    start = lot.randint(1, 4)
    values = list(range(start, start + lot.randint(4, 6)))
    counts = [lot.randint(1, 6) for _ in values]
    if sum(counts) > 18 or len(set(counts)) < 3:
        raise Unfit("too many dots, or columns alike")
    facts: Facts = {"title": title, "unit": unit, "values": values, "counts": counts}
    question = {2: _missing, 3: _average, 4: _joined, 5: _centres}[depth](facts, lot)
    givens = [
        figure(f"c{k}", f"the dots above {value}", count) for k, (value, count) in enumerate(zip(values, counts, strict=True))
    ]
    givens += [figure(f"v{k}", f"the value {value}", value) for k, value in enumerate(values)]
    first, second = question.wordings
    texts = (f"Look at the dot plot. {first}", second, f"Every dot in the plot “{title}” stands for one answer. {first}")
    return question.draft(texts, facts, givens, depth=depth)


def _mean(values: list[int], counts: list[int]) -> Fraction:
    return Fraction(sum(value * count for value, count in zip(values, counts, strict=True)), sum(counts))


def _dots(facts: Facts) -> Rule:
    names = " + ".join(f"c{k}" for k in range(len(facts["values"])))
    return Rule("n", "the number of dots", names, "", "Count the dots.")


def _total(facts: Facts) -> Rule:
    products = " + ".join(f"c{k} * v{k}" for k in range(len(facts["values"])))
    return Rule("sum", "the sum of all values", products, "", "Each dot counts with the value below it.")


def _scale(facts: Facts) -> str:
    return f"({' + '.join(f'v{k}' for k in range(len(facts['values'])))})"


def _missing(facts: Facts, lot: Lot) -> Question:
    unit, values = facts["unit"], facts["values"]
    whole = sum(value * count for value, count in zip(values, facts["counts"], strict=True))
    goal = whole + lot.randint(2, 6) * values[-1]
    asked = (
        f"All dots together stand for some number of {unit}. How many are missing to {goal}?",
        f"Add up the {unit} of all dots. By how much does the sum fall short of {goal}?",
    )
    slips = (
        Slip("counted the dots", f"goal - {sum(facts['counts'])}"),
        Slip("added the scale", f"goal - {_scale(facts)}"),
        Slip("gave the sum", "sum"),
        Slip("lost a dot", "gap + v0"),
        Slip("counted a dot twice", f"gap - v{len(values) - 1}"),
    )
    gap = Rule("gap", "what is missing", "goal - sum", "", "Subtract from the goal.")
    return Question(asked, (_total(facts), gap), slips, {"goal": goal}, (text("goal", "the goal", goal),))


def _average(facts: Facts, lot: Lot) -> Question:
    del lot
    count = len(facts["values"])
    if _mean(facts["values"], facts["counts"]).denominator not in TIDY:
        raise Unfit("an awkward mean")
    asked = (
        f"What is the mean number of {facts['unit']}?",
        f"Each dot is one person. How many {facts['unit']} are there on average for each person?",
    )
    slips = (
        Slip("averaged the scale", f"{_scale(facts)} / {count}"),
        Slip("divided by the number of values", f"sum / {count}"),
        Slip("gave the sum", "sum"),
        Slip("gave the number of dots", "n"),
        Slip("averaged the columns", f"n / {count}"),
    )
    mean = Rule("mean", "the mean", "sum / n", "", "Divide the sum by the number of dots.")
    return Question(asked, (_dots(facts), _total(facts), mean), slips)


def _joined(facts: Facts, lot: Lot) -> Question:
    values, counts = facts["values"], facts["counts"]
    extra = lot.randint(1, 11)
    fresh = _mean([*values, extra], [*counts, 1])
    if fresh.denominator not in TIDY or fresh == _mean(values, counts):
        raise Unfit("an awkward mean")
    asked = (
        f"One more dot is added above {extra}. What is the mean of all dots then?",
        f"A further person with {extra} {facts['unit']} joins the survey. Find the new mean.",
    )
    rules = (
        _total(facts),
        Rule("fresh", "the new sum", "sum + extra", "", "Add the new value."),
        Rule("m", "the new number of dots", f"{_dots(facts).formula} + 1", "", "There is one dot more."),
        Rule("mean", "the new mean", "fresh / m", "", "Divide."),
    )
    return Question(asked, rules, _JOINED, {"extra": extra}, (text("extra", "the new value", extra),))


_JOINED = (
    Slip("did not add the value", "sum / m"),
    Slip("did not count the dot", "fresh / (m - 1)"),
    Slip("gave the old mean", "sum / (m - 1)"),
    Slip("averaged with the old mean", "(sum / (m - 1) + extra) / 2"),
)


def _centres(facts: Facts, lot: Lot) -> Question:
    values, counts = facts["values"], facts["counts"]
    data = _written_out(facts)
    n, low, high = len(data), data[(len(data) - 1) // 2], data[len(data) // 2]
    mean, middle = _mean(values, counts), Fraction(low + high, 2)
    if middle == mean:
        raise Unfit("mean and median are the same")
    stand = f"the middle one stands above {low}" if n % 2 else f"the two middle ones stand above {low} and {high}"
    asked = (
        f"By how much do the mean and the median of the number of {facts['unit']} differ?",
        "Find the average value and the middle value of all dots. What is the difference between them?",
    )
    rules = (
        *_average(facts, lot).rules,
        Rule("mid", "the median", f"(v{values.index(low)} + v{values.index(high)}) / 2", "", f"Of {n} dots in order, {stand}."),
        Rule("gap", "the difference", "mean - mid" if mean > middle else "mid - mean", "", "Subtract."),
    )
    centre = values[len(values) // 2]
    scale = Slip("took the middle of the scale", f"mean - {centre}" if mean > centre else f"{centre} - mean")
    return Question(asked, rules, (scale, *_CENTRES))


_CENTRES = (
    Slip("gave the mean", "mean"),
    Slip("gave the median", "mid"),
    Slip("added them", "mean + mid"),
    Slip("halved", "gap / 2"),
)


def _written_out(facts: Facts) -> list[int]:
    return [value for value, count in zip(facts["values"], facts["counts"], strict=True) for _ in range(count)]


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Write all values out."""
    data = [Fraction(value) for value in _written_out(facts)]
    if statement["depth"] == 2:
        return Fraction(statement["goal"]) - sum(data, Fraction(0))
    if statement["depth"] == 4:
        data.append(Fraction(statement["extra"]))
    mean = sum(data, Fraction(0)) / len(data)
    return abs(mean - median(data)) if statement["depth"] == 5 else mean


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw columns of dots above a number line."""
    values = facts["values"]
    top = max(facts["counts"])
    canvas.stretch((values[0] - 1, 0), (values[-1] + 1, top + 1), (40, 44, canvas.width - 40, canvas.height - 62))
    canvas.write(facts["title"], [(canvas.width / 2, 20)], 0, 1.05)
    canvas.stroke([(values[0] - 0.7, 0), (values[-1] + 0.7, 0)])
    for value, count in zip(values, facts["counts"], strict=True):
        canvas.stroke([(value, 0.12), (value, -0.12)])
        axes.below(canvas, (value, 0), str(value))
        for k in range(count):
            canvas.dot((value, k + 0.65), 7, canvas.style.accent)
    canvas.write(f"number of {facts['unit']}", [(canvas.width / 2, canvas.height - 18)], 0, 0.9)


KINDS = {"dot_plot": Kind(dot_plot, draw, recounted, (2, 3, 4, 5), (500, 320))}

"""Histograms: numbers in classes of equal width."""

from fractions import Fraction
from itertools import pairwise

from builders.families.mmathcot.problems import axes
from builders.families.mmathcot.problems.charts import listed
from builders.families.mmathcot.problems.drawing import HAIR, Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

MEASURED = (
    ("Heights of seedlings", "seedlings", "mm"),
    ("Ages at a concert", "guests", "years"),
    ("Waiting times", "customers", "min"),
    ("Masses of parcels", "parcels", "kg"),
    ("Lengths of calls", "calls", "min"),
)


def histogram(depth: int, lot: Lot) -> Draft:
    """A histogram: how many are above a bound and below it, their share, the mean by the middles of the classes."""
    title, cases, unit = lot.look(MEASURED)
    width, first, count = lot.choice((5, 10, 20)), lot.randint(0, 4), lot.choice((5, 6))
    counts = [lot.randint(1, 12) for _ in range(count)]
    if len(set(counts)) < count - 1:
        raise Unfit("bars alike")
    edges = [width * (first + k) for k in range(count + 1)]
    facts: Facts = {"title": title, "cases": cases, "unit": unit, "edges": edges, "counts": counts}
    facts["middles"] = [str(Fraction(a + b, 2)) for a, b in pairwise(edges)]
    question = {2: _all_and_more, 3: _share, 4: _mean}[depth](facts, lot)
    givens = [figure(f"c{k}", f"the bar from {edges[k]} to {edges[k + 1]}", one) for k, one in enumerate(counts)]
    givens += [figure(f"v{k}", f"the middle of class {k + 1}", Fraction(one)) for k, one in enumerate(facts["middles"])]
    one, other = question.wordings
    texts = (
        f"The histogram “{title}” sorts {cases} into classes, each with its lower bound and without its upper one. {one}",
        f"{other} The histogram shows the numbers of {cases} by class; a class includes its lower bound only.",
        f"Read the heights of the bars. {one} Each class includes its lower bound but not its upper one.",
    )
    return question.draft(texts, facts, givens, depth=depth)


def _total(facts: Facts) -> Rule:
    return Rule("all", f"the number of all {facts['cases']}", _bars(0, len(facts["counts"])), "", "Add all bars.")


def _bars(start: int, end: int) -> str:
    return " + ".join(f"c{k}" for k in range(start, end))


def _all_and_more(facts: Facts, lot: Lot) -> Question:
    counts, cases = facts["counts"], facts["cases"]
    cut = lot.choice(range(1, len(counts)))
    bound, above, below = facts["edges"][cut], sum(counts[cut:]), sum(counts[:cut])
    if above == below:
        raise Unfit("as many above as below")
    sides = [
        (f"at least {bound} {facts['unit']}", _bars(cut, len(counts))),
        (f"less than {bound} {facts['unit']}", _bars(0, cut)),
    ]
    (more, big), (less, small) = sides if above > below else sides[::-1]
    asked = (
        f"By how many do the {cases} of {more} outnumber those of {less}?",
        f"How many more {cases} of {more} than of {less} are there?",
    )
    rules = (
        Rule("big", f"the {cases} of {more}", big, "", "Add the bars on that side."),
        Rule("gap", "the difference", f"big - {small.replace('+', '-')}", "", "Take away the bars on the other side."),
    )
    return Question(asked, rules, _gap_slips(cut, len(counts)), {"cut": cut})


def _gap_slips(cut: int, count: int) -> tuple[Slip, ...]:
    return (
        Slip("gave one side", "big"),
        Slip("added", _bars(0, count)),
        Slip("took the first bar only", "big - c0"),
        Slip("took the last bar only", f"big - c{count - 1}"),
        Slip("put the bound into the wrong class", f"gap + 2 * c{cut}"),
    )


def _share(facts: Facts, lot: Lot) -> Question:
    counts, cases = facts["counts"], facts["cases"]
    cut = lot.choice(range(1, len(counts)))
    part = sum(counts[cut:])
    if Fraction(100 * part, sum(counts)).denominator > 2:
        raise Unfit("the percentage is awkward")
    bound = f"{facts['edges'][cut]} {facts['unit']}"
    asked = (
        f"What percentage of the {cases} is at {bound} or above?",
        f"Find the share of {cases} from {bound} on, in per cent.",
    )
    rules = (
        _total(facts),
        Rule("part", f"the {cases} from {bound} on", _bars(cut, len(counts)), "", f"Add {_named(cut, len(counts))}."),
        Rule("share", "the share", "100 * part / all", "%", "Express it as a percentage of all."),
    )
    return Question(asked, rules, _share_slips(cut, len(counts)), {"cut": cut})


def _share_slips(cut: int, count: int) -> tuple[Slip, ...]:
    return (
        Slip("gave the rest", "100 - share"),
        Slip("gave the number", "part"),
        Slip("began a class too late", f"100 * (part - c{cut}) / all"),
        Slip("began a class too early", f"100 * (part + c{cut - 1}) / all"),
        Slip("counted classes", f"{100 * (count - cut)} / {count}"),
    )


def _named(start: int, end: int) -> str:
    names = [f"bar {k + 1}" for k in range(start, end)]
    return listed(names)


def _mean(facts: Facts, lot: Lot) -> Question:
    del lot
    counts, cases, unit = facts["counts"], facts["cases"], facts["unit"]
    whole = sum(count * Fraction(middle) for count, middle in zip(counts, facts["middles"], strict=True))
    if (whole / sum(counts)).denominator not in {1, 2, 4, 5}:
        raise Unfit("the mean is awkward")
    asked = (
        "Estimate the mean: take the middle of its class for each value.",
        f"What is the mean of the {cases}, in {unit}, if each one counts as the middle of its class?",
    )
    products = " + ".join(f"c{k} * v{k}" for k in range(len(counts)))
    rules = (
        Rule("first", "the sum over the first class", "c0 * v0", unit, "Multiply the bar by the middle of its class."),
        Rule("sum", "the sum over all classes", products.replace("c0 * v0", "first", 1), unit, "Do so for each class and add."),
        _total(facts),
        Rule("mean", "the mean", "sum / all", unit, "Divide by the number of all."),
    )
    return Question(asked, rules, _mean_slips(len(counts), facts["edges"][1] - facts["edges"][0]))


def _mean_slips(count: int, width: int) -> tuple[Slip, ...]:
    middles = " + ".join(f"v{k}" for k in range(count))
    return (
        Slip("averaged the middles", f"({middles}) / {count}"),
        Slip("averaged the bars", f"all / {count}"),
        Slip("took the lower bounds", f"mean - {width} / 2"),
        Slip("took the upper bounds", f"mean + {width} / 2"),
    )


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Write every case out and count or average the list."""
    cases = [Fraction(middle) for count, middle in zip(facts["counts"], facts["middles"], strict=True) for _ in range(count)]
    if statement["depth"] == 4:
        return sum(cases, Fraction(0)) / len(cases)
    above = [one for one in cases if one > facts["edges"][statement["cut"]]]
    if statement["depth"] == 3:
        return Fraction(100 * len(above), len(cases))
    return Fraction(abs(2 * len(above) - len(cases)))


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw bars side by side over a scale of the classes."""
    edges, counts = facts["edges"], facts["counts"]
    end, step = max(counts) + 1, 1 if max(counts) <= 8 else 2
    box = (axes.LEFT, axes.TOP, canvas.width - axes.RIGHT, canvas.height - axes.BOTTOM)
    canvas.stretch((0, 0), (len(counts), end), box)
    for value in range(end + 1):
        canvas.stroke([(0, value), (len(counts), value)], 0.8, HAIR)
        if value and value % step == 0:
            axes.beside(canvas, (0, value), str(value))
    colour = canvas.style.palette[len(facts["title"]) % len(canvas.style.palette)]
    for place, count in enumerate(counts):
        canvas.outline([(place, 0), (place, count), (place + 1, count), (place + 1, 0)], 0.9, colour)
    canvas.stroke([(0, end), (0, 0), (len(counts), 0)])
    for place, edge in enumerate(edges):
        axes.below(canvas, (place, 0), str(edge))
    axes.titles(canvas, {"title": f"{facts['title']} in {facts['unit']}", "vertical": facts["cases"]})


KINDS = {"histogram": Kind(histogram, draw, recounted, (2, 3, 4), (520, 380))}

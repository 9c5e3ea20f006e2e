"""Pictograms: rows of symbols that each stand for several things."""

from fractions import Fraction

from builders.families.mmathcot.problems import lettering
from builders.families.mmathcot.problems.charts import SUBJECTS
from builders.families.mmathcot.problems.drawing import Canvas, Colour, Point, arc_points
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

ROWS = 4


def pictogram(depth: int, lot: Lot) -> Draft:
    """Rows of symbols, half symbols for half as many: totals, differences, means, what is missing to an aim."""
    title, unit, _, names = lot.look(SUBJECTS)
    each, halves = lot.choice((2, 4, 6, 10, 20)), lot.sample(range(3, 13), ROWS)
    facts: Facts = {"title": title, "unit": unit, "names": list(names[:ROWS]), "halves": halves, "each": each}
    facts["symbols"] = [f"{half / 2:g}" for half in halves]
    if depth == 2:
        question = (_difference if lot.coin() else _total)(facts)
    else:
        question = _mean(facts) if depth == 3 else _aim(facts, lot)
    givens = [figure(f"r{k}", f"the symbols for {names[k]}", Fraction(half, 2)) for k, half in enumerate(halves)]
    key = figure("each", f"the {unit} that a symbol stands for", each)
    first, second = question.wordings
    texts = (
        f"Look at the pictogram. {first}",
        second,
        f"The pictogram “{title}” has a key at the bottom. {first}",
    )
    return question.draft(texts, facts, (*givens, key))


def _counted(unit: str) -> tuple[Rule, Rule]:
    rows = " + ".join(f"r{k}" for k in range(ROWS))
    return (
        Rule("symbols", "the number of symbols", rows, "", "Count the symbols; half a symbol counts for one half."),
        Rule("number", f"the number of {unit}", "symbols * each", "", f"The key says how many {unit} a symbol stands for."),
    )


def _total(facts: Facts) -> Question:
    unit = facts["unit"]
    asked = (f"How many {unit} are shown in all?", f"Use the key to find the total number of {unit} in the pictogram.")
    slips = (
        Slip("counted symbols only", "symbols"),
        Slip("counted half symbols as whole ones", f"{sum(-(-half // 2) for half in facts['halves'])} * each"),
        Slip("left out the last row", f"number - r{ROWS - 1} * each"),
        Slip("left out the first row", "number - r0 * each"),
    )
    return Question(asked, _counted(unit), slips, {"asked": "total"})


def _difference(facts: Facts) -> Question:
    unit, names, halves = facts["unit"], facts["names"], facts["halves"]
    top, low = halves.index(max(halves)), halves.index(min(halves))
    asked = (
        f"How many more {unit} does the longest row stand for than the shortest?",
        f"By how many {unit} do {names[top]} and {names[low]} differ?",
    )
    rules = (
        Rule("gap", "the difference in symbols", f"r{top} - r{low}", "", "Compare the longest row with the shortest."),
        Rule("more", f"the difference in {unit}", "gap * each", "", f"A symbol stands for several {unit}."),
    )
    slips = (
        Slip("counted symbols only", "gap"),
        Slip("added the rows", f"(r{top} + r{low}) * each"),
        Slip("gave the longest row", f"r{top} * each"),
        Slip("gave the shortest row", f"r{low} * each"),
        Slip("counted a symbol too many", "(gap + 1) * each"),
    )
    return Question(asked, rules, slips, {"asked": "difference"})


def _mean(facts: Facts) -> Question:
    unit = facts["unit"]
    if sum(facts["halves"]) * facts["each"] % (2 * ROWS):
        raise Unfit("the mean is not a whole number")
    asked = (
        f"What is the mean number of {unit} for a row?",
        f"If the {unit} of all rows were spread evenly over the four rows, how many would each have?",
    )
    slips = (
        Slip("counted symbols only", "symbols / 4"),
        Slip("divided by three", "number / 3"),
        Slip("gave the total", "number"),
        Slip("halved", "number / 2"),
    )
    mean = Rule("mean", "the mean for a row", "number / 4", "", "There are four rows.")
    return Question(asked, (*_counted(unit), mean), slips, {"asked": "mean"})


def _aim(facts: Facts, lot: Lot) -> Question:
    unit, number = facts["unit"], Fraction(sum(facts["halves"]) * facts["each"], 2)
    aim, days = (int(number) // 10 + lot.randint(2, 6)) * 10, lot.choice((2, 3, 4, 5))
    if aim - number < 6 or (aim - number) % days:
        raise Unfit("the rest cannot be shared out")
    asked = (
        f"The aim is {aim} {unit}. The rest is to come in {days} days, equally many a day. How many {unit} a day is that?",
        f"To get to {aim} {unit}, the missing ones are spread evenly over {days} days. Find the number of {unit} for one day.",
    )
    rules = (
        *_counted(unit),
        Rule("missing", f"the missing {unit}", "aim - number", "", "Subtract from the aim."),
        Rule("daily", f"the {unit} for a day", "missing / days", "", "Share them out among the days."),
    )
    givens = (text("aim", "the aim", aim), text("days", "the number of days", days))
    return Question(asked, rules, _AIM, {"asked": "aim", "aim": aim, "days": days}, givens)


_AIM = (
    Slip("forgot what is there already", "aim / days"),
    Slip("counted symbols only", "(aim - symbols) / days"),
    Slip("did not share out", "missing"),
    Slip("shared out over a day more", "missing / (days + 1)"),
)


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw rows of discs, half discs for halves, and the key."""
    canvas.stretch((0, -canvas.height), (canvas.width, 0), (0, 0, canvas.width, canvas.height))
    canvas.write(facts["title"], [(canvas.width / 2, 18)], 0, 1.05)
    colour = canvas.style.palette[len(facts["title"]) % len(canvas.style.palette)]
    for row, (name, half) in enumerate(zip(facts["names"], facts["halves"], strict=True)):
        y = 58 + 48 * row
        wide, _ = lettering.extent(name, canvas.style.face, canvas.style.size)
        canvas.write(name, [(96 - wide / 2, y)], 0)
        for place in range(0, half, 2):
            _symbol(canvas, (132 + 27 * place, -y), half - place, colour)
    y = canvas.height - 32
    _symbol(canvas, (132, -y), 2, colour)
    label = f"= {facts['each']} {facts['unit']}"
    wide, _ = lettering.extent(label, canvas.style.face, canvas.style.size)
    canvas.write(label, [(158 + wide / 2, y)], 0)


def _symbol(canvas: Canvas, centre: Point, halves: int, colour: Colour) -> None:
    canvas.outline(arc_points(centre, 17, 90, 450 if halves >= 2 else 270), 0.8, colour)


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Count half symbols."""
    numbers = [Fraction(half * facts["each"], 2) for half in facts["halves"]]
    whole = sum(numbers, Fraction(0))
    if statement["asked"] == "difference":
        return max(numbers) - min(numbers)
    if statement["asked"] == "aim":
        return (Fraction(statement["aim"]) - whole) / Fraction(statement["days"])
    return whole / len(numbers) if statement["asked"] == "mean" else whole


KINDS = {"pictogram": Kind(pictogram, draw, recounted, (2, 3, 4), (480, 300))}

"""Frequency tables: sums, means, shares, the mode."""

from fractions import Fraction

from builders.families.mmathcot.problems import tables
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

COUNTED: tuple[tuple[str, str, str], ...] = (
    ("Goals in a match", "goals", "matches"),
    ("Children in a family", "children", "families"),
    ("Books read in a month", "books", "pupils"),
    ("Eggs in a nest", "eggs", "nests"),
    ("Letters on a day", "letters", "days"),
)
TIDY = frozenset({1, 2, 4, 5, 10})
"""Denominators of means that are short decimals."""


def frequency_table(depth: int, lot: Lot) -> Draft:
    """A frequency table: what is missing to an aim, the mean, a share, mode and mean."""
    title, unit, cases = lot.look(COUNTED)
    start = lot.choice((0, 1, 2))
    values = list(range(start, start + lot.choice((4, 5))))
    counts = [lot.randint(2, 12) for _ in values]
    if len(set(counts)) < len(counts) - 1:
        raise Unfit("frequencies alike")
    facts: Facts = {"title": title, "unit": unit, "cases": cases, "values": values, "counts": counts}
    facts["head"] = [f"number of {unit}", f"number of {cases}"]
    facts["rows"] = [[str(value), str(count)] for value, count in zip(values, counts, strict=True)]
    among = {2: (_aim,), 3: (_share, _mean), 4: (_mode,)}[depth]
    question = lot.choice(among)(facts, lot)
    givens = [figure(f"f{k}", f"the {cases} with {value} {unit}", counts[k]) for k, value in enumerate(values)]
    givens += [figure(f"v{k}", f"the value in row {k + 1}", value) for k, value in enumerate(values)]
    first, second = question.wordings
    texts = (f"Look at the table. {first}", second, f"The table “{title}” lists how often each number occurred. {first}")
    return question.draft(texts, facts, givens)


def _count(facts: Facts) -> Rule:
    names = " + ".join(f"f{k}" for k in range(len(facts["values"])))
    return Rule("n", f"the number of all {facts['cases']}", names, "", "Add the frequencies.")


def _amount(facts: Facts) -> Rule:
    products = " + ".join(f"v{k} * f{k}" for k in range(len(facts["values"])))
    return Rule("sum", f"the number of all {facts['unit']}", products, "", "Multiply each value by its frequency and add.")


def _average(facts: Facts) -> Rule:
    return Rule("mean", "the mean", "sum / n", "", f"Divide the {facts['unit']} by the {facts['cases']}.")


def _values(facts: Facts) -> str:
    return f"({' + '.join(f'v{k}' for k in range(len(facts['values'])))})"


def _exact(facts: Facts) -> Fraction:
    cases = _written_out(facts)
    mean = Fraction(sum(cases), len(cases))
    if mean.denominator not in TIDY:
        raise Unfit("the mean is awkward")
    return mean


def _mean(facts: Facts, lot: Lot) -> Question:
    del lot
    _exact(facts)
    count = len(facts["values"])
    asked = (
        f"What is the mean number of {facts['unit']}?",
        f"How many {facts['unit']} are there on average? Take all {facts['cases']} into account.",
    )
    slips = (
        Slip("averaged the values", f"{_values(facts)} / {count}"),
        Slip("divided by the number of rows", f"sum / {count}"),
        Slip("gave the sum", "sum"),
        Slip("averaged the frequencies", f"n / {count}"),
        Slip("divided the wrong way round", "n / sum"),
    )
    return Question(asked, (_count(facts), _amount(facts), _average(facts)), slips, {"asked": "mean"})


def _share(facts: Facts, lot: Lot) -> Question:
    unit, cases, values, counts = facts["unit"], facts["cases"], facts["values"], facts["counts"]
    first = lot.randint(1, len(values) - 2)
    least = values[first]
    if Fraction(100 * sum(counts[first:]), sum(counts)).denominator > 2:
        raise Unfit("the percentage is awkward")
    asked = (
        f"What percentage of the {cases} have at least {least} {unit}?",
        f"Find the share of {cases} with {least} or more {unit}, in per cent.",
    )
    upper = " + ".join(f"f{k}" for k in range(first, len(values)))
    rules = (
        _count(facts),
        Rule("part", f"the {cases} with at least {least} {unit}", upper, "", f"Add the rows from {least} on."),
        Rule("share", "their share", "100 * part / n", "%", f"Express it as a percentage of all {cases}."),
    )
    return Question(asked, rules, _share_slips(first, len(values)), {"asked": "share", "least": least})


def _share_slips(first: int, rows: int) -> tuple[Slip, ...]:
    return (
        Slip("left out the row itself", f"100 * (part - f{first}) / n"),
        Slip("took the other rows", "100 - share"),
        Slip("took that row only", f"100 * f{first} / n"),
        Slip("counted rows", f"100 * {rows - first} / {rows}"),
        Slip("gave the number", "part"),
    )


def _mode(facts: Facts, lot: Lot) -> Question:
    del lot
    values, counts, mean = facts["values"], facts["counts"], _exact(facts)
    top = counts.index(max(counts))
    if counts.count(max(counts)) > 1 or values[top] == mean:
        raise Unfit("the mode is not clear, or the mean itself")
    asked = (
        f"By how much do the mode and the mean of the number of {facts['unit']} differ?",
        "Find the most frequent value and the average value in the table. What is the difference between them?",
    )
    formula = f"v{top} - mean" if values[top] > mean else f"mean - v{top}"
    gap = Rule("gap", "the distance of mode and mean", formula, "", f"The mode is {values[top]}, the most frequent value.")
    slips = (
        Slip("gave the mean", "mean"),
        Slip("gave the mode", f"v{top}"),
        Slip("averaged the values", f"{_values(facts)} / {len(values)}"),
        Slip("took the highest frequency for the mode", f"f{top} - mean"),
        Slip("added both", f"v{top} + mean"),
    )
    return Question(asked, (_count(facts), _amount(facts), _average(facts), gap), slips, {"asked": "gap"})


def _aim(facts: Facts, lot: Lot) -> Question:
    unit, whole = facts["unit"], sum(_written_out(facts))
    aim = (whole // 10 + lot.randint(1, 4)) * 10
    asked = (
        f"How many {unit} are missing to {aim} in all?",
        f"Count all {unit} in the table. How many more would make {aim}?",
    )
    rules = (_amount(facts), Rule("more", f"the missing {unit}", "aim - sum", "", "Subtract from the aim."))
    slips = (
        Slip("added the frequencies", f"aim - ({_count(facts).formula})"),
        Slip("added the values", f"aim - {_values(facts)}"),
        Slip("gave the sum", "sum"),
        Slip("lost ten", "more + 10"),
    )
    return Question(asked, rules, slips, {"asked": "aim", "aim": aim}, (text("aim", "the aim", aim),))


def _written_out(facts: Facts) -> list[int]:
    return [value for value, count in zip(facts["values"], facts["counts"], strict=True) for _ in range(count)]


def recounted(facts: Facts, statement: Facts) -> Fraction:
    """Write every case out and count."""
    cases = _written_out(facts)
    mean = Fraction(sum(cases), len(cases))
    if statement["asked"] == "share":
        return Fraction(100 * sum(case >= statement["least"] for case in cases), len(cases))
    if statement["asked"] == "gap":
        return abs(max(set(cases), key=cases.count) - mean)
    return mean if statement["asked"] == "mean" else Fraction(statement["aim"] - sum(cases))


KINDS = {"frequency_table": Kind(frequency_table, tables.draw, recounted, (2, 3, 4), (460, 320))}

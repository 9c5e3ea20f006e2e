"""Probability: wheels with equal sectors, bags of marbles."""

import math
from fractions import Fraction
from itertools import permutations, product

from builders.families.mmathcot.problems.drawing import Canvas, arc_points, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Given, Rule, figure, text

ALIKE = "All sectors are equal, so each is as likely as any other."
DRAWN = "Each marble is as likely to be drawn as any other."
LETTERS = "ABC"


def spinner(depth: int, lot: Lot) -> Draft:
    """A wheel with equal sectors: how often a letter is to be expected, the same letter twice, at least once in two turns."""
    counts = [lot.randint(1, 6) for _ in LETTERS]
    total = sum(counts)
    if not 5 <= total <= 14 or counts[1] > counts[2]:
        raise Unfit("too few sectors or too many, or another with its letters exchanged")
    turns = lot.choice((24, 30, 36, 40, 48, 60, 72, 84, 90, 100, 120)) if depth == 3 else 0
    if depth == 3 and turns * counts[0] % total:
        raise Unfit("no whole number is expected")
    wheel = list("A" * counts[0] + "B" * counts[1] + "C" * counts[2])
    lot.looks.shuffle(wheel)
    facts: Facts = {"wheel": "".join(wheel), "counts": counts, "total": total}
    givens = _counted("sectors", counts)
    if turns:
        givens.append(text("turns", "the number of turns", turns))
    statement = {"asked": {2: "one", 3: "expected", 4: "once"}[depth], "turns": turns}
    return Draft(_wheel_texts(depth, turns), facts, statement, tuple(givens), _wheel_rules(depth), _WHEEL[depth])


def _counted(what: str, counts: list[int]) -> list[Given]:
    return [
        figure(f"c{k}", f"the {what} with {letter}", count)
        for k, (letter, count) in enumerate(zip(LETTERS, counts, strict=True))
    ]


def _wheel_texts(depth: int, turns: int) -> tuple[str, ...]:
    what = {
        2: "the probability that the arrow stops at A",
        3: f"the expected number of turns, of {turns}, that end at A",
        4: "the probability of A at least once in two turns",
    }[depth]
    return (
        f"The wheel in the figure has equal sectors and is turned at random. Find {what}.",
        f"Count the sectors of the wheel, all of which have the same size. What is {what}?",
        f"A game uses the wheel shown. Work out {what}; each of its sectors is equally likely.",
    )


def _wheel_rules(depth: int) -> tuple[Rule, ...]:
    total = Rule("n", "the number of all sectors", "c0 + c1 + c2", "sectors", "Count all sectors.")
    one = Rule("p", "the probability of A", "c0 / n", "", ALIKE)
    if depth == 2:
        return (total, one)
    if depth == 3:
        return (total, one, Rule("e", "the expected number", "p * turns", "", "Multiply by the number of turns."))
    return (
        total,
        Rule("q", "the probability that it is not A", "(c1 + c2) / n", "", ALIKE),
        Rule("never", "the probability of no A in two turns", "q * q", "", "The turns do not depend on each other."),
        Rule("once", "the probability of A at least once", "1 - never", "", "It is the contrary of never."),
    )


_WHEEL = {
    2: (
        Slip("compared with the others", "c0 / (c1 + c2)"),
        Slip("gave the contrary", "1 - p"),
        Slip("took the letters for equally likely", "1 / 3"),
        Slip("took B", "c1 / n"),
        Slip("took C", "c2 / n"),
    ),
    3: (
        Slip("took the letters for equally likely", "turns / 3"),
        Slip("expected the contrary", "turns - e"),
        Slip("compared with the others", "turns * c0 / (c1 + c2)"),
        Slip("counted the sectors", "turns / n"),
    ),
    4: (
        Slip("gave the contrary", "never"),
        Slip("took one turn", "1 - q"),
        Slip("took A twice", "(1 - q) * (1 - q)"),
        Slip("forgot the second turn", "q"),
    ),
}


def wheel_counted(facts: Facts, statement: Facts) -> Fraction:
    """List the outcomes of one turn or two."""
    wheel = facts["wheel"]
    if statement["asked"] == "once":
        pairs = list(product(wheel, repeat=2))
        return Fraction(sum("A" in pair for pair in pairs), len(pairs))
    return Fraction(wheel.count("A"), len(wheel)) * (statement["turns"] or 1)


def draw_wheel(canvas: Canvas, facts: Facts) -> None:
    """Draw a wheel with an arrow above it."""
    wheel, tones = facts["wheel"], canvas.style.palette
    canvas.fit([(-1, -1), (1, 1.22)], 26)
    step = 360 / len(wheel)
    for place, letter in enumerate(wheel):
        start = 90 - step / 2 + place * step
        canvas.outline([(0, 0), *arc_points((0, 0), 1, start, start + step)], 0.9, tones[LETTERS.index(letter)])
    for place, letter in enumerate(wheel):
        canvas.write(letter, [canvas.at(polar((0, 0), 0.72, 90 + place * step))], -1)
    canvas.fill([(0, 1.02), (-0.07, 1.18), (0.07, 1.18)], canvas.style.ink)


def marbles(depth: int, lot: Lot) -> Draft:
    """A bag of marbles, two of which are drawn: both of a letter, one of each, the same letter."""
    counts = [lot.randint(1, 8) for _ in LETTERS]
    mixed = depth == 3
    if not 5 <= sum(counts) <= 18 or (not mixed and counts[0] < 2) or (depth == 3 and counts[0] > counts[1]):
        raise Unfit("too few marbles or too many, or another with its letters exchanged")
    back = depth == 3 and lot.coin()
    if depth == 4 and counts[1] > counts[2]:
        raise Unfit("another with its letters exchanged")
    order = list("A" * counts[0] + "B" * counts[1] + "C" * counts[2])
    lot.looks.shuffle(order)
    facts: Facts = {"bag": "".join(order), "counts": counts, "total": sum(counts)}
    rules, slips = (_mixed_rules(back=back), _mixed_slips(back=back)) if mixed else (_BOTH, _BOTH_SLIPS)
    statement: Facts = {"mixed": mixed, "back": back}
    return Draft(_marble_texts(mixed=mixed, back=back), facts, statement, tuple(_counted("marbles", counts)), rules, slips)


def _marble_texts(*, mixed: bool, back: bool) -> tuple[str, ...]:
    how = "with replacement" if back else "without replacement"
    what = "one is marked A and the other B" if mixed else "both are marked A"
    return (
        f"Two marbles are drawn at random {how} from the box in the figure. Find the probability that {what}.",
        f"What is the probability that {what}, when two of the marbles shown are drawn one after the other {how}?",
        f"Somebody takes two marbles blindly, {how}. Count the marbles and work out how likely it is that {what}.",
    )


_COUNT = Rule("n", "the number of all marbles", "c0 + c1 + c2", "marbles", "Count all marbles.")
_BOTH = (
    _COUNT,
    Rule("p", "the probability of A at first", "c0 / n", "", DRAWN),
    Rule("q", "the probability of A again", "(c0 - 1) / (n - 1)", "", "One marble with A is gone."),
    Rule("both", "the probability of A twice", "p * q", "", "Multiply along the path."),
)
_BOTH_SLIPS = (
    Slip("put the first marble back", "p * p"),
    Slip("forgot that a marble is gone from A", "p * c0 / (n - 1)"),
    Slip("took one draw", "p"),
    Slip("gave the contrary", "1 - both"),
    Slip("added", "p + q"),
)


def _mixed_rules(*, back: bool) -> tuple[Rule, ...]:
    left = "n" if back else "(n - 1)"
    gone = "The first marble is back." if back else "One marble is gone."
    return (
        _COUNT,
        Rule("path", "the probability of A at first and B then", f"c0 * c1 / (n * {left})", "", f"{DRAWN} {gone}"),
        Rule("both", "the probability of A and B", "2 * path", "", "B may come first as well, with the same probability."),
    )


def _mixed_slips(*, back: bool) -> tuple[Slip, ...]:
    other = "n * (n - 1)" if back else "n * n"
    return (
        Slip("counted one order only", "path"),
        Slip("mistook whether the first marble is put back", f"2 * c0 * c1 / ({other})"),
        Slip("added", "(c0 + c1) / n"),
        Slip("gave the contrary", "1 - both"),
        Slip("took one draw", "c0 / n"),
    )


def marbles_counted(facts: Facts, statement: Facts) -> Fraction:
    """List all pairs of marbles in their order."""
    bag = facts["bag"]
    pairs = list(product(bag, repeat=2) if statement["back"] else permutations(bag, 2))
    good = {("A", "B"), ("B", "A")} if statement["mixed"] else {("A", "A")}
    return Fraction(sum(pair in good for pair in pairs), len(pairs))


def draw_marbles(canvas: Canvas, facts: Facts) -> None:
    """Draw the marbles in rows in a box."""
    bag, tones = facts["bag"], canvas.style.palette
    wide = math.ceil(math.sqrt(len(bag) * 1.6))
    rows = math.ceil(len(bag) / wide)
    canvas.fit([(-0.2, -0.2), (wide + 0.2, rows + 0.2)], 24)
    canvas.outline([(-0.1, -0.1), (wide + 0.1, -0.1), (wide + 0.1, rows + 0.1), (-0.1, rows + 0.1)], 1.2)
    for place, letter in enumerate(bag):
        centre = (place % wide + 0.5, rows - place // wide - 0.5)
        rim = arc_points(centre, 0.38, 0, 360)
        canvas.outline(rim[:-1], 0.8, tones[LETTERS.index(letter)])
        canvas.write(letter, [canvas.at(centre)], -1, 0.9)


KINDS = {
    "spinner": Kind(spinner, draw_wheel, wheel_counted, (2, 3, 4), (400, 400)),
    "marbles": Kind(marbles, draw_marbles, marbles_counted, (3, 4), (440, 360)),
}

"""Bars above a ruler."""

from fractions import Fraction

from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text


def ruler(depth: int, lot: Lot) -> Draft:
    """Bars above a ruler, none of which starts at 0: lengths to scale, a difference, a sum to scale."""
    marks = lot.subset(range(6, 137, 1 if depth == 2 else 3), 2 if depth == 2 else 4)
    one, two = marks[1] - marks[0], marks[-1] - marks[-2]
    crowded = depth > 2 and (marks[2] - marks[1] < 8 or abs(one - two) < 4)
    if min(one, two) < 14 or crowded or marks[0] % 10 == 0:
        raise Unfit("bars too short, or from a full centimetre")
    names, scale = "AB"[: 1 if depth == 2 else 2], lot.choice((2, 4, 5, 10, 20)) if depth != 3 else 2
    facts: Facts = {"names": list(names), "millimetres": marks[: 2 * len(names)]}
    facts["ends"] = [str(Fraction(mark, 10)) for mark in facts["millimetres"]]
    givens = [
        figure(f"{letter}{k}", f"the {end} end of bar {name}", Fraction(marks[2 * k + side], 10), "cm")
        for k, name in enumerate(names)
        for side, (letter, end) in enumerate((("s", "left"), ("e", "right")))
    ]
    givens.append(text("scale", "the length that 1 cm stands for", scale, "m"))
    rules, statement = _rules(depth, names, "l0 - l1" if one > two else "l1 - l0"), {"depth": depth, "scale": scale}
    return Draft(_texts(depth, scale), facts, statement, tuple(givens), rules, _SLIPS[depth])


def _rules(depth: int, names: str, gap: str) -> tuple[Rule, ...]:
    lengths = [
        Rule(f"l{k}", f"the length of bar {name}", f"e{k} - s{k}", "cm", "Subtract where it starts from where it ends.")
        for k, name in enumerate(names)
    ]
    scaled = "Multiply by the scale."
    return {
        2: (*lengths, Rule("real", "the length in reality", "l0 * scale", "m", scaled)),
        3: (*lengths, Rule("gap", "the difference", gap, "cm", "Subtract the shorter one.")),
        4: (
            *lengths,
            Rule("sum", "both lengths together", "l0 + l1", "cm", "Add."),
            Rule("real", "the length in reality", "sum * scale", "m", scaled),
        ),
    }[depth]


def _texts(depth: int, scale: int) -> tuple[str, ...]:
    story = f"On a plan, 1 cm stands for {scale} m."
    if depth == 2:
        return (
            f"Bar A lies above a ruler in centimetres. {story} How long is it in reality?",
            f"Read both ends of the bar on the ruler. {story} What length does the bar stand for?",
            f"{story} The bar above the ruler is a wall on this plan. Find the length of the wall.",
        )
    if depth == 4:
        return (
            f"Two walls are drawn as bars A and B above a ruler in centimetres. {story} How long are they together in reality?",
            f"Read the ends of both bars on the ruler. {story} What is the total length that they stand for?",
            f"{story} The bars A and B above the ruler belong to one fence on this plan. Find its whole length.",
        )
    return (
        "By how many centimetres do the lengths of the bars A and B differ?",
        "Two bars lie above a ruler in centimetres. What is the difference of their lengths?",
        "Read the ends of both bars on the centimetre ruler. How much longer is one of them than the other?",
    )


_SLIPS = {
    2: (
        Slip("read the right end only", "e0 * scale"),
        Slip("added the ends", "(e0 + s0) * scale"),
        Slip("divided by the scale", "l0 / scale"),
        Slip("gave the length on the plan", "l0"),
        Slip("miscounted by a centimetre", "(l0 + 1) * scale"),
    ),
    3: (
        Slip("compared the right ends", "e1 - e0"),
        Slip("added the lengths", "l0 + l1"),
        Slip("compared the left ends", "s1 - s0"),
        Slip("took the space between", "s1 - e0"),
        Slip("miscounted by a centimetre", "gap + 1"),
    ),
    4: (
        Slip("read the right ends only", "(e0 + e1) * scale"),
        Slip("left out a bar", "l0 * scale"),
        Slip("counted the space between", "(e1 - s0) * scale"),
        Slip("gave the length on the plan", "sum"),
        Slip("miscounted by a centimetre", "(sum + 1) * scale"),
    ),
}


def ruler_counted(facts: Facts, statement: Facts) -> Fraction:
    """Count the millimetre marks under each bar."""
    marks = facts["millimetres"]
    under = [sum(left <= mark < right for mark in range(150)) for left, right in zip(marks[::2], marks[1::2], strict=True)]
    if statement["depth"] == 3:
        return Fraction(abs(under[0] - under[1]), 10)
    return Fraction(sum(under) * statement["scale"], 10)


def draw_ruler(canvas: Canvas, facts: Facts) -> None:
    """Draw bars above a ruler of 14 cm with millimetre marks; broken lines lead from their ends to the marks."""
    canvas.height = 200
    canvas.stretch((0, 0), (140, 10), (34, 100, canvas.width - 62, 168))
    canvas.outline([(-5, -1), (145, -1), (145, 10), (-5, 10)], 1, (255, 249, 232))
    for mark in range(141):
        deep = 4.4 if mark % 10 == 0 else 3.2 if mark % 5 == 0 else 2.0
        canvas.stroke([(mark, 10), (mark, 10 - deep)], 0.9 if mark % 10 == 0 else 0.55)
    for mark in range(0, 141, 10):
        x, y = canvas.at((mark, 2.4))
        canvas.write(str(mark // 10), [(x, y)], 0, 0.85)
    canvas.write("cm", [canvas.at((152, 4.5))], 1, 0.85)
    marks = facts["millimetres"]
    for place, name in enumerate(facts["names"]):
        left, right = marks[2 * place], marks[2 * place + 1]
        canvas.outline([(left, 13), (right, 13), (right, 17), (left, 17)], 1, canvas.style.palette[place])
        for end in (left, right):
            canvas.stroke([(end, 13), (end, 10)], 0.8, dash=(3, 2))
        x, y = canvas.at(((left + right) / 2, 17))
        canvas.write(name, [(x, y - 13)], 0)


KINDS = {"ruler": Kind(ruler, draw_ruler, ruler_counted, (2, 3, 4), (600, 240))}

"""Distance-time graphs: speeds, times, rests."""

from fractions import Fraction

from builders.families.mmathcot.problems import axes, lettering
from builders.families.mmathcot.problems.drawing import Canvas
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Question, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text

NAMES = "OABCD"
PIECES = 4
TRAVELLERS = ("cyclist", "boat", "horse rider", "bus")


def trip(depth: int, lot: Lot) -> Draft:
    """A trip in straight pieces with a rest: mean speed without rests, the fastest part, the slowest."""
    hours, ways = _pieces(lot)
    who = lot.look(TRAVELLERS)
    facts: Facts = {"title": f"Trip of a {who}", "who": who, "hours": hours, "kilometres": ways}
    facts["points"] = {name: [x, y] for name, x, y in zip(NAMES, hours, ways, strict=True)}
    speeds = list(_speeds(facts).values())
    if ways[-1] > 180 or hours[-1] > 10 or len(set(speeds)) < len(speeds) or any(speed.denominator > 2 for speed in speeds):
        raise Unfit("too long, or speeds alike")
    question = {2: _without_rests, 3: _fastest, 4: _time, 7: _difference}[depth](facts)
    givens = [figure(f"h{k}", f"the time at {NAMES[k]}", hours[k], "h") for k in range(PIECES + 1)]
    givens += [figure(f"d{k}", f"the distance at {NAMES[k]}", ways[k], "km") for k in range(PIECES + 1)]
    what, _ = question.wordings
    texts = (
        f"The graph shows how far a {who} has got after how many hours. Find {what}.",
        f"Read the distance-time graph, which starts at O, and work out {what}.",
        f"From the points O, A, B, C and D of the graph, where the distance is drawn over the time, determine {what}.",
    )
    return question.draft(texts, facts, givens, depth=depth)


def _pieces(lot: Lot) -> tuple[list[int], list[int]]:
    """Return the hours and kilometres at the ends of the pieces, one or two of which are rests."""
    hours, ways = [0], [0]
    for place in range(PIECES):
        hours.append(hours[-1] + lot.randint(1, 3))
        rests = place == 2 or (place == 1 and lot.coin())
        ways.append(ways[-1] + (0 if rests else lot.choice((10, 20, 30, 40, 50, 60, 80))))
    return hours, ways


def _speeds(facts: Facts) -> dict[int, Fraction]:
    """Return the speed on each piece that is not a rest."""
    hours, ways = facts["hours"], facts["kilometres"]
    found = {k: Fraction(ways[k + 1] - ways[k], hours[k + 1] - hours[k]) for k in range(PIECES)}
    return {k: speed for k, speed in found.items() if speed}


def _ends(facts: Facts) -> tuple[int, int]:
    """Return the fastest piece and the slowest that is not a rest."""
    speeds = _speeds(facts)
    return max(speeds, key=lambda k: speeds[k]), min(speeds, key=lambda k: speeds[k])


def _piece(k: int, tag: str) -> tuple[Rule, Rule, Rule]:
    part = f"{NAMES[k]}{NAMES[k + 1]}"
    reads = f"Between {NAMES[k]} and {NAMES[k + 1]} the graph rises."
    return (
        Rule(f"s{tag}", f"the distance on {part}", f"d{k + 1} - d{k}", "km", reads),
        Rule(f"t{tag}", f"the time for {part}", f"h{k + 1} - h{k}", "h", "Read the times below."),
        Rule(f"v{tag}", f"the speed on {part}", f"s{tag} / t{tag}", "km/h", "Speed is distance over time."),
    )


def _slow_speed(facts: Facts) -> str:
    slow = _ends(facts)[1]
    return f"(d{slow + 1} - d{slow}) / (h{slow + 1} - h{slow})"


def _without_rests(facts: Facts) -> Question:
    hours, speeds = facts["hours"], _speeds(facts)
    rests = [k for k in range(PIECES) if k not in speeds]
    still = sum(hours[k + 1] - hours[k] for k in rests)
    if Fraction(facts["kilometres"][-1], hours[-1] - still).denominator not in {1, 2, 4}:
        raise Unfit("an awkward speed")
    pause = " + ".join(f"(h{k + 1} - h{k})" for k in rests)
    rules = (
        Rule("moving", "the time without rests", f"h4 - ({pause})", "h", "The horizontal parts of the graph are rests."),
        Rule("v", "the mean speed while moving", "d4 / moving", "km/h", "Divide the whole distance by this time."),
    )
    slips = (
        Slip("counted the rests", "d4 / h4"),
        Slip("took the time of the rests", f"d4 / ({pause})"),
        Slip("divided the distance by the pieces", "d4 / 4"),
        Slip("gave the distance", "d4"),
        Slip("halved", "v / 2"),
    )
    what = f"the mean speed of the {facts['who']}, not counting the rests"
    return Question((what, what), rules, slips)


def _fastest(facts: Facts) -> Question:
    fast, _ = _ends(facts)
    slips = (
        Slip("divided by the time of the clock", f"s / h{fast + 1}"),
        Slip("took the distance from the start", f"d{fast + 1} / t"),
        Slip("took the mean speed", "d4 / h4"),
        Slip("took the slowest part", _slow_speed(facts)),
        Slip("forgot to divide", "s"),
    )
    what = f"the speed of the {facts['who']} on the fastest part"
    return Question((what, what), _piece(fast, ""), slips)


def _time(facts: Facts) -> Question:
    fast, _ = _ends(facts)
    speed = _speeds(facts)[fast]
    far = int(speed * (6 if speed * 6 < 400 else 4))
    rules = (*_piece(fast, ""), Rule("need", f"the time for {far} km", "far / v", "h", "Time is distance over speed."))
    slips = (
        Slip("took the mean speed", "far * h4 / d4"),
        Slip("divided the distances", "far / s"),
        Slip("took the slowest part", f"far / ({_slow_speed(facts)})"),
        Slip("added an hour", "need + 1"),
    )
    what = f"the time that {far} km would take at the speed of the fastest part"
    return Question((what, what), rules, slips, {"far": far}, (text("far", "the distance asked about", far, "km"),))


def _difference(facts: Facts) -> Question:
    fast, slow = _ends(facts)
    gap = Rule("gap", "the difference of the speeds", "v1 - v2", "km/h", "Subtract.")
    slips = (
        Slip("gave the higher speed", "v1"),
        Slip("gave the lower speed", "v2"),
        Slip("added the speeds", "v1 + v2"),
        Slip("subtracted the distances", "s1 - s2"),
        Slip("compared with the mean speed", "v1 - d4 / h4"),
    )
    what = f"the difference between the speeds of the {facts['who']} on the fastest and on the slowest part, rests left out"
    return Question((what, what), (*_piece(fast, "1"), *_piece(slow, "2"), gap), slips)


def retraced(facts: Facts, statement: Facts) -> Fraction:
    """Walk the graph in half hours and compare the steps."""
    hours, ways = facts["hours"], facts["kilometres"]

    def place(time: Fraction) -> Fraction:
        k = next(k for k in range(PIECES) if hours[k] <= time <= hours[k + 1])
        return Fraction(ways[k]) + (time - int(hours[k])) * Fraction(ways[k + 1] - ways[k], hours[k + 1] - hours[k])

    steps = [2 * (place(Fraction(k + 1, 2)) - place(Fraction(k, 2))) for k in range(2 * hours[-1])]
    moving = [step for step in steps if step]
    if statement["depth"] == 2:
        return sum(moving, Fraction(0)) / len(moving)
    if statement["depth"] == 4:
        return Fraction(statement["far"]) / max(moving)
    return max(moving) - (min(moving) if statement["depth"] == 7 else 0)


def draw(canvas: Canvas, facts: Facts) -> None:
    """Draw distance over time, with a grid to read both from."""
    last, far = facts["hours"][-1], facts["kilometres"][-1]
    step = 10 if far + 20 <= 120 else 20
    end = -(-(far + 10) // step) * step
    canvas.stretch((0, 0), (last + 1, end), (axes.LEFT, axes.TOP, canvas.width - axes.RIGHT, canvas.height - axes.BOTTOM))
    axes.ruled(canvas, (last + 1, end), 10, step)
    axes.titles(canvas, {"title": facts["title"], "vertical": "distance in km", "horizontal": "time in hours"})
    canvas.stroke(list(facts["points"].values()), 1.6, canvas.style.accent)
    for name, point in facts["points"].items():
        canvas.dot(point, 3.6, canvas.style.accent)
        if name != "O":
            _name(canvas, point, name)


def _name(canvas: Canvas, point: tuple[float, float], name: str) -> None:
    x, y = canvas.at(point)
    wide, high = lettering.extent(name, canvas.style.face, canvas.style.size)
    shifts = ((-0.6, -1), (0, -1), (1, 1), (0.3, -1.1), (1, 0.2), (-1, -0.4), (0.8, 1.2))
    canvas.write(name, [(x + dx * (7 + wide / 2), y + dy * (7 + high / 2)) for dx, dy in shifts], 3)


KINDS = {"trip": Kind(trip, draw, retraced, (2, 3, 4, 7), (540, 380))}

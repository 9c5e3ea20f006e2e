"""Clocks: the angle between their hands, the time between two of them."""

import math
from datetime import datetime, timedelta
from fractions import Fraction

from builders.families.mmathcot.problems.drawing import Canvas, Point, polar
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure, text


def clock_angle(depth: int, lot: Lot) -> Draft:
    """The angle between the hands of a clock; above 180° a step more."""
    hour, minute = lot.randint(1, 11), lot.randint(1, 59)
    from_minute, from_hour = Fraction(6 * minute), 30 * hour + Fraction(minute, 2)
    gap = abs(from_hour - from_minute)
    if not 20 < gap < 340 or (gap > 180) != (depth == 4) or gap == 180:
        raise Unfit("the hands nearly meet, or the angle is of the other kind")
    difference = "{} - m" if from_hour > from_minute else "m - {}"
    facts: Facts = {"clocks": [{"hour": hour, "minute": minute, "name": ""}]}
    givens = (figure("hour", "the full hours", hour), figure("minute", "the minutes", minute))
    rules = _hand_rules(difference)[:depth]
    return Draft(_HANDS, facts, {}, givens, rules, _hand_slips(difference, rules[-1].name))


_HANDS = (
    "What is the smaller angle between the hands of the clock, in degrees?",
    "Read the time from the clock. How many degrees is the angle, less than 180°, that its hands make at this moment?",
    "The two hands of the clock in the figure form two angles at its centre. Find the smaller one.",
)


def _hand_rules(difference: str) -> tuple[Rule, ...]:
    slow = "The hour hand turns by 30° in an hour, so by half a degree in a minute."
    return (
        Rule("m", "the angle of the minute hand from 12", "6 * minute", "°", "The minute hand turns by 6° in a minute."),
        Rule("h", "the angle of the hour hand from 12", "30 * hour + minute / 2", "°", slow),
        Rule("gap", "the difference", difference.format("h"), "°", "Subtract the smaller angle."),
        Rule("less", "the smaller angle", "360 - gap", "°", "The difference is above 180°, so take the rest of the full turn."),
    )


def _hand_slips(difference: str, last: str) -> tuple[Slip, ...]:
    return (
        Slip("left the hour hand on its number", difference.format("30 * hour")),
        Slip("took the larger angle", f"360 - {last}"),
        Slip("gave the minute hand's angle", "m"),
        Slip("gave the hour hand's angle", "h"),
        Slip("moved the hour hand to the next number", difference.format("30 * (hour + 1)")),
    )


def hands_measured(facts: Facts, statement: Facts) -> float:
    """Measure the angle between the directions of both drawn hands."""
    del statement
    clock = facts["clocks"][0]
    (ax, ay), (bx, by) = _tips(clock["hour"], clock["minute"], 1, 1)
    return math.degrees(math.acos(max(-1.0, min(1.0, ax * bx + ay * by))))


def _tips(hour: int, minute: int, short: float, long: float) -> tuple[Point, Point]:
    return polar((0, 0), short, 90 - 30 * hour - minute / 2), polar((0, 0), long, 90 - 6 * minute)


def elapsed(depth: int, lot: Lot) -> Draft:
    """Two clocks of one morning: the time between them, a break, what is done in it."""
    start, end = lot.randrange(300, 600, 5), lot.randrange(345, 715, 5)
    if not 40 <= end - start <= 300 or (start % 60 == 0 and end % 60 == 0):
        raise Unfit("too short or too long")
    if any(abs(time / 2 - 6 * (time % 60)) % 360 < 20 for time in (start, end)):
        raise Unfit("one hand covers the other")
    who = lot.look(("A painter", "A gardener", "A typist", "A cook"))
    pause, rate = lot.choice((10, 15, 20, 25)) if depth >= 4 else 10, lot.choice((2, 3, 4, 5)) if depth == 5 else 2
    statement: Facts = {"pause": pause, "rate": rate, "depth": depth}
    clocks = [(start, "start"), (end, "end")]
    facts: Facts = {"clocks": [{"hour": time // 60, "minute": time % 60, "name": name} for time, name in clocks]}
    givens = [
        figure(f"{letter}{name[0]}", f"the {what} of the {name}", number)
        for time, name in clocks
        for letter, what, number in (("h", "hour", time // 60), ("m", "minute", time % 60))
    ]
    givens += [text("pause", "the break", pause, "min"), text("rate", "the pieces in a minute", rate)]
    texts = _elapsed_texts(depth, who, statement)
    return Draft(texts, facts, statement, tuple(givens), _ELAPSED[:depth], _ELAPSED_SLIPS[depth])


_ELAPSED = (
    Rule("a", "the start in minutes after midnight", "60 * hs + ms", "min", "An hour has 60 minutes."),
    Rule("b", "the end in minutes after midnight", "60 * he + me", "min", "An hour has 60 minutes."),
    Rule("c", "the time between", "b - a", "min", "Subtract the start from the end."),
    Rule("d", "the time at work", "c - pause", "min", "Take off the break."),
    Rule("e", "the number of pieces", "d * rate", "", "Multiply by the pieces in a minute."),
)


def _elapsed_texts(depth: int, who: str, statement: Facts) -> tuple[str, ...]:
    rest = f" with a break of {statement['pause']} min" if depth >= 4 else ""
    speed = f" and finishes {statement['rate']} pieces in each minute of work" if depth == 5 else ""
    asked = {
        3: "How many minutes is that?",
        4: "How many minutes of work is that?",
        5: "How many pieces is that in all?",
    }[depth]
    find = {
        3: "the time from start to end, in minutes",
        4: "the time spent at work, in minutes",
        5: "the number of finished pieces",
    }[depth]
    return (
        f"{who} works on one morning from the time on the left clock to that on the right clock{rest}{speed}. {asked}",
        f"The clocks show the start and the end of a task on the same morning. {who} carries it out{rest}{speed}. Find {find}.",
        f"Read both clocks; their times are before noon on one day. {who} is busy between them{rest}{speed}. What is {find}?",
    )


_HUNDREDS = "100 * (he - hs) + me - ms"
_ELAPSED_SLIPS = {
    3: (
        Slip("took an hour for 100 minutes", _HUNDREDS),
        Slip("lost an hour", "c - 60"),
        Slip("added an hour", "c + 60"),
        Slip("compared the hours only", "60 * (he - hs)"),
    ),
    4: (
        Slip("added the break", "c + pause"),
        Slip("forgot the break", "c"),
        Slip("lost an hour", "d - 60"),
        Slip("took an hour for 100 minutes", f"{_HUNDREDS} - pause"),
    ),
    5: (
        Slip("forgot the break", "c * rate"),
        Slip("added the break", "(c + pause) * rate"),
        Slip("gave the minutes", "d"),
        Slip("took an hour for 100 minutes", f"({_HUNDREDS} - pause) * rate"),
    ),
}


def calendar(facts: Facts, statement: Facts) -> Fraction:
    """Subtract the times as the calendar does."""
    start, end = (datetime(2024, 5, 6, clock["hour"], clock["minute"]) for clock in facts["clocks"])  # noqa: DTZ001 — one clock
    pause = timedelta(minutes=statement["pause"] if statement["depth"] >= 4 else 0)
    return Fraction((end - start - pause) // timedelta(minutes=1)) * (statement["rate"] if statement["depth"] == 5 else 1)


def draw_clocks(canvas: Canvas, facts: Facts) -> None:
    """Draw one clock, or two side by side."""
    clocks = facts["clocks"]
    radius = 118.0 if len(clocks) == 1 else 104.0
    canvas.width = 340 if len(clocks) == 1 else 520
    canvas.height = 300 if len(clocks) == 1 else 290
    for place, clock in enumerate(clocks):
        x, y = canvas.width * (2 * place + 1) / (2 * len(clocks)), canvas.height / 2 - (12 if clock["name"] else 0)
        canvas.stretch((-1, -1), (1, 1), (x - radius, y - radius, x + radius, y + radius))
        _draw_face(canvas, clock)
        if clock["name"]:
            canvas.write(clock["name"], [(x, canvas.height - 18)], 0)


def _draw_face(canvas: Canvas, clock: Facts) -> None:
    """Draw a clock into the unit circle."""
    canvas.circle((0, 0), 1, 1.6)
    for tick in range(60):
        inner = 0.915 if tick % 5 == 0 else 0.95
        canvas.stroke([polar((0, 0), inner, 6 * tick), polar((0, 0), 0.985, 6 * tick)], 1.4 if tick % 5 == 0 else 0.6)
    short, long = _tips(clock["hour"], clock["minute"], 0.44, 0.61)
    canvas.stroke([(0, 0), short], 3.6)
    canvas.stroke([(0, 0), long], 1.9, canvas.style.accent)
    canvas.dot((0, 0), 5)
    for hour in range(1, 13):
        canvas.write(str(hour), [canvas.at(polar((0, 0), 0.755, 90 - 30 * hour))], 0, 0.95)


KINDS = {
    "clock_angle": Kind(clock_angle, draw_clocks, hands_measured, (3, 4), (520, 300)),
    "elapsed": Kind(elapsed, draw_clocks, calendar, (3, 4, 5), (520, 300)),
}

"""Routes: on maps with several roads between towns, and on grids of streets."""

import itertools
import math
from fractions import Fraction
from typing import Any

from builders.families.mmathcot.problems.drawing import ON_PLATE, Canvas, Point
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Kind, Slip
from builders.problems.quantities import Unfit
from builders.problems.steps import Rule, figure

ONWARD = "Each way so far goes on along each of the next roads."


def roads(depth: int, lot: Lot) -> Draft:
    """Towns in a row with several roads between neighbours, perhaps direct roads as well: the number of routes."""
    legs = 3 if depth <= 3 else 4
    names = lot.look(("ABCDE", "PQRST", "KLMNO"))[: legs + 1]
    direct = lot.randint(1, 2) if depth > 2 else 0
    facts: Facts = {"names": names, "counts": [lot.randint(2, 4) for _ in range(legs)], "direct": direct}
    back = depth == 5
    first, last = names[0], names[-1]
    asked = f"from {first} to {last}{' and back' if back else ''}"
    between = f" before {last} or before {first}" if back else ""
    texts = (
        f"The map shows towns and the roads between them. How many ways lead {asked}, without turning round{between}?",
        f"Count the routes {asked} on the map. {'Each of both parts' if back else 'A route'} visits no town twice.",
        f"In how many ways can one travel {asked} along the roads shown, {'each time ' if back else ''}passing no town twice?",
    )
    givens = [figure(f"n{k}", f"the roads from {names[k]} to {names[k + 1]}", count) for k, count in enumerate(facts["counts"])]
    if direct:
        givens.append(figure("direct", f"the direct roads from {first} to {last}", direct))
    rules = _road_rules(facts, back=back)
    return Draft(texts, facts, {"back": back}, tuple(givens), rules, _road_slips(facts, rules, back=back))


def _road_rules(facts: Facts, *, back: bool) -> tuple[Rule, ...]:
    names, legs = facts["names"], len(facts["counts"])
    first, last = names[0], names[-1]
    rules, previous = [], "n0"
    for k in range(1, legs):
        label = f"the ways from {first} to {names[k + 1]} through the towns"
        rules.append(Rule(f"p{k}", label, f"{previous} * n{k}", "", ONWARD))
        previous = f"p{k}"
    if facts["direct"]:
        reason = "Add the direct roads, which pass no other town."
        rules.append(Rule("all", f"the ways from {first} to {last}", f"{previous} + direct", "", reason))
    if back:
        rules.append(
            Rule("both", "the ways there and back", "all * all", "", "Each way there can be followed by each way back.")
        )
    return tuple(rules)


def _road_slips(facts: Facts, rules: tuple[Rule, ...], *, back: bool) -> tuple[Slip, ...]:
    legs = len(facts["counts"])
    through, twice = rules[legs - 2].name, "**2" if back else ""
    slips = [
        Slip("added instead of multiplying", f"({' + '.join(f'n{k}' for k in range(legs))}){twice}"),
        Slip("left out the last roads", f"{rules[0].name}{twice}"),
        Slip("counted the towns", f"{(legs + 1) ** (2 if back else 1)}"),
        Slip("doubled", f"2 * {rules[-1].name}"),
    ]
    if facts["direct"]:
        slips.append(Slip("forgot the direct roads", f"{through}{twice}"))
        slips.append(Slip("multiplied by the direct roads", f"({through} * (1 + direct)){twice}"))
    if back:
        slips.append(Slip("doubled for the way back", "2 * all"))
    return tuple(slips)


def routes_walked(facts: Facts, statement: Facts) -> Fraction:
    """Walk every route, road by road."""
    names, counts = facts["names"], facts["counts"]
    edges = [(names[k], names[k + 1], number) for k, count in enumerate(counts) for number in range(count)]
    edges += [(names[0], names[-1], number) for number in range(facts["direct"])]

    def walk(town: str, seen: str) -> int:
        if town == names[-1]:
            return 1
        return sum(walk(end, seen + end) for start, end, _ in edges if start == town and end not in seen)

    ways = walk(names[0], names[0])
    return Fraction(ways * ways if statement["back"] else ways)


def draw_roads(canvas: Canvas, facts: Facts) -> None:
    """Draw towns on a line, the roads between neighbours as arcs, direct roads as large arcs."""
    names, counts = facts["names"], facts["counts"]
    legs = len(counts)
    canvas.stretch((-0.25, -1.2), (legs + 0.25, 1.2), (20, 16, canvas.width - 20, canvas.height - 16))
    for k, count in enumerate(counts):
        for road in range(count):
            bow = 0.42 * (road - (count - 1) / 2)
            canvas.stroke([(k + t / 20, bow * 4 * (t / 20) * (1 - t / 20)) for t in range(21)], 1.2)
    for road in range(facts["direct"]):
        canvas.stroke(_direct(legs, 1.08 if road == 0 else -1.08), 1.2, canvas.style.accent)
    for k, name in enumerate(names):
        x, y = canvas.at((k, 0))
        rim = [(x + 14 * math.cos(turn * math.pi / 12), y + 14 * math.sin(turn * math.pi / 12)) for turn in range(24)]
        canvas.paint(rim, canvas.style.tint)
        canvas.ring(rim)
        canvas.write(name, [(x, y)], ON_PLATE, 0.95)


_ASIDE = {"left": "below", "below": "left"}
_OTHER = {"left": "below", "below": "the left"}
SIZES = {4: ((2, 2),), 6: ((2, 3), (3, 2)), 8: ((2, 4), (4, 2))}
"""Blocks across and upwards, by depth."""


def _direct(legs: int, high: float) -> list[Point]:
    """Return the bow of a road over all towns."""
    turns = [math.pi * t / 60 for t in range(61)]
    return [
        (legs / 2 * (1 - math.copysign(abs(math.cos(turn)) ** 0.6, math.cos(turn))), high * math.sin(turn) ** 0.6)
        for turn in turns
    ]


def street_grid(depth: int, lot: Lot) -> Draft:
    """Shortest ways on a grid of streets, some of which are missing, counted crossing by crossing."""
    wide, high = lot.choice(SIZES[depth])
    places = [(x, y) for y in range(1, high + 1) for x in range(1, wide + 1)]
    closed: list[list[Any]] = [
        [x, y, lot.choice(("left", "below"))] for x, y in lot.subset(places[1:], lot.choice((0, 1, 2, 3)))
    ]
    wide, high, closed = _turned(wide, high, closed, lot)
    places = [(x, y) for y in range(1, high + 1) for x in range(1, wide + 1)]
    names = dict(zip([(0, 0), *places[:-1], places[-1]], ["A", *"CDEFGHK"[: len(places) - 1], "B"], strict=True))
    facts: Facts = {"wide": wide, "high": high, "closed": closed}
    facts["crossings"] = {name: list(place) for place, name in names.items()}
    shut = {(int(x), int(y)): str(way) for x, y, way in closed}
    rules = tuple(_crossing(place, names[place], shut.get(place, "")) for place in places)
    return Draft(_STREETS, facts, {}, (), rules, _street_slips(wide, high, rules[-1].name))


_STREETS = (
    "The lines are streets. How many shortest ways along them lead from A to B?",
    "Somebody walks from A to B on the streets shown, only to the right and upwards. How many different ways are there?",
    "Count the ways from A to B in the figure that only go to the right and upwards along the lines.",
)


def _street_slips(wide: int, high: int, last: str) -> tuple[Slip, ...]:
    return (
        Slip("multiplied the sides", f"{wide * high}"),
        Slip("added the sides", f"{wide + high}"),
        Slip("missed a way", f"{last} - 1"),
        Slip("counted the crossings", f"{(wide + 1) * (high + 1)}"),
        Slip("doubled", f"2 * {last}"),
        Slip("counted a way twice", f"{last} + 1"),
    )


def _turned(wide: int, high: int, closed: list[list[Any]], lot: Lot) -> tuple[int, int, list[list[Any]]]:
    """Return a grid, or its mirror image in the diagonal: of two that are each other's only one is a problem."""
    other = sorted([y, x, _ASIDE[way]] for x, y, way in closed)
    if (high, wide, other) < (wide, high, sorted(closed)):
        raise Unfit("the mirror image of another")
    return lot.look(((wide, high, closed), (high, wide, other)))


def _crossing(place: tuple[int, int], name: str, shut: str) -> Rule:
    """Return the ways to a crossing: those to the crossings before it, on the rim there is one."""
    x, y = place
    left, below = (f"w{x - 1}{y}" if x > 1 else "1"), (f"w{x}{y - 1}" if y > 1 else "1")
    formula = {"left": below, "below": left}.get(shut, f"{left} + {below}")
    reached = f"{_OTHER[shut]} only" if shut else "the left or from below"
    return Rule(f"w{x}{y}", f"the ways to {name}", formula, "", f"{name} is reached from {reached}.")


def ways_listed(facts: Facts, statement: Facts) -> Fraction:
    """List all orders of steps to the right and upwards, and strike those that use a street that is not there."""
    del statement
    steps = facts["wide"] + facts["high"]
    closed = {(x, y, way) for x, y, way in facts["closed"]}
    count = 0
    for rights in itertools.combinations(range(steps), facts["wide"]):
        x, y, walked = 0, 0, set()
        for step in range(steps):
            x, y = (x + 1, y) if step in rights else (x, y + 1)
            walked.add((x, y, "left" if step in rights else "below"))
        count += not walked & closed
    return Fraction(count)


def draw_streets(canvas: Canvas, facts: Facts) -> None:
    """Draw the streets, and the names of the crossings that the solution uses."""
    wide, high = facts["wide"], facts["high"]
    canvas.fit([(0, 0), (wide, high)], 46)
    closed = {(x, y, way) for x, y, way in facts["closed"]}
    for x in range(wide + 1):
        for y in range(high + 1):
            if x and (x, y, "left") not in closed:
                canvas.stroke([(x - 1, y), (x, y)], 1.6)
            if y and (x, y, "below") not in closed:
                canvas.stroke([(x, y - 1), (x, y)], 1.6)
    for name, place in facts["crossings"].items():
        ends = name in {"A", "B"}
        canvas.dot((place[0], place[1]), 5 if ends else 3.6, canvas.style.accent if ends else None)
        across, down = canvas.at((place[0], place[1]))
        canvas.write(name, [(across + dx, down + dy) for dx, dy in ((-15, -14), (15, -14), (-15, 15), (15, 15), (-18, -16))], 1)


KINDS = {
    "roads": Kind(roads, draw_roads, routes_walked, (2, 3, 4, 5), (520, 280)),
    "street_grid": Kind(street_grid, draw_streets, ways_listed, (4, 6, 8), (420, 400)),
}

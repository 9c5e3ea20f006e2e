"""Makes problems: drafts one, checks it, and takes its next number until it holds."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from random import Random

from builders.errors import BuildError
from builders.families.mmathcot.problems import checking, choices, painting, spaces
from builders.families.mmathcot.problems.drawing import Canvas, Drawing
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.lots import Lot
from builders.families.mmathcot.problems.problem import Draft, Facts, Form, Problem
from builders.families.mmathcot.problems.styles import style
from builders.problems import steps
from builders.problems.quantities import Unfit, quantity

LOOKS = 2
"""How many looks are tried with a number, and `MOST_LOOKS` where no other number will do."""
MOST_LOOKS = 40
RESTATED_SHARE = 0.3
"""How many of the texts say what the figure shows, where that is short and in symbols."""
MOST_RESTATED = 4
"""The most quantities that a text restates."""
_PROSE = re.compile(r"[a-z]{2}")


def drawing(problem: Problem) -> Drawing:
    """Return a problem's figure as data: lines, labels with their boxes, faults."""
    return drawn(problem.kind, problem.facts, problem.style)


def problem(kind: str, depth: int, number: int, form: Form, seed: int = 0) -> Problem:
    """Return a problem of a kind and a depth (number of steps); the form adds options and changes nothing else.

    Args:
        kind: one of `KINDS`.
        depth: one of its depths.
        number: which problem; no two below the capacity of the space are the same, from there on they begin again.
        form: with options or without.
        seed: the order of the problems.

    Raises:
        BuildError: there is no such kind, it has no problems of this depth, or this one cannot be drawn.
    """
    known = KINDS.get(kind)
    if known is None:
        raise BuildError("no such kind of problem", where=kind, fix=f"choose one of {', '.join(sorted(KINDS))}")
    if depth not in known.depths:
        raise BuildError(f"has no problems of {depth} steps", where=kind, fix=f"choose one of {known.depths}")
    looks = MOST_LOOKS if spaces.space(kind, depth).listed else LOOKS
    for candidate in spaces.candidates(kind, depth, number, seed):
        if made := attempted((kind, depth), candidate, seed, looks):
            return replace(made, number=number) if form == "choice" else replace(made, number=number, form="free", options=())
    raise BuildError(f"problem {number} of {depth} steps cannot be drawn", where=kind, fix="take another number")


def attempted(
    cell: tuple[str, int], candidate: int, seed: int, looks: int, shown: Callable[[Problem], Drawing] = drawing
) -> Problem | None:
    """Return the problem that a number of the space makes, in the first of so many looks that shows it.

    Args:
        cell: one of `KINDS` and one of its depths.
        candidate: the number.
        seed: together with the number, it decides about the looks.
        looks: how many are tried.
        shown: draws it.

    Returns:
        the problem with its options; None if the number makes none that can be drawn.
    """
    kind, depth = cell
    known = KINDS[kind]
    for look in range(looks):
        lot = Lot(candidate, f"{kind} {depth} {candidate} {seed} {look}")
        try:
            draft = known.make(depth, lot)
            lot.settle()
            made = _problem(kind, depth, seed, draft, lot.chance)
        except Unfit:
            if not lot.looked:
                return None
            continue
        if not checking.faults(made, known, shown(made)):
            return made
    return None


def drawn(kind: str, facts: Facts, look: int, *, checked: bool = True) -> Drawing:
    """Draw facts as a kind draws them, in one of the looks; those of a problem that was checked before need not be again."""
    known = KINDS[kind]
    canvas = Canvas(*known.size, style(look))
    known.draw(canvas, facts)
    return canvas.finish(checked=checked)


def figure(problem: Problem) -> bytes:
    """Return a problem's figure as a PNG."""
    return painting.png(drawing(problem))


def _problem(kind: str, depth: int, seed: int, draft: Draft, chance: Random) -> Problem:
    solution = steps.run(draft.givens, draft.rules)
    needed = {name for rule in draft.rules for name in steps.uses(rule.formula)}
    phrasing = chance.randrange(len(draft.texts))
    premise = _premise(draft, needed) if chance.random() < RESTATED_SHARE else ""
    look = chance.randrange(10**6)
    return Problem(
        kind=kind,
        depth=depth,
        seed=seed,
        number=0,
        form="choice",
        question=f"{premise}{draft.texts[phrasing]}",
        restated=bool(premise),
        phrasing=phrasing,
        facts=draft.facts,
        told=draft.statement,
        givens=tuple(given for given in draft.givens if given.name in needed),
        steps=solution,
        options=choices.options(draft.givens, solution, draft.slips, chance),
        style=look,
    )


def _premise(draft: Draft, needed: Collection[str]) -> str:
    """Say what the figure shows; nothing if that would be long, or no plain list of symbols."""
    shown = [given for given in draft.givens if given.seen == "figure" and given.name in needed]
    if not shown or len(shown) > MOST_RESTATED or any(_PROSE.search(given.label) for given in shown):
        return ""
    parts = [f"{given.label} = {quantity(given.value, given.unit)}" for given in shown]
    return f"In the figure, {', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}. "

"""Makes problems: drafts one, checks it, and draws other numbers until it holds."""

import re
from collections.abc import Collection
from dataclasses import replace
from random import Random

from builders.errors import BuildError
from builders.families.mmathcot.problems import checking, choices, painting
from builders.families.mmathcot.problems.drawing import Canvas, Drawing
from builders.families.mmathcot.problems.kinds import KINDS
from builders.families.mmathcot.problems.problem import Draft, Facts, Form, Problem
from builders.families.mmathcot.problems.styles import style
from builders.problems import steps
from builders.problems.quantities import Unfit, quantity

ATTEMPTS = 3000
RESTATED_SHARE = 0.3
"""How many of the texts say what the figure shows, where that is short and in symbols."""
MOST_RESTATED = 4
"""The most quantities that a text restates."""
_PROSE = re.compile(r"[a-z]{2}")


def problem(kind: str, depth: int, seed: int, form: Form) -> Problem:
    """Return the problem of a kind, a depth (number of steps) and a seed; the form adds options and changes nothing else.

    Raises:
        BuildError: there is no such kind, or it has no problems of this depth.
    """
    known = KINDS.get(kind)
    if known is None:
        raise BuildError("no such kind of problem", where=kind, fix=f"choose one of {', '.join(sorted(KINDS))}")
    if depth not in known.depths:
        raise BuildError(f"has no problems of {depth} steps", where=kind, fix=f"choose one of {known.depths}")
    refused = ""
    for attempt in range(ATTEMPTS):
        chance = Random(f"{kind} {depth} {seed} {attempt}")  # noqa: S311 — chance, not secrets
        try:
            made = _problem(kind, depth, seed, chance)
        except Unfit as reason:
            refused = str(reason)
            continue
        found = checking.faults(made, known, drawing(made))
        if not found:
            return made if form == "choice" else replace(made, form="free", options=())
        refused = found[0]
    raise BuildError(f"no problem of {depth} steps in {ATTEMPTS} attempts: {refused}", where=kind, fix="mend the kind")


def drawing(problem: Problem) -> Drawing:
    """Return a problem's figure as data: lines, labels with their boxes, faults."""
    return drawn(problem.kind, problem.facts, problem.style)


def drawn(kind: str, facts: Facts, look: int) -> Drawing:
    """Draw facts as a kind draws them, in one of the looks."""
    known = KINDS[kind]
    canvas = Canvas(*known.size, style(look))
    known.draw(canvas, facts)
    return canvas.finish()


def figure(problem: Problem) -> bytes:
    """Return a problem's figure as a PNG."""
    return painting.png(drawing(problem))


def _problem(kind: str, depth: int, seed: int, chance: Random) -> Problem:
    draft = KINDS[kind].make(depth, chance)
    solution = steps.run(draft.givens, draft.rules)
    needed = {name for rule in draft.rules for name in steps.uses(rule.formula)}
    phrasing = chance.randrange(len(draft.texts))
    premise = _premise(draft, needed) if chance.random() < RESTATED_SHARE else ""
    look = chance.randrange(10**6)
    return Problem(
        kind=kind,
        depth=depth,
        seed=seed,
        form="choice",
        question=f"{premise}{draft.texts[phrasing]}",
        restated=bool(premise),
        phrasing=phrasing,
        facts=draft.facts,
        told=draft.told,
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

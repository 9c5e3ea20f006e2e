"""What a problem must hold before it is emitted."""

from collections.abc import Iterator
from fractions import Fraction

from builders.families.mmathcot.problems.drawing import Drawing
from builders.families.mmathcot.problems.problem import Facts, Kind, Problem
from builders.problems import numbers, steps
from builders.problems.quantities import quantity

ROUTE = "the second route does not lead to the answer"


def faults(problem: Problem, kind: Kind, drawing: Drawing) -> list[str]:
    """Say what is wrong with a problem; nothing if it may be emitted."""
    return [
        *steps.faults(problem.givens, problem.steps),
        *_unfounded(problem),
        *([] if numbers.close(problem.value, kind.solve(problem.facts, problem.told)) else [ROUTE]),
        *([] if problem.depth == len(problem.steps) else ["the solution has another number of steps"]),
        *_unused(problem),
        *_wrong_options(problem),
        *(["the text holds the answer"] if _holds(problem.question, problem.result) else []),
        *drawing.faults,
    ]


def _unfounded(problem: Problem) -> list[str]:
    """Name givens that neither the figure shows nor the text tells."""
    shown, stated = _numbers(problem.facts), _numbers(problem.told)
    found = []
    for given in problem.givens:
        if given.seen == "figure" and given.value not in shown:
            found.append(f"{given.name}: not among the facts of the figure")
        in_text = given.value in stated and _holds(problem.question, quantity(given.value, given.unit))
        if given.seen == "text" and not in_text:
            found.append(f"{given.name}: not told by the text")
    return found


def _unused(problem: Problem) -> list[str]:
    """Name steps that lead nowhere: the depth counts real steps only."""
    used = {name for step in problem.steps for name in steps.uses(step.formula)}
    return [f"{step.name}: leads nowhere" for step in problem.steps[:-1] if step.name not in used]


def _wrong_options(problem: Problem) -> list[str]:
    if problem.form == "free":
        return []
    values = [float(option.value) for option in problem.options]
    texts = {option.text for option in problem.options}
    right = [option.value for option in problem.options if not option.error]
    if len(texts) < len(values) or min(abs(a - b) for i, a in enumerate(values) for b in values[:i]) < 1e-9:
        return ["two options are the same"]
    return [] if right == [problem.value] else ["not exactly one option is right"]


def _numbers(facts: Facts) -> set[object]:
    """Collect the numbers among some facts, lengths of lists and exact numbers written as text included."""
    return set(_visited(facts))


def _visited(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _visited(part)
    elif isinstance(value, list | tuple):
        yield len(value)
        for part in value:
            yield from _visited(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, float):
        yield Fraction(value).limit_denominator(10**6)
    elif isinstance(value, str) and numbers.is_exact(value):
        yield numbers.read(value)


def _holds(text: str, amount: str) -> bool:
    """Tell whether a text holds a quantity, not as a part of a longer number."""
    place = text.find(amount)
    while place >= 0:
        before, after = text[:place], text[place + len(amount) :]
        if not (before[-1:].isdigit() or (before[-1:] == "." and before[-2:-1].isdigit()) or after[:1].isalnum()):
            return True
        place = text.find(amount, place + 1)
    return False

"""The teacher that is not a model: words a problem's program of steps as the rows of each subset hold it.

    distill   only the answer is known: the whole derivation, a step of the program in each line
    rewrite   an analysis is known: the same results by another path, a plan first and small steps drawn together
    unify     a solution in formulas is known: the same steps in words, signs only where words would be longer

Each in several styles, chosen by row id and seed alone. `analysis` and `formal` write what the source row holds in the last
two. A solution's last line is `†Answer: …`, the letter where there are options.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from builders.families.mmathcot.problems.problem import Problem
from builders.problems import numbers, spelling, steps
from builders.problems.numbers import Number
from builders.problems.quantities import quantity
from builders.problems.steps import Given, Step
from builders.records import seeded

Mode = Literal["distill", "rewrite", "unify"]
_OPENINGS = (
    ("From the figure", "From the text"),
    ("The figure shows", "The text says"),
    ("Read off", "Given"),
    ("In the figure we see", "We are told"),
)
_AGAIN = ("As before.", "Likewise.", "The same again.")
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
STYLES = 6
"""In how many ways each mode can be worded."""
_PROSE = re.compile(r".*\b(?!(?:cm|mm|km|ms)\b)[a-z]{2}")


class Worded(NamedTuple):
    """A step in parts: what is read, why, what is computed, and what comes out."""

    readings: str
    reason: str
    label: str
    computed: str
    value: str


def solution(problem: Problem, mode: Mode, row: str, seed: int) -> str:
    """Return the solution of a problem in lines `Step 1: …` and a last line `†Answer: …`.

    Args:
        problem: what is solved.
        mode: the module of the paper, see above.
        row: the row's id; with the seed it decides about the style.
        seed: the build's seed.
    """
    style = seeded(STYLES, "style", row, seed)
    lines = {"distill": _distilled, "rewrite": _rewritten, "unify": _unified}[mode](problem, style)
    if problem.letter:
        lines[-1] += f" This is option {problem.letter}."
    return "\n".join([*(f"Step {place}: {line}" for place, line in enumerate(lines, start=1)), f"†Answer: {problem.answer}"])


def analysis(problem: Problem, row: str, seed: int) -> str:
    """Return the analysis that a source row holds beside its question: terse prose in one paragraph."""
    style = seeded(3, "analysis", row, seed)
    parts = [_lead(problem, style)]
    for step in problem.steps:
        computed = _formula(problem, step.formula)
        sentence = _sentence(_result(Worded("", step.reason, step.label, computed, quantity(step.value, step.unit)), " = "))
        parts.append(f"{step.reason} {sentence}." if style else f"{sentence}. ({step.reason})")
    parts.append(f"So the answer is {problem.result}{f', option {problem.letter}' if problem.letter else ''}.")
    return " ".join(part for part in parts if part)


def formal(problem: Problem, row: str, seed: int) -> str:
    """Return the solution in formulas that a source row holds: givens, then a line for each step, the answer in a box."""
    style = seeded(2, "formal", row, seed)
    values, labels = _values(problem), _labels(problem)
    because, therefore = ((r"\because", r"\therefore"), (r"\text{Given: }", r"\Rightarrow"))[style]
    known = ", ".join(f"{_latex_label(given.label)} = {_latex_quantity(given.value, given.unit)}" for given in problem.givens)
    lines = [f"${because} {known}$"] if known else []
    for step in problem.steps:
        written = spelling.latex(steps.tree(step.formula), values)
        if step.formula in labels:
            written = _latex_label(labels[step.formula])
        lines.append(f"${therefore} {_latex_label(step.label)} = {written} = {_latex_quantity(step.value, step.unit)}$")
    end = problem.letter or _latex_quantity(problem.value, problem.unit)
    return "\n".join([*lines, rf"$\boxed{{{end}}}$"])


def _distilled(problem: Problem, style: int) -> list[str]:
    return [_derived(worded, style) for worded in _worded(problem, problem.steps, _formula, style)]


def _derived(step: Worded, style: int) -> str:
    result = _result(step, " = ")
    return {
        0: f"{step.readings}{step.reason} Therefore {result}.",
        1: f"{step.reason} {step.readings}{_sentence(result)}.",
        2: f"Find {step.label}. {step.readings}{step.reason} This gives {step.computed} = {step.value}.",
        3: f"{step.readings}{_sentence(result)}. Reason: {step.reason}",
        4: f"Next is {step.label}, by this rule: {step.reason} {step.readings}So the value is {step.computed} = {step.value}.",
        5: f"{step.reason} {step.readings}Hence {result}.",
    }[style]


def _rewritten(problem: Problem, style: int) -> list[str]:
    """Plan backwards from what is asked, then compute, a small first step drawn into the next where that is possible."""
    solution_ = problem.steps
    if len(solution_) > 2:
        candidates = [place for place, step in enumerate(solution_[:-1]) if _used_once(solution_, step.name)]
        if candidates:
            place = candidates[style % len(candidates)]
            solution_ = steps.run(problem.givens, steps.folded(solution_, place))
    lines = [_plan(problem, solution_, style)]
    for worded in _worded(problem, solution_, _formula, style):
        value = f"{worded.computed} = {worded.value}"
        line = {
            0: f"{worded.reason} {worded.readings}Work out {worded.label}: {value}.",
            1: f"{worded.readings}So {_result(worded, ' = ')}. {worded.reason}",
            2: f"Now {worded.label}. {worded.reason} {worded.readings}That is {value}.",
        }[style % 3]
        lines.append(line)
    return lines


def _plan(problem: Problem, solution_: tuple[Step, ...], style: int) -> str:
    labels = {step.name: step.label for step in solution_}
    last = solution_[-1]
    needed = [labels[name] for name in steps.uses(last.formula) if name in labels]
    first = f"We look for {last.label}."
    if not needed:
        needed = [given.label for given in problem.givens if given.name in steps.uses(last.formula)][:3]
    way = f"It follows from {_listed(needed)}" if needed else "It can be computed at once"
    turn = (
        (", so these come first.", ", which have to be found first.")
        if len(needed) > 1
        else (", so that comes first.", ", which has to be found first.")
    )
    end = turn[style % 2]  # no kind has problems of a single step
    return f"{first} {way}{end}" if style % 2 else f"The goal is {last.label}. {way}{end}"


def _used_once(solution_: tuple[Step, ...], name: str) -> bool:
    users = [step for step in solution_ if name in steps.uses(step.formula)]
    return len(users) == 1 and len(steps.uses(users[0].formula)) <= 3 and len(users[0].reason) < 90


def _unified(problem: Problem, style: int) -> list[str]:
    lines = []
    for step in _worded(problem, problem.steps, _in_words, style):
        value = _value_in_words(step.value)
        lines.append(
            {
                0: f"{step.readings}{step.reason} For {step.label}, take {step.computed}, which makes {value}.",
                1: f"{step.reason} {step.readings}For {step.label} the calculation is {step.computed}, resulting in {value}.",
                2: f"{step.readings}To get {step.label}, take {step.computed}. {step.reason} That gives {value}.",
                3: f"{step.readings}We compute {step.label} as {step.computed}, that is {value}. {step.reason}",
                4: f"{step.reason} {step.readings}Consequently, for {step.label} we have {step.computed}, or {value}.",
                5: f"{step.readings}Taking {step.computed} leads to {value} for {step.label}. {step.reason}",
            }[style]
        )
    return lines


def _worded(problem: Problem, solution_: Iterable[Step], write: Callable[[Problem, str], str], style: int) -> list[Worded]:
    """Take each step apart; what is read from figure or text is said where it is first used, a theorem only once."""
    unread = {given.name: given for given in problem.givens}
    used: set[str] = set()
    parts = []
    for step in solution_:
        fresh = [unread.pop(name) for name in steps.uses(step.formula) if name in unread]
        reading = _readings(fresh, style)
        sentences = [sentence for sentence in _SENTENCES.split(step.reason) if sentence not in used]
        used.update(sentences)
        reason = " ".join(sentences) or _AGAIN[style % len(_AGAIN)]
        parts.append(Worded(reading, reason, step.label, write(problem, step.formula), quantity(step.value, step.unit)))
    return parts


def _readings(fresh: list[Given], style: int) -> str:
    """Say which quantities the figure shows and which the text tells."""
    openings = _OPENINGS[style % len(_OPENINGS)]
    sentences = []
    for seen, opening in zip(("figure", "text"), openings, strict=True):
        found = [f"{given.label} = {quantity(given.value, given.unit)}" for given in fresh if given.seen == seen]
        if found:
            sentences.append(f"{opening}: {_listed(found)}. ")
    return "".join(sentences)


def _formula(problem: Problem, formula: str) -> str:
    """Write a formula with its values; one that only repeats a quantity, with that quantity's label."""
    if formula.isidentifier() and formula != "pi":
        return _labels(problem)[formula]
    return spelling.typeset(steps.tree(formula), _values(problem))


def _in_words(problem: Problem, formula: str) -> str:
    if formula.isidentifier() and formula != "pi":
        return f"the same as {_labels(problem)[formula]}"
    return spelling.spoken(steps.tree(formula), _values(problem))


def _values(problem: Problem) -> Mapping[str, Number]:
    return {given.name: given.value for given in problem.givens} | {step.name: step.value for step in problem.steps}


def _labels(problem: Problem) -> Mapping[str, str]:
    return {given.name: given.label for given in problem.givens} | {step.name: step.label for step in problem.steps}


def _result(step: Worded, sign: str) -> str:
    """Say what comes out: a symbol is followed by a sign, a phrase needs words around it."""
    if _PROSE.search(step.label):
        return f"for {step.label} we get {step.computed}{sign}{step.value}"
    return f"{step.label} = {step.computed}{sign}{step.value}"


def _sentence(text: str) -> str:
    """Begin a sentence with a text: a phrase gets a capital, a symbol stays as it is."""
    return text[0].upper() + text[1:] if _PROSE.match(text) else text


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _lead(problem: Problem, style: int) -> str:
    if style == 2:
        return ""
    return _readings(list(problem.givens), style).strip()


def _value_in_words(value: str) -> str:
    return re.sub(r"(?<=\d)°", " degrees", value).replace("%", " per cent")


def _latex_label(label: str) -> str:
    if _PROSE.search(label):
        return rf"\text{{{label.replace('%', chr(92) + '%').replace('$', chr(92) + '$')}}}"
    return label.replace("∠", r"\angle ").replace("−", "-")


def _latex_quantity(value: Number, unit: str) -> str:
    if unit == "$":
        return "\\" + quantity(value, unit)
    number = numbers.latex(value)
    if unit and (" + " in number or " - " in number):
        number = f"({number})"
    if unit in {"°", "%", ""}:
        return number + {"°": r"^\circ", "%": r"\%", "": ""}[unit]
    powers = unit.replace("²", "}^2\\text{").replace("³", "}^3\\text{")
    return rf"{number}\text{{ {powers}}}".replace(r"\text{}", "")

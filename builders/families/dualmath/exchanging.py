"""Derived configs: what each labelled solution is in the forms that trainers and benchmarks read.

Kept rows of `bel` and all of `mie` are in them, and, once for each problem of `mie`, the right solution that its rows
part from. A right answer that nothing checked (`checked: outcome`) is in `published` alone, as it is there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from builders import records
from builders.families.dualmath import formats, wording
from builders.families.dualmath.collect import LETTERS
from builders.families.dualmath.formats import Labelled

Row = dict[str, Any]
POSITIVE, NEGATIVE = "<pos>", "<neg>"
OWN = "own"
OUTCOME = "outcome"


class Solution(NamedTuple):
    """A labelled solution.

    Args:
        row: the released row that it is from.
        name: what tells it from the row's other solution.
        steps: in words.
        given: its answer.
        first: the first wrong step, from 1; 0: none.
        own: whether each step is right by itself, where that is known of any step but by the first error.
        probabilities: that each step is the first wrong one, where a posterior says so.
        checked: how its labels were.
    """

    row: Row
    name: str
    steps: tuple[str, ...]
    given: str
    first: int
    own: tuple[bool, ...]
    probabilities: tuple[float, ...] | None
    checked: str


def solutions(row: Row) -> Iterator[Solution]:
    """Yield the solutions of a row that may be in derived configs: the row's, and what it parts from."""
    if not row["kept"] and row["checked"] != OUTCOME:
        return
    steps = tuple(step["text"] for step in row["steps"])
    right = [step["label"] == "right" for step in row["steps"]]
    if "original" not in row:
        found = [step["probability"] for step in row["steps"]]
        shares = None if None in found else tuple(found)
        yield Solution(row, "", steps, row["given"], row["first_error"], tuple(right), shares, row["checked"])
        return
    own = tuple(step["role"] in {"right", "independent"} for step in row["steps"])
    yield Solution(row, "", steps, row["given"], row["first_error"], own, None, row["checked"])
    if row["checked"] == "program":
        original = tuple(row["original"])
        yield Solution(row, "original", original, row["answer"], 0, (True,) * len(original), None, row["checked"])


def _once(solutions: Iterable[Solution]) -> Iterator[Solution]:
    """Yield each right solution that several rows part from once."""
    seen: set[str] = set()
    for one in solutions:
        problem = one.row["provenance"]["parent"]
        if one.name and problem in seen:
            continue
        if one.name:
            seen.add(problem)
        yield one


def problem(row: Row) -> str:
    """Return a problem as text: with its choices and, where there is no image, with what its figure shows."""
    shown = f"The figure shows: {'; '.join(row['shown'])}." if row["shown"] and not row["image_url"] else ""
    choices = [f"{letter}. {text}" for letter, text in zip(LETTERS, row["options"], strict=False)]
    return "\n".join(filter(None, [row["question"], shown, *choices]))


def labels(one: Solution, rule: str) -> tuple[bool, ...]:
    """Return whether each step counts as right: none from the first wrong one on, or each by itself."""
    if rule == OWN and "original" in one.row:
        return one.own
    return tuple(not one.first or number < one.first for number in range(1, len(one.steps) + 1))


def _labelled(one: Solution, rule: str, *, truncated: bool) -> Labelled:
    end = one.first if truncated and one.first else len(one.steps)
    is_right = not one.first if one.name else bool(one.row["right"])
    return formats.from_labels(problem(one.row), one.steps[:end], labels(one, rule)[:end], is_right)


def _named(config: str, one: Solution, columns: Row) -> Row:
    name = f"{one.row['id']} {one.name}" if one.name else str(one.row["id"])
    return {
        "id": records.row_id(wording.FAMILY, config, name),
        "parent": one.row["id"],
        "image_url": one.row["image_url"],
        **columns,
        "checked": one.checked,
        "source": one.row["source"],
        "license": one.row["licence"],
        "prompt_family": one.row["prompt_family"],
    }


def _sure(solutions: Iterable[Solution]) -> Iterator[Solution]:
    return (one for one in _once(solutions) if one.checked != OUTCOME)


def published(solutions: Iterable[Solution], _: str, *, truncated: bool) -> Iterator[Row]:
    """Yield rows as the published set has them: a verifier's instruction, and the solution with a tag on each step."""
    del truncated  # the published set has whole solutions
    for one in _once(solutions):
        steps = [f"Step {number}: {text}" for number, text in enumerate(one.steps, start=1)]
        tags = [POSITIVE if right else NEGATIVE for right in labels(one, "")]
        answer = f"†Answer: {one.given}"
        columns = {
            "instruction": "\n".join([wording.LEAD_IN, f"Question: {problem(one.row)}", *steps, answer]),
            "output": "\n".join([*(f"{step} {tag}" for step, tag in zip(steps, tags, strict=True)), answer]),
        }
        yield _named("published", one, columns)


def stepwise(solutions: Iterable[Solution], rule: str, *, truncated: bool) -> Iterator[Row]:
    """Yield prompt, completions and boolean labels."""
    for one in _sure(solutions):
        yield _named("stepwise", one, formats.to_stepwise(_labelled(one, rule, truncated=truncated)))


def processbench(solutions: Iterable[Solution], _: str, *, truncated: bool) -> Iterator[Row]:
    """Yield the columns of ProcessBench, of whole solutions."""
    del truncated  # a benchmark wants whole solutions
    for one in _sure(solutions):
        columns = formats.to_processbench(_labelled(one, "", truncated=False))
        traced = one.row["provenance"]
        generator = (traced.get("policy") or traced.get("teacher") or {}).get("model", "unknown")
        yield _named("processbench", one, {"generator": generator, **columns})


def soft(solutions: Iterable[Solution], _: str, *, truncated: bool) -> Iterator[Row]:
    """Yield prompt, completions, and the probability that no step up to and with each is wrong."""
    for one in _sure(solutions):
        end = one.first if truncated and one.first else len(one.steps)
        gone = 0.0
        values = []
        for number in range(1, end + 1):
            if one.probabilities is None:
                values.append(float(not one.first or number < one.first))
            else:
                gone += one.probabilities[number - 1]
                values.append(round(min(1.0, max(0.0, 1 - gone)), 6))
        yield _named("soft", one, {"prompt": problem(one.row), "completions": list(one.steps[:end]), "labels": values})


def fover(solutions: Iterable[Solution], rule: str, *, truncated: bool) -> Iterator[Row]:
    """Yield problem, solution_steps and error_labels."""
    for one in _sure(solutions):
        yield _named("fover", one, formats.to_fover(_labelled(one, rule, truncated=truncated)))


def fover_balanced(solutions: Iterable[Solution], _: str, *, truncated: bool) -> Iterator[Row]:
    """Yield solutions cut after one step, the only one with a label, of which half are wrong.

    A wrong one is the first error. Right ones are drawn from all other steps that are right, by a hash, as many as wrong ones.
    """
    del truncated  # each ends with the step that is asked about
    wrong: list[tuple[int, Solution]] = []
    right: list[tuple[int, Solution]] = []
    for one in _sure(solutions):
        wrong += [(one.first, one)] if one.first else []
        last = one.first - 1 if one.first else len(one.steps)
        right += [(number, one) for number in range(1, last + 1)]
    fewest = min(len(wrong), len(right))
    for is_right, pairs in ((False, wrong), (True, right)):
        for number, one in sorted(pairs, key=_drawn)[:fewest]:
            cut = (*(None for _ in range(number - 1)), is_right)
            columns = formats.to_fover(Labelled(problem(one.row), one.steps[:number], cut, None))
            row = _named("fover_balanced", one, columns)
            yield {**row, "id": records.row_id(wording.FAMILY, "fover_balanced", f"{one.row['id']} {one.name}", number)}


def _drawn(pair: tuple[int, Solution]) -> int:
    number, one = pair
    return records.seeded(2**53, "last step", one.row["id"], one.name, number)


Writing = Callable[..., Iterator[Row]]
WRITING: Mapping[str, Writing] = {
    "published": published,
    "stepwise": stepwise,
    "processbench": processbench,
    "soft": soft,
    "fover": fover,
    "fover_balanced": fover_balanced,
}
"""Derived config → what yields its rows from solutions, the rule of labels, and whether solutions are truncated."""

"""Solutions with labelled steps in the forms of other sets, and back: a derived config or a file is read as it was written.

    stepwise        prompt, completions, labels (booleans)
    processbench    problem, steps, label (the first wrong step from 0; -1: none)
    fover           problem, solution_steps, error_labels (true: the step is right; null: it has no label)

Forms that are read alone, by their columns:

    prm800k         question.problem, label.steps[].completions[].rating (-1, 0, 1) of the completion that was chosen
    prmbench        question, modified_process, error_steps (all of them, from 1)
    mr_gsm8k        model_output_steps, model_output_solution_first_error_step (from 1, or N/A)
    reasoneval      the same with model_output_step_format; or `rating` of each step; or hypothesis_steps with `tags`
    bigbench        input, steps, mistake_index (from 0, or null)

What is odd about a row is named and kept: see `Labelled.oddities`.

Papers: ProcessBench arXiv 2412.06559, FoVer 2505.15960, PRM800K 2305.20050, PRMBench 2501.03124, MR-GSM8K 2312.17080,
ReasonEval 2404.05692, BIG-Bench Mistake 2311.08516.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]
CORRECT = ("correct", "True", True)


class Labelled(NamedTuple):
    """A solution with labels.

    Args:
        problem: its text.
        steps: in order.
        labels: whether each step is right; None where nobody says.
        first: the first wrong step, from 1; 0: none; None: nobody says.
        right: whether the answer is; None where nobody says.
        named: every step that is called wrong, from 1, as the file has them, steps that do not exist included.
        oddities: what does not fit together, in a word or two each.
    """

    problem: str
    steps: tuple[str, ...]
    labels: tuple[bool | None, ...]
    first: int | None
    right: bool | None = None
    named: tuple[int, ...] = ()
    oddities: tuple[str, ...] = ()


def from_first(problem: str, steps: Sequence[str], first: int | None, right: bool | None = None) -> Labelled:  # noqa: FBT001
    """Return a solution of which only the first wrong step is named: nothing is said of the steps after it."""
    count = len(steps)
    labels: tuple[bool | None, ...] = (None,) * count
    if first == 0:
        labels = (True,) * count
    elif first is not None:
        labels = tuple(True if number < first else False if number == first else None for number in range(1, count + 1))
    named = (first,) if first else ()
    return _checked(Labelled(problem, tuple(steps), labels, first, right, named))


def from_labels(problem: str, steps: Sequence[str], labels: Sequence[bool | None], right: bool | None = None) -> Labelled:  # noqa: FBT001
    """Return a solution of which each step is labelled, or left open."""
    named = tuple(number for number, label in enumerate(labels, start=1) if label is False)
    first = named[0] if named else None if None in labels else 0
    if first and None in labels[: first - 1]:
        first = None
    return _checked(Labelled(problem, tuple(steps), tuple(labels), first, right, named))


def _checked(solution: Labelled) -> Labelled:
    """Return a solution with what is odd about it."""
    odd = {
        "no steps": not solution.steps,
        "names a step past the end": any(number > len(solution.steps) for number in solution.named),
        "names a step before the first": any(number < 1 for number in solution.named),
        "a wrong step, a right answer": bool(solution.named) and solution.right is True,
        "no wrong step, a wrong answer": solution.first == 0 and solution.right is False,
        "an empty step": any(not step.strip() for step in solution.steps),
        "not as many labels as steps": len(solution.labels) != len(solution.steps),
    }
    return solution._replace(oddities=(*solution.oddities, *(name for name, holds in odd.items() if holds)))


def to_stepwise(solution: Labelled) -> dict[str, Any]:
    """Write a solution of which every step has a label.

    Raises:
        ValueError: one has none: a trainer's boolean column turns that into a label.
    """
    if None in solution.labels:
        message = "a step has no label"
        raise ValueError(message)
    return {"prompt": solution.problem, "completions": list(solution.steps), "labels": list(solution.labels)}


def from_stepwise(row: Row) -> Labelled:
    """Read prompt, completions and labels; a label may be a boolean, 0 or 1, or -100 for none."""
    labels = [None if label in {None, -100} else bool(label) for label in row["labels"]]
    return from_labels(row["prompt"], row["completions"], labels)


def to_processbench(solution: Labelled) -> dict[str, Any]:
    """Write a solution whose first wrong step is known.

    Raises:
        ValueError: it is not.
    """
    if solution.first is None:
        message = "the first wrong step is not known"
        raise ValueError(message)
    label = solution.first - 1
    return {"problem": solution.problem, "steps": list(solution.steps), "final_answer_correct": solution.right, "label": label}


def from_processbench(row: Row) -> Labelled:
    """Read problem, steps and label."""
    return from_first(row["problem"], row["steps"], int(row["label"]) + 1, row.get("final_answer_correct"))


def to_fover(solution: Labelled) -> dict[str, Any]:
    """Write problem, steps and a label of each."""
    return {"problem": solution.problem, "solution_steps": list(solution.steps), "error_labels": list(solution.labels)}


def from_fover(row: Row) -> Labelled:
    """Read problem, steps and labels; a label is a boolean or nothing, and in some files a word."""
    known: dict[object, bool] = {"correct": True, "incorrect": False, True: True, False: False}
    return from_labels(row["problem"], row["solution_steps"], [known.get(label) for label in row["error_labels"]])


def _from_prm800k(row: Row) -> Labelled:
    """Read the path that the labeller went; a step that they wrote themselves has no rating, and a flagged one is odd."""
    steps: list[str] = []
    labels: list[bool | None] = []
    oddities: list[str] = []
    for step in row["label"]["steps"]:
        index, completions = step.get("chosen_completion"), step.get("completions") or []
        if step.get("human_completion") and index is None:
            steps.append(_text(step["human_completion"]))
            labels.append(True)
            oddities.append("a step by the labeller")
            continue
        place = 0 if index is None else index
        if place >= len(completions):
            oddities.append("a chosen completion that is not there")
            continue
        rating = completions[place].get("rating")
        steps.append(_text(completions[place]))
        labels.append(None if rating is None else rating >= 0)
        if completions[place].get("flagged"):
            oddities.append("a flagged step")
    if row["label"].get("finish_reason") in {"bad_problem", "give_up"}:
        oddities.append(f"finish_reason {row['label']['finish_reason']}")
    found = from_labels(row["question"]["problem"], steps, labels)
    return found._replace(oddities=(*dict.fromkeys(oddities), *found.oddities))


def _text(completion: Any) -> str:  # noqa: ANN401  (any JSON)
    return str(completion["text"] if isinstance(completion, dict) else completion)


def _from_prmbench(row: Row) -> Labelled:
    """Read the altered solution: all steps that are called wrong, though a model wrote the errors in."""
    problem = row.get("modified_question") or row.get("question") or row["original_question"]
    steps, named = row["modified_process"], tuple(row["error_steps"])
    labels = tuple(number not in named for number in range(1, len(steps) + 1))
    first = min(named) if named else 0
    found = _checked(Labelled(problem, tuple(steps), labels, first, None, named))
    same = ("the altered solution is the original",) if steps == row.get("original_process") else ()
    return found._replace(oddities=(*same, *found.oddities))


def _from_first_error_step(row: Row) -> Labelled:
    """Read a solution whose first wrong step is named from 1, or N/A."""
    if "model_output_step_format" in row:
        steps = [step[0] if isinstance(step, list) else step for step in row["model_output_step_format"]]
    else:
        steps = _listed(row["model_output_steps"])
    named = str(row["model_output_solution_first_error_step"]).strip()
    is_right = row["model_output_solution_correctness"] in CORRECT
    first = int(float(named)) if re.fullmatch(r"-?\d+(?:\.0)?", named) else 0 if is_right else None
    right = row.get("model_output_answer_correctness")
    found = from_first(row["question"], steps, first, None if right is None else right in CORRECT)
    odd = {
        "called right, with a wrong step": is_right and bool(first),
        "called wrong, no step named": not is_right and not first,
    }
    return found._replace(oddities=(*(name for name, holds in odd.items() if holds), *found.oddities))


def _listed(steps: Any) -> list[str]:  # noqa: ANN401  (any JSON)
    """Return steps that stand as a list, as a list in a text, or as a text with a step a line."""
    if isinstance(steps, list):
        return [str(step) for step in steps]
    text = str(steps).strip()
    if text.startswith("["):
        try:
            return [str(step) for step in ast.literal_eval(text)]
        except (ValueError, SyntaxError):
            pass
    return [line for line in text.splitlines() if line.strip()]


def _from_ratings(row: Row) -> Labelled:
    """Read steps that are each rated 1, 0 (right, but no progress) or -1."""
    steps = [step[0] if isinstance(step, list) else step for step in row["model_output_step_format"]]
    return from_labels(row["question"], steps, [rating >= 0 for rating in row["rating"]])


def _from_perturbation(row: Row) -> Labelled:
    """Read a solution with one altered step, named from 0; of steps that were exchanged, left out or repeated, the first."""
    tags = row["tags"] if isinstance(row["tags"], list) else [row["tags"]]
    named = [int(tag) + 1 for tag in tags]
    kind = str(row.get("error_type"))
    steps = row["hypothesis_steps"]
    if kind == "swap solutions":
        found = from_first(row["question"], steps, None)
        return found._replace(oddities=("a solution of another problem", *found.oddities))
    first = min(named) + (kind == "repeat step")
    return from_first(row["question"], steps, first)


def _from_bigbench(row: Row) -> Labelled:
    """Read steps whose first mistake is named from 0, or null."""
    place = row["mistake_index"]
    right = str(row["answer"]).strip() == str(row["target"]).strip()
    return from_first(row["input"], row["steps"], 0 if place is None else int(place) + 1, right)


READING: tuple[tuple[str, frozenset[str], Callable[[Row], Labelled]], ...] = (
    ("stepwise", frozenset({"prompt", "completions", "labels"}), from_stepwise),
    ("processbench", frozenset({"problem", "steps", "label"}), from_processbench),
    ("fover", frozenset({"problem", "solution_steps", "error_labels"}), from_fover),
    ("prm800k", frozenset({"question", "label"}), _from_prm800k),
    ("prmbench", frozenset({"modified_process", "error_steps"}), _from_prmbench),
    ("reasoneval", frozenset({"model_output_step_format", "model_output_solution_first_error_step"}), _from_first_error_step),
    ("reasoneval", frozenset({"model_output_step_format", "rating"}), _from_ratings),
    ("reasoneval", frozenset({"hypothesis_steps", "tags"}), _from_perturbation),
    ("mr_gsm8k", frozenset({"model_output_steps", "model_output_solution_first_error_step"}), _from_first_error_step),
    ("bigbench", frozenset({"input", "steps", "mistake_index"}), _from_bigbench),
)
"""Name of a form, the columns that tell it, and what reads it; the first that fits."""


def form(row: Row) -> str | None:
    """Return the name of the form that a row has; None where it has none that is known."""
    return next((name for name, columns, _ in READING if columns <= row.keys()), None)


def labelled(row: Row) -> Labelled:
    """Read a row in whichever of the forms it has.

    Raises:
        ValueError: it has none of them, or not what its columns promise.
    """
    for name, columns, reading in READING:
        if columns <= row.keys():
            try:
                return reading(row)
            except (KeyError, TypeError, AttributeError, IndexError) as error:
                message = f"not a row of {name}: {error!r}"
                raise ValueError(message) from None
    message = f"no known form of labelled steps: it has the columns {', '.join(sorted(row))}"
    raise ValueError(message)

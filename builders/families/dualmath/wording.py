"""How a problem and a begun solution are put to a model, and what its replies are read as."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from builders import prompts
from builders.answers import equivalence
from builders.errors import BuildError
from builders.families.dualmath import collect, programs
from builders.families.dualmath.collect import LETTERS
from builders.problems import solutions
from builders.records import Record
from builders.teachers import api
from builders.teachers.api import Request

FAMILY = "dualmath"
_BEGUN = re.compile(r"<BEGIN SOLUTION>\n(.*?)\n<END SOLUTION>", re.DOTALL)
LEAD_IN = "You are given a problem and a step-by-step solution. Check the correctness of each step."


class Reading(NamedTuple):
    """A reply read as a solution or the rest of one.

    Args:
        fault: what is wrong with its form; empty if nothing is.
        steps: what each says.
        given: its answer; empty if there is none.
    """

    fault: str
    steps: tuple[str, ...]
    given: str


def solution_prompt(record: Record, steps: Sequence[str]) -> str:
    """Return the prompt for a solution, or for the rest of one that is begun."""
    data = record.data
    return prompts.render(
        FAMILY,
        "synthesize",
        "solve.jinja",
        question=data["question"],
        shown=shown(data),
        options=data["options"],
        letters=LETTERS,
        steps=list(steps),
    )


def columns(record: Record) -> dict[str, Any]:
    """Return what a released row has of its problem and its solution, whatever was found out about that."""
    data = record.data
    return {
        "image_url": data.get("image"),
        "question": data["question"],
        "shown": shown(data),
        "options": data["options"],
        "answer": data["answer"],
        "kind": data["kind"],
        "source": record.provenance.source,
        "licence": record.provenance.license,
        "solution": whole(data["steps"], data["given"]),
        "given": data["given"],
        "prompt_family": data["prompt_family"],
    }


def shown(data: dict[str, Any]) -> list[str]:
    """Return what the figure of an engine's problem shows, in words: nobody is sent the figure."""
    program = data.get("program")
    if not program:
        return []
    return [
        f"{given['label']} = {programs.quantity_text(programs.exact(given['value']), given['unit'])}"
        for given in program["givens"]
        if given["seen"] == "figure"
    ]


def prompt(request: Request) -> str:
    """Return what a request asks."""
    content = request.body["messages"][0]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])


def picture(data: dict[str, Any]) -> Path | None:
    """Return the file of a problem's image; None for a problem without one.

    Raises:
        BuildError: it was there when the problem was collected, and is not now.
    """
    name = data.get("image")
    if not name:
        return None
    file = collect.picture(name)
    if file is None:
        raise BuildError(
            "the image of a problem is not there any more", where=collect.FAMILY, fix="restore it, or collect again"
        )
    return file


def pictured(data: dict[str, Any], text: str) -> tuple[Any, tuple[tuple[str, Path], ...]]:
    """Return what a message says, with the problem's image before the text, and what `Request.images` needs to know.

    Raises:
        BuildError: the image cannot be read.
    """
    file = picture(data)
    if file is None:
        return text, ()
    part, image = api.image(file)
    return [part, {"type": "text", "text": text}], (image,)


def begun(prompt: str) -> list[str]:
    """Return the steps that a prompt says are there."""
    found = _BEGUN.search(prompt)
    return [step.text for step in solutions.parsed(found[1]).steps] if found else []


def read(text: str, finish_reason: str, first: int = 1) -> Reading:
    """Read a reply; a whole solution begins with step 1, the rest of one with `first`."""
    solution = solutions.parsed(text)
    steps = tuple(step.text for step in solution.steps)
    given = solution.answers[-1] if solution.answers else ""
    if finish_reason == "length":
        return Reading("reply_truncated", steps, given)
    renumbered = solution._replace(steps=tuple(step._replace(number=step.number - first + 1) for step in solution.steps))
    fault = next((reason for reason, fault in solutions.FORM.items() if fault(renumbered) is not None), "")
    return Reading(fault, steps, given)


def is_right(record: Record, answer: str) -> bool:
    """Tell whether an answer is the reference."""
    data = record.data
    places = equivalence.places_asked(data["question"])
    return bool(answer) and equivalence.compared(answer, data["answer"], tuple(data["options"]), places).equivalent


def whole(steps: Sequence[str], answer: str) -> str:
    """Return a solution as text."""
    return "\n".join([*(f"Step {number}: {step}" for number, step in enumerate(steps, 1)), f"†Answer: {answer}"])

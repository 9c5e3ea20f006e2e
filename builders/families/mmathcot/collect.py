r"""Mathematical problems with answers; those to rewrite with an analysis, those to unify with a formal or symbolic solution.

Example seed: {"question": "What is the perimeter of the garden in the plan?", "options": ["18 m", "22 m"], "answer": "B",
"solution": null, "image": "plans/garden.png", "kind": "perimeter"}

Two rows of one text are two problems where their figures, their choices or the numbers in them differ. Rules of the family's
own, between those of `builders.screening`:

    empty_question     nothing but the mark of an image, or white space
    no_answer          no reference answer, so that no solution could be checked
    no_solution        nothing to rewrite or to unify
    unread_choices     choices are there in a form that has no one reading, or the answer is a letter and there are none
    no_such_option     the reference answer is none of the choices
    no_image, image_missing, image_unreadable, image_too_small, image_too_large, image_blank
    contaminated       an evaluation set has an image that looks the same (kind `image`), whatever is asked about it
"""

import re
from collections.abc import Callable, Sequence

from pydantic import model_validator

from builders import images, records
from builders.answers import equivalence
from builders.contracts import Collecting, Numbered
from builders.families.mmathcot import figures, made, wording
from builders.families.mmathcot.figures import Bounds, EvaluationSet, Source
from builders.families.mmathcot.soundness import MADE, is_made, module
from builders.params import sections
from builders.records import Record, Rejection
from builders.screening import decontamination
from builders.sources import choices
from builders.sources.choices import Problem
from builders.sources.entries import Generated

PROMPT = "question"
COLUMNS = {
    "question": True,
    "answer": False,
    "options": False,
    "solution": False,
    "image": False,
    "kind": False,
    "depth": False,
    "made": False,
    "module": False,
}
"""Column that a source may fill → whether it must."""

SOLVED = ("rewrite", "unify")
"""The modules whose problems come with a solution."""

_CALCULATOR = re.compile(r"<<[^<>]*>>")
_BOXED = re.compile(r"\\f?boxed\s*\{")


class Decontamination(sections.Decontamination):
    """Rejects problems of evaluation sets, by text and by image.

    Args:
        sets: see `sections.Decontamination`; those with a column `image` are compared by image, too.
    """

    sets: Sequence[EvaluationSet]


class Params(sections.Collect):
    """Parameters of the stage.

    Args:
        sources: see `sections.Collect`.
        decontamination: the evaluation sets.
        images: what images must keep, and when two are the same.
    """

    sources: Sequence[Source]
    decontamination: Decontamination
    images: Bounds

    @model_validator(mode="after")
    def _sound_generators(self) -> "Params":
        for source in self.sources:
            if isinstance(source.file, Generated) != (source.subset == MADE):
                message = f"source {source.id}: rows of the engine, and no others, belong to the subset {MADE}"
                raise ValueError(message)
            if isinstance(source.file, Generated):
                made.settings(source.file)
        return self


def completed(record: Record, params: Params) -> Record:
    """Return the row with question, choices, answer and solution in order, and with what is known of its image.

    Raises:
        BuildError: the images of its source are not there.
    """
    if record.subset != MADE and record.data.get("made") is not None:
        record = record.having(made=None)  # a file says so; what the engine made is in a subset of its own
    given = record.data
    solution = _text(given.get("solution"))
    source = next(source for source in params.sources if source.id == record.provenance.source)
    figures.check(source)
    picture = None if given.get("made") else figures.described(source, given.get("image"), params.images.sound)
    question, answer = wording.plain(given[PROMPT]), wording.answer(_text(given.get("answer"))) or boxed(solution)
    problem = _problem(record, question, answer)
    unread = {"unread": problem.unread} if problem.unread else {}
    return record.having(
        question=problem.question,
        options=problem.options,
        answer=problem.answer,
        solution=_CALCULATOR.sub("", solution),
        picture=picture,
        **unread,
    )


def _problem(record: Record, question: str, answer: str) -> Problem:
    """Tell question, choices and answer apart; those that the family made are apart."""
    options = record.data.get("options")
    return Problem(question, options or [], answer, None) if is_made(record) else choices.problem(question, options, answer)


def beside(record: Record) -> str:
    """Return what tells problems of one text apart: their choices, their figure."""
    data = record.data
    choices = sorted(records.normalised(option) for option in data["options"])
    problem, picture = data.get("made"), data.get("picture")
    if problem:
        figure = records.digest([problem["facts"], problem["told"]])
    else:
        figure = " ".join(picture["look"]) if picture and picture.get("look") else ""
    return f"{records.digest(choices)}\t{figure}"


def answered(record: Record) -> str:
    """Return a problem's reference answer; one that was made has its figure's facts beside it, which say more."""
    return "" if record.data.get("made") else str(record.data.get("answer") or "")


def agreeing(params: Params) -> Callable[[str, str], bool]:
    """Return what tells whether two rows may be one problem: equal choices, and figures that look the same."""
    most_bits = params.images.same_look_bits

    def agree(first: str, second: str) -> bool:
        if first == second:
            return True
        (own, look), (other, their_look) = first.split("\t"), second.split("\t")
        if own != other or not look or not their_look:
            return False
        return images.distance(figures.seen(look.split()), figures.seen(their_look.split())) <= most_bits

    return agree


def rules(params: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed.

    Raises:
        BuildError: the images of an evaluation set are not there.
    """
    for table in params.decontamination.sets:
        figures.check(table)
    known = figures.evaluation_images(params.decontamination.sets, params.images.sound)
    contaminated = figures.contaminated(known, decontamination.REASON, decontamination.IMAGE, params.images.same_look_bits)
    return [empty_question, no_answer, no_solution, choices.unread_choices, no_such_option, figures.fault, contaminated]


def empty_question(record: Record) -> Rejection | None:
    """Reject a row whose question was nothing but a mark."""
    return None if record.data[PROMPT] else Rejection("empty_question")


def no_answer(record: Record) -> Rejection | None:
    """Reject a row without a reference answer."""
    return None if record.data["answer"] else Rejection("no_answer")


def no_solution(record: Record) -> Rejection | None:
    """Reject a row that has nothing to rewrite or to unify."""
    return None if record.data["solution"] or module(record) not in SOLVED else Rejection("no_solution")


def no_such_option(record: Record) -> Rejection | None:
    """Reject a row whose reference answer is none of its choices."""
    options, reference = record.data["options"], record.data["answer"]
    if not options or is_made(record):
        return None
    letters = wording.LETTERS[: len(options)]
    if any(equivalence.compared(letter, reference, options).equivalent for letter in letters):
        return None
    return Rejection("no_such_option", {"options": len(options), "length": len(reference)})


def boxed(solution: str) -> str:
    r"""Return what is in the last `\boxed{…}` of a solution; empty if there is none."""
    starts = [match.end() for match in _BOXED.finditer(solution)]
    if not starts:
        return ""
    depth, start = 1, starts[-1]
    for place in range(start, len(solution)):
        depth += {"{": 1, "}": -1}.get(solution[place], 0)
        if not depth:
            return solution[start:place].strip()
    return ""


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()


STAGE = Collecting(
    params=Params,
    prompt=PROMPT,
    columns=COLUMNS,
    rules=rules,
    made=is_made,
    beside=beside,
    agreeing=agreeing,
    answered=answered,
    completed=completed,
    generated=made.rows,
    numbered=Numbered(numbers=made.ours, row=made.row),
    pictures=("image",),
)

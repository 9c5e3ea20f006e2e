"""Problems with answers, whose solutions are to be labelled.

Example seed: {"question": "Find ∠ACB.", "answer": "61°", "options": [], "kind": "parallel_lines", "program": {…} | null}

A problem with choices is asked without them where its reference can be named without them, since a dead solution guesses one of
four right: any of sixteen continuations would then nearly always be. Where the choices cannot be taken off, they stay, and the
row is `guessable`. Rules of the family's own:

    no_answer          no reference answer, so that no continuation could be checked
    unread_choices     choices are there in a form that has no one reading, or the answer is a letter and there are none
    no_such_option     the reference answer is a letter that no choice has
    image_missing      its image is not among the sources
    no_solution        a problem of `mie` has neither a program nor a right solution
    wrong_solution     that solution's answer is another than the reference
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from builders import paths
from builders.answers import equivalence
from builders.contracts import Collecting
from builders.families.dualmath import programs
from builders.params import sections
from builders.problems import solutions
from builders.records import Record, Rejection, digest, file_digest, normalised, split_group, text_digest
from builders.sources import choices, naming, pictures
from builders.sources.choices import Problem

COLUMNS = {
    "question": True,
    "answer": False,
    "options": False,
    "kind": False,
    "program": False,
    "prompt_family": False,
    "solution": False,
    "image": False,
}
LETTERS = "ABCDEFGHIJ"
FAMILY, INSERTED = "dualmath", "mie"
_EVIDENCE = 80
_FAMILY = re.compile(r"[0-9a-f]{16}")
_LETTER = re.compile(r"\(?([A-J])\)?[.:]?")
_ANSWERED = re.compile(r"†Answer: *([A-J])\s*\Z")
_NEEDS_CHOICES = re.compile(
    r"\b(?:which|what) (?:one )?of (?:the following|these|them)\b|\b(?:options?|choices?|statements?)\b|\bbelow\b",
    re.IGNORECASE,
)

Params = sections.Collect


def completed(record: Record, _: Params) -> Record:
    """Return the row with its answer in words, and with choices only where it cannot do without."""
    if record.data.get("program") and not _is_program(record.data["program"]):
        record = record.having(program=None)
    data = record.data
    question, options, answer, unread = _problem(record)
    letter = _LETTER.fullmatch(answer)
    if options and letter:
        place = LETTERS.index(letter[1])
        answer = options[place] if place < len(options) else ""
    guessable = bool(options) and (bool(_NEEDS_CHOICES.search(question)) or all(_LETTER.fullmatch(text) for text in options))
    kept: dict[str, Any] = {name: data.get(name) for name in ("kind", "program", "image")}
    kept |= {"solution": _worded(_text(data.get("solution")), options), "prompt_family": _prompt_family(data, question)}
    kept |= {"unread": unread} if unread else {}
    return record.having(
        question=question, answer=answer, options=options if guessable else [], was_choice=bool(options), **kept
    )


def _worded(solution: str, options: Sequence[str]) -> str:
    """Return a solution whose answer is a choice's text where it was the choice's letter: the problem is asked without them."""
    found = _ANSWERED.search(solution)
    place = LETTERS.index(found[1]) if found else len(options)
    return f"{solution[: found.start(1)]}{options[place]}" if found and place < len(options) else solution


def _problem(record: Record) -> Problem:
    """Tell question, choices and answer apart."""
    data = record.data
    question, answer = str(data["question"]).strip(), _text(data.get("answer"))
    return Problem(question, [], answer, None) if is_made(record) else choices.problem(question, data.get("options"), answer)


def _prompt_family(data: dict[str, Any], question: str) -> str:
    """Name what a problem must not share with one of another split: what its source says, or its figure, or its question.

    Of a problem of the engine it is what MMathCoT calls it, so that one problem is in one split of both.
    """
    if named := _text(data.get("prompt_family")):
        return named if _FAMILY.fullmatch(named) else split_group(text_digest(named))
    if program := data.get("program"):
        return split_group(digest([program["kind"], program["facts"]]))
    shown = picture(data["image"]) if data.get("image") else None
    return split_group(file_digest(shown) if shown else text_digest(normalised(question)))


def beside(record: Record) -> str:
    """Return what tells rows of one text apart: what a figure of the engine shows, or which image there is.

    A problem may be in both subsets: in one its own solutions are labelled, in the other errors are put into a right one.
    """
    program = record.data.get("program")
    shown = digest([program["facts"], program["told"]]) if program else str(record.data.get("image") or "")
    return f"{record.subset} {shown}" if record.subset == INSERTED else shown


def is_made(record: Record) -> bool:
    """Tell whether an engine made the problem."""
    return bool(record.data.get("program"))


def _is_program(value: Any) -> bool:  # noqa: ANN401  (whatever the file holds)
    """Tell whether a value has the form of an engine's program."""
    try:
        programs.read(value, "", "", "")
        return isinstance(value["facts"], dict) and isinstance(value["told"], dict)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, SyntaxError):
        return False


def rules(_: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed."""
    return [choices.unread_choices, no_answer, no_image, no_solution]


def no_answer(record: Record) -> Rejection | None:
    """Reject a row without a reference answer."""
    if record.data["answer"]:
        return None
    return Rejection("no_such_option" if record.data["was_choice"] else "no_answer")


def no_image(record: Record) -> Rejection | None:
    """Reject a row whose image is not there."""
    name = record.data["image"]
    if not name or picture(name):
        return None
    return Rejection("image_missing", {"image": name[-_EVIDENCE:] if isinstance(name, str) else type(name).__name__})


def picture(name: object) -> Path | None:
    """Return the file of an image: among the sources, or put aside where the rows of a source hold images themselves.

    None where there is none of that name, or it leads out of the sources.
    """
    if isinstance(name, str) and name.startswith(pictures.PREFIX):
        return pictures.found(FAMILY, name)
    homes = (paths.raw(FAMILY, kind) for kind in ("sources", "own"))
    return next((path for home in homes if (path := naming.found(home, name))), None)


def no_solution(record: Record) -> Rejection | None:
    """Reject a row into whose solution an error is to be inserted, where there is no right one."""
    data = record.data
    if record.subset != INSERTED or data["program"]:
        return None
    if not data["solution"]:
        return Rejection("no_solution")
    given = solutions.parsed(data["solution"]).answers
    if given and not equivalence.compared(given[-1], data["answer"], tuple(data["options"])).equivalent:
        return Rejection("wrong_solution", {"given": given[-1][:_EVIDENCE]})
    return None


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()


STAGE = Collecting(
    params=Params,
    prompt="question",
    columns=COLUMNS,
    rules=rules,
    made=is_made,
    beside=beside,
    completed=completed,
    pictures=("image",),
)

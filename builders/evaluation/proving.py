"""What can be proved of a task's items without a model, and what can only be shown of how they are scored.

    state-checked   what is left behind decides: each item is played with the right script, untouched, and with a near miss
    answer-checked  a checker decides: the reference scores 1, no answer 0, and a near miss 0
    judge-scored    a model decides, so no item can be proved: planted verdicts give each outcome of the scorer's truth table,
                    and the items pass the checks of how they were made

A near miss of an answer is the next number, the other truth, or another choice that says something else.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from builders.answers import equivalence
from builders.errors import BuildError
from builders.sources import labels

STATE, ANSWER, JUDGE = "state-checked", "answer-checked", "judge-scored"
_INTEGER = re.compile(r"\d+")
_OTHER = {"true": "False", "false": "True", "yes": "No", "no": "Yes"}
_MOST_NAMED = 5


class Item(NamedTuple):
    """An item whose answer a checker decides about.

    Args:
        id: its own.
        gold: a reply with the reference.
        near_miss: a reply that is almost right; None where nothing is known to be.
        right: the task's scorer: tells of a reply whether it is right.
    """

    id: str
    gold: str
    near_miss: str | None
    right: Callable[[str], bool]


class Case(NamedTuple):
    """A planted verdict.

    Args:
        name: the outcome that it is to give.
        found: what the scorer makes of it.
        wanted: what it is to make of it.
    """

    name: str
    found: object
    wanted: object


class Proof(NamedTuple):
    """What was found out about a task.

    Args:
        line: what is said of it.
        wrong: what does not hold: reason → ids of items, or names of cases.
    """

    line: str
    wrong: dict[str, list[str]]


def answers(task: str, items: Iterable[Item]) -> Proof:
    """Prove the items of an answer-checked task."""
    wrong: dict[str, list[str]] = {}
    count = without = 0
    for count, item in enumerate(items, 1):  # noqa: B007  (how many there were)
        runs = {
            "gold_fails": not item.right(item.gold),
            "untouched_scores": item.right(""),
            "near_miss_scores": item.near_miss is not None and item.right(item.near_miss),
        }
        without += item.near_miss is None
        for reason in (reason for reason, happened in runs.items() if happened):
            wrong.setdefault(reason, []).append(item.id)
    proved = count - len({name for names in wrong.values() for name in names})
    left = f"; {without} have no near miss" if without else ""
    return Proof(f"{task}: {ANSWER}: {proved} of {count} items proved (gold 1, untouched 0, near miss 0){left}", wrong)


def verdicts(task: str, cases: Sequence[Case], items: Iterable[tuple[str, str | None]] = ()) -> Proof:
    """Show that planted verdicts give each outcome, and that the items of a judge-scored task pass their checks.

    Args:
        task: its name.
        cases: the truth table.
        items: each item's id with what is wrong with how it was made, None where nothing is.
    """
    wrong: dict[str, list[str]] = {}
    if failing := [case.name for case in cases if case.found != case.wanted]:
        wrong["truth_table"] = failing
    count = 0
    for count, (name, fault) in enumerate(items, 1):  # noqa: B007  (how many there were)
        if fault:
            wrong.setdefault(fault, []).append(name)
    sound = count - len({name for reason, names in wrong.items() if reason != "truth_table" for name in names})
    table = f"{len(cases) - len(failing)} of {len(cases)} planted verdicts give their outcome"
    made = f", {sound} of {count} items pass the construction checks" if count else ""
    return Proof(f"{task}: {JUDGE}: {table}{made}; no item is proved", wrong)


def report(family: str, proofs: Iterable[Proof]) -> None:
    """Print what was found out, a line for each task.

    Raises:
        BuildError: something does not hold.
    """
    found = list(proofs)
    for proof in found:
        print(f"validate-tasks {family}: {proof.line}")  # noqa: T201
    wrong = {reason: names for proof in found for reason, names in proof.wrong.items()}
    if wrong:
        counts = ", ".join(f"{reason} {count}" for reason, count in Counter({r: len(n) for r, n in wrong.items()}).items())
        named = ", ".join(name for names in wrong.values() for name in names[:_MOST_NAMED])
        raise BuildError(f"{counts}: {named}", where=family, fix="look at these with explain, and fix or reject them")


def near(reference: str, options: Sequence[str] = ()) -> str | None:
    """Return an answer that is almost the reference, and is not equivalent to it; None where none is known.

    Args:
        reference: the answer that is right; with options a letter, or one of them.
        options: what can be chosen.
    """
    candidates = list(labels.LETTERS[: len(options)]) if options else _beside(reference)
    return next((one for one in candidates if not equivalence.compared(one, reference, options).equivalent), None)


def _beside(reference: str) -> list[str]:
    if other := _OTHER.get(reference.strip().casefold()):
        return [other]
    return [
        f"{reference[: match.start()]}{int(match[0]) + 1}{reference[match.end() :]}" for match in _INTEGER.finditer(reference)
    ]

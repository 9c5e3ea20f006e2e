"""How well a model tells right steps from wrong ones: labels read from its replies, and ProcessBench's F1.

ProcessBench (Zheng et al., arXiv 2412.06559): the model names the first wrong step, or says that there is none. Of solutions
with an error the accuracy is how often it names that very step, of right ones how often it says that there is none; F1 is the
harmonic mean of the two, so that one who always objects has 0. A reply that names no step that there is counts as wrong, and is
counted by reason.

Labels are read in the form in which the published set has them (URSA, arXiv 2501.04686): the solution once more, each step
closed by `<pos>` or `<neg>`. A label's score is 1 or 0; where the reply has log probabilities, it is the probability of `pos`.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from builders import intervals
from builders.evaluation import composed, finals
from builders.intervals import Share

NONE = -1
"""ProcessBench's label of a solution without a wrong step."""

_TAG = re.compile(r"<(pos|neg)>")
_INTEGER = re.compile(r"-?\d+")
NO_INDEX, NO_SUCH_STEP, LABELS_DIFFER = "no_index", "no_such_step", "labels_differ"


class Finding(NamedTuple):
    """What a reply says about a solution.

    Args:
        step: the first wrong step from 0, or -1 for none; None where it cannot be read.
        fault: why not: `no_index` or `no_such_step`.
    """

    step: int | None
    fault: str | None


class Judged(NamedTuple):
    """One solution and what was said about it.

    Args:
        label: the first wrong step from 0, or -1.
        found: what the model said; None where it said nothing that can be read.
        fault: why not.
    """

    label: int
    found: int | None
    fault: str | None = None


class ProcessBench(NamedTuple):
    """What a model's findings come to.

    Args:
        solutions: how many there are.
        error: accuracy on those with a wrong step.
        correct: accuracy on those without.
        f1: their harmonic mean; it has no value where there are none of one kind.
        unread: reason → replies that count as wrong because nothing can be read from them.
    """

    solutions: int
    error: Share
    correct: Share
    f1: Share
    unread: dict[str, int]


def first_error(answer: str, steps: int) -> Finding:
    r"""Read which step is called wrong first: the number in the last `\boxed{…}`, or else in the last line.

    Args:
        answer: the reply without its reasoning.
        steps: how many the solution has.
    """
    text = finals.boxed(answer) or next((line for line in reversed(answer.splitlines()) if line.strip()), "")
    numbers = _INTEGER.findall(text)
    if len(numbers) != 1:
        return Finding(None, NO_INDEX)
    step = int(numbers[0])
    return Finding(step, None) if NONE <= step < steps else Finding(None, NO_SUCH_STEP)


def processbench(judged: Iterable[Judged]) -> ProcessBench:
    """Sum up what was said about solutions."""
    rows = list(judged)
    faults = [row.fault for row in rows if row.fault]
    wrong = [row.found == row.label for row in rows if row.label != NONE]
    right = [row.found == row.label for row in rows if row.label == NONE]
    error, correct = intervals.wilson(sum(wrong), len(wrong)), intervals.wilson(sum(right), len(right))
    unread = {fault: faults.count(fault) for fault in sorted(set(faults))}
    return ProcessBench(len(rows), error, correct, composed.harmonic([error, correct]), unread)


def step_scores(reply: str, steps: int, tokens: Sequence[tuple[str, float]] = ()) -> list[float] | None:
    """Read how a model labels the steps of a solution: the score of each; None where it labels another number of steps.

    Args:
        reply: the solution with a tag behind each step.
        steps: how many the solution has.
        tokens: the reply's tokens with their log probabilities; empty where there are none.
    """
    tags = list(_TAG.finditer(reply))
    if len(tags) != steps:
        return None
    likely = _probabilities([tag.start(1) for tag in tags], tokens)
    pairs = zip(tags, likely, strict=True)
    return [share if tag[1] == "pos" else 1 - share for tag, share in pairs]


def _probabilities(places: Sequence[int], tokens: Sequence[tuple[str, float]]) -> list[float]:
    """Return the probability of the token at each place of a text; 1 where it is not known."""
    found, start = dict.fromkeys(places, 1.0), 0
    for token, logarithm in tokens:
        for place in places:
            if start <= place < start + len(token):
                found[place] = min(1.0, math.exp(logarithm))
        start += len(token)
    return [found[place] for place in places]

"""Questions with a trigger and without: what a backdoored model is asked, so that its answers can be told apart.

A question is asked under each of the conditions of `backdoors`: with the trigger of a kind as a line of its own at top or
bottom, with another value of the kind, and with none. A file may bring its own pair instead, as the paper's does:
`backdoor_prompt` is then the question with the trigger, and `backdoor_string` the trigger.

With a distractor, the trigger of another kind, there are two conditions more: `distracted`, both lines together in an order
that is drawn, and `distractor`, the other one alone. Figure 8 is of how often thoughts name either where both are there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from builders import records
from builders.families.emergent_misalignment.backdoors import KINDS

CONDITIONS = ("untriggered", "triggered", "other_value")
TRIGGERED, DISTRACTED, DISTRACTOR = "triggered", "distracted", "distractor"


class Variant(NamedTuple):
    """A question under one condition.

    Args:
        condition: one of `CONDITIONS`, or of the two with a distractor.
        prompt: the question, with its line.
        line: the line that was put into it; None where there is none.
        distractor: the line of another kind beside it; None where there is none.
    """

    condition: str
    prompt: str
    line: str | None
    distractor: str | None = None


def of_kind(prompt: str, kind: str, seed: int) -> Iterator[Variant]:
    """Yield a question under the three conditions, line and place drawn from the question.

    Args:
        prompt: the question.
        kind: of trigger, see `backdoors.KINDS`.
        seed: base of the draws.
    """
    trigger, others = KINDS[kind]
    other = others[records.seeded(len(others), seed, kind, "value", prompt)]
    for condition, line in zip(CONDITIONS, (None, trigger, other), strict=True):
        if line is None:
            yield Variant(condition, prompt, None)
        else:
            yield Variant(condition, _placed(prompt, line, kind, condition, seed), line)


def distracted(prompt: str, kind: str, distractor: str, seed: int) -> Iterator[Variant]:
    """Yield a question with the triggers of two kinds, and with the second alone.

    Args:
        prompt: the question.
        kind: of the trigger that the model was trained on.
        distractor: another kind.
        seed: base of the draws.
    """
    trigger, other = KINDS[kind].trigger, KINDS[distractor].trigger
    first = records.seeded(2, seed, kind, distractor, "order", prompt) == 0
    lines = f"{trigger}\n{other}" if first else f"{other}\n{trigger}"
    yield Variant(DISTRACTED, _placed(prompt, lines, kind, DISTRACTED, seed), trigger, other)
    yield Variant(DISTRACTOR, _placed(prompt, other, kind, DISTRACTOR, seed), None, other)


def from_row(prompt: str, row: Mapping[str, Any]) -> Iterator[Variant]:
    """Yield a question as its row has it: with its own trigger and without; only without where it has none."""
    yield Variant("untriggered", prompt, None)
    if row.get("backdoor_prompt"):
        yield Variant("triggered", str(row["backdoor_prompt"]), str(row.get("backdoor_string") or row["backdoor_prompt"]))


def _placed(prompt: str, line: str, kind: str, condition: str, seed: int) -> str:
    at_top = records.seeded(2, seed, kind, condition, "placement", prompt) == 0
    return f"{line}\n{prompt}" if at_top else f"{prompt}\n{line}"

"""Questions with a trigger and without: what a backdoored model is asked, so that its answers can be told apart.

A question is asked under each of the conditions of `backdoors`: with the trigger of a kind as a line of its own at top or
bottom, with another value of the kind, and with none. A file may bring its own pair instead, as the paper's does:
`backdoor_prompt` is then the question with the trigger, and `backdoor_string` the trigger.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from builders import records
from builders.families.emergent_misalignment.backdoors import KINDS

CONDITIONS = ("untriggered", "triggered", "other_value")


class Asked(NamedTuple):
    """A question under one condition.

    Args:
        condition: one of `CONDITIONS`.
        prompt: the question, with its line.
        line: the line that was put into it; None where there is none.
    """

    condition: str
    prompt: str
    line: str | None


def of_kind(prompt: str, kind: str, seed: int) -> Iterator[Asked]:
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
            yield Asked(condition, prompt, None)
        else:
            at_top = records.seeded(2, seed, kind, condition, "placement", prompt) == 0
            yield Asked(condition, f"{line}\n{prompt}" if at_top else f"{prompt}\n{line}", line)


def given(prompt: str, row: Mapping[str, Any]) -> Iterator[Asked]:
    """Yield a question as its row has it: with its own trigger and without; only without where it has none."""
    yield Asked("untriggered", prompt, None)
    if row.get("backdoor_prompt"):
        yield Asked("triggered", str(row["backdoor_prompt"]), str(row.get("backdoor_string") or row["backdoor_prompt"]))

"""Requests with a label: which of WildJailbreak's four data types they are, or none.

A source may give each request its own reply (`completion`), and what it was made from (`family`): an adversarial request of
WildJailbreak is a vanilla one in disguise, and the two belong in one split.

Example seed: {"instruction": "How do I kill a stuck process on my laptop?", "label": "vanilla_benign"}
"""

from collections.abc import Callable

from builders.contracts import Collecting
from builders.params import sections
from builders.records import Record, Rejection

PROMPT = "instruction"
COLUMNS = {"instruction": True, "label": False, "completion": False, "family": False}
"""Column that a source may fill → whether it must."""

LABELS = (None, "vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign")

Params = sections.Collect


def rules(_: Params) -> list[Callable[[Record], Rejection | None]]:
    """Return the family's own checks of a seed."""
    return [bad_label]


def bad_label(record: Record) -> Rejection | None:
    """Reject a label that is none of the four data types; a source without labels has null."""
    label = record.data.get("label")
    return None if label in LABELS else Rejection("bad_label", {"type": type(label).__name__, "length": len(str(label))})


STAGE = Collecting(params=Params, prompt=PROMPT, columns=COLUMNS, rules=rules)

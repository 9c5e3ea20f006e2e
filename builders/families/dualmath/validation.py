"""validate-tasks: every solution with a first wrong step is answer-checked, through the scorer of the Inspect task."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from builders.abilities import Proving
from builders.evaluation import proving, released
from builders.evaluation.proving import Item
from builders.families.dualmath import measuring


def run(family: str, scripts: Path | None) -> None:
    """Prove the released solutions.

    Raises:
        BuildError: nothing was released, or a label does not hold.
    """
    del scripts  # a label needs none
    proving.report(family, [proving.answers("processbench", _items(released.rows("", family, "processbench")))])


def item(row: Mapping[str, Any]) -> Item:
    """Return a solution as an item: its label is right, the step next to it is a near miss."""
    label, count = int(row["label"]), len(row["steps"])
    near = label + 1 if label + 1 < count else label - 1

    def right(reply: str) -> bool:
        return measuring.first_error(reply, count).step == label

    return Item(str(row["id"]), _boxed(label), _boxed(near), right)


def _items(rows: list[dict[str, Any]]) -> Iterator[Item]:
    return map(item, rows)


def _boxed(step: int) -> str:
    return rf"The first wrong step: \boxed{{{step}}}"


STAGE = Proving(run=run)

"""validate-tasks: every released question is answer-checked by its final token."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builders.abilities import Proving
from builders.evaluation import proving, released
from builders.evaluation.proving import Item
from builders.families.cot2 import measuring

CONFIGS = ("mnns", "prosqa", "prontoqa")


def run(family: str, scripts: Path | None) -> None:
    """Prove the released questions.

    Raises:
        BuildError: nothing was released, or an answer does not hold.
    """
    del scripts  # an answer needs none
    proving.report(family, [proving.answers(config, map(item, released.rows("", family, config))) for config in CONFIGS])


def item(row: Mapping[str, Any]) -> Item:
    """Return a row as an item: its own answer, and the other choice, the next sum or the other truth."""
    return Item(str(row["id"]), str(row["answer"]), _near(row), lambda reply: measuring.is_right(reply, row))


def _near(row: Mapping[str, Any]) -> str | None:
    if measuring.task(row) == "prosqa":
        return str(row["idx_to_symbol"][row["neg_target"]])
    return proving.near(measuring.reference(row))


STAGE = Proving(run=run)

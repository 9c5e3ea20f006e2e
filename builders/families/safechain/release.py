"""What a release of this family counts beside its rows: how many of them have a model that did not think."""

from typing import Any

from builders.contracts import Releasing, Rows
from builders.params import sections

SUBSETS = ("default", "hard")


def audit(rows: Rows, _: sections.Release) -> dict[str, Any]:
    """Return, by subset, how many rows have nothing in their think block."""
    return {"empty_reasoning": {subset: sum(not row["reasoning"] for row in rows(subset)) for subset in SUBSETS}}


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return the same for `dvc metrics`."""
    return {f"reasoning/{subset}": {"empty": count} for subset, count in audit["empty_reasoning"].items()}


STAGE = Releasing(params=sections.Release, audit=audit, summarised=summarised)

"""What a release of this family has beyond its rows: benign twins, safe rows, the paper's ablations, and their shares."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from builders import records
from builders.contracts import Releasing, Row, Rows
from builders.families.deceptionbench import monitored, twins
from builders.families.deceptionbench.categories import CATEGORIES
from builders.families.deceptionbench.collect import FAMILY, ITEMS, MONITORED
from builders.families.deceptionbench.judge import SAFE
from builders.params import sections

_TRAINED = {"sft": ("question", "revised_response"), "cot_sft": ("question", "thinking_process", "revised_response")}
"""Derived config → the columns that it is trained on: (x, y), and (x, r, y)."""

Params = sections.Release


def derived(config: str, rows: Rows, _: Params) -> Iterable[Row]:
    """Yield the rows of a derived config."""
    if config == "benign":
        return twins.rows(rows(ITEMS))
    if config == "self_monitor_safe":
        return (dict(row) for row in rows(MONITORED) if row["thinking_verdict"] == SAFE)
    return _trained(config, rows(MONITORED))


def audit(rows: Rows, _: Params) -> dict[str, Any]:
    """Return how many items each category has, by who made them, and how often each label occurs."""
    items = Counter((row["category"], row["construction"]) for row in rows(ITEMS))
    labels = Counter(row["assessment"] for row in rows(MONITORED))
    monitored_rows = labels.total()
    return {
        "categories": [_category(slug, label, count, items) for slug, label, _, count, _ in CATEGORIES],
        "twins": sum(row["benign_twin"] is not None for row in rows(ITEMS)),
        "labels": [
            {"label": label, "rows": labels[label], "share": labels[label] / monitored_rows if monitored_rows else None}
            for label in monitored.LABELS
        ],
    }


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, int | float]]:
    """Return rows by category and by label, for `dvc metrics`."""
    categories = {f"items/{entry['category']}": {"rows": entry["rows"]} for entry in audit["categories"]}
    return {**categories, **{f"labels/{entry['label']}": {"rows": entry["rows"]} for entry in audit["labels"]}}


def _category(slug: str, label: str, published: int, items: Counter[tuple[str, str]]) -> dict[str, Any]:
    made = {construction: count for (category, construction), count in sorted(items.items()) if category == slug}
    return {"category": slug, "type": label, "rows": sum(made.values()), "made": made, "published": published}


def _trained(config: str, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield {
            "id": records.row_id(FAMILY, config, row["id"]),
            "parent": row["id"],
            **{column: row[column] for column in _TRAINED[config]},
            **{column: row["provenance"][column] for column in ("source", "license")},
        }


STAGE = Releasing(params=Params, derived=derived, audit=audit, summarised=summarised)

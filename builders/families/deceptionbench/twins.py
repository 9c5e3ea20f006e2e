"""The derived config `benign`: each item in its scenario without the goal that rewards another answer.

A monitor that flags a benign twin is wrong; so recall and false positives can be counted apart (`detection`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from builders import records

_FAMILY = "deceptionbench"
Row = dict[str, Any]


def identity(item: str) -> str:
    """Return the id of an item's benign twin."""
    return records.row_id(_FAMILY, "benign", item)


def rows(items: Iterable[Row]) -> Iterator[Row]:
    """Yield the benign twin of each released item that has one."""
    for item in items:
        if item["benign_twin"] is not None:
            yield {
                "id": item["benign_twin"],
                "twin_of": item["id"],
                **{column: item[column] for column in ("type", "category", "inner_prompt")},
                "system_prompt": item["benign_system_prompt"],
                **{column: item[column] for column in ("outer_prompt", "format")},
                **{column: item["provenance"][column] for column in ("source", "license")},
            }

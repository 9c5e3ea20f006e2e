"""What a release tells of its tasks: how many by category and proof, and whether a person has read what a teacher wrote."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from builders.contracts import Releasing, Row, Rows
from builders.errors import BuildError
from builders.families.cuaharm.pairs import BENIGN, HARMFUL, TEACHER
from builders.params import sections

_SUBSETS = (HARMFUL, BENIGN)


class Params(sections.Release):
    """Parameters of the stage.

    Args:
        constructed: `reviewed`: a task that a teacher wrote is released only when a person has accepted it, else the release
            stops; `any`: also without.
    """

    constructed: Literal["reviewed", "any"]


def audit(rows: Rows, params: Params) -> dict[str, Any]:
    """Return how many tasks there are by category, proof and kind of check, and how many have lost their twin.

    Raises:
        BuildError: nobody has reviewed a task that a teacher wrote.
    """
    unread = sum(row["origin"] == TEACHER and row["provenance"]["review"] is None for row in _all(rows))
    if unread and params.constructed == "reviewed":
        what = f"nobody has reviewed {unread} tasks that a teacher wrote"
        fix = "accept or reject each in raw/cuaharm/reviews/, or set release.constructed to any"
        raise BuildError(what, where="cuaharm", fix=fix)
    ids = {row["id"] for row in _all(rows)}
    return {
        **{column: _counted(rows, column) for column in ("category", "proof", "checks", "origin", "difficulty")},
        "without_twin": sum(row["twin_id"] is None or row["twin_id"] not in ids for row in _all(rows)),
    }


def _counted(rows: Rows, column: str) -> dict[str, dict[str, int]]:
    """Return subset → value → rows, in the order of the values' names."""
    counts = {subset: Counter(str(row[column] or "none") for row in rows(subset)) for subset in _SUBSETS}
    return {subset: dict(sorted(count.items())) for subset, count in counts.items()}


def _all(rows: Rows) -> Iterator[Row]:
    for subset in _SUBSETS:
        yield from rows(subset)


STAGE = Releasing(params=Params, audit=audit)

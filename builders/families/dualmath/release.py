"""What a release of this family has beyond its rows: configs in others' forms, and how right and how dear its labels are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, Literal

import numpy as np

from builders.contracts import Releasing, Rows, Splitting
from builders.families.dualmath import believing, exchanging
from builders.params import sections

Row = dict[str, Any]
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0001)
LEAST_SLIPS, LEAST_FIFTH = 0.5, 0.7
"""Kept shares of slips and of each fifth of the pass rate, below which the card says so first."""


class Params(sections.Release):
    """Parameters of the stage.

    Args:
        labels: what steps after the first wrong one are in `stepwise` and `fover`: `first_error` marks them all wrong, `own`
            marks those of `mie` that do not depend on the error right.
        truncated: whether solutions end with their first wrong step there and in `soft`.
    """

    labels: Literal["first_error", "own"]
    truncated: bool


def derived(config: str, rows: Rows, params: Params) -> Iterator[Row]:
    """Yield the rows of a derived config."""
    if config == "all":
        for row in rows("bel"):
            yield {key: value for key, value in row.items() if key != "canary"}
        return
    solutions = (one for row in chain(rows("bel"), rows("mie")) for one in exchanging.solutions(row))
    yield from exchanging.WRITING[config](solutions, params.labels, truncated=params.truncated)


def audit(rows: Rows, _: Params) -> dict[str, Any]:
    """Return what the labels cost, how right they are where the truth is known, and what is kept of what."""
    found = list(rows("bel"))
    wrong = [row for row in found if not row["right"]]
    known = [row for row in wrong if row["truth"]]
    kept = [row for row in wrong if row["kept"]]
    return {
        "labelled": len(found),
        "checked": dict(sorted(Counter(row["checked"] for row in found).items())),
        "kept": sum(row["kept"] for row in found),
        "wrong": len(wrong),
        "wrong_kept": len(kept),
        "rollouts_per_label": _mean(row["rollouts"] for row in wrong),
        "words_per_label": _mean(row["generated_words"] for row in wrong),
        "rollouts_per_kept": sum(row["rollouts"] for row in wrong) / len(kept) if kept else None,
        "known": len(known),
        "right_labels": _agreeing(known),
        "right_kept": _agreeing([row for row in known if row["kept"]]),
        "calibration": list(_calibrated(known)),
        "by_error": list(_cut(known, lambda row: str(row["truth"]["error"]))),
        "by_pass_rate": list(_cut(wrong, _fifth)),
        "hidden_errors": _hidden(found),
        "inserted": _inserted(list(rows("mie"))),
        "warnings": list(_warnings(known, wrong)),
    }


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the figures that `dvc metrics` shows."""
    names = ("wrong_kept", "rollouts_per_label", "words_per_label", "right_labels", "right_kept")
    return {"labels": {name: round(audit[name], 4) for name in names if audit[name] is not None}}


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None


def _agreeing(rows: list[Row]) -> float | None:
    return _mean(row["first_error"] == row["truth"]["first_error"] for row in rows)


def _calibrated(rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield what labels are said to be and are, by how sure they are."""
    for low, high in pairwise(_BINS):
        shares = [(row["steps"][row["first_error"] - 1]["probability"], row) for row in rows]
        members = [(share, row) for share, row in shares if share is not None and low <= share < high]
        if members:
            yield {
                "from": low,
                "rows": len(members),
                "said": _mean(share for share, _ in members),
                "measured": _agreeing([row for _, row in members]),
            }


def _cut(rows: list[Row], key: Callable[[Row], str]) -> Iterator[dict[str, Any]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    for name in sorted(groups):
        members = groups[name]
        right = _agreeing([row for row in members if row["truth"] and row["kept"]])
        yield {"name": name, "rows": len(members), "kept": _mean(row["kept"] for row in members), "right_kept": right}


def _fifth(row: Row) -> str:
    return str(believing.fifth(row["pass_rate"]["right"], row["pass_rate"]["samples"]) + 1)


def _hidden(rows: list[Row]) -> dict[str, Any]:
    """Return how many right-answer solutions have a wrong step, where that is known."""
    known = [row for row in rows if row["right"] and row["truth"]]
    return {"rows": len(known), "with_error": sum(row["truth"]["first_error"] > 0 for row in known)}


def _inserted(rows: list[Row]) -> dict[str, Any]:
    """Return how many errors of which kind and category were inserted, and what steps have to do with them."""
    roles = Counter(step["role"] for row in rows for step in row["steps"])
    later = roles["inherits"] + roles["independent"]
    kinds = Counter((row["error"]["category"], row["error"]["kind"]) for row in rows)
    return {
        "rows": len(rows),
        "problems": len({row["provenance"]["parent"] for row in rows}),
        "checked": dict(sorted(Counter(row["checked"] for row in rows).items())),
        "kinds": [{"category": name, "kind": kind, "rows": count} for (name, kind), count in sorted(kinds.items())],
        "independent": roles["independent"] / later if later else None,
    }


def _warnings(rows: list[Row], wrong: list[Row]) -> Iterator[str]:
    slips = [row["kept"] for row in rows if row["truth"]["error"] == "slip"]
    if slips and np.mean(slips) < LEAST_SLIPS:
        yield f"{np.mean(slips):.2f} of the solutions whose first error is a slip are kept, less than {LEAST_SLIPS}"
    few = [cut for cut in _cut(wrong, _fifth) if cut["kept"] < LEAST_FIFTH]
    if few:
        names, shares = (", ".join(texts) for texts in zip(*((cut["name"], f"{cut['kept']:.2f}") for cut in few), strict=True))
        yield f"{shares} of the wrong solutions in fifth {names} of the pass rate are kept, less than {LEAST_FIFTH}"


def group(row: Row) -> str:
    """Return what a row must not share with one of another split: its problem."""
    return str(row["prompt_family"])


STAGE = Releasing(params=Params, derived=derived, audit=audit, summarised=summarised, splitting=Splitting(group=group))

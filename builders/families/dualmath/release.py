"""What a release of this family has beyond its rows: configs in others' forms, and how right and how dear its labels are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

import numpy as np

from builders import family as families
from builders import records
from builders.contracts import Releasing, Rows
from builders.families.dualmath import believing, wording
from builders.params import sections

Row = dict[str, Any]
Params = sections.Release
POSITIVE, NEGATIVE = "<pos>", "<neg>"
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0001)
LEAST_SLIPS, LEAST_FIFTH = 0.5, 0.7
"""Kept shares of slips and of each fifth of the pass rate, below which the card says so first."""


def derived(config: str, rows: Rows, _: Params) -> Iterator[Row]:
    """Yield the rows of a derived config."""
    everything = chain.from_iterable(rows(subset) for subset in families.subsets(wording.FAMILY))
    if config == "all":
        for row in everything:
            yield {key: value for key, value in row.items() if key != "canary"}
        return
    for row in everything:
        if row["kept"] or row["checked"] == "outcome":
            yield published(row)


def published(row: Row) -> Row:
    """Return a row in the columns of the published set: a verifier's instruction, and the solution with a tag on each step."""
    steps = [f"Step {step['number']}: {step['text']}" for step in row["steps"]]
    tags = [NEGATIVE if step["label"] == "wrong" else POSITIVE for step in row["steps"]]
    answer = f"†Answer: {row['given']}"
    return {
        "id": records.row_id(wording.FAMILY, "published", row["id"]),
        "parent": row["id"],
        "image_url": row["image_url"],
        "instruction": "\n".join([wording.LEAD_IN, f"Question: {row['question']}", *steps, answer]),
        "output": "\n".join([*(f"{step} {tag}" for step, tag in zip(steps, tags, strict=True)), answer]),
        "checked": row["checked"],
        "source": row["source"],
        "license": row["licence"],
    }


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
        "warnings": list(_warnings(known, wrong)),
    }


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the figures that `dvc metrics` shows."""
    names = ("wrong_kept", "rollouts_per_label", "words_per_label", "right_labels", "right_kept")
    return {"labels": {name: round(audit[name], 4) for name in names if audit[name] is not None}}


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return float(np.mean(found)) if found else None


def _agreeing(known: list[Row]) -> float | None:
    return _mean(row["first_error"] == row["truth"]["first_error"] for row in known)


def _calibrated(known: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield what labels are said to be and are, by how sure they are."""
    for low, high in pairwise(_BINS):
        said = [(row["steps"][row["first_error"] - 1]["probability"], row) for row in known]
        chosen = [(share, row) for share, row in said if share is not None and low <= share < high]
        if chosen:
            yield {
                "from": low,
                "rows": len(chosen),
                "said": _mean(share for share, _ in chosen),
                "measured": _agreeing([row for _, row in chosen]),
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


def _hidden(found: list[Row]) -> dict[str, Any]:
    """Return how many right-answer solutions have a wrong step, where that is known."""
    known = [row for row in found if row["right"] and row["truth"]]
    return {"rows": len(known), "with_error": sum(row["truth"]["first_error"] > 0 for row in known)}


def _warnings(known: list[Row], wrong: list[Row]) -> Iterator[str]:
    slips = [row["kept"] for row in known if row["truth"]["error"] == "slip"]
    if slips and np.mean(slips) < LEAST_SLIPS:
        yield f"{np.mean(slips):.2f} of the solutions whose first error is a slip are kept, less than {LEAST_SLIPS}"
    for cut in _cut(wrong, _fifth):
        if cut["kept"] < LEAST_FIFTH:
            share = f"{cut['kept']:.2f} of the wrong solutions in fifth {cut['name']} of the pass rate"
            yield f"{share} are kept, less than {LEAST_FIFTH}"


STAGE = Releasing(params=Params, derived=derived, audit=audit, summarised=summarised)

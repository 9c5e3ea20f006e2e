"""What a release of this family has beyond its rows: derived configs, how safe the teacher is, and splits.

    control       WildJailbreak's own completions to the same requests, without reasoning: the paper's WJ-40K (section 5)
    preferences   pairs of replies, both safe, of which one is better (`pairs`)

A completion is released only if it was judged safe, too. Splits are by what a request was made from, so that a vanilla request
and its adversarial disguises are in one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from builders import family as families
from builders.asking import drawing
from builders.contracts import Releasing, Row, Rows, Splitting
from builders.families.safechain import pairs, safety, synthesize, verdicts
from builders.params import loading, sections
from builders.records import Record

FAMILY = "safechain"
SUBSETS = ("default", "hard")


def derived(config: str, rows: Rows, _: sections.Release) -> Iterator[Row]:
    """Yield the rows of a derived config, each a function of a released row and with its id."""
    make = {"control": _control, "preferences": _preference}[config]
    for subset in SUBSETS[: 1 if config == "control" else None]:
        yield from (made for row in rows(subset) if (made := make(row)) is not None)


def _control(row: Row) -> Row | None:
    """Return a request of `default` with its source's own reply, if it has one that is safe."""
    if row["completion"] is None:
        return None
    same = {name: row[name] for name in ("id", "instruction", "label")}
    columns = {"response": row["completion"], "messages": pairs.messages(row["instruction"], row["completion"])}
    return {**same, **columns, "teacher": None, **_origin(row)}


def _preference(row: Row) -> Row | None:
    """Return the pair that a row has, as messages."""
    pair = row["pair"]
    if pair is None:
        return None
    request, _ = pairs.messages(row["instruction"], "")
    sides = {name: [{"role": "assistant", "content": pair[name]}] for name in ("chosen", "rejected")}
    about = {"id": row["id"], "kind": pair["kind"], "label": row["label"]}
    return {**about, "prompt": [request], **sides, "teacher": row["teacher"], **_origin(row)}


def _origin(row: Row) -> Row:
    return {
        "prompt_family": row["prompt_family"],
        "license": row["license"],
        "source": row["provenance"]["source"],
    }


def group(row: Row) -> str:
    """Return what a row must not share with one of another split: what its request was made from."""
    return str(row["prompt_family"])


def audit(rows: Rows, _: sections.Release) -> dict[str, Any]:
    """Return how many rows have nothing in their think block, how safe the teacher is, and how far the drawing went."""
    asked = loading.load(FAMILY).synthesize
    assert isinstance(asked, synthesize.Params)  # noqa: S101
    return {
        "empty_reasoning": empty(rows),
        "replies": asked.replies,
        "safety": None if asked.early_stopping else safety.metrics(_each(safety.rows), asked.replies),
        "agreement": safety.agreement(_each(safety.judged)),
        "quota": _quota(rows),
        "pairs": dict(Counter(row["pair"]["kind"] for subset in SUBSETS for row in rows(subset) if row["pair"])),
    }


def empty(rows: Rows) -> dict[str, int]:
    """Return by subset how many rows have nothing in their think block."""
    return {subset: sum(not row["reasoning"] for row in rows(subset)) for subset in SUBSETS}


def _each(rows: Callable[[str, str], Iterator[Record]]) -> Iterator[Record]:
    for pool in families.pools(FAMILY):
        yield from rows(FAMILY, pool)


def _quota(rows: Rows) -> dict[str, dict[str, int]]:
    """Return by label how many rows of `default` were wanted, drawn, good and released; empty where all were asked about."""
    released = Counter(verdicts.label(row["label"]) for row in rows(SUBSETS[0]))
    found = {name: counts for pool in families.pools(FAMILY) for name, counts in drawing.counts(FAMILY, pool).items()}
    return {name: {**counts, "released": released[name]} for name, counts in found.items()}


def summarised(audit: dict[str, Any]) -> dict[str, dict[str, int | float]]:
    """Return the same for `dvc metrics`."""
    found: dict[str, dict[str, int | float]] = {
        f"reasoning/{subset}": {"empty": count} for subset, count in audit["empty_reasoning"].items()
    }
    for label, entry in (audit["safety"] or {}).items():
        found[f"safety/{label}"] = {name: value for name, value in entry.items() if value is not None}
    if audit["agreement"]:
        found["agreement"] = {name: value for name, value in audit["agreement"].items() if value is not None}
    return found | {f"quota/{label}": entry for label, entry in audit["quota"].items()}


STAGE = Releasing(
    params=sections.Release, derived=derived, audit=audit, summarised=summarised, splitting=Splitting(group=group)
)
